//! `GET media/{id}/explain`: why a user may read a file, or may not.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{Conversation, StoredFile, TokenBasedFileAccess};
use cloakroom_token::{
    AudienceRule, CarrierFacts, Claim, Facts, MediaId, MediaPath, Reader, Refusal, SessionId,
    Standing, Uid, Variant, admit, audience_rule, decide,
};
use cloakroom_wire::{
    Decision, Envelope, ExplainedApp, ExplainedCarrier, ExplainedFacts, ExplainedFile,
    ExplainedSession, ExplainedUser, Explanation,
};
use serde::Deserialize;

use super::Api;
use super::caller::BackEnd;
use super::error::ApiError;
use super::get_media_file::{shown_audience, shown_state};
use super::get_settings::file_access_of;
use super::path::{InPath, InQuery, PathPart};
use crate::access::reason;

const MOST_CARRIERS: usize = 100;

/// About whom, and which rendition.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ExplainQuery {
    /// The user who asks for the file.
    uid: Option<String>,
    /// Or one of the sessions: then its end and expiry count too.
    session: Option<String>,
    /// `original` (the default), `small`, `medium` or `large`.
    variant: Option<String>,
}

/// Says what the media host would decide now, by which rule and on which facts. For support staff:
/// the refused person is told a coarse reason only.
#[utoipa::path(
    get, path = "/media/{id}/explain", tag = "media",
    params(("id" = String, Path, description = "The media id."), ExplainQuery),
    responses((status = 200, body = Envelope<Explanation>)),
    security(("apikey" = [])),
)]
pub(super) async fn get_explanation(
    State(api): State<Api>,
    back_end: BackEnd,
    InPath(media): InPath<MediaId>,
    InQuery(query): InQuery<ExplainQuery>,
) -> Result<Json<Envelope<Explanation>>, ApiError> {
    let app = &back_end.app;
    let (claim, uid) = claim(&query)?;
    let variant = variant(query.variant.as_deref())?;
    let stored = api.access.media(&app.id, media).await?;
    let version = stored.as_ref().and_then(|stored| stored.version(variant));
    let extension = version.map_or("bin", |version| &*version.extension);
    let path =
        MediaPath::new(app.id.clone(), media, variant, extension).map_err(ApiError::internal)?;
    let facts = api.access.all_facts(&path, &claim, uid.as_ref()).await?;
    let named = uid.or_else(|| facts.caller.session.as_ref().map(|session| session.uid.clone()));
    let (decision, rule, message) = outcome(app.token_based_file_access, &facts);
    Ok(Json(Envelope::new(Explanation {
        decision: if decision.is_ok() { Decision::Allowed } else { Decision::Refused },
        status: decision.map_or_else(Refusal::status, |()| 200),
        reason: decision.err().map(reason),
        rule: rule.to_owned(),
        message: message.to_owned(),
        facts: ExplainedFacts {
            app: ExplainedApp {
                token_based_file_access: file_access_of(app.token_based_file_access),
                generation: app.generation.0,
            },
            session: session(&facts),
            user: named.zip(facts.caller.user).map(|(uid, user)| ExplainedUser {
                uid: uid.to_string(),
                state: if user.active { "active" } else { "inactive" }.to_owned(),
                generation: user.generation.0,
            }),
            file: stored.as_deref().map(file),
            conversations: carriers(stored.as_deref(), &facts),
            conversations_left_off: stored
                .map_or(0, |stored| stored.carriers.len().saturating_sub(MOST_CARRIERS)),
        },
    })))
}

fn claim(query: &ExplainQuery) -> Result<(Claim, Option<Uid>), ApiError> {
    match (&query.uid, &query.session) {
        (Some(uid), None) => {
            let uid = Uid::read(uid)?;
            Ok((Claim::OnBehalf(uid.clone()), Some(uid)))
        }
        (None, Some(session)) => {
            let session = SessionId::read(session)?;
            Ok((Claim::Session(session), None))
        }
        _ => Err(ApiError::BadField { field: "the query", rule: "needs uid or session, not both" }),
    }
}

fn variant(named: Option<&str>) -> Result<Variant, ApiError> {
    match named {
        None | Some("original") => Ok(Variant::Original),
        Some("small") => Ok(Variant::Small),
        Some("medium") => Ok(Variant::Medium),
        Some("large") => Ok(Variant::Large),
        Some(_) => {
            let rule = "must be original, small, medium or large";
            Err(ApiError::BadField { field: "variant", rule })
        }
    }
}

