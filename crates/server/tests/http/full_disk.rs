//! While the disk is full nothing is half done: it is refused, or done and stays done.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloakroom_test::{API_KEY, APP, TestServer, media_form};
use reqwest::multipart::Part;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

/// A small file system in a namespace of its own; it goes with this.
struct Disk {
    holder: Child,
    mounted_at: PathBuf,
}

impl Disk {
    /// `None` where an ordinary user may not mount one.
    fn mount(at: &Path) -> Option<Self> {
        let script = "mount -t tmpfs -o size=24m,mode=700 tmpfs \"$1\" && echo mounted && exec cat";
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]).arg(at);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut holder = command.spawn().ok()?;
        let mut told = String::new();
        BufReader::new(holder.stdout.take()?).read_line(&mut told).ok()?;
        let disk = Self { holder, mounted_at: at.to_owned() };
        (told == "mounted\n").then_some(disk)
    }

    /// Its root, as it is seen from outside the namespace.
    fn root(&self) -> PathBuf {
        let inside = self.mounted_at.strip_prefix("/").unwrap();
        Path::new("/proc").join(self.holder.id().to_string()).join("root").join(inside)
    }

    fn enter(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--user", "--mount", "-t", &self.holder.id().to_string(), program]);
        command
    }

    /// Takes all room that is left.
    fn fill(&self) {
        let filler = self.root().join("filler");
        let mut file = fs::File::options().create(true).append(true).open(filler).unwrap();
        for bytes in [1 << 20, 4096, 1] {
            while file.write_all(&vec![1; bytes]).is_ok() {}
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.root().join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.holder.kill());
        drop(self.holder.wait());
    }
}

/// The real binary with its data on such a disk.
struct Server {
    child: Child,
    api: String,
    http: Client,
}

struct Login {
    token: String,
    fat: String,
    session: String,
}

