//! `POST revocations`: takes one thing back, with a receipt.

use std::ops::RangeInclusive;

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::{Extension, Json};
use cloakroom_storage::{Conversation, DeletionScope};
use cloakroom_token::{AppId, Guid, MediaId, Seq, SessionId, Uid, UnixSeconds};
use cloakroom_wire::{Envelope, Revocation, RevocationKind, RevokeRequest, RevokedThing};
use serde::Deserialize;

use super::Api;
use super::body::JsonBody;
use super::caller::{BackEnd, OperatorCaller};
use super::delete_delegated_key::revoke as revoke_delegated_key;
use super::delete_signing_key::{known, revoke as revoke_signing_key};
use super::error::ApiError;
use super::path::{ApiKeyId, DelegatedKeyId, InQuery, MessageId, PathPart, SigningKeyId};
use crate::ledger::Asker;

/// Whether the answer waits.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WaitQuery {
    /// `false` answers at once with an id to ask by later; otherwise the answer comes when every
    /// node has applied it, after half a minute at the latest.
    wait: Option<bool>,
}

/// Who may take things back: the app's back end, or an operator what is every app's.
pub(super) enum Revoker {
    BackEnd(BackEnd),
    Operator(OperatorCaller),
}

impl FromRequestParts<Api> for Revoker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        if parts.headers.contains_key("authorization") {
            return OperatorCaller::from_request_parts(parts, api).await.map(Self::Operator);
        }
        BackEnd::from_request_parts(parts, api).await.map(Self::BackEnd)
    }
}

/// Takes one thing back. The answer is a receipt: from then on no decision on any node rests on
/// it, and streams in flight end at their next chunk. Twice is as good as once.
///
/// A `signingKey` is every app's: an operator token takes it back, everything else the app's back
/// end.
#[utoipa::path(
    post, path = "/revocations", tag = "revocations",
    params(WaitQuery),
    request_body(content = RevokeRequest),
    responses(
        (status = 200, body = Envelope<Revocation>, description = "In force on every node."),
        (status = 202, body = Envelope<Revocation>, description = "Committed; ask again by its id."),
    ),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn post_revocation(
    State(api): State<Api>,
    revoker: Revoker,
    Extension(asker): Extension<Asker>,
    InQuery(WaitQuery { wait }): InQuery<WaitQuery>,
    JsonBody(request): JsonBody<RevokeRequest>,
) -> Result<(StatusCode, Json<Envelope<Revocation>>), ApiError> {
    let wait = wait.unwrap_or(true);
    note(&asker, &request);
    let revocation = match (revoker, request) {
        (Revoker::Operator(OperatorCaller { operator }), RevokeRequest::SigningKey { id }) => {
            let SigningKeyId(id) = SigningKeyId::read(&id)?;
            known(&api, &id).await?;
            revoke_signing_key(&api, &operator, &id, wait).await?
        }
        (Revoker::Operator(_), _) => return Err(ApiError::NoAuth { header: "apikey" }),
        (Revoker::BackEnd(_), RevokeRequest::SigningKey { .. }) => {
            let header = "authorization: Bearer (an operator token)";
            return Err(ApiError::NoAuth { header });
        }
        (Revoker::BackEnd(BackEnd { on_behalf_of: Some(_), .. }), _) => {
            let rule = "only the back end itself takes things back; leave out onBehalfOf";
            return Err(ApiError::NotYours { rule });
        }
        (Revoker::BackEnd(back_end), request) => {
            let app = &back_end.app.id;
            let (what, seqs) = revoke(&api, app, request).await?;
            api.access.receipt(Some(app), what, seqs.as_ref(), wait).await?
        }
    };
    Ok(answer(revocation))
}

/// Tells the ledger what it is about, with the user apart.
fn note(asker: &Asker, request: &RevokeRequest) {
    let about_user = |uid: &str| {
        if let Ok(uid) = Uid::parse(uid) {
            asker.about_user(uid);
        }
    };
    match request {
        RevokeRequest::ApiKey { id } => asker.about(format!("apiKey/{}", short(id))),
        RevokeRequest::App {} => asker.about("app".to_owned()),
        RevokeRequest::Conversation { guid: Some(guid), .. } => {
            asker.about(format!("conversation/group/{}", short(guid)));
        }
        RevokeRequest::Conversation { .. } => asker.about("conversation/users".to_owned()),
        RevokeRequest::DelegatedKey { id } => asker.about(format!("delegatedKey/{}", short(id))),
        RevokeRequest::File { id } => {
            if let Ok(media) = MediaId::parse(id) {
                asker.about_media(media);
            }
        }
        RevokeRequest::Member { guid, uid } => {
            about_user(uid);
            asker.about(format!("member/{}", short(guid)));
        }
        RevokeRequest::Message { id } => asker.about(format!("message/{}", short(id))),
        RevokeRequest::Session { .. } => asker.about("session".to_owned()),
        RevokeRequest::SigningKey { id } => asker.about(format!("signingKey/{}", short(id))),
        RevokeRequest::User { id } => {
            about_user(id);
            asker.about("user".to_owned());
        }
    }
}

