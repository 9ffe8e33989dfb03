//! Users and groups, and who may do what in them.

use cloakroom_test::{Login, TestServer, data, refusal};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

async fn code(call: RequestBuilder) -> (u16, String) {
    let (status, code, _) = refusal(call.send().await.unwrap()).await;
    (status, code)
}

async fn made(server: &TestServer, login: &Login, body: &Value) -> Value {
    data(server.as_user(login, Method::POST, "/groups").json(body).send().await.unwrap()).await
}

#[tokio::test]
async fn users_are_made_once_and_listed_in_pages() {
    let server = TestServer::start().await;
    let user = json!({"uid": "zoe", "name": "Zoe", "hasBlockedMe": false, "deactivatedAt": 0});
    let call =
        || server.back_end(Method::POST, "/users").header("sdk", "javascript@4.2.0").json(&user);
    let created = data(call().send().await.unwrap()).await;
    assert_eq!((&created["uid"], &created["role"]), (&json!("zoe"), &json!("default")));
    assert_eq!(code(call()).await, (409, "ERR_UID_ALREADY_EXISTS".to_owned()));
    for bad in [json!({"uid": "a b", "name": "A"}), json!({"uid": "ab", "name": " "})] {
        let call = server.back_end(Method::POST, "/users").json(&bad);
        assert_eq!(code(call).await, (400, "ERR_BAD_REQUEST".to_owned()));
    }
    let alice = server.login("alice").await;
    let mut seen = Vec::new();
    for page in 1..=4 {
        let path = format!("/users?per_page=2&page={page}");
        let answer = server.as_user(&alice, Method::GET, &path).send().await.unwrap();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["meta"]["pagination"]["total"], 5);
        assert_eq!(body["meta"]["pagination"]["total_pages"], 3);
        let users = body["data"].as_array().unwrap().iter();
        seen.extend(users.map(|user| user["uid"].as_str().unwrap().to_owned()));
    }
    assert_eq!(seen, ["alice", "bob", "carol", "mallory", "zoe"]);
    let one = server.as_user(&alice, Method::GET, "/users/zoe").send().await.unwrap();
    assert_eq!(data(one).await["name"], "Zoe");
    let none = code(server.as_user(&alice, Method::GET, "/users/nobody")).await;
    assert_eq!(none, (404, "ERR_UID_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn a_private_group_exists_for_its_members_only() {
    let server = TestServer::start().await;
    let (alice, mallory) = (server.login("alice").await, server.login("mallory").await);
    let body = json!({"guid": "den", "name": "Den", "type": "private", "hasJoined": false,
        "members": {"participants": ["bob", "nobody"]}});
    let group = made(&server, &alice, &body).await;
    assert_eq!((&group["owner"], &group["scope"]), (&json!("alice"), &json!("admin")));
    assert_eq!(group["membersCount"], 2);
    let added = &group["members"]["data"]["participants"];
    assert_eq!(added["bob"], json!({"success": true}));
    assert_eq!(added["nobody"]["error"]["code"], "ERR_UID_NOT_FOUND");
    assert!(group["members"]["data"]["admins"].is_object());
    for (method, path) in [
        (Method::GET, "/groups/den"),
        (Method::GET, "/groups/den/members"),
        (Method::POST, "/groups/den/members"),
        (Method::DELETE, "/groups/den"),
    ] {
        let got = code(server.as_user(&mallory, method, path)).await;
        assert_eq!(got, (404, "ERR_GUID_NOT_FOUND".to_owned()), "{path}");
    }
    for (login, expected) in [(&alice, 2), (&mallory, 1)] {
        let list = server.as_user(login, Method::GET, "/groups").send().await.unwrap();
        let list: Value = list.json().await.unwrap();
        assert_eq!(list["data"].as_array().unwrap().len(), expected);
        assert_eq!(list["meta"]["pagination"]["total"], expected);
    }
    let again = server.as_user(&alice, Method::POST, "/groups").json(&body);
    assert_eq!(code(again).await, (409, "ERR_GUID_ALREADY_EXISTS".to_owned()));
}

#[tokio::test]
async fn a_group_with_a_password_opens_to_who_knows_it() {
    let server = TestServer::start().await;
    let (alice, mallory) = (server.login("alice").await, server.login("mallory").await);
    let body = json!({"guid": "cave", "name": "Cave", "type": "password", "password": "sesame"});
    let group = made(&server, &alice, &body).await;
    assert!(!group.to_string().contains("sesame") && !group.to_string().contains("argon2"));
    let join =
        |body: Value| server.as_user(&mallory, Method::POST, "/groups/cave/members").json(&body);
    for wrong in [json!({"password": "x"}), json!({})] {
        assert_eq!(code(join(wrong)).await, (403, "ERR_NOT_PERMITTED".to_owned()));
    }
    let right = json!({"guid": "cave", "name": "name", "type": "password", "password": "sesame"});
    let joined = data(join(right).send().await.unwrap()).await;
    let group = &joined["data"]["entities"]["for"];
    assert_eq!(
        (&group["entityType"], &group["entity"]["hasJoined"]),
        (&json!("group"), &json!(true))
    );
}

#[tokio::test]
async fn members_come_and_go_by_the_rules() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let mallory = server.login("mallory").await;
    made(&server, &alice, &json!({"guid": "club", "name": "Club", "type": "public"})).await;
    let joined = server.as_user(&bob, Method::POST, "/groups/club/members").send().await.unwrap();
    assert_eq!(data(joined).await["data"]["action"], "joined");
    let add = json!({"participants": ["carol"]});
    let by_participant = server.as_user(&bob, Method::PUT, "/groups/club/members").json(&add);
    assert_eq!(code(by_participant).await, (403, "ERR_NOT_PERMITTED".to_owned()));
    let by_outsider = server.as_user(&mallory, Method::PUT, "/groups/club/members").json(&add);
    assert_eq!(code(by_outsider).await, (403, "ERR_NOT_A_MEMBER".to_owned()));
    let by_admin = server.as_user(&alice, Method::PUT, "/groups/club/members").json(&add);
    let added = data(by_admin.send().await.unwrap()).await;
    let expected = json!({"admins": {}, "moderators": {}, "usersToBan": {},
        "participants": {"carol": {"success": true}}});
    assert_eq!(added, expected);
    let list = server.as_user(&bob, Method::GET, "/groups/club/members").send().await.unwrap();
    let list = data(list).await;
    let uids: Vec<_> = list.as_array().unwrap().iter().map(|m| m["uid"].clone()).collect();
    assert_eq!(uids, ["alice", "bob", "carol"]);
    assert_eq!(list[0]["scope"], "admin");
    let kick = |login: &Login, uid: &str| {
        server.as_user(login, Method::DELETE, &format!("/groups/club/members/{uid}"))
    };
    assert_eq!(code(kick(&bob, "carol")).await, (403, "ERR_NOT_PERMITTED".to_owned()));
    assert_eq!(code(kick(&alice, "nobody")).await, (404, "ERR_UID_NOT_FOUND".to_owned()));
    let kicked = kick(&alice, "carol").send().await.unwrap();
    assert_eq!(data(kicked).await, json!({"success": true}));
    let left = server.as_user(&bob, Method::DELETE, "/groups/club/members").send().await.unwrap();
    assert_eq!(data(left).await, json!({"success": true}));
    let again = code(server.as_user(&bob, Method::DELETE, "/groups/club/members")).await;
    assert_eq!(again, (403, "ERR_NOT_A_MEMBER".to_owned()));
    let deleted = server.as_user(&alice, Method::DELETE, "/groups/club").send().await.unwrap();
    assert_eq!(data(deleted).await, json!({"success": true}));
    let gone = code(server.as_user(&alice, Method::GET, "/groups/club")).await;
    assert_eq!(gone, (404, "ERR_GUID_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn the_back_end_adds_members_and_makes_groups_for_others() {
    let server = TestServer::start().await;
    let body = json!({"guid": "work", "name": "Work", "type": "private", "owner": "bob"});
    let group = server.back_end(Method::POST, "/groups").json(&body).send().await.unwrap();
    assert_eq!(data(group).await["owner"], "bob");
    let add = json!({"participants": ["carol"]});
    let call = server.back_end(Method::POST, "/groups/work/members").json(&add);
    assert_eq!(data(call.send().await.unwrap()).await["participants"]["carol"]["success"], true);
    let list = server.back_end(Method::GET, "/groups/work/members").send().await.unwrap();
    assert_eq!(data(list).await.as_array().unwrap().len(), 2);
    let nobody = json!({"guid": "work2", "name": "Work", "owner": "nobody"});
    let call = server.back_end(Method::POST, "/groups").json(&nobody);
    assert_eq!(code(call).await, (404, "ERR_UID_NOT_FOUND".to_owned()));
}
