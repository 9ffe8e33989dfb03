//! `POST me/fat`: renews the File Access Token.

use axum::Json;
use axum::extract::State;
use cloakroom_wire::{Envelope, FatAnswer, TimeMeta};

use super::Api;
use super::caller::UserCaller;
use super::error::ApiError;
use super::put_me::fresh_fat;
use super::sdk::Sdk;
use super::shown_once::{NeverKept, never_kept};

/// Issues a fresh File Access Token to a live session; `null` while Token Based File Access is off.
#[utoipa::path(
    post, path = "/me/fat", tag = "sessions",
    responses((status = 200, body = Envelope<FatAnswer, TimeMeta>)),
    security(("authtoken" = [])),
)]
pub(super) async fn post_me_fat(
    State(api): State<Api>,
    caller: UserCaller,
    sdk: Sdk,
) -> Result<NeverKept<Envelope<FatAnswer, TimeMeta>>, ApiError> {
    let fat = fresh_fat(&api, &caller.app, caller.session, &caller.uid, &sdk).await?;
    let now = api.access.now();
    // Worth recording, but no reason to keep anybody from a token.
    if let Some((_, issued)) = &fat
        && let Err(error) =
            api.db.sessions().note_fat(&caller.app.id, caller.session, issued, now).await
    {
        tracing::warn!(%error, "the issue of a token was not recorded");
    }
    let data = FatAnswer {
        fat_expires_at: fat.as_ref().map(|(_, issued)| issued.expires_at.0),
        fat: fat.map(|(fat, _)| fat),
    };
    let meta = TimeMeta { server_time: now.0 };
    Ok(never_kept(Json(Envelope::with_meta(data, meta))))
}