type Outcome = (Result<(), Refusal>, &'static str, &'static str);

/// What the media host decides, by the very functions that it decides with.
fn outcome(access: TokenBasedFileAccess, facts: &Facts<'_>) -> Outcome {
    let refusal = decide(facts).err();
    if access != TokenBasedFileAccess::On {
        return match refusal {
            Some(taken @ (Refusal::FileMissing | Refusal::FileRevoked | Refusal::NotReady)) => {
                (Err(taken), taken.rule(), sentence(taken))
            }
            _ => (Ok(()), "protection_off", "the app does not refuse anybody yet"),
        };
    }
    if let Some(refusal) = refusal {
        return (Err(refusal), refusal.rule(), sentence(refusal));
    }
    let reader = admit(&facts.caller).map(Reader::from).ok();
    let rule =
        reader.zip(facts.file.as_ref()).and_then(|(reader, file)| audience_rule(&reader, file));
    let (rule, message) = match rule {
        Some(AudienceRule::App) => ("audience_app", "the file is for every session of the app"),
        Some(AudienceRule::Carried) => {
            ("carried", "a message carries the file into a conversation of the user")
        }
        Some(AudienceRule::Conversation) => {
            ("conversation", "the user is in the conversation that the file names")
        }
        Some(AudienceRule::Uploader) => ("uploader", "the user sent the file"),
        _ => ("bearer", "the back end made a URL of this file"),
    };
    (Ok(()), rule, message)
}

const fn sentence(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::FileMissing => {
            "there is no such file, it was deleted, or the last message that carried it was"
        }
        Refusal::FileRevoked => "the file was taken back from everybody",
        Refusal::NotInAudience => "the user is in none of the conversations that carry the file",
        Refusal::NotReady => "the file is still arriving or being checked",
        Refusal::SessionEnded => "the session has ended, has expired, or never was",
        Refusal::UserInactive => "the user is deactivated, deleted, or never was",
        _ => "the credential is not in force",
    }
}

fn session(facts: &Facts<'_>) -> Option<ExplainedSession> {
    let Claim::Session(id) = &facts.caller.claim else { return None };
    let session = facts.caller.session.as_ref()?;
    let is_over =
        session.ended || session.expires_at.is_some_and(|expires| facts.caller.now >= expires);
    Some(ExplainedSession {
        id: id.to_string(),
        state: if is_over { "ended" } else { "live" }.to_owned(),
        expires_at: session.expires_at.map(|at| at.0),
        generation: session.generation.0,
    })
}

fn file(stored: &StoredFile) -> ExplainedFile {
    ExplainedFile {
        state: shown_state(stored.state),
        revoked: stored.revoked,
        audience: shown_audience(stored.audience),
        uploader: stored.uploader.to_string(),
        ever_carried: stored.ever_carried,
        generation: stored.generation.0,
        variants: stored
            .versions
            .iter()
            .map(|(variant, _)| variant.suffix().unwrap_or("original").to_owned())
            .collect(),
    }
}

/// The stored carriers beside the facts that the decision made of them, in the same order.
fn carriers(stored: Option<&StoredFile>, facts: &Facts<'_>) -> Vec<ExplainedCarrier> {
    let (Some(stored), Some(file)) = (stored, &facts.file) else { return Vec::new() };
    let both = stored.carriers.iter().zip(&file.carriers).take(MOST_CARRIERS);
    both.map(|(carrier, known)| {
        let (kind, guid, uids) = match &carrier.conversation {
            Conversation::Group(guid) => ("group", Some(guid.to_string()), None),
            Conversation::Users(one, other) => {
                ("user", None, Some([one.to_string(), other.to_string()]))
            }
        };
        let (standing, joined_at, history_from_join) = standing(known);
        ExplainedCarrier {
            kind: kind.to_owned(),
            guid,
            uids,
            message_id: carrier.message_id.to_string(),
            sent_at: carrier.sent_at.0,
            standing: standing.to_owned(),
            joined_at,
            history_from_join,
            blocked_since: known.blocked_since.map(|at| at.0),
            counts: known.reaches_reader(),
        }
    })
    .collect()
}

const fn standing(known: &CarrierFacts) -> (&'static str, Option<i64>, Option<bool>) {
    match known.standing {
        Standing::Direct => ("direct", None, None),
        Standing::Member { since, history_from_join } => {
            ("member", Some(since.0), Some(history_from_join))
        }
        Standing::Outside => ("outside", None, None),
    }
}
