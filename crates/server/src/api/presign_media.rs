//! `POST media/presign`: up to 1000 media URLs at once. In memory when warm.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{App, TokenBasedFileAccess};
use cloakroom_token::{Claim, MediaUrl, PresignTerms, Refusal};
use cloakroom_wire::{
    Details, Envelope, ErrorBody, ErrorCode, MAX_PRESIGN_URLS, PresignItem, PresignRequest,
    TimeMeta,
};

use super::Api;
use super::body::JsonBody;
use super::caller::Caller;
use super::error::ApiError;
use super::shown_once::{NeverKept, never_kept};
use crate::access::reason;

/// Presigns media URLs: each becomes one that opens without headers, for a limited time, as long as
/// the caller's own right lasts.
///
/// Items stand in the order of the request, each with its own error. While Token Based File Access
/// is off, each URL comes back as it was sent.
#[utoipa::path(
    post, path = "/media/presign", tag = "media",
    request_body(content = PresignRequest),
    responses((status = 200, body = Envelope<Vec<PresignItem>, TimeMeta>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn presign_media(
    State(api): State<Api>,
    caller: Caller,
    JsonBody(PresignRequest { urls }): JsonBody<PresignRequest>,
) -> Result<NeverKept<Envelope<Vec<PresignItem>, TimeMeta>>, ApiError> {
    if urls.len() > MAX_PRESIGN_URLS {
        return Err(ApiError::TooManyUrls { limit: MAX_PRESIGN_URLS });
    }
    let claim = caller.claim();
    let claim = claim.ok_or(ApiError::NoAuth { header: "onBehalfOf beside an apikey" })?;
    let app = caller.app();
    if app.token_based_file_access != TokenBasedFileAccess::Off {
        api.limits.presign(app, &claim, urls.len())?;
    }
    let mut items = Vec::with_capacity(urls.len());
    for url in urls {
        items.push(presign(&api, app, &claim, url).await?);
    }
    let meta = TimeMeta { server_time: api.access.now().0 };
    Ok(never_kept(Json(Envelope::with_meta(items, meta))))
}

async fn presign(
    api: &Api,
    app: &App,
    claim: &Claim,
    url: String,
) -> Result<PresignItem, ApiError> {
    if app.token_based_file_access == TokenBasedFileAccess::Off {
        return Ok(PresignItem::Presigned { presigned_url: url.clone(), url, expires_at: None });
    }
    let Some(media) =
        MediaUrl::parse(api.access.origin(), &url).ok().filter(|m| *m.path().app() == app.id)
    else {
        return Ok(invalid(url));
    };
    let lifetime_seconds = i64::from(app.settings.presign_ttl_seconds);
    match api.access.decide(media.path(), claim, None).await? {
        Ok(grant) => {
            let terms = PresignTerms::default();
            let presigned = api.access.presign(&grant, &terms, lifetime_seconds);
            let (presigned_url, expires_at) = presigned
                .ok_or_else(|| ApiError::internal("a reader's grant could not be presigned"))?;
            Ok(PresignItem::Presigned { url, presigned_url, expires_at: Some(expires_at.0) })
        }
        // Nothing breaks while an app only observes: the clean URL opens for everybody.
        Err(_) if app.token_based_file_access == TokenBasedFileAccess::Observe => {
            let presigned_url = media.to_string();
            Ok(PresignItem::Presigned { url, presigned_url, expires_at: None })
        }
        Err(refusal) => Ok(refused(url, refusal)),
    }
}

fn invalid(url: String) -> PresignItem {
    let message = ApiError::InvalidUrl.to_string();
    PresignItem::Refused {
        url,
        error: ErrorBody { code: ErrorCode::InvalidUrl, message, details: None },
    }
}

fn refused(url: String, refusal: Refusal) -> PresignItem {
    let reason = reason(refusal);
    PresignItem::Refused {
        url,
        error: ErrorBody {
            code: reason.code(),
            message: refusal.to_string(),
            details: Some(Details::of(reason).into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_item_names_url_and_code_and_never_who_was_removed() {
        for refusal in [Refusal::NotInAudience, Refusal::FileRevoked] {
            let item = serde_json::to_value(refused("u".into(), refusal)).unwrap();
            assert_eq!(item["url"], "u");
            assert_eq!(item["error"]["code"], "ERR_NOT_PERMITTED");
            assert_eq!(item["error"]["message"], "you may not read this file");
        }
        let item = serde_json::to_value(invalid("v".into())).unwrap();
        assert_eq!(item["error"]["code"], "ERR_INVALID_URL");
    }
}
