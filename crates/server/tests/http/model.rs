//! Random histories: the server's answer equals that of a model small enough to be read at once.

use std::collections::{BTreeMap, BTreeSet};

use cloakroom_test::{Login, TestServer, data};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};

const USERS: [&str; 4] = ["alice", "bob", "carol", "mallory"];
const MOST_FILES: usize = 6;

/// What happens; numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Act {
    Activate(usize),
    Block(usize, usize),
    Deactivate(usize),
    DeleteMessage(usize),
    EndSession(usize),
    Forward(usize, usize, usize),
    Join(usize),
    Kick(usize),
    Login(usize),
    Revoke(usize),
    Send(usize, usize),
    Unblock(usize, usize),
}

fn act() -> impl Strategy<Value = Act> {
    let user = 0..USERS.len();
    // The last receiver is the group.
    let receiver = 0..=USERS.len();
    let any = 0..100usize;
    prop_oneof![
        4 => (user.clone(), receiver.clone()).prop_map(|(from, to)| Act::Send(from, to)),
        4 => (user.clone(), any.clone(), receiver).prop_map(|(from, file, to)| Act::Forward(from, file, to)),
        2 => any.clone().prop_map(Act::DeleteMessage),
        1 => any.prop_map(Act::Revoke),
        2 => user.clone().prop_map(Act::Kick),
        2 => user.clone().prop_map(Act::Join),
        2 => (user.clone(), user.clone()).prop_map(|(by, whom)| Act::Block(by, whom)),
        1 => (user.clone(), user.clone()).prop_map(|(by, whom)| Act::Unblock(by, whom)),
        1 => user.clone().prop_map(Act::Deactivate),
        1 => user.clone().prop_map(Act::Activate),
        1 => user.clone().prop_map(Act::EndSession),
        2 => user.prop_map(Act::Login),
    ]
}

/// A message that carries a file.
struct Carrier {
    id: String,
    file: usize,
    from: usize,
    /// `USERS.len()` is the group.
    to: usize,
    at: i64,
}

struct File {
    url: String,
    uploader: usize,
    revoked: bool,
}

/// All that decides, and nothing else.
#[derive(Default)]
struct Model {
    files: Vec<File>,
    carriers: Vec<Carrier>,
    members: BTreeSet<usize>,
    /// Who blocks whom, and since when.
    blocks: BTreeMap<(usize, usize), i64>,
    /// The number of each user's last login; the ones before live on.
    login: [usize; USERS.len()],
    /// The logins that have ended, by user and number.
    ended: BTreeSet<(usize, usize)>,
    active: [bool; USERS.len()],
}

impl Model {
    fn is_carried(&self, file: usize) -> bool {
        self.carriers.iter().any(|carrier| carrier.file == file)
    }

    fn reaches(&self, carrier: &Carrier, user: usize) -> bool {
        if carrier.to == USERS.len() {
            return self.members.contains(&user);
        }
        let blocked = self.blocks.get(&(carrier.from, user));
        let is_blocked = carrier.from != user && blocked.is_some_and(|since| carrier.at >= *since);
        (user == carrier.from || user == carrier.to) && !is_blocked
    }

    /// The status of a read with the user's last File Access Token.
    fn status(&self, user: usize, file: usize) -> u16 {
        self.status_of(user, self.login[user], file)
    }

    fn is_alive(&self, user: usize) -> bool {
        !self.ended.contains(&(user, self.login[user]))
    }

    /// The status of a read by one login.
    fn status_of(&self, user: usize, login: usize, file: usize) -> u16 {
        let stored = &self.files[file];
        let mut carriers = self.carriers.iter().filter(|carrier| carrier.file == file);
        if self.ended.contains(&(user, login)) || !self.active[user] {
            401
        } else if !self.is_carried(file) {
            404
        } else if stored.revoked {
            403
        } else if stored.uploader == user || carriers.any(|carrier| self.reaches(carrier, user)) {
            200
        } else {
            403
        }
    }
}

