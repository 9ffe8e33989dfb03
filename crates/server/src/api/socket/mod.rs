//! The real-time channel, as the official SDK speaks it: a WebSocket at `/` of the API's origin.
//!
//! ```text
//! client ─▶ {"type":"auth", …}                     greet.rs: the first frame, within ten seconds
//!        ◀─ {"type":"auth","body":{"code":"200"}}
//!        ◀▶ messages, receipts, ping and pong      talk.rs: one task a socket
//! feed applied ─▶ courier.rs ─▶ the queues ─▶ push.rs: may it be told, and how it looks
//! ```
//!
//! What a frame tells is decided when it is written, by the live view, as a read of media is.

mod chat_address;
mod courier;
mod frame;
mod greet;
mod push;
mod receipt;
mod talk;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use cloakroom_storage::StorageError;
use tokio::sync::OwnedSemaphorePermit;

pub(super) use chat_address::ChatAddress;
pub(crate) use courier::Courier;
pub(super) use receipt::{advance, message_id, other_side};

use super::Api;
use super::api_limits::Address;
use super::error::ApiError;
use crate::sockets::End;

/// Sockets of a node that have not said yet whose they are.
pub(super) const MOST_STRANGERS: usize = 1024;
/// The largest frame that is read.
const MAX_FRAME_BYTES: usize = 64 * 1024;
/// Beyond this the reason is not told: the frame is not even read to its end.
const HARD_MAX_BYTES: usize = 2 * MAX_FRAME_BYTES;
/// How much is written ahead of a client that does not read.
const WRITE_AHEAD_BYTES: usize = 1024 * 1024;
/// How long a client that was told goodbye may take to hang up.
const GOODBYE: Duration = Duration::from_secs(2);

/// Opens a socket. What is no WebSocket finds nothing here.
pub(super) async fn get_socket(
    State(api): State<Api>,
    Address(address): Address,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|_| ApiError::RouteNotFound)?;
    api.limits.admit_from(address)?;
    let stranger = Arc::clone(&api.strangers).try_acquire_owned();
    let stranger = stranger.map_err(|_| ApiError::Storage(StorageError::Busy))?;
    let upgrade = upgrade
        .max_frame_size(HARD_MAX_BYTES)
        .max_message_size(HARD_MAX_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_AHEAD_BYTES);
    Ok(upgrade.on_upgrade(move |socket| serve(api, socket, address, stranger)))
}

async fn serve(api: Api, mut socket: WebSocket, address: IpAddr, stranger: OwnedSemaphorePermit) {
    match greet::greet(&api, &mut socket, address).await {
        Ok(seat) => {
            drop(stranger);
            let why = talk::talk(&api, &mut socket, seat).await;
            if let Some(why) = why {
                say_goodbye(socket, goodbye(why)).await;
            }
        }
        Err(refusal) => {
            if greet::answer(&mut socket, refusal.code(), refusal.status()).await.is_ok() {
                say_goodbye(socket, (1008, refusal.status())).await;
            }
        }
    }
}

/// Tells why, and waits a while for the client to hang up: what it still sends would hide the
/// reason from it.
async fn say_goodbye(mut socket: WebSocket, (code, reason): (u16, &'static str)) {
    let goodbye = async {
        let frame = CloseFrame { code, reason: reason.into() };
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    drop(tokio::time::timeout(GOODBYE, goodbye).await);
}

/// Code and reason of a close frame (RFC 6455 section 7.4; from 4000 on, ours).
const fn goodbye(why: End) -> (u16, &'static str) {
    match why {
        End::GoingDown => (1001, "the server goes down; come again"),
        End::Idle => (1001, "nothing was heard for long; come again"),
        End::Missed => (1013, "something could not be told; come again and read it"),
        End::SessionEnded => (4401, "the session has ended"),
        End::TooLarge => (1009, "a frame was too large"),
        End::TooMuch => (1008, "too much was sent in too short a time"),
        End::TooSlow => (1013, "too much was waiting to be read; come again"),
    }
}
