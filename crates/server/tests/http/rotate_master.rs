//! The master key is rotated beside a running server, and nobody notices.

use std::path::Path;
use std::process::{Command, Output};

use cloakroom_test::{START, TestServer, data};
use reqwest::Method;
use serde_json::json;

fn rotate(config: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloakroom"));
    command.args(["key", "rotate-master", "--config"]).arg(config).args(more).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_master_key_is_rotated_beside_a_running_server() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = format!("{}?fat={}", server.send_picture(&alice, "user:bob").await, alice.fat);
    let body = json!({"name": "Mailer", "maxTtlSeconds": 600});
    data(server.back_end(Method::POST, "/delegated_keys").json(&body).send().await.unwrap()).await;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("cloakroom.toml");
    std::fs::write(&config, format!("data_dir = \"{}\"\n", server.folder().display())).unwrap();
    let key = server.folder().join("master.key");
    let first = std::fs::read_to_string(&key).unwrap();

    let dry = rotate(&config, &["--dry-run"]);
    assert!(said(&dry).contains("4 keys are wrapped, 0 of them"), "{}", said(&dry));
    assert_eq!(std::fs::read_to_string(&key).unwrap(), first);
    let switched = rotate(&config, &[]);
    assert!(
        said(&switched).contains("4 keys are wrapped with the new master key"),
        "{}",
        said(&switched)
    );
    let both = std::fs::read_to_string(&key).unwrap();
    assert!(both.ends_with(&format!("old {first}")) && !both.starts_with(first.trim()));

    // The running server goes on, reads its ring again, and wraps what is new with the new key.
    let old = server.db().signing_keys().list().await.unwrap()[0].id.clone();
    let made = server.back_end(Method::POST, "/delegated_keys").json(&body).send().await.unwrap();
    assert_eq!(made.status(), 200);
    server.db().signing_keys().retire(&old, START).await.unwrap();
    server.catch_up().await;
    assert_eq!(server.get(&url).await.status(), 200);

    let forgot = rotate(&config, &[]);
    assert!(forgot.status.success(), "{}", said(&forgot));
    let new = std::fs::read_to_string(&key).unwrap();
    assert_eq!(new.lines().count(), 1);
    assert!(both.starts_with(&new));
    let path =
        url.strip_prefix(&server.media_origin).unwrap().split_once('?').unwrap().0.to_owned();
    let again = server.restart().await;
    let alice = again.login("alice").await;
    let answer = again.get(&format!("{}{path}?fat={}", again.media_origin, alice.fat)).await;
    assert_eq!(answer.status(), 200, "the ring opens with the new key alone");
    std::fs::write(again.folder().join("master.key"), &first).unwrap();
    let wrong = rotate(&config, &["--dry-run"]);
    assert!(said(&wrong).contains("6 of them with an older master key"), "{}", said(&wrong));
}