/// An id as far as it can be one.
fn short(id: &str) -> &str {
    let is_id =
        id.len() <= 100 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    if is_id { id } else { "?" }
}

/// A revocation with the status that says whether it is in force everywhere.
pub(super) fn answer(revocation: Revocation) -> (StatusCode, Json<Envelope<Revocation>>) {
    let status = if revocation.applied { StatusCode::OK } else { StatusCode::ACCEPTED };
    (status, Json(Envelope::new(revocation)))
}

type Places = Option<RangeInclusive<Seq>>;

/// What was taken back, and where that stands in the feed; no place if it was so before.
async fn revoke(
    api: &Api,
    app: &AppId,
    request: RevokeRequest,
) -> Result<(RevokedThing, Places), ApiError> {
    let (db, now) = (&api.db, api.access.now());
    let thing = RevokedThing::new;
    Ok(match request {
        RevokeRequest::ApiKey { id } => {
            let ApiKeyId(key) = ApiKeyId::read(&id)?;
            db.api_keys().by_id(app, &key).await?.ok_or(ApiError::ApiKeyIdNotFound)?;
            let seq = db.api_keys().revoke(app, &key, now).await?;
            (thing(RevocationKind::ApiKey, id), seq.map(one))
        }
        RevokeRequest::App {} => {
            let seq = db.apps().revoke_all(app, now).await?;
            (thing(RevocationKind::App, app.to_string()), seq.map(one))
        }
        RevokeRequest::Conversation { guid, uids } => {
            let (conversation, id) = conversation(api, app, guid, uids).await?;
            let seqs = db.media().revoke_conversation(app, &conversation, now).await?;
            (thing(RevocationKind::Conversation, id), seqs)
        }
        RevokeRequest::DelegatedKey { id } => {
            let DelegatedKeyId(key) = DelegatedKeyId::read(&id)?;
            let seq = revoke_delegated_key(api, app, &key).await?;
            (thing(RevocationKind::DelegatedKey, id), seq.map(one))
        }
        RevokeRequest::File { id } => {
            let media = MediaId::read(&id)?;
            db.media().by_id(app, media).await?.ok_or(ApiError::MediaNotFound)?;
            let seq = db.media().revoke(app, media, now).await?;
            (thing(RevocationKind::File, id), seq.map(one))
        }
        RevokeRequest::Member { guid, uid } => {
            let group = Guid::read(&guid)?;
            let user = Uid::read(&uid)?;
            db.groups().by_guid(app, &group).await?.ok_or(ApiError::GuidNotFound)?;
            let seq = db.groups().remove_member(app, &group, &user, now).await?;
            (thing(RevocationKind::Member, format!("{guid}/{uid}")), seq.map(one))
        }
        RevokeRequest::Message { id } => {
            let seq = message(api, app, &id, now).await?;
            (thing(RevocationKind::Message, id), seq.map(one))
        }
        RevokeRequest::Session { id } => {
            let session = SessionId::read(&id)?;
            db.sessions().by_id(app, session).await?.ok_or(ApiError::SessionNotFound)?;
            let seq = db.sessions().end(app, session, now).await?;
            (thing(RevocationKind::Session, id), seq.map(one))
        }
        RevokeRequest::User { id } => {
            let uid = Uid::read(&id)?;
            db.users().by_uid(app, &uid).await?.ok_or(ApiError::UidNotFound)?;
            let seq = db.users().deactivate(app, &uid, now).await?;
            (thing(RevocationKind::User, id), seq.map(one))
        }
        // Answered before: an operator's.
        RevokeRequest::SigningKey { .. } => return Err(ApiError::RouteNotFound),
    })
}

const fn one(seq: Seq) -> RangeInclusive<Seq> {
    seq..=seq
}

async fn message(
    api: &Api,
    app: &AppId,
    id: &str,
    now: UnixSeconds,
) -> Result<Option<Seq>, ApiError> {
    let MessageId(id) = MessageId::read(id)?;
    let messages = api.db.messages();
    let found = messages.by_id(app, id).await?;
    found.ok_or(ApiError::MessageNotFound)?;
    let deleted = messages.delete(app, id, None, None, DeletionScope::Message, now).await?;
    Ok(deleted.and_then(|(_, seq)| seq))
}

async fn conversation(
    api: &Api,
    app: &AppId,
    guid: Option<String>,
    uids: Option<[String; 2]>,
) -> Result<(Conversation, String), ApiError> {
    match (guid, uids) {
        (Some(guid), None) => {
            let group = Guid::read(&guid)?;
            api.db.groups().by_guid(app, &group).await?.ok_or(ApiError::GuidNotFound)?;
            Ok((Conversation::Group(group), format!("group/{guid}")))
        }
        (None, Some([one, other])) => {
            let id = format!("users/{one}/{other}");
            let users = (Uid::read(&one)?, Uid::read(&other)?);
            for uid in [&users.0, &users.1] {
                api.db.users().by_uid(app, uid).await?.ok_or(ApiError::UidNotFound)?;
            }
            Ok((Conversation::Users(users.0, users.1), id))
        }
        _ => {
            Err(ApiError::BadField { field: "conversation", rule: "needs guid or uids, not both" })
        }
    }
}