impl Server {
    fn start(disk: &Disk, ports: [u16; 3]) -> Self {
        let sections: Vec<String> = ["dashboard", "api", "media"]
            .iter()
            .zip(ports)
            .map(|(name, port)| {
                let address = format!("127.0.0.1:{port}");
                format!("[{name}]\nlisten = \"{address}\"\npublic_origin = \"http://{address}\"\n")
            })
            .collect();
        let data = disk.mounted_at.join("data");
        let text = format!("data_dir = \"{}\"\n{}", data.display(), sections.concat());
        fs::write(disk.root().join("test.toml"), text).unwrap();
        let mut command = disk.enter(env!("CARGO_BIN_EXE_cloakroom"));
        command.args(["serve", "--config"]).arg(disk.mounted_at.join("test.toml"));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        assert!(log.by_ref().any(|line| line.contains("ready")));
        // A log that nobody reads would stop the server.
        std::thread::spawn(move || log.for_each(drop));
        Self { child, api: format!("http://127.0.0.1:{}/v3", ports[1]), http: Client::new() }
    }

    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with('/') { format!("{}{path}", self.api) } else { path.into() };
        self.http.request(method, url).header("appid", APP)
    }

    fn of(&self, login: &Login, method: Method, path: &str) -> RequestBuilder {
        self.call(method, path).header("authtoken", &login.token)
    }

    fn back_end(&self, method: Method, path: &str) -> RequestBuilder {
        self.call(method, path).header("apikey", API_KEY)
    }

    async fn login(&self, uid: &str) -> Login {
        let made = self.back_end(Method::POST, &format!("/users/{uid}/auth_tokens"));
        let (_, made) = asked(made.json(&json!({}))).await;
        let token = made["data"]["authToken"].as_str().unwrap().to_owned();
        let me = self.call(Method::PUT, "/me").header("authtoken", &token).json(&json!({}));
        let fat = asked(me).await.1["data"]["fat"].as_str().unwrap().to_owned();
        let sessions = self.call(Method::GET, "/me/sessions").header("authtoken", &token);
        let sessions = asked(sessions).await.1["data"].take();
        let own = sessions.as_array().unwrap().iter().find(|one| one["current"] == true).unwrap();
        Login { token, fat, session: own["id"].as_str().unwrap().to_owned() }
    }

    fn text(&self, login: &Login) -> RequestBuilder {
        let text = json!({"receiver": "bob", "receiverType": "user", "type": "text",
            "data": {"text": "x".repeat(900)}});
        self.of(login, Method::POST, "/messages").json(&text)
    }

    fn upload(&self, login: &Login, bytes: usize) -> RequestBuilder {
        let part = Part::bytes(vec![7; bytes]).file_name("a.bin");
        self.of(login, Method::POST, "/messages").multipart(media_form("user:bob", part))
    }

    fn tus(&self, login: &Login, method: Method, url: &str) -> RequestBuilder {
        self.of(login, method, url).header("tus-resumable", "1.0.0")
    }

    fn patch(&self, login: &Login, url: &str, offset: usize, bytes: &[u8]) -> RequestBuilder {
        self.tus(login, Method::PATCH, url)
            .header("upload-offset", offset)
            .header("content-type", "application/offset+octet-stream")
            .body(bytes.to_vec())
    }

    async fn create(&self, login: &Login, bytes: usize) -> String {
        let metadata = format!("receiver {}", STANDARD.encode("bob"));
        let made = self.tus(login, Method::POST, "/files/tus").header("upload-length", bytes);
        let made = made.header("upload-metadata", metadata).send().await.unwrap();
        made.headers()["location"].to_str().unwrap().to_owned()
    }

    async fn offset(&self, login: &Login, url: &str) -> usize {
        let head = self.tus(login, Method::HEAD, url).send().await.unwrap();
        head.headers()["upload-offset"].to_str().unwrap().parse().unwrap()
    }

    async fn read(&self, login: &Login, url: &str) -> u16 {
        let asked = self.http.get(format!("{url}?fat={}", login.fat)).send().await.unwrap();
        asked.status().as_u16()
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

async fn asked(call: RequestBuilder) -> (u16, Value) {
    let response = call.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

/// Status and code of the refusal, if it is one.
async fn outcome(call: RequestBuilder) -> (u16, String) {
    let (status, body) = asked(call).await;
    (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
}

fn free_ports() -> [u16; 3] {
    let sockets: Vec<_> =
        (0..3).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    std::array::from_fn(|i| sockets[i].local_addr().unwrap().port())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = (entry.as_ref().unwrap().path(), entry.unwrap().file_name());
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

fn files_under(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_under(&path) } else { 1 }).sum()
}

fn full() -> (u16, String) {
    (507, "ERR_STORE_FULL".to_owned())
}

#[tokio::test]
async fn what_a_full_disk_refuses_is_not_done_and_what_is_done_stays() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(folder.path()) else {
        eprintln!("SKIPPED: the full disk (no file system can be mounted in a namespace)");
        return;
    };
    let data = disk.root().join("data");
    copy(TestServer::start().await.stop().await.path(), &data);
    let ports = free_ports();
    let mut server = Server::start(&disk, ports);
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let mut leaving = Vec::new();
    for _ in 0..6 {
        leaving.push(server.login("alice").await);
    }
    let (_, sent) = asked(server.upload(&alice, 50_000)).await;
    let url = sent["data"]["data"]["url"].as_str().unwrap().to_owned();
    let bytes: Vec<u8> = (0..2_000_000_u32).map(|i| (i % 251).to_le_bytes()[0]).collect();
    let upload = server.create(&alice, bytes.len()).await;
    assert_eq!(outcome(server.patch(&alice, &upload, 0, &bytes[..70_000])).await.0, 204);
    let end = |server: &Server, which: usize, login: &Login| match which % 3 {
        0 => server.of(login, Method::DELETE, "/me"),
        1 => server.back_end(Method::DELETE, &format!("/users/alice/sessions/{}", login.session)),
        _ => server
            .back_end(Method::POST, "/revocations")
            .json(&json!({"kind": "session", "id": login.session})),
    };

    // Neither bytes nor rows have room.
    let before = files_under(&data.join("files"));
    disk.fill();
    let refused = [
        server.text(&alice),
        server.upload(&alice, 10),
        server.upload(&alice, 1_000_000),
        server.patch(&alice, &upload, 70_000, &bytes[70_000..]),
        server.patch(&alice, &upload, 70_000, &bytes[70_000..70_010]),
    ];
    for call in refused {
        assert_eq!(outcome(call).await, full());
        disk.fill();
    }
    for (which, login) in leaving.iter().enumerate() {
        assert_eq!(outcome(end(&server, which, login)).await, full(), "{which}");
        assert_eq!(server.read(login, &url).await, 200, "{which} was refused, so it is not done");
    }
    assert_eq!(server.read(&bob, &url).await, 200);
    assert_eq!(server.offset(&alice, &upload).await, 70_000);
    assert_eq!(files_under(&data.join("files")), before, "nothing is kept of what was refused");
    assert_eq!(files_under(&data.join("staging")), 0);

    // With room everything goes on. So many rows that SQLite writes its log from the start again:
    // then rows have room on a full disk, and bytes have not.
    disk.make_room();
    for _ in 0..300 {
        assert_eq!(outcome(server.text(&alice)).await.0, 200);
    }
    disk.fill();
    let call = server.patch(&alice, &upload, 70_000, &bytes[70_000..]);
    assert_eq!(outcome(call).await, full());
    let mut done = Vec::new();
    for (which, login) in leaving.iter().enumerate() {
        let (status, code) = outcome(end(&server, which, login)).await;
        assert!(status == 200 || (status, code) == full(), "{which}: {status}");
        done.push(status == 200);
    }
    let ended = async |server: &Server| {
        let mut found = Vec::new();
        for login in &leaving {
            found.push(server.read(login, &url).await == 401);
        }
        found
    };
    assert!(done.contains(&true), "rows had room");
    assert_eq!(ended(&server).await, done);
    disk.make_room();
    let offset = server.offset(&alice, &upload).await;
    let last = server.patch(&alice, &upload, offset, &bytes[offset..]).send().await.unwrap();
    assert_eq!(last.status(), 204);
    let whole = last.headers()["media-url"].to_str().unwrap().to_owned();
    server.kill();
    let server = Server::start(&disk, ports);
    assert_eq!(ended(&server).await, done, "a restart changes nothing");
    assert_eq!(server.read(&bob, &url).await, 200);
    let read = server.http.get(format!("{whole}?fat={}", alice.fat)).send().await.unwrap();
    assert!(read.bytes().await.unwrap() == bytes, "its bytes are those sent");
}
