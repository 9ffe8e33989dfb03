//! Two servers on one PostgreSQL: what one takes back, the other serves no more.

use std::path::PathBuf;
use std::process::Command;

use cloakroom_test::{TestServer, data};
use cloakroom_token::Seq;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A file with the URL of a fresh database; `None`, said aloud, where no PostgreSQL is given.
pub(crate) fn fresh_database(name: &str) -> Option<(TempDir, PathBuf)> {
    let Some(base) = std::env::var_os("CLOAKROOM_TEST_POSTGRES") else {
        eprintln!("SKIPPED: two nodes on PostgreSQL (CLOAKROOM_TEST_POSTGRES names none)");
        return None;
    };
    let base = base.into_string().unwrap();
    let (server, query) = base.split_once('?').unwrap_or((&base, ""));
    let url = |database: &str| format!("{}/{database}?{query}", server.trim_end_matches('/'));
    let name = format!("{name}_{}", std::process::id());
    let made = Command::new("psql")
        .args(["--quiet", "--no-psqlrc", "--dbname", &url("postgres"), "--command"])
        .arg(format!("CREATE DATABASE {name}"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("postgres-url");
    std::fs::write(&file, url(&name)).unwrap();
    Some((folder, file))
}

/// Status of a media URL of the first node, asked of the second.
async fn at_second(first: &TestServer, second: &TestServer, url: &str) -> u16 {
    let host = first.media_origin.strip_prefix("http://").unwrap();
    let there = url.replace(&first.media_origin, &second.media_origin);
    second.http.get(there).header("host", host).send().await.unwrap().status().as_u16()
}

async fn revoke(server: &TestServer, query: &str, body: &Value) -> Value {
    let call = server.back_end(Method::POST, &format!("/revocations{query}")).json(body);
    data(call.send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_of_one_node_holds_on_the_other() {
    let Some((_folder, file)) = fresh_database("two_nodes") else { return };
    let first = TestServer::start_with(|config| {
        config.database.postgres_url_file = Some(file.clone());
    })
    .await;
    let second = first.second_node(&file).await;
    let (alice, bob) = (first.login("alice").await, first.login("bob").await);
    for kind in ["file", "user"] {
        let url = first.send_picture(&alice, "user:bob").await;
        let by_token = format!("{url}?fat={}", bob.fat);
        let presigned = first.presign(&bob, &url).await;
        for url in [&by_token, &presigned] {
            assert_eq!(at_second(&first, &second, url).await, 200, "{kind}");
        }
        let media = url.rsplit_once('/').unwrap().1.split_once('.').unwrap().0;
        let id = if kind == "file" { media } else { "bob" };
        let receipt = revoke(&first, "", &json!({"kind": kind, "id": id})).await;
        assert_eq!(
            (&receipt["applied"], &receipt["nodes"]),
            (&json!(true), &json!(2)),
            "{receipt}"
        );
        let refused = if kind == "file" { 403 } else { 401 };
        for url in [&by_token, &presigned] {
            assert_eq!(at_second(&first, &second, url).await, refused, "{kind}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_behind_keeps_the_receipt_open_until_it_is_gone() {
    let Some((_folder, file)) = fresh_database("a_node_behind") else { return };
    let server = TestServer::start_with(|config| {
        config.database.postgres_url_file = Some(file.clone());
    })
    .await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let media = url.rsplit_once('/').unwrap().1.split_once('.').unwrap().0;
    server.db().nodes().heartbeat("behind", Seq(1), 60).await.unwrap();
    let open = revoke(&server, "?wait=false", &json!({"kind": "file", "id": media})).await;
    assert_eq!(open["applied"], false);
    let path = format!("/revocations/{}", open["id"].as_str().unwrap());
    let look = async || server.back_end(Method::GET, &path).send().await.unwrap();
    assert_eq!(look().await.status(), 202, "a node may still serve it");
    server.db().nodes().leave("behind").await.unwrap();
    let done = look().await;
    assert_eq!(done.status(), 200);
    assert_eq!(data(done).await["nodes"], 1);
}