struct World {
    server: TestServer,
    model: Model,
    logins: Vec<Login>,
    /// Presigned URLs that were handed out: to which user and login, for which file.
    out: Vec<(usize, usize, usize, String)>,
}

fn receiver(to: usize) -> String {
    USERS.get(to).map_or("group:trip".to_owned(), |uid| format!("user:{uid}"))
}

impl World {
    async fn begin() -> Self {
        let server = TestServer::start().await;
        let mut logins = Vec::new();
        for uid in USERS {
            logins.push(server.login(uid).await);
        }
        let members = BTreeSet::from([0, 1, 2]);
        let model = Model { members, active: [true; 4], ..Model::default() };
        Self { server, model, logins, out: Vec::new() }
    }

    async fn back_end(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let answer = self.server.back_end(method, path).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    fn can_act(&self, user: usize) -> bool {
        self.model.is_alive(user) && self.model.active[user]
    }

    async fn act(&mut self, act: &Act) {
        self.server.clock.advance(1);
        match *act {
            Act::Activate(user) => {
                let body = json!({"uidsToActivate": [USERS[user]]});
                self.back_end(Method::PUT, "/users", body).await;
                self.model.active[user] = true;
            }
            Act::Block(by, whom) if by != whom => {
                let path = format!("/users/{}/blockedusers", USERS[by]);
                let body = json!({"blockedUids": [USERS[whom]]});
                let (status, _) = self.back_end(Method::POST, &path, body).await;
                if status == 200 {
                    let now = self.server.clock.now().0;
                    self.model.blocks.entry((by, whom)).or_insert(now);
                }
            }
            Act::Unblock(by, whom) => {
                let path = format!("/users/{}/blockedusers", USERS[by]);
                let body = json!({"blockedUids": [USERS[whom]]});
                let (status, _) = self.back_end(Method::DELETE, &path, body).await;
                if status == 200 {
                    self.model.blocks.remove(&(by, whom));
                }
            }
            Act::Deactivate(user) => {
                let body = json!({"uidsToDeactivate": [USERS[user]]});
                self.back_end(Method::DELETE, "/users", body).await;
                self.model.active[user] = false;
                let all = (0..=self.model.login[user]).map(|login| (user, login));
                self.model.ended.extend(all);
            }
            Act::DeleteMessage(n) if !self.model.carriers.is_empty() => {
                let carrier = self.model.carriers.remove(n % self.model.carriers.len());
                let path = format!("/messages/{}", carrier.id);
                let (status, body) = self.back_end(Method::DELETE, &path, json!({})).await;
                assert_eq!(status, 200, "{body}");
            }
            Act::EndSession(user) if self.can_act(user) => {
                let call = self.server.as_user(&self.logins[user], Method::DELETE, "/me");
                assert_eq!(call.send().await.unwrap().status(), 200);
                self.model.ended.insert((user, self.model.login[user]));
            }
            Act::Forward(from, file, to) if self.can_act(from) && !self.model.files.is_empty() => {
                self.forward(from, file % self.model.files.len(), to).await;
            }
            Act::Join(user) => {
                let body = json!({"participants": [USERS[user]]});
                self.back_end(Method::PUT, "/groups/trip/members", body).await;
                if self.model.active[user] {
                    self.model.members.insert(user);
                }
            }
            Act::Kick(user) if user != 0 => {
                let path = format!("/groups/trip/members/{}", USERS[user]);
                self.back_end(Method::DELETE, &path, json!({})).await;
                self.model.members.remove(&user);
            }
            Act::Login(user) if self.model.active[user] => {
                self.logins[user] = self.server.login(USERS[user]).await;
                self.model.login[user] += 1;
            }
            Act::Revoke(n) if !self.model.files.is_empty() => {
                let file = n % self.model.files.len();
                let url = &self.model.files[file].url;
                let id = url.rsplit_once('/').unwrap().1.split_once('.').unwrap().0;
                let body = json!({"kind": "file", "id": id});
                let (status, receipt) = self.back_end(Method::POST, "/revocations", body).await;
                assert_eq!((status, &receipt["data"]["applied"]), (200, &json!(true)));
                self.model.files[file].revoked = true;
            }
            Act::Send(from, to) if self.can_act(from) && self.model.files.len() < MOST_FILES => {
                self.send(from, to).await;
            }
            _ => {}
        }
    }

    async fn send(&mut self, from: usize, to: usize) {
        let part = reqwest::multipart::Part::bytes(cloakroom_test::png()).file_name("a.png");
        let form = cloakroom_test::media_form(&receiver(to), part.mime_str("image/png").unwrap());
        let call = self.server.as_user(&self.logins[from], Method::POST, "/messages");
        let answer = call.multipart(form).send().await.unwrap();
        if answer.status() != 200 {
            return;
        }
        let sent = data(answer).await;
        let url = sent["data"]["attachments"][0]["url"].as_str().unwrap().to_owned();
        let file = self.model.files.len();
        self.model.files.push(File { url, uploader: from, revoked: false });
        self.carried(&sent, file, from, to);
    }

    async fn forward(&mut self, from: usize, file: usize, to: usize) {
        let to_whom = receiver(to);
        let (kind, id) = to_whom.split_once(':').unwrap();
        let url = &self.model.files[file].url;
        let body = json!({"receiver": id, "receiverType": kind, "type": "image",
            "data": {"attachments": [{"url": url, "name": "a.png", "size": 1}]}});
        let call = self.server.as_user(&self.logins[from], Method::POST, "/messages").json(&body);
        let answer = call.send().await.unwrap();
        let may = self.model.status(from, file) == 200;
        assert!(may || answer.status() == 403, "who may not read a file carries none");
        if answer.status() == 200 {
            let sent = data(answer).await;
            self.carried(&sent, file, from, to);
        }
    }

    fn carried(&mut self, sent: &Value, file: usize, from: usize, to: usize) {
        let id = sent["id"].as_str().unwrap().to_owned();
        let at = self.server.clock.now().0;
        self.model.carriers.push(Carrier { id, file, from, to, at });
    }

    /// Asks for every file as every user, and by every URL that was handed out.
    async fn compare(&mut self, history: &[Act]) {
        for (user, uid) in USERS.iter().enumerate() {
            for file in 0..self.model.files.len() {
                let expected = self.model.status(user, file);
                let url = &self.model.files[file].url;
                let with_fat = format!("{url}?fat={}", self.logins[user].fat);
                let got = self.server.get(&with_fat).await.status().as_u16();
                assert_eq!(got, expected, "{uid} reads file {file} after {history:?}");
                let login = self.model.login[user];
                let known = self.out.iter().any(|out| (out.0, out.1, out.2) == (user, login, file));
                if expected == 200 && !known {
                    let presigned = self.server.presign(&self.logins[user], url).await;
                    self.out.push((user, login, file, presigned));
                }
            }
        }
        for (user, login, file, presigned) in &self.out {
            let status = self.server.get(presigned).await.status().as_u16();
            let may = self.model.status_of(*user, *login, *file) == 200;
            let (who, history) = (USERS[*user], &history);
            assert!(status != 200 || may, "{who}'s URL of file {file} opens after {history:?}");
        }
    }
}

#[test]
fn the_server_answers_as_the_model_does() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config =
        Config { cases: 10, max_shrink_iters: 0, failure_persistence: None, ..Config::default() };
    let histories = prop::collection::vec(act(), 24);
    let run = TestRunner::new(config).run(&histories, |history| {
        runtime.block_on(async {
            let mut world = World::begin().await;
            for (done, act) in history.iter().enumerate() {
                world.act(act).await;
                world.compare(&history[..=done]).await;
            }
        });
        Ok(())
    });
    run.unwrap();
}
