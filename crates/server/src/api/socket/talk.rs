//! An open socket: what is told to it, and what it says.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use cloakroom_token::Claim;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::super::Api;
use super::MAX_FRAME_BYTES;
use super::frame::{Heard, PONG};
use super::push::frame_for;
use super::receipt::take_receipt;
use crate::sockets::{End, OpenSocket, Seat};

/// How long a client may say nothing; the SDK pings every 15 seconds.
const IDLE: Duration = Duration::from_secs(50);
/// How long one frame may take to be written.
const WRITING: Duration = Duration::from_secs(10);
/// Frames that a client may send in a minute.
const MOST_HEARD: u32 = 1200;
const MINUTE: Duration = Duration::from_mins(1);

/// Serves a socket to its end; `None` if the client hung up.
pub(super) async fn talk(api: &Api, socket: &mut WebSocket, mut seat: Seat) -> Option<End> {
    let mut pace = Pace { since: Instant::now(), heard: 0 };
    let mut last_heard = Instant::now();
    loop {
        let done = tokio::select! {
            biased;
            why = ended(&mut seat.end) => Err(Some(why)),
            Some(parcel) = seat.parcels.recv() => {
                match frame_for(api, &seat.socket, &parcel).await {
                    Ok(Some(text)) => write(socket, &mut seat.end, text).await,
                    Ok(None) => Ok(()),
                    Err(why) => Err(Some(why)),
                }
            }
            heard = socket.recv() => {
                last_heard = Instant::now();
                match heard {
                    Some(Ok(_)) if pace.is_too_fast() => Err(Some(End::TooMuch)),
                    Some(Ok(Message::Text(text))) if text.len() > MAX_FRAME_BYTES => {
                        Err(Some(End::TooLarge))
                    }
                    Some(Ok(Message::Text(text))) => match hear(api, &seat.socket, &text).await {
                        Ok(Some(answer)) => {
                            write(socket, &mut seat.end, answer.to_owned()).await
                        }
                        Ok(None) => Ok(()),
                        Err(why) => Err(Some(why)),
                    },
                    Some(Ok(Message::Close(_)) | Err(_)) | None => Err(None),
                    Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => Ok(()),
                }
            }
            () = sleep_until(last_heard + IDLE) => Err(Some(End::Idle)),
        };
        if let Err(why) = done {
            return why;
        }
    }
}

/// Counts frames by the minute.
struct Pace {
    since: Instant,
    heard: u32,
}

impl Pace {
    fn is_too_fast(&mut self) -> bool {
        if self.since.elapsed() >= MINUTE {
            *self = Self { since: Instant::now(), heard: 0 };
        }
        self.heard += 1;
        self.heard > MOST_HEARD
    }
}

/// Takes a frame of the client in; gives what to answer.
async fn hear(api: &Api, own: &OpenSocket, text: &str) -> Result<Option<&'static str>, End> {
    // What is no frame of ours is none of our business: the SDK sends more kinds than are served.
    let Ok(heard) = serde_json::from_str::<Heard>(text) else { return Ok(None) };
    let alive = api.access.is_alive(&own.app, &Claim::Session(own.session)).await;
    match alive {
        Ok(true) if api.access.is_fresh() => {}
        Ok(false) => return Err(End::SessionEnded),
        Ok(true) | Err(_) => return Err(End::Missed),
    }
    if heard.action == "ping" {
        return Ok(Some(PONG));
    }
    if heard.kind == "receipts"
        && let Err(error) = take_receipt(api, own, &heard.body).await
    {
        tracing::warn!(%error, "a receipt was lost");
    }
    Ok(None)
}

/// Writes one frame, unless the socket is ended meanwhile.
async fn write(
    socket: &mut WebSocket,
    end: &mut watch::Receiver<Option<End>>,
    text: String,
) -> Result<(), Option<End>> {
    tokio::select! {
        biased;
        why = ended(end) => Err(Some(why)),
        written = timeout(WRITING, socket.send(Message::text(text))) => match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => Err(Some(End::TooSlow)),
        },
    }
}

/// Returns once somebody ends the socket, and why.
async fn ended(end: &mut watch::Receiver<Option<End>>) -> End {
    match end.wait_for(Option::is_some).await {
        Ok(why) => why.unwrap_or(End::GoingDown),
        Err(_) => End::GoingDown,
    }
}
