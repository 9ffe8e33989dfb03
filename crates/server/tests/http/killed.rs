//! A server killed in the middle of uploads, checks and deletions loses nothing that it
//! acknowledged.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloakroom_test::{API_KEY, APP, TestServer, media_form, png};
use cloakroom_token::{BlobKey, UnixSeconds};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The real binary, on ports of its own.
struct Server {
    child: Child,
    api: String,
    http: Client,
}

fn serve(folder: &Path, ports: [u16; 3], ingest: &str) -> Server {
    let [dashboard, api, media] = ports;
    let sections: Vec<String> = [("dashboard", dashboard), ("api", api), ("media", media)]
        .map(|(name, port)| {
            let address = format!("127.0.0.1:{port}");
            format!("[{name}]\nlisten = \"{address}\"\npublic_origin = \"http://{address}\"\n")
        })
        .to_vec();
    let text = format!(
        "data_dir = \"{}\"\n[ingest]\nposters = false\n{ingest}\n{}",
        folder.display(),
        sections.concat()
    );
    let file = folder.join("test.toml");
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloakroom"));
    command.args(["serve", "--config", file.to_str().unwrap()]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(log.by_ref().any(|line| line.contains("ready")));
    // A log that nobody reads would stop the server.
    std::thread::spawn(move || log.for_each(drop));
    Server { child, api: format!("http://127.0.0.1:{api}/v3"), http: Client::new() }
}

impl Server {
    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.api)).header("appid", APP)
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    async fn login(&self, uid: &str) -> (String, String) {
        let made = self.call(Method::POST, &format!("/users/{uid}/auth_tokens"));
        let made = answer(made.header("apikey", API_KEY).json(&json!({}))).await.unwrap();
        let token = made["authToken"].as_str().unwrap().to_owned();
        let me = self.call(Method::PUT, "/me").header("authtoken", &token).json(&json!({}));
        let fat = answer(me).await.unwrap()["fat"].as_str().unwrap().to_owned();
        (token, fat)
    }
}

/// What was answered; `None` if the server died first.
async fn answer(call: RequestBuilder) -> Option<Value> {
    let response = call.send().await.ok()?;
    let body: Value = response.json().await.ok()?;
    Some(body["data"].clone())
}

#[derive(Default)]
struct Acknowledged {
    sent: Vec<(String, usize)>,
    deleted: Vec<String>,
    /// Of resumable uploads: where, and how many bytes.
    arrived: Vec<(String, u64)>,
}

type Seen = Arc<Mutex<Acknowledged>>;

/// Sends files, and deletes every third message, until the server is gone.
async fn send(server: Arc<Server>, token: String, seen: Seen, worker: usize) {
    for round in 0.. {
        // Pictures come with thumbnails.
        let is_picture = worker == 0;
        let noise = vec![u8::try_from(round % 251).unwrap(); 40_000 + worker * 1000 + round];
        let bytes = if is_picture { png() } else { noise };
        let size = bytes.len();
        let form = Form::new()
            .text("type", "file")
            .text("receiverType", "user")
            .part("files[]", Part::bytes(bytes).file_name("a.bin"))
            .text("receiver", "bob");
        let call = server.call(Method::POST, "/messages").header("authtoken", &token);
        let Some(message) = answer(call.multipart(form)).await else { return };
        let url = message["data"]["url"].as_str().unwrap().to_owned();
        if round % 3 < 2 {
            seen.lock().unwrap().sent.push((url, size));
            continue;
        }
        let path = format!("/messages/{}", message["id"].as_str().unwrap());
        let call = server.call(Method::DELETE, &path).header("authtoken", &token);
        if answer(call).await.is_none() {
            return;
        }
        seen.lock().unwrap().deleted.push(url);
    }
}

/// Sends resumable uploads in small parts, until the server is gone.
async fn send_in_parts(server: Arc<Server>, token: String, seen: Seen) {
    let tus = |method, path: &str| {
        server.call(method, path).header("authtoken", &token).header("tus-resumable", "1.0.0")
    };
    loop {
        let metadata = format!("receiver {}", STANDARD.encode("bob"));
        let call = tus(Method::POST, "/files/tus").header("upload-length", 60_000);
        let Ok(made) = call.header("upload-metadata", metadata).send().await else { return };
        let location = made.headers()["location"].to_str().unwrap();
        let path = location.split_once("/v3").unwrap().1.to_owned();
        for part in 0..6_u64 {
            let call = tus(Method::PATCH, &path)
                .header("upload-offset", part * 10_000)
                .header("content-type", "application/offset+octet-stream");
            let Ok(sent) = call.body(vec![7; 10_000]).send().await else { return };
            if sent.status() != 204 {
                return;
            }
            seen.lock().unwrap().arrived.push((path.clone(), (part + 1) * 10_000));
        }
    }
}

fn free_ports() -> [u16; 3] {
    let sockets: Vec<_> =
        (0..3).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    std::array::from_fn(|i| sockets[i].local_addr().unwrap().port())
}

