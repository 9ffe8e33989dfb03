//! Who changes a group, who is kept out, and what that does to its files.

use cloakroom_test::{AUTH_KEY, Login, TestServer, data, refusal};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

async fn code(call: RequestBuilder) -> (u16, String) {
    let (status, code, _) = refusal(call.send().await.unwrap()).await;
    (status, code)
}

async fn sent(call: RequestBuilder) -> Value {
    data(call.send().await.unwrap()).await
}

/// A group `crew`: alice owns it, bob moderates, carol takes part, mallory is outside.
async fn crew(server: &TestServer) -> [Login; 4] {
    let mut logins = Vec::new();
    for uid in ["alice", "bob", "carol", "mallory"] {
        logins.push(server.login(uid).await);
    }
    let body = json!({"guid": "crew", "name": "Crew", "type": "public",
        "members": {"moderators": ["bob"], "participants": ["carol"]}});
    sent(server.as_user(&logins[0], Method::POST, "/groups").json(&body)).await;
    logins.try_into().unwrap()
}

#[tokio::test]
async fn a_group_is_changed_by_rank() {
    let server = TestServer::start().await;
    let [alice, bob, carol, mallory] = crew(&server).await;
    let put =
        |login: &Login, body: Value| server.as_user(login, Method::PUT, "/groups/crew").json(&body);
    let body = json!({"name": "The crew", "icon": "https://a.test/i.png", "description": "d\nd",
        "metadata": {"a": 1}});
    let group = sent(put(&bob, body.clone())).await;
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(&group[field], value, "{field}");
    }
    assert_eq!((&group["type"], &group["membersCount"]), (&json!("public"), &json!(3)));
    let group = sent(put(&alice, json!({"icon": null}))).await;
    assert!(group.get("icon").is_none() && group["name"] == "The crew", "{group}");
    let refused = [
        (put(&carol, json!({"name": "x"})), 403, "ERR_NOT_PERMITTED"),
        (put(&mallory, json!({"name": "x"})), 403, "ERR_NOT_A_MEMBER"),
        (put(&bob, json!({"type": "private"})), 403, "ERR_NOT_PERMITTED"),
        (put(&bob, json!({"password": "x"})), 403, "ERR_NOT_PERMITTED"),
        (put(&bob, json!({"owner": "bob"})), 403, "ERR_NOT_PERMITTED"),
        (put(&alice, json!({"owner": "mallory"})), 400, "ERR_BAD_REQUEST"),
        (put(&alice, json!({"owner": "a b"})), 400, "ERR_BAD_REQUEST"),
        (put(&alice, json!({"type": "password"})), 400, "ERR_BAD_REQUEST"),
        (put(&alice, json!({"type": "public", "password": "x"})), 400, "ERR_BAD_REQUEST"),
        (put(&alice, json!({"name": "x\u{202B}"})), 400, "ERR_BAD_REQUEST"),
        (put(&alice, json!({"scope": "admin"})), 400, "ERR_UNKNOWN_FIELD"),
        (server.back_end(Method::PUT, "/groups/none").json(&json!({})), 404, "ERR_GUID_NOT_FOUND"),
        (
            server.api(Method::PUT, "/groups/crew").header("apikey", AUTH_KEY).json(&json!({})),
            403,
            "ERR_SCOPE_REQUIRED",
        ),
    ];
    for (number, (call, status, expected)) in refused.into_iter().enumerate() {
        assert_eq!(code(call).await, (status, expected.to_owned()), "case {number}");
    }
    // A password comes and goes with the type.
    sent(put(&alice, json!({"type": "password", "password": "sesame"}))).await;
    let join =
        |body: Value| server.as_user(&mallory, Method::POST, "/groups/crew/members").json(&body);
    assert_eq!(code(join(json!({}))).await, (403, "ERR_NOT_PERMITTED".to_owned()));
    sent(put(&alice, json!({"password": "open"}))).await;
    assert_eq!(
        code(join(json!({"password": "sesame"}))).await,
        (403, "ERR_NOT_PERMITTED".to_owned())
    );
    sent(join(json!({"password": "open"}))).await;
    let private = sent(put(&alice, json!({"type": "private"}))).await;
    assert_eq!(private["type"], "private");
}

