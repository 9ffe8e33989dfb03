//! The first frame: whose socket it is.

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use cloakroom_token::{AppId, Claim};
use serde_json::json;

use super::super::Api;
use super::MAX_FRAME_BYTES;
use super::frame::Greeting;
use crate::sockets::Seat;

/// How long a client may take to say who it is.
const GREETING: Duration = Duration::from_secs(10);

/// Why a socket is not opened. What is wrong with a ticket is not told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refusal {
    Busy,
    Crowded,
    Late,
    Malformed,
    NoTicket,
    TooLarge,
}

impl Refusal {
    /// The code, as in HTTP.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Busy => "503",
            Self::Crowded => "429",
            Self::Late => "408",
            Self::Malformed => "400",
            Self::NoTicket => "401",
            Self::TooLarge => "413",
        }
    }

    /// What to do about it.
    pub(super) const fn status(self) -> &'static str {
        match self {
            Self::Busy => "the server is busy; come again",
            Self::Crowded => "this session keeps too many sockets open; close one",
            Self::Late => "the first frame came too late",
            Self::Malformed => "the first frame must be a text of type auth",
            Self::NoTicket => "the jwt is not good for a socket; get a fresh one with PUT me",
            Self::TooLarge => "the first frame is too large",
        }
    }
}

/// Reads the first frame, and answers it if the socket is opened.
pub(super) async fn greet(
    api: &Api,
    socket: &mut WebSocket,
    address: IpAddr,
) -> Result<Seat, Refusal> {
    let first = tokio::time::timeout(GREETING, first_frame(socket)).await;
    let text = first.map_err(|_| Refusal::Late)??;
    let seat = seat(api, &text, address).await?;
    answer(socket, "200", "OK").await.map_err(|_| Refusal::Late)?;
    Ok(seat)
}

/// Says how a greeting was taken.
pub(super) async fn answer(
    socket: &mut WebSocket,
    code: &str,
    status: &str,
) -> Result<(), axum::Error> {
    let answer = json!({"type": "auth", "body": {"code": code, "status": status}});
    let sending = socket.send(Message::text(answer.to_string()));
    tokio::time::timeout(GREETING, sending).await.map_err(axum::Error::new)?
}

async fn first_frame(socket: &mut WebSocket) -> Result<Utf8Bytes, Refusal> {
    loop {
        match socket.recv().await {
            Some(Ok(Message::Text(text))) if text.len() <= MAX_FRAME_BYTES => return Ok(text),
            Some(Ok(Message::Text(_))) => return Err(Refusal::TooLarge),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => {
                return Err(Refusal::Malformed);
            }
        }
    }
}

/// A place for the one whom the ticket names. The ticket is used up last, so that a refusal for
/// another reason leaves it good.
async fn seat(api: &Api, text: &str, address: IpAddr) -> Result<Seat, Refusal> {
    let greeting: Greeting = serde_json::from_str(text).map_err(|_| Refusal::Malformed)?;
    if greeting.kind != "auth" {
        return Err(Refusal::Malformed);
    }
    api.limits.admit_from(address).map_err(|_| Refusal::Crowded)?;
    let app = AppId::parse(&greeting.app_id).ok();
    let ticket = app.as_ref().and_then(|app| api.access.read_ticket(app, &greeting.body.auth));
    let (Some(app), Some(ticket)) = (app, ticket) else {
        return Err(refused(api, address));
    };
    if ticket.uid.as_str() != greeting.sender {
        return Err(refused(api, address));
    }
    if !api.access.is_fresh() {
        return Err(Refusal::Busy);
    }
    // The place is taken first: a session that ends from here on ends this socket too.
    let (uid, session) = (ticket.uid.clone(), ticket.session);
    let seat = api.access.sockets().open(app, uid, session).ok_or(Refusal::Crowded)?;
    let alive = api.access.is_alive(&seat.socket.app, &Claim::Session(session)).await;
    let is_used = match alive {
        Ok(true) => api.access.use_ticket(&ticket).await,
        Ok(false) => return Err(refused(api, address)),
        Err(error) => Err(error),
    };
    match is_used {
        Ok(true) => Ok(seat),
        Ok(false) => Err(refused(api, address)),
        Err(error) => {
            tracing::warn!(%error, "a socket was not opened");
            Err(Refusal::Busy)
        }
    }
}

/// Counts a ticket that is none.
fn refused(api: &Api, address: IpAddr) -> Refusal {
    // Too many are refused at the door; this one is refused either way.
    let _ = api.limits.failed_from(address);
    Refusal::NoTicket
}