fn blobs_under(folder: &Path) -> Vec<BlobKey> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                return blobs_under(&path);
            }
            let name = path.file_name().unwrap().to_str().unwrap();
            vec![BlobKey::parse(name).unwrap()]
        })
        .collect()
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_kill_and_nothing_else_stays() {
    let folder = TestServer::start().await.stop().await;
    let seen = Seen::default();
    for (round, enough) in [6, 25, 60].into_iter().enumerate() {
        let server = Arc::new(serve(folder.path(), free_ports(), ""));
        let (token, _) = server.login("alice").await;
        let mut work = tokio::task::JoinSet::new();
        for worker in 0..3 {
            work.spawn(send(Arc::clone(&server), token.clone(), Arc::clone(&seen), worker));
        }
        work.spawn(send_in_parts(Arc::clone(&server), token, Arc::clone(&seen)));
        while seen.lock().unwrap().sent.len() < enough {
            tokio::task::yield_now().await;
        }
        let pid = pid_of(&server);
        Command::new("kill").args(["-9", &pid]).status().unwrap();
        while work.join_next().await.is_some() {}
        let mut server = Arc::into_inner(server).unwrap();
        server.kill();
        assert!(seen.lock().unwrap().sent.len() >= enough, "round {round}");
    }
    let ports = free_ports();
    let mut server = serve(folder.path(), ports, "");
    let (token, fat) = server.login("alice").await;
    let (_, his) = server.login("bob").await;
    let acknowledged = std::mem::take(&mut *seen.lock().unwrap());
    assert!(!acknowledged.deleted.is_empty() && !acknowledged.arrived.is_empty());
    // Its ports are others now; what follows them is not.
    let here = |url: &str| {
        let path = url.splitn(4, '/').nth(3).unwrap();
        format!("http://127.0.0.1:{}/{path}", ports[2])
    };
    for (url, size) in &acknowledged.sent {
        let read = server.http.get(format!("{}?fat={his}", here(url))).send().await.unwrap();
        assert_eq!(read.status(), 200, "{url}");
        assert_eq!(read.bytes().await.unwrap().len(), *size);
    }
    for url in &acknowledged.deleted {
        let read = server.http.get(format!("{}?fat={fat}", here(url))).send().await.unwrap();
        assert_eq!(read.status(), 404, "{url}");
    }
    for (path, bytes) in &acknowledged.arrived {
        let call = server.call(Method::HEAD, path).header("authtoken", &token);
        let head = call.header("tus-resumable", "1.0.0").send().await.unwrap();
        let offset: u64 = head.headers()["upload-offset"].to_str().unwrap().parse().unwrap();
        assert!(offset >= *bytes, "{path}: {offset} of {bytes}");
    }
    server.kill();
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    let files = folder.path().join("files");
    let server = TestServer::resume(folder, UnixSeconds(now + 2 * 3600)).await;
    let staged = std::fs::read_dir(server.folder().join("staging")).unwrap().count();
    assert_eq!(staged, 0, "what was on its way is cleared at the start");
    server.work_on_files().await;
    server.clear_away().await;
    for blob in blobs_under(&files) {
        let referenced = server.db().media().referenced_blobs(blob.as_bytes()[0]).await.unwrap();
        assert!(referenced.contains(&blob), "{blob}");
    }
}

fn pid_of(server: &Server) -> String {
    server.child.id().to_string()
}

#[tokio::test]
async fn a_check_that_a_kill_cut_short_is_done_by_the_next_server() {
    let folder = TestServer::start().await.stop().await;
    let scanner = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ingest = format!("clamd = \"tcp://{}\"", scanner.local_addr().unwrap());
    let mut server = serve(folder.path(), free_ports(), &ingest);
    let (token, _) = server.login("alice").await;
    let form = media_form("user:bob", Part::bytes(png()).file_name("a.png"));
    let call = server.call(Method::POST, "/messages").header("authtoken", &token);
    let message = answer(call.multipart(form)).await.unwrap();
    let path = message["data"]["url"].as_str().unwrap().splitn(4, '/').nth(3).unwrap().to_owned();
    // The scanner was reached, and says nothing: this is the middle of the check.
    let unanswered = scanner.accept().await.unwrap();
    server.kill();
    drop(unanswered);
    let ports = free_ports();
    let mut server = serve(folder.path(), ports, &ingest);
    let (_, fat) = server.login("bob").await;
    let read = async || {
        let url = format!("http://127.0.0.1:{}/{path}?fat={fat}", ports[2]);
        server.http.get(url).send().await.unwrap().status().as_u16()
    };
    assert_eq!(read().await, 404, "nobody found it clean yet");
    // It need not wait until the lease of the dead one ends.
    let (mut asking, _) = scanner.accept().await.unwrap();
    let mut got = Vec::new();
    while !got.ends_with(&[0; 4]) {
        assert!(asking.read_buf(&mut got).await.unwrap() > 0);
    }
    asking.write_all(b"stream: OK\0").await.unwrap();
    drop(asking);
    while read().await != 200 {
        tokio::task::yield_now().await;
    }
    server.kill();
}
