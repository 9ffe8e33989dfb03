//! `DELETE users/{uid}`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::MediaOfDeletedUser;
use cloakroom_token::Uid;
use cloakroom_wire::{DeleteUser, Envelope, MediaOfUser, Success};
use serde::Deserialize;

use super::Api;
use super::body::OptionalJsonBody;
use super::caller::AppBackEnd;
use super::error::ApiError;
use super::path::{InPath, InQuery};
use super::revoked::revoked;

/// What may stand in the query.
#[derive(Deserialize)]
pub(super) struct DeletionQuery {
    media: Option<String>,
    permanent: Option<bool>,
}

/// Deletes a user for good: sessions end, groups are left, the uid stays taken. `media` says, in
/// body or query, whether the files the user sent go too.
#[utoipa::path(
    delete, path = "/users/{uid}", tag = "users",
    params(
        ("uid" = String, Path, description = "Whom."),
        ("media" = Option<String>, Query, description = "`keep` or `delete`, unless the body says."),
        ("permanent" = Option<bool>, Query, description = "May say `true`."),
    ),
    request_body(content = DeleteUser),
    responses((status = 200, body = Envelope<Success>)),
    security(("apikey" = [])),
)]
pub(super) async fn delete_user(
    State(api): State<Api>,
    caller: AppBackEnd,
    InPath(uid): InPath<Uid>,
    InQuery(query): InQuery<DeletionQuery>,
    OptionalJsonBody(body): OptionalJsonBody<DeleteUser>,
) -> Result<Json<Envelope<Success>>, ApiError> {
    if query.permanent == Some(false) || body.permanent == Some(false) {
        let rule = "must be true; to lock a user out, send uidsToDeactivate to DELETE users";
        return Err(ApiError::BadField { field: "permanent", rule });
    }
    let media = media(query.media.as_deref(), body.media)?;
    let app = &caller.app.id;
    let users = api.db.users();
    users.state(app, &uid).await?.ok_or(ApiError::UidNotFound)?;
    let seq = users.delete(app, &uid, media, api.access.now()).await?;
    // What the ledger keeps until then still counts as theirs; afterwards nothing does.
    api.keeper.write().await?;
    api.keeper.ledger().erase(app, &uid).await?;
    Ok(revoked(seq, Success::DONE))
}

/// What becomes of the files; said once, or twice alike.
fn media(query: Option<&str>, body: Option<MediaOfUser>) -> Result<MediaOfDeletedUser, ApiError> {
    let query = match query {
        None => None,
        Some("keep") => Some(MediaOfUser::Keep),
        Some("delete") => Some(MediaOfUser::Delete),
        Some(_) => {
            return Err(ApiError::BadField { field: "media", rule: "must be keep or delete" });
        }
    };
    match (query, body) {
        (Some(one), Some(other)) if one != other => {
            let rule = "says one thing in the query and another in the body";
            Err(ApiError::BadField { field: "media", rule })
        }
        (Some(said), _) | (None, Some(said)) => Ok(match said {
            MediaOfUser::Delete => MediaOfDeletedUser::Delete,
            MediaOfUser::Keep => MediaOfDeletedUser::Keep,
        }),
        (None, None) => {
            let rule = "must say what becomes of the user's files: keep or delete";
            Err(ApiError::BadField { field: "media", rule })
        }
    }
}
