//! The server's clock in the hands of a test.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::Clock;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Advance {
    advance_seconds: i64,
}

/// `GET /test/clock` tells the server's time, `POST` moves it.
pub(crate) fn router(clock: Clock) -> Router {
    Router::new().route("/test/clock", get(tell).post(advance)).with_state(clock)
}

async fn tell(State(clock): State<Clock>) -> Json<Value> {
    Json(json!({ "now": clock.now() }))
}

async fn advance(State(clock): State<Clock>, Json(body): Json<Advance>) -> Json<Value> {
    clock.advance(body.advance_seconds);
    Json(json!({ "now": clock.now() }))
}
