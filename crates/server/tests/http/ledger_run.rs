//! A server that is killed leaves a gap in the ledger, and `cloakroom ledger verify` finds what was
//! changed.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use cloakroom_storage::{Ledger, RecordFilter, SqliteOptions};
use cloakroom_test::{TestServer, data};
use cloakroom_token::AppId;
use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;

fn cloakroom(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloakroom"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    cloakroom(arguments).output().unwrap()
}

/// A configuration file for a folder.
fn config(folder: &Path, data_dir: &Path) -> PathBuf {
    let file = folder.join("cloakroom.toml");
    let any = "127.0.0.1:0";
    let text = format!(
        "data_dir = \"{}\"\n[dashboard]\nlisten = \"{any}\"\n[api]\nlisten = \"{any}\"\n\
         [media]\nlisten = \"{any}\"\n",
        data_dir.display()
    );
    std::fs::write(&file, text).unwrap();
    file
}

/// Serves, and returns once it is ready.
fn serve(config: &str) -> Child {
    let mut command = cloakroom(&["serve", "--config", config]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let log = BufReader::new(child.stderr.take().unwrap());
    let ready = log.lines().map_while(Result::ok).any(|line| line.contains("ready"));
    assert!(ready, "{:?}", child.wait_with_output());
    child
}

#[tokio::test]
async fn a_killed_server_leaves_a_gap_with_its_first_and_last_time() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let file = config(folder.path(), &data_dir);
    let file = file.to_str().unwrap();
    assert!(run(&["app", "create", "killed", "--config", file]).status.success());
    let mut child = serve(file);
    child.kill().unwrap();
    child.wait().unwrap();
    let mut child = serve(file);
    child.kill().unwrap();
    child.wait().unwrap();
    let path = data_dir.join("ledger.db");
    let ledger = Ledger::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
    let app = AppId::parse("killed").unwrap();
    let found = ledger.page(&app, &RecordFilter::default(), None, 9).await.unwrap();
    let bodies = found.iter().map(|(_, record)| serde_json::from_str(&record.body).unwrap());
    let bodies: Vec<Value> = bodies.collect();
    let gap = bodies.iter().find(|body| body["kind"] == "gap").expect("a gap");
    assert_eq!(gap["cause"], "crash");
    let (first, last) = (gap["at"].as_i64().unwrap(), gap["until"].as_i64().unwrap());
    let made = bodies.iter().find(|body| body["act"] == "app create").expect("the act");
    assert!(made["at"].as_i64().unwrap() <= first && first <= last, "{bodies:?}");
    ledger.close().await;
    let verified = run(&["ledger", "verify", "--config", file]);
    assert!(verified.status.success(), "{verified:?}");
}

/// An export of today and its signed head, and the key set.
struct Kept {
    folder: TempDir,
    lines: Vec<String>,
    head: String,
    jwks: String,
    config: String,
    _server: TestServer,
}

impl Kept {
    async fn make() -> Self {
        let server = TestServer::start().await;
        let alice = server.login("alice").await;
        let url = server.send_picture(&alice, "user:bob").await;
        for seconds in [0, 10, 10, 10] {
            server.clock.advance(seconds);
            server.get(&format!("{url}?fat={}", alice.fat)).await;
        }
        server.keep_ledger().await;
        server.clock.advance(86_400 + 600);
        server.keep_ledger().await;
        let heads = server.back_end(Method::GET, "/ledger/heads").send().await.unwrap();
        let heads = data(heads).await;
        let path = format!("/ledger/export?day={}", heads[0]["day"].as_str().unwrap());
        let export =
            server.back_end(Method::GET, &path).send().await.unwrap().text().await.unwrap();
        let jwks = server.get(&format!("{}/.well-known/jwks.json", server.api_origin)).await;
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("jwks.json");
        std::fs::write(&keys, jwks.text().await.unwrap()).unwrap();
        let config = config(folder.path(), server.folder());
        Self {
            lines: export.lines().map(str::to_owned).collect(),
            head: heads[0]["head"].as_str().unwrap().to_owned(),
            jwks: keys.to_str().unwrap().to_owned(),
            config: config.to_str().unwrap().to_owned(),
            folder,
            _server: server,
        }
    }

    /// Whether an export is whole, and what is said of it.
    fn verify(&self, lines: &[String]) -> (bool, String) {
        let file = self.folder.path().join("export.ndjson");
        std::fs::write(&file, lines.join("\n") + "\n").unwrap();
        let file = file.to_str().unwrap();
        let arguments =
            ["ledger", "verify", "--file", file, "--head", &self.head, "--jwks", &self.jwks];
        let said = run(&arguments);
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        (said.status.success(), text + &String::from_utf8_lossy(&said.stderr))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_missing_or_cut_record_is_found() {
    let kept = Kept::make().await;
    assert!(kept.lines.len() >= 4, "{:?}", kept.lines);
    assert!(kept.verify(&kept.lines).0);
    let mut changed = kept.lines.clone();
    changed[1] = changed[1].replace("\"status\":200", "\"status\":304");
    assert_ne!(changed, kept.lines);
    let mut missing = kept.lines.clone();
    missing.remove(2);
    let cut = kept.lines[..kept.lines.len() - 1].to_vec();
    let mut swapped = kept.lines.clone();
    swapped.swap(1, 2);
    for (lines, said) in [
        (changed, "record 2 was altered"),
        (missing, "records 3 to 3 are missing"),
        (cut, "records were written"),
        (swapped, "out of order"),
    ] {
        let (whole, text) = kept.verify(&lines);
        assert!(!whole && text.contains(said), "{said}: {text}");
    }
    let whole = run(&["ledger", "verify", "--config", &kept.config, "--head", &kept.head]);
    assert!(whole.status.success(), "{whole:?}");
    let other = run(&["ledger", "verify", "--config", &kept.config, "--head", "a.b.c"]);
    assert!(!other.status.success());
}
