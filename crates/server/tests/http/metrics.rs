//! What an operator watches says what happened: counts to the last one, and times that were waited.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cloakroom_test::{APP, Login, TestServer};
use cloakroom_token::AppId;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::two_nodes::fresh_database;

/// Every metric of a server by its name and labels, as it stands now.
pub(crate) struct Now(BTreeMap<String, String>);

impl Now {
    pub(crate) async fn of(server: &TestServer) -> Self {
        let answer = server.get(&format!("{}/metrics", server.metrics_origin)).await;
        assert_eq!(answer.status(), 200);
        let text = answer.text().await.unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let pairs = lines.map(|line| line.rsplit_once(' ').unwrap());
        Self(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// A count, without what all names have in front.
    pub(crate) fn count(&self, name: &str) -> i64 {
        self.0[&format!("cloakroom_{name}")].parse().unwrap()
    }

    /// Bytes sent so far, from memory and from the store.
    pub(crate) fn bytes(&self) -> [i64; 2] {
        ["memory", "store"]
            .map(|source| self.count(&format!("media_bytes_total{{source=\"{source}\"}}")))
    }

    fn in_flight(&self) -> i64 {
        self.count("media_in_flight")
    }

    fn seconds(&self, name: &str) -> f64 {
        self.0[&format!("cloakroom_{name}")].parse().unwrap()
    }

    fn decided(&self) -> (i64, f64) {
        let sum = self.seconds("media_decision_seconds_sum");
        (self.count("media_decision_seconds_count"), sum)
    }

    fn first_bytes(&self) -> (i64, f64) {
        let sum = self.seconds("media_first_byte_seconds_sum");
        (self.count("media_first_byte_seconds_count"), sum)
    }

    /// Requests so far, by every outcome.
    fn outcomes(&self) -> BTreeMap<String, i64> {
        let outcome = |name: &str| {
            let label = name.strip_prefix("cloakroom_media_requests_total{outcome=\"")?;
            Some(label.strip_suffix("\"}")?.to_owned())
        };
        let pairs = self.0.iter().filter_map(|(name, value)| Some((outcome(name)?, value)));
        pairs.map(|(outcome, value)| (outcome, value.parse().unwrap())).collect()
    }
}

/// A server that keeps files in memory whatever the run of the tests says, and who sends.
async fn start() -> (TestServer, Login) {
    let server = TestServer::start_with(|config| config.media.cache_bytes = 1 << 20).await;
    let alice = server.login("alice").await;
    (server, alice)
}

/// Sends a file of this size; gives its clean media URL.
async fn send(server: &TestServer, sender: &Login, size: usize) -> String {
    let kind = "application/octet-stream";
    let sent = server.send_file(sender, "user:bob", "some.bin", kind, vec![7; size]).await;
    sent["data"]["attachments"][0]["url"].as_str().unwrap().to_owned()
}

/// Where the folder keeps the one file of this size.
fn stored(server: &TestServer, size: u64) -> PathBuf {
    let inside =
        |folder: PathBuf| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files = inside(server.folder().join("files")).flat_map(inside).flat_map(inside);
    files.find(|file| file.metadata().unwrap().len() == size).unwrap()
}

/// Asks for the metrics until they say this.
async fn until(server: &TestServer, what: impl Fn(&Now) -> bool) {
    let told = async { while !what(&Now::of(server).await) {} };
    tokio::time::timeout(Duration::from_secs(20), told).await.expect("the metrics never said so");
}

/// A server that is asked one thing after the other, and what has come out so far.
struct Asked {
    server: TestServer,
    reached: BTreeSet<String>,
}

impl Asked {
    fn of(server: TestServer) -> Self {
        Self { server, reached: BTreeSet::new() }
    }

    /// Sends a request that is counted once, as `outcome`, with its times.
    async fn expect(&mut self, outcome: &str, status: u16, request: RequestBuilder) {
        let before = Now::of(&self.server).await;
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{outcome}");
        answer.bytes().await.unwrap();
        let after = Now::of(&self.server).await;
        let mut expected = before.outcomes();
        *expected.entry(outcome.to_owned()).or_default() += 1;
        assert_eq!(after.outcomes(), expected, "{outcome}, {status}");
        assert_eq!(after.first_bytes().0, before.first_bytes().0 + 1, "{outcome}, {status}");
        self.reached.insert(outcome.to_owned());
    }

    async fn get(&mut self, outcome: &str, status: u16, url: &str) {
        let request = self.server.http.get(url);
        self.expect(outcome, status, request).await;
    }
}

#[tokio::test]
async fn every_answer_is_counted_once_as_what_it_was() {
    let (server, alice) = start().await;
    let (bob, mallory) = (server.login("bob").await, server.login("mallory").await);
    let picture = server.send_picture(&alice, "user:bob").await;
    let presigned = server.presign(&bob, &picture).await;
    let by = |login: &Login, url: &str| format!("{url}?fat={}", login.fat);
    let own = by(&bob, &picture);
    let etag = server.get(&own).await.headers()["etag"].clone();
    let mut asked = Asked::of(server);
    let http = asked.server.http.clone();
    asked.get("whole", 200, &own).await;
    asked.expect("whole", 200, http.head(&own)).await;
    asked.get("whole", 200, &presigned).await;
    asked.expect("part", 206, http.get(&own).header("range", "bytes=1-2")).await;
    asked.expect("not_modified", 304, http.get(&own).header("if-none-match", etag)).await;
    asked.expect("other", 416, http.get(&own).header("range", "bytes=9999999-")).await;
    asked.expect("other", 412, http.get(&own).header("if-match", "\"other\"")).await;
    asked.expect("other", 303, http.get(&own).header("sec-fetch-dest", "document")).await;
    asked.expect("other", 204, http.request(Method::OPTIONS, &own)).await;
    asked.expect("other", 405, http.delete(&own)).await;
    asked.expect("other", 421, http.get(&own).header("host", "elsewhere.test")).await;
    let keys = format!("{}/.well-known/jwks.json", asked.server.media_origin);
    asked.get("whole", 200, &keys).await;

    asked.get("fat_missing", 401, &picture).await;
    asked.get("fat_invalid", 401, &format!("{picture}?fat=junk")).await;
    asked.get("two_credentials", 401, &format!("{own}&fat={}", alice.fat)).await;
    asked.get("presign_altered", 403, &presigned.replace("&Expires=", "&Expires=9")).await;
    asked.get("not_permitted", 403, &by(&mallory, &picture)).await;
    asked.get("not_found", 404, &own.replace(".png", ".jpg")).await;
    asked.get("not_found", 404, &format!("{}/nothing/here", asked.server.media_origin)).await;

    let cut = send(&asked.server, &alice, 200_000).await;
    std::fs::write(stored(&asked.server, 200_000), vec![7; 50_000]).unwrap();
    asked.get("failed", 500, &by(&bob, &cut)).await;

    let app = AppId::parse(APP).unwrap();
    let apps = asked.server.db().apps();
    let mut settings = apps.by_id(&app).await.unwrap().unwrap().settings;
    settings.policy.cold_bytes_per_minute_per_session = Some(1);
    apps.update_settings(&app, &settings, asked.server.clock.now()).await.unwrap().unwrap();
    asked.server.catch_up().await;
    let (first, second) =
        (send(&asked.server, &alice, 10_000).await, send(&asked.server, &alice, 10_000).await);
    asked.get("whole", 200, &by(&bob, &first)).await;
    asked.get("rate_limited", 429, &by(&bob, &second)).await;

    let ended = asked.server.as_user(&mallory, Method::DELETE, "/me").send().await.unwrap();
    assert_eq!(ended.status(), 200);
    asked.get("session_ended", 401, &by(&mallory, &picture)).await;
    asked.server.clock.advance(86_400);
    asked.get("fat_expired", 401, &own).await;
    asked.get("presign_expired", 403, &presigned).await;

    let mut reached = asked.reached;
    // Nothing is listening where the scanner should be: what was sent is held.
    let held = TestServer::start_with(|config| {
        config.ingest.clamd = Some("tcp://127.0.0.1:1".to_owned());
    });
    let mut held = Asked::of(held.await);
    let alice = held.server.login("alice").await;
    let url = held.server.send_picture(&alice, "user:bob").await;
    held.get("not_ready", 404, &by(&alice, &url)).await;
    let stale = TestServer::start_with(|config| config.media.fail_closed_after_seconds = 0);
    let mut stale = Asked::of(stale.await);
    let url = format!("{}/{APP}/media/{}.png", stale.server.media_origin, "0".repeat(32));
    stale.get("stale", 503, &url).await;
    reached.extend(held.reached.into_iter().chain(stale.reached));
    let mut all = Now::of(&stale.server).await.outcomes();
    all.retain(|outcome, _| !reached.contains(outcome));
    assert_eq!(all.keys().collect::<Vec<_>>(), ["retry_later"], "here that is `stale`");
}

#[tokio::test]
async fn hits_misses_and_bytes_are_those_of_the_reads_and_nobody_is_named() {
    let (server, alice) = start().await;
    let url = send(&server, &alice, 5_000).await;
    let own = format!("{url}?fat={}", alice.fat);
    for asked in [&own, &own, &format!("{url}?fat=junk"), &url] {
        server.get(asked).await.bytes().await.unwrap();
    }
    let etag = server.get(&own).await.headers()["etag"].clone();
    server.http.get(&own).header("if-none-match", etag).send().await.unwrap();
    server.http.get(&own).header("range", "bytes=1-2").send().await.unwrap();
    let now = Now::of(&server).await;
    assert_eq!((now.count("cache_hits_total"), now.count("cache_misses_total")), (3, 1));
    assert_eq!(now.bytes(), [10_002, 5_000]);
    assert_eq!(now.decided().0, 7);
    let text = format!("{:?}", now.0);
    for name in ["alice", "testapp", url.rsplit('/').next().unwrap()] {
        assert!(!text.contains(name), "{name} is named");
    }
}

#[tokio::test]
async fn presigned_urls_are_counted_not_calls() {
    let (server, alice) = start().await;
    let url = server.send_picture(&alice, "user:bob").await;
    for (urls, sum) in [(3, 3), (1, 4)] {
        let body = json!({ "urls": vec![&url; urls] });
        let call = server.as_user(&alice, Method::POST, "/media/presign").json(&body);
        assert_eq!(call.send().await.unwrap().status(), 200);
        assert_eq!(Now::of(&server).await.count("presigned_urls_total"), sum);
    }
}

#[tokio::test]
async fn an_answer_is_in_flight_until_it_has_arrived_or_nobody_takes_it() {
    // More than what lies in the buffers of two sockets.
    const SIZE: usize = 40_000_000;
    let (server, alice) = start().await;
    let own = format!("{}?fat={}", send(&server, &alice, SIZE).await, alice.fat);
    // By sendfile(2), and in chunks.
    let by_two = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    for http in [server.http.clone(), by_two] {
        let [_, before] = Now::of(&server).await.bytes();
        let taken = http.get(&own).send().await.unwrap();
        let now = Now::of(&server).await;
        assert_eq!(now.in_flight(), 1, "{:?}", taken.version());
        let whole = i64::try_from(SIZE).unwrap();
        assert!(now.bytes()[1] - before < whole, "bytes are counted as they leave");
        assert_eq!(taken.bytes().await.unwrap().len(), SIZE);
        until(&server, |now| now.in_flight() == 0).await;
        assert_eq!(Now::of(&server).await.bytes()[1] - before, whole);
        let left = http.get(&own).send().await.unwrap();
        assert_eq!(Now::of(&server).await.in_flight(), 1, "{:?}", left.version());
        drop(left);
        until(&server, |now| now.in_flight() == 0).await;
    }
}

/// Waits for a while of no certain length, and says how many seconds it was.
async fn wait(server: &TestServer) -> f64 {
    let began = Instant::now();
    for _ in 0..20 {
        Now::of(server).await;
    }
    began.elapsed().as_secs_f64()
}

/// A pipe in place of a file: whoever opens it waits until it is let go, and can read nothing.
struct Held(PathBuf);

impl Held {
    fn instead_of(file: PathBuf) -> Self {
        std::fs::remove_file(&file).unwrap();
        assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
        Self(file)
    }

    /// While what this gives is there, nobody waits.
    fn let_go(&self) -> File {
        // To open it for both ways does not wait either.
        File::options().read(true).write(true).open(&self.0).unwrap()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.let_go();
    }
}

// To open the file may block the thread that asks.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_time_to_the_first_byte_has_the_wait_for_the_store_and_the_decision_has_not() {
    let (server, alice) = start().await;
    let url = send(&server, &alice, 200_000).await;
    let held = Held::instead_of(stored(&server, 200_000));
    let before = Now::of(&server).await;
    let began = Instant::now();
    let request = server.http.get(format!("{url}?fat={}", alice.fat)).send();
    let answer = tokio::spawn(request);
    until(&server, |now| now.decided().0 > before.decided().0).await;
    let decided_within = began.elapsed().as_secs_f64();
    assert_eq!(Now::of(&server).await.in_flight(), 1, "it has no head yet");
    let waited = wait(&server).await;
    let opened = held.let_go();
    assert_eq!(answer.await.unwrap().unwrap().status(), 500);
    drop(opened);
    let took = began.elapsed().as_secs_f64();
    let after = Now::of(&server).await;
    let ((times, decided), (had, first)) = (after.decided(), before.decided());
    let decided = decided - first;
    assert_eq!(times, had + 1);
    assert!(0.0 < decided && decided < decided_within, "{decided} of {decided_within}");
    let first_byte = after.first_bytes().1 - before.first_bytes().1;
    assert!(waited < first_byte && first_byte < took, "{waited} {first_byte} {took}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_of_a_decision_has_the_wait_for_the_facts() {
    let Some((_folder, file)) = fresh_database("metrics") else { return };
    let server = TestServer::start_with(|config| {
        config.database.postgres_url_file = Some(file.clone());
    })
    .await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let mut psql = Command::new("psql")
        .args(["--quiet", "--no-psqlrc", "--dbname", &std::fs::read_to_string(file).unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut locks = psql.stdin.take().unwrap();
    let lock = "BEGIN;\nLOCK TABLE media IN ACCESS EXCLUSIVE MODE;\n\\echo locked\n";
    locks.write_all(lock.as_bytes()).unwrap();
    let mut said = BufReader::new(psql.stdout.take().unwrap()).lines();
    assert_eq!(said.next().unwrap().unwrap(), "locked");
    let before = Now::of(&server).await;
    let began = Instant::now();
    let answer = tokio::spawn(server.http.get(format!("{url}?fat={}", alice.fat)).send());
    until(&server, |now| now.in_flight() == 1).await;
    let waited = wait(&server).await;
    drop(locks);
    assert_eq!(answer.await.unwrap().unwrap().status(), 200);
    let took = began.elapsed().as_secs_f64();
    let after = Now::of(&server).await;
    let decided = after.decided().1 - before.decided().1;
    assert!(waited < decided && decided < took, "{waited} {decided} {took}");
    psql.wait().unwrap();
}

#[tokio::test]
async fn the_feed_ages_while_nobody_can_look_at_it() {
    let (server, _) = start().await;
    server.db().close().await;
    let age = async || Now::of(&server).await.seconds("feed_age_seconds");
    let began = Instant::now();
    let before = age().await;
    let waited = wait(&server).await;
    let aged = age().await - before;
    let took = began.elapsed().as_secs_f64();
    assert!(waited < aged && aged < took, "{waited} {aged} {took}");
}