#[tokio::test]
async fn the_owner_stays_until_the_group_is_passed_on() {
    let server = TestServer::start().await;
    let [alice, bob, carol, _] = crew(&server).await;
    let scope = |login: &Login, uid: &str, scope: &str| {
        let path = format!("/groups/crew/members/{uid}");
        server.as_user(login, Method::PUT, &path).json(&json!({ "scope": scope }))
    };
    assert_eq!(sent(scope(&alice, "carol", "admin")).await, json!({"success": true}));
    let stay = [
        server.as_user(&alice, Method::DELETE, "/groups/crew/members"),
        server.as_user(&carol, Method::DELETE, "/groups/crew/members/alice"),
        server.as_user(&carol, Method::POST, "/groups/crew/bannedusers/alice"),
        server.back_end(Method::DELETE, "/groups/crew/members/alice"),
        server.back_end(Method::POST, "/groups/crew/bannedusers/alice"),
        scope(&carol, "alice", "participant"),
        scope(&alice, "alice", "moderator"),
        server
            .back_end(Method::PUT, "/groups/crew/members/alice")
            .json(&json!({"scope": "moderator"})),
    ];
    for (number, call) in stay.into_iter().enumerate() {
        assert_eq!(code(call).await, (403, "ERR_NOT_PERMITTED".to_owned()), "case {number}");
    }
    for (call, status, expected) in [
        (scope(&bob, "carol", "participant"), 403, "ERR_NOT_PERMITTED"),
        (scope(&alice, "mallory", "admin"), 404, "ERR_UID_NOT_FOUND"),
        (scope(&alice, "bob", "king"), 400, "ERR_INVALID_JSON"),
    ] {
        assert_eq!(code(call).await, (status, expected.to_owned()));
    }
    let pass_on =
        server.as_user(&alice, Method::PUT, "/groups/crew").json(&json!({"owner": "bob"}));
    assert_eq!(sent(pass_on).await["owner"], "bob");
    let members = sent(server.back_end(Method::GET, "/groups/crew/members")).await;
    let of_bob = members.as_array().unwrap().iter().find(|m| m["uid"] == "bob").unwrap();
    assert_eq!(of_bob["scope"], "admin", "who owns a group is an admin of it");
    sent(scope(&bob, "alice", "participant")).await;
    let done = json!({"success": true});
    assert_eq!(sent(server.as_user(&alice, Method::DELETE, "/groups/crew/members")).await, done);
    let by_owner = server.as_user(&bob, Method::DELETE, "/groups/crew");
    assert_eq!(sent(by_owner).await, done);
}

#[tokio::test]
async fn a_banned_member_loses_the_files_and_does_not_come_back_by_joining() {
    let server = TestServer::start().await;
    let [alice, bob, carol, mallory] = crew(&server).await;
    let url = server.send_picture(&alice, "group:crew").await;
    let as_carol = format!("{url}?fat={}", carol.fat);
    let presigned = server.presign(&carol, &url).await;
    assert_eq!(server.get(&as_carol).await.status(), 200);
    let ban = |login: &Login, uid: &str| {
        server.as_user(login, Method::POST, &format!("/groups/crew/bannedusers/{uid}"))
    };
    for (call, status, expected) in [
        (ban(&carol, "bob"), 403, "ERR_NOT_PERMITTED"),
        (ban(&carol, "carol"), 403, "ERR_NOT_PERMITTED"),
        (ban(&mallory, "carol"), 403, "ERR_NOT_A_MEMBER"),
        (ban(&bob, "bob"), 403, "ERR_NOT_PERMITTED"),
        (ban(&bob, "alice"), 403, "ERR_NOT_PERMITTED"),
        (ban(&bob, "nobody"), 404, "ERR_UID_NOT_FOUND"),
        (
            server.back_end(Method::POST, "/groups/none/bannedusers/carol"),
            404,
            "ERR_GUID_NOT_FOUND",
        ),
        (
            server.api(Method::POST, "/groups/crew/bannedusers/carol").header("apikey", AUTH_KEY),
            403,
            "ERR_SCOPE_REQUIRED",
        ),
    ] {
        assert_eq!(code(call).await, (status, expected.to_owned()));
    }
    for _ in 0..2 {
        assert_eq!(sent(ban(&bob, "carol")).await, json!({"success": true}));
    }
    assert_eq!(server.get(&as_carol).await.status(), 403);
    assert_eq!(server.get(&presigned).await.status(), 403);
    let join = || server.as_user(&carol, Method::POST, "/groups/crew/members");
    assert_eq!(code(join()).await, (403, "ERR_BANNED".to_owned()));
    let add = json!({"participants": ["carol"], "usersToBan": ["mallory", "alice", "nobody"]});
    let added = server.as_user(&bob, Method::PUT, "/groups/crew/members").json(&add);
    let added = sent(added).await;
    assert_eq!(added["participants"]["carol"]["error"]["code"], "ERR_BANNED");
    assert_eq!(added["usersToBan"]["mallory"], json!({"success": true}));
    assert_eq!(added["usersToBan"]["alice"]["error"]["code"], "ERR_NOT_PERMITTED");
    assert_eq!(added["usersToBan"]["nobody"]["error"]["code"], "ERR_UID_NOT_FOUND");

    let list = |login: &Login| server.as_user(login, Method::GET, "/groups/crew/bannedusers");
    let banned = sent(list(&bob)).await;
    let uids: Vec<_> =
        banned.as_array().unwrap().iter().map(|b| b["uid"].as_str().unwrap()).collect();
    assert_eq!(uids, ["carol", "mallory"]);
    assert!(banned[0]["bannedAt"].is_number());
    assert_eq!(code(list(&carol)).await, (403, "ERR_NOT_A_MEMBER".to_owned()));
    let unban = |login: &Login, uid: &str| {
        server.as_user(login, Method::DELETE, &format!("/groups/crew/bannedusers/{uid}"))
    };
    assert_eq!(code(unban(&carol, "carol")).await, (403, "ERR_NOT_A_MEMBER".to_owned()));
    assert_eq!(code(unban(&bob, "nobody")).await, (404, "ERR_UID_NOT_FOUND".to_owned()));
    for _ in 0..2 {
        assert_eq!(sent(unban(&bob, "carol")).await, json!({"success": true}));
    }
    assert_eq!(server.get(&as_carol).await.status(), 403, "the end of a ban brings nobody back");
    sent(join()).await;
    assert_eq!(server.get(&as_carol).await.status(), 200);
    let see = list(&carol);
    assert_eq!(code(see).await, (403, "ERR_NOT_PERMITTED".to_owned()));
}

