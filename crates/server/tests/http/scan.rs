//! Files that are held until a scanner found nothing in them.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use cloakroom_test::{Login, TestServer, data, png};
use reqwest::Method;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};

/// A scanner that answers what it is told to; `None`: it hangs up.
#[derive(Clone, Default)]
struct Scanner(Arc<Mutex<Option<&'static str>>>);

impl Scanner {
    async fn start(answer: Option<&'static str>) -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        let scanner = Self(Arc::new(Mutex::new(answer)));
        let told = scanner.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(answer) = *told.0.lock().unwrap() else { continue };
                let mut got = Vec::new();
                while !got.ends_with(&[0; 4]) {
                    let mut chunk = [0; 4096];
                    match stream.read(&mut chunk).await {
                        Ok(read) if read > 0 => got.extend_from_slice(&chunk[..read]),
                        _ => break,
                    }
                }
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        (scanner, address)
    }

    fn says(&self, answer: Option<&'static str>) {
        *self.0.lock().unwrap() = answer;
    }
}

async fn with_scanner(address: String) -> (TestServer, Login, Login) {
    let server = TestServer::start_with(|config| config.ingest.clamd = Some(address)).await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    (server, alice, bob)
}

async fn status(server: &TestServer, login: &Login, url: &str) -> (u16, String) {
    let answer = server.get(&format!("{url}?fat={}", login.fat)).await;
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap_or_default();
    (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
}

/// State and refusal of a file, as the back end sees them.
async fn state(server: &TestServer, url: &str) -> (String, Value) {
    let id = &url.rsplit('/').next().unwrap()[..32];
    let file = server.back_end(Method::GET, &format!("/media/{id}")).send().await.unwrap();
    let file = data(file).await;
    (file["state"].as_str().unwrap().to_owned(), file["refusal"].clone())
}

fn not_ready() -> (u16, String) {
    (404, "ERR_NOT_READY".to_owned())
}

#[tokio::test]
async fn a_sent_file_is_held_until_it_is_clean() {
    let (scanner, address) = Scanner::start(None).await;
    let (server, alice, bob) = with_scanner(address).await;
    let url = server.send_picture(&alice, "user:bob").await;
    let small = url.replace(".png", "_small.webp");
    server.work_on_files().await;
    for one in [&url, &small] {
        assert_eq!(status(&server, &bob, one).await, not_ready(), "the scanner is away");
        assert_eq!(status(&server, &alice, one).await, not_ready());
    }
    assert_eq!(state(&server, &url).await.0, "checking");
    scanner.says(Some("stream: OK\0"));
    server.work_on_files().await;
    assert_eq!(status(&server, &bob, &url).await, not_ready(), "it waits before it tries again");
    server.clock.advance(10);
    server.work_on_files().await;
    assert_eq!(
        (status(&server, &bob, &url).await.0, status(&server, &bob, &small).await.0),
        (200, 200)
    );
    assert_eq!(state(&server, &url).await.0, "ready");
}

#[tokio::test]
async fn what_is_infected_or_beyond_the_scanner_is_refused_with_a_reason() {
    for (answer, code) in [
        ("stream: Eicar-Test FOUND\0", "ERR_FILE_INFECTED"),
        ("INSTREAM size limit exceeded. ERROR\0", "ERR_FILE_UNSCANNABLE"),
        ("stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND\0", "ERR_FILE_UNSCANNABLE"),
    ] {
        let (_scanner, address) = Scanner::start(Some(answer)).await;
        let (server, alice, bob) = with_scanner(address).await;
        let url = server.send_picture(&alice, "user:bob").await;
        server.work_on_files().await;
        assert_eq!(state(&server, &url).await, ("refused".to_owned(), code.into()));
        for login in [&alice, &bob] {
            assert_eq!(status(&server, login, &url).await.0, 404);
        }
    }
}

#[tokio::test]
async fn what_is_larger_than_the_scanner_looks_at_is_not_sent_to_it() {
    let (_scanner, address) = Scanner::start(Some("stream: OK\0")).await;
    let server = TestServer::start_with(|config| {
        config.ingest.clamd = Some(address);
        config.ingest.scan_max_bytes = 10;
    })
    .await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    server.work_on_files().await;
    assert_eq!(state(&server, &url).await, ("refused".to_owned(), "ERR_FILE_UNSCANNABLE".into()));
}

#[tokio::test]
async fn an_answer_that_is_no_verdict_never_counts_as_clean() {
    for answer in ["stream: OKAY\0", "ERROR\0", "\0", "stream: OK ERROR\0"] {
        let (_scanner, address) = Scanner::start(Some(answer)).await;
        let (server, alice, bob) = with_scanner(address).await;
        let url = server.send_picture(&alice, "user:bob").await;
        server.work_on_files().await;
        assert_eq!(status(&server, &bob, &url).await, not_ready(), "{answer}");
        assert_eq!(state(&server, &url).await.0, "checking");
    }
}

#[tokio::test]
async fn a_held_file_stays_held_when_the_scanner_is_taken_away_and_over_a_restart() {
    let (_scanner, address) = Scanner::start(None).await;
    let (server, alice, _) = with_scanner(address).await;
    let url = server.send_picture(&alice, "user:bob").await;
    let server = server.restart_with(|config| config.ingest.clamd = None).await;
    for _ in 0..3 {
        // So that the work is due again, whoever tried it before.
        server.clock.advance(3600);
        server.work_on_files().await;
        assert_eq!(state(&server, &url).await.0, "checking");
    }
}

/// A clamd of its own, with one signature; ends with this.
struct Clamd(Child);

impl Drop for Clamd {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The test file of EICAR, in two pieces so that no scanner takes this source for it.
fn eicar() -> String {
    let (one, other) =
        (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STAND", "ARD-ANTIVIRUS-TEST-FILE!$H+H*");
    format!("{one}{other}")
}

async fn clamd(folder: &Path) -> Option<(Clamd, String)> {
    let program = ["/usr/sbin/clamd", "/usr/local/sbin/clamd"]
        .into_iter()
        .find(|path| Path::new(path).exists())?;
    let (socket, signatures) = (folder.join("clamd.ctl"), folder.join("signatures"));
    std::fs::create_dir(&signatures).unwrap();
    let signature = format!("Eicar-Test:0:0:{}\n", hex::encode(eicar()));
    std::fs::write(signatures.join("test.ndb"), signature).unwrap();
    let settings = format!(
        "Foreground yes\nLocalSocket {}\nDatabaseDirectory {}\nStreamMaxLength 1M\n",
        socket.display(),
        signatures.display()
    );
    let file = folder.join("clamd.conf");
    std::fs::write(&file, settings).unwrap();
    let mut command = Command::new(program);
    command.arg("-c").arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
    let clamd = Clamd(command.spawn().unwrap());
    let ready = async {
        while UnixStream::connect(&socket).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), ready).await.unwrap();
    Some((clamd, format!("unix:{}", socket.display())))
}

#[tokio::test]
async fn a_real_clamd_finds_the_test_file_and_lets_the_others_through() {
    let folder = tempfile::tempdir().unwrap();
    let Some((_clamd, address)) = clamd(folder.path()).await else {
        eprintln!("SKIPPED: the scan by a real clamd (clamav-daemon is not installed)");
        return;
    };
    let (server, alice, bob) = with_scanner(address).await;
    let send = async |name: &str, bytes: Vec<u8>| {
        let message =
            server.send_file(&alice, "user:bob", name, "application/octet-stream", bytes).await;
        message["data"]["url"].as_str().unwrap().to_owned()
    };
    let clean = send("a.png", png()).await;
    let infected = send("harmless.txt", eicar().into_bytes()).await;
    let large = send("large.bin", vec![7; 2_000_000]).await;
    server.work_on_files().await;
    assert_eq!(status(&server, &bob, &clean).await.0, 200);
    for (url, code) in [(infected, "ERR_FILE_INFECTED"), (large, "ERR_FILE_UNSCANNABLE")] {
        assert_eq!(state(&server, &url).await, ("refused".to_owned(), code.into()));
        assert_eq!(status(&server, &bob, &url).await.0, 404);
    }
}
