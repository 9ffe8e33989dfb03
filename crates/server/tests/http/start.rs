//! What stops a server from starting, and what survives a restart.

use std::path::Path;

use cloakroom_server::config::Config;
use cloakroom_server::{Clock, Installation};
use cloakroom_test::TestServer;

fn config(folder: &Path) -> Config {
    let mut config = Config::load(None).unwrap();
    folder.clone_into(&mut config.data_dir);
    config
}

async fn why(config: Config) -> String {
    match Installation::open(config, Clock::system()).await {
        Ok(_) => "it starts".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn everything_acknowledged_is_there_after_a_restart() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let path = url.strip_prefix(&server.media_origin).unwrap().to_owned();
    let again = server.restart().await;
    let alice = again.login("alice").await;
    let answer = again.get(&format!("{}{path}?fat={}", again.media_origin, alice.fat)).await;
    assert_eq!(answer.bytes().await.unwrap(), cloakroom_test::png());
}

#[tokio::test]
async fn a_second_server_on_the_same_data_folder_is_refused() {
    let server = TestServer::start().await;
    let text = why(config(server.folder())).await;
    assert!(text.contains("another"), "{text}");
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    config.dashboard.listen = "127.0.0.1:0".parse().unwrap();
    config.api.listen = "127.0.0.1:0".parse().unwrap();
    config.media.listen = address;
    let installation = Installation::open(config, Clock::system()).await.unwrap();
    let error = installation.serve().await.err().unwrap().to_string();
    assert!(error.contains(&address.to_string()) && error.contains("media"), "{error}");
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("no-folder");
    std::fs::write(&file, b"").unwrap();
    let text = why(config(&file.join("data"))).await;
    assert!(text.contains("cannot write to the data folder"), "{text}");
}

#[tokio::test]
async fn a_master_key_that_is_none_or_another_is_refused() {
    let server = TestServer::start().await;
    let folder = server.folder().to_owned();
    let key = folder.join("master.key");
    let good = std::fs::read(&key).unwrap();
    std::fs::write(&key, "junk").unwrap();
    let copy = tempfile::tempdir().unwrap();
    for name in ["cloakroom.db", "cloakroom.db-wal", "cloakroom.db-shm"] {
        let _ = std::fs::copy(folder.join(name), copy.path().join(name));
    }
    std::fs::write(copy.path().join("master.key"), "junk").unwrap();
    assert!(why(config(copy.path())).await.contains("64 hexadecimal digits"));
    std::fs::write(copy.path().join("master.key"), "00".repeat(32)).unwrap();
    let text = why(config(copy.path())).await;
    assert!(text.contains("another master key"), "{text}");
    std::fs::write(copy.path().join("master.key"), good).unwrap();
    assert_eq!(why(config(copy.path())).await, "it starts");
}
