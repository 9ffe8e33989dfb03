//! `POST media/presign`: up to 1000 media URLs at once. In memory when warm.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{App, TokenBasedFileAccess};
use cloakroom_token::{
    Claim, Disposition, MIN_LIFETIME_SECONDS, MediaPath, MediaUrl, PresignTerms, Refusal,
    UrlPurpose, Variant, Views,
};
use cloakroom_wire as wire;
use cloakroom_wire::{
    Details, Envelope, ErrorBody, ErrorCode, MAX_PRESIGN_URLS, PresignItem, PresignRequest,
    Thumbnail, TimeMeta, UrlDisposition,
};

use super::Api;
use super::body::JsonBody;
use super::caller::Caller;
use super::error::ApiError;
use super::shown_once::{NeverKept, never_kept};
use crate::access::reason;
use crate::secret::random;

/// Presigns media URLs: each becomes one that opens without headers, for a limited time, as long as
/// the caller's own right lasts.
///
/// Items stand in the order of the request, each with its own error. While Token Based File Access
/// is off, each URL comes back as it was sent.
///
/// The app's back end may say what the URLs are for, how long they live, how often each shows its
/// file, and how; with a purpose it need not name a user.
#[utoipa::path(
    post, path = "/media/presign", tag = "media",
    request_body(content = PresignRequest),
    responses((status = 200, body = Envelope<Vec<PresignItem>, TimeMeta>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn presign_media(
    State(api): State<Api>,
    caller: Caller,
    JsonBody(request): JsonBody<PresignRequest>,
) -> Result<NeverKept<Envelope<Vec<PresignItem>, TimeMeta>>, ApiError> {
    if request.urls.len() > MAX_PRESIGN_URLS {
        return Err(ApiError::TooManyUrls { limit: MAX_PRESIGN_URLS });
    }
    let ask = Ask::read(&caller, &request)?;
    let app = caller.app();
    if app.token_based_file_access != TokenBasedFileAccess::Off {
        api.limits.presign(app, &ask.claim, request.urls.len())?;
    }
    api.metrics.presigned(request.urls.len() as u64);
    let mut items = Vec::with_capacity(request.urls.len());
    for url in request.urls {
        items.push(presign(&api, app, &ask, url).await?);
    }
    let meta = TimeMeta { server_time: api.access.now().0 };
    Ok(never_kept(Json(Envelope::with_meta(items, meta))))
}

/// Whether a path is that of this call. It writes nothing, so no news is waited for after it.
pub(super) fn serves(path: &str) -> bool {
    path.ends_with("/media/presign")
}

/// What is asked for every URL of a call.
struct Ask {
    claim: Claim,
    terms: PresignTerms,
    thumbnail: Option<Variant>,
    lifetime_seconds: i64,
}

impl Ask {
    fn read(caller: &Caller, request: &PresignRequest) -> Result<Self, ApiError> {
        let PresignRequest { urls: _, purpose, ttl_seconds, views, variant, disposition } = request;
        let settings = &caller.app().settings;
        let has_terms = purpose.is_some()
            || ttl_seconds.is_some()
            || views.is_some()
            || variant.is_some()
            || disposition.is_some();
        let claim = match caller {
            Caller::User(_) if has_terms => {
                let rule = "purpose, ttlSeconds, views, variant and disposition are for the app's \
                            back end";
                return Err(ApiError::NotYours { rule });
            }
            Caller::BackEnd(back_end) if back_end.on_behalf_of.is_none() && purpose.is_some() => {
                Some(Claim::ApiKey(back_end.key.clone()))
            }
            caller => caller.claim(),
        };
        let header = "onBehalfOf beside an apikey, or a purpose in the body";
        let claim = claim.ok_or(ApiError::NoAuth { header })?;
        let most_seconds = i64::from(settings.policy.back_end_presign_ttl_max_seconds);
        let lifetime_seconds = ttl_seconds.unwrap_or(i64::from(settings.presign_ttl_seconds));
        if ttl_seconds.is_some()
            && !(MIN_LIFETIME_SECONDS..=most_seconds).contains(&lifetime_seconds)
        {
            let rule = "must be 60 to the app's backEndPresignTtlMaxSeconds";
            return Err(ApiError::BadField { field: "ttlSeconds", rule });
        }
        let bad_views = |rule| ApiError::BadField { field: "views", rule };
        if views.is_some() && variant.is_some() {
            return Err(bad_views("are not counted for thumbnails; leave out views or variant"));
        }
        let views = views.map(|most| Views::new(most).ok_or(bad_views("must be 1 to 1000")));
        Ok(Self {
            claim,
            terms: PresignTerms {
                purpose: purpose.map(purpose_of),
                views: views.transpose()?,
                disposition: disposition.map(|disposition| match disposition {
                    UrlDisposition::Attachment => Disposition::Attachment,
                    UrlDisposition::Inline => Disposition::Inline,
                }),
            },
            thumbnail: variant.map(|variant| match variant {
                Thumbnail::Large => Variant::Large,
                Thumbnail::Medium => Variant::Medium,
                Thumbnail::Small => Variant::Small,
            }),
            lifetime_seconds,
        })
    }

    /// The terms of one URL. One with views has a tag, so that it has them for itself.
    fn terms(&self) -> PresignTerms {
        let tag = || hex::encode(random::<8>());
        let views = self.terms.views.clone().and_then(|views| views.tagged(&tag()));
        PresignTerms { views, ..self.terms.clone() }
    }
}

/// A purpose as it stands in the URL.
pub(super) const fn purpose_of(purpose: wire::UrlPurpose) -> UrlPurpose {
    match purpose {
        wire::UrlPurpose::Download => UrlPurpose::Download,
        wire::UrlPurpose::Export => UrlPurpose::Export,
        wire::UrlPurpose::Mail => UrlPurpose::Mail,
        wire::UrlPurpose::Push => UrlPurpose::Push,
    }
}

async fn presign(api: &Api, app: &App, ask: &Ask, url: String) -> Result<PresignItem, ApiError> {
    if app.token_based_file_access == TokenBasedFileAccess::Off {
        return Ok(PresignItem::Presigned { presigned_url: url.clone(), url, expires_at: None });
    }
    let Some(media) =
        MediaUrl::parse(api.access.origin(), &url).ok().filter(|m| *m.path().app() == app.id)
    else {
        return Ok(invalid(url));
    };
    let path = match ask.thumbnail {
        None => media.path().clone(),
        Some(variant) => thumbnail(api, media.path(), variant).await?,
    };
    if ask.terms.views.is_some() && path.variant() != Variant::Original {
        return Ok(invalid(url));
    }
    match api.access.decide(&path, &ask.claim, None).await? {
        Ok(grant) => {
            let presigned = api.access.presign(&grant, &ask.terms(), ask.lifetime_seconds);
            let (presigned_url, expires_at) = presigned
                .ok_or_else(|| ApiError::internal("a reader's grant could not be presigned"))?;
            Ok(PresignItem::Presigned { url, presigned_url, expires_at: Some(expires_at.0) })
        }
        // Nothing breaks while an app only observes: the clean URL opens for everybody.
        Err(_) if app.token_based_file_access == TokenBasedFileAccess::Observe => {
            let presigned_url = format!("{}{path}", api.access.origin());
            Ok(PresignItem::Presigned { url, presigned_url, expires_at: None })
        }
        Err(refusal) => Ok(refused(url, refusal)),
    }
}

/// The path of a thumbnail, whose type may differ from that of its file.
async fn thumbnail(api: &Api, of: &MediaPath, variant: Variant) -> Result<MediaPath, ApiError> {
    let stored = api.access.media(of.app(), of.media()).await?;
    let version = stored.as_ref().and_then(|file| file.version(variant));
    let extension = version.map_or(of.extension(), |version| &version.extension);
    MediaPath::new(of.app().clone(), of.media(), variant, extension).map_err(ApiError::internal)
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