#[tokio::test]
async fn a_banned_user_does_not_learn_of_a_private_group() {
    let server = TestServer::start().await;
    let [alice, _, carol, _] = crew(&server).await;
    let private =
        server.as_user(&alice, Method::PUT, "/groups/crew").json(&json!({"type": "private"}));
    sent(private).await;
    sent(server.as_user(&alice, Method::POST, "/groups/crew/bannedusers/carol")).await;
    for (method, path) in [
        (Method::POST, "/groups/crew/members"),
        (Method::GET, "/groups/crew/bannedusers"),
        (Method::PUT, "/groups/crew"),
        (Method::DELETE, "/groups/crew/bannedusers/carol"),
    ] {
        let call = server.as_user(&carol, method, path).json(&json!({}));
        assert_eq!(code(call).await, (404, "ERR_GUID_NOT_FOUND".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn members_come_in_batches_of_a_thousand() {
    let server = TestServer::start().await;
    let [alice, ..] = crew(&server).await;
    let uids = |count: usize| (0..count).map(|number| format!("u{number}")).collect::<Vec<_>>();
    let put = |body: Value| server.as_user(&alice, Method::PUT, "/groups/crew/members").json(&body);
    let too_many = (400, "ERR_TOO_MANY_MEMBERS".to_owned());
    assert_eq!(code(put(json!({"participants": uids(10_000)}))).await, too_many);
    assert_eq!(code(put(json!({"participants": uids(1000), "admins": ["bob"]}))).await, too_many);
    assert_eq!(code(put(json!({"usersToBan": uids(1001)}))).await, too_many);
    let by_back_end = server.back_end(Method::POST, "/groups/crew/members");
    assert_eq!(code(by_back_end.json(&json!({"participants": uids(1001)}))).await, too_many);
    let new = json!({"guid": "big", "name": "Big", "members": {"participants": uids(1001)}});
    let new = server.as_user(&alice, Method::POST, "/groups").json(&new);
    assert_eq!(code(new).await, too_many);
    let none = server.as_user(&alice, Method::GET, "/groups/big");
    assert_eq!(code(none).await, (404, "ERR_GUID_NOT_FOUND".to_owned()), "nothing was made");
    for uid in uids(3) {
        let user = json!({"uid": uid, "name": uid});
        sent(server.back_end(Method::POST, "/users").json(&user)).await;
    }
    let added = sent(put(json!({"participants": uids(1000)}))).await;
    let outcomes = added["participants"].as_object().unwrap();
    assert_eq!(outcomes.len(), 1000);
    let good = outcomes.values().filter(|outcome| outcome["success"] == true).count();
    assert_eq!(good, 3);
    assert_eq!(outcomes["u999"]["error"]["code"], "ERR_UID_NOT_FOUND");
}
