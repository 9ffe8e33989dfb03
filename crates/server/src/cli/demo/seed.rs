//! The demo's people, their conversations, and what they sent each other.

use anyhow::Context;
use axum::http::Method;
use cloakroom_token::{MediaOrigin, Uid};
use rust_embed::Embed;
use serde_json::{Value, json};

use super::client::Client;
use super::made::Made;
use crate::start::Installation;

/// The users and their names. The first two share a conversation and the group.
pub(crate) const USERS: [(&str, &str); 5] = [
    ("alice", "Alice Moreau"),
    ("bob", "Bob Lindqvist"),
    ("carol", "Carol Okafor"),
    ("dave", "Dave Tanaka"),
    ("mallory", "Mallory Quinn"),
];
/// Shares nothing with the others.
pub(crate) const OUTSIDER: &str = "mallory";
/// The group of the first three.
pub(crate) const GROUP: &str = "trip";

/// The sample media, made for this demo.
#[derive(Embed)]
#[folder = "../../demo/media"]
#[include = "*.jpg"]
#[include = "*.png"]
#[include = "*.gif"]
#[include = "*.webm"]
#[include = "*.mp4"]
#[include = "*.mp3"]
#[include = "*.pdf"]
#[include = "*.svg"]
struct Samples;

struct Line {
    sender: &'static str,
    to: (&'static str, &'static str),
    text: &'static str,
    file: Option<(&'static str, &'static str, &'static str)>,
}

const BOB: (&str, &str) = ("user", "bob");
const ALICE: (&str, &str) = ("user", "alice");
const TRIP: (&str, &str) = ("group", GROUP);

#[rustfmt::skip]
const LINES: [Line; 13] = [
    Line { sender: "alice", to: ("user", "dave"), text: "Sorry you cannot come. Here is what you miss!", file: Some(("image", "aurora.png", "image/png")) },
    Line { sender: "dave", to: ALICE, text: "Next time, for sure", file: None },
    Line { sender: "carol", to: TRIP, text: "The plan for Saturday", file: Some(("file", "trip-plan.pdf", "application/pdf")) },
    Line { sender: "bob", to: TRIP, text: "From the ferry", file: Some(("video", "ferry-ride.mp4", "video/mp4")) },
    Line { sender: "alice", to: TRIP, text: "Packing list: warm socks", file: None },
    Line { sender: "alice", to: TRIP, text: "Where we will be", file: Some(("image", "lake-at-dusk.jpg", "image/jpeg")) },
    Line { sender: "alice", to: BOB, text: "Back from the lake! Look at this light.", file: Some(("image", "lake-at-dusk.jpg", "image/jpeg")) },
    Line { sender: "bob", to: ALICE, text: "Wow. The photo knew where you stood. Cloakroom took that out.", file: None },
    Line { sender: "bob", to: ALICE, text: "My attempt at the sky up north", file: Some(("image", "aurora.png", "image/png")) },
    Line { sender: "alice", to: BOB, text: "And how the evening went", file: Some(("image", "campfire.gif", "image/gif")) },
    Line { sender: "alice", to: BOB, text: "The sunrise, all of it. Skip to the middle!", file: Some(("video", "sunrise.webm", "video/webm")) },
    Line { sender: "bob", to: ALICE, text: "I hummed this all the way home", file: Some(("audio", "evening-song.mp3", "audio/mpeg")) },
    Line { sender: "alice", to: BOB, text: "A badge for us. It has a script in it, which never runs.", file: Some(("file", "badge.svg", "image/svg+xml")) },
];

/// Makes people, group and messages through the REST API; a second time changes nothing.
pub(crate) async fn seed(installation: &Installation, made: &Made) -> anyhow::Result<()> {
    let (router, _) = crate::api::router(installation.api_state());
    let host = MediaOrigin::parse(&installation.config.api.public_origin)?;
    let back_end = Client {
        router: &router,
        host: host.authority(),
        app_id: made.app_id.as_str(),
        credential: ("apikey", &made.api_key),
    };
    // The outsider comes last, so that a start that was cut short goes on where it stopped.
    let outsider = Uid::parse(OUTSIDER)?;
    if installation.db.users().by_uid(&made.app_id, &outsider).await?.is_some() {
        return Ok(());
    }
    for person in &USERS[..4] {
        back_end.send(Method::POST, "/v3/users", &user(*person)).await?;
    }
    let group = json!({
        "guid": GROUP,
        "name": "Saturday at the lake",
        "type": "private",
        "owner": "alice",
        "members": { "participants": ["alice", "bob", "carol"] },
    });
    back_end.send(Method::POST, "/v3/groups", &group).await?;
    for (n, line) in LINES.iter().enumerate() {
        let path = format!("/v3/users/{}/auth_tokens", line.sender);
        let session =
            back_end.send(Method::POST, &path, &json!({})).await?.context("no auth token")?;
        let token = session["authToken"].as_str().context("no auth token")?;
        let sender = Client { credential: ("authtoken", token), ..back_end };
        say(&sender, line, &format!("demo-{n}")).await?;
        sender.send(Method::DELETE, "/v3/me", &Value::Null).await?;
    }
    back_end.send(Method::POST, "/v3/users", &user(USERS[4])).await?;
    Ok(())
}

fn user((uid, name): (&str, &str)) -> Value {
    json!({ "uid": uid, "name": name })
}

/// Sends one line; a second time with the same `muid` changes nothing.
async fn say(sender: &Client<'_>, line: &Line, muid: &str) -> anyhow::Result<()> {
    let (receiver_type, receiver) = line.to;
    let Some((kind, file_name, content_type)) = line.file else {
        let message = json!({
            "type": "text",
            "receiverType": receiver_type,
            "category": "message",
            "data": { "text": line.text },
            "muid": muid,
            "receiver": receiver,
        });
        sender.send(Method::POST, "/v3/messages", &message).await?;
        return Ok(());
    };
    let sample =
        Samples::get(file_name).with_context(|| format!("{file_name} is not in the binary"))?;
    let data = json!({ "text": line.text }).to_string();
    sender
        .post_form(
            "/v3/messages",
            &[
                ("type", None, kind.as_bytes()),
                ("receiverType", None, receiver_type.as_bytes()),
                ("category", None, b"message"),
                ("data", None, data.as_bytes()),
                ("files[]", Some((file_name, content_type)), &sample.data),
                ("muid", None, muid.as_bytes()),
                ("receiver", None, receiver.as_bytes()),
            ],
        )
        .await?;
    Ok(())
}
