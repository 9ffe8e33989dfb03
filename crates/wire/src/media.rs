//! Presigning many media URLs in one call.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ErrorBody;

/// Most URLs of one `POST media/presign`.
pub const MAX_PRESIGN_URLS: usize = 1000;

/// `POST media/presign`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({
    "urls": ["http://127.0.0.1:8082/demoapp/media/00112233445566778899aabbccddeeff.jpg"]
}))]
pub struct PresignRequest {
    /// Media URLs, at most [`MAX_PRESIGN_URLS`]; `fat` and presign parameters are dropped.
    pub urls: Vec<String>,
    /// What the URLs are for. With it the back end presigns without naming a user, too: whoever
    /// holds such a URL opens it. This and what follows is for the app's back end alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<UrlPurpose>,
    /// How long they live: 60 to the app's `backEndPresignTtlMaxSeconds`; left out:
    /// `presignTtlSeconds`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<i64>,
    /// How often each shows its file, 1 to 1000; left out: any number of times. A view is the first
    /// `GET` that is answered with bytes, and all that follow within ten minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<u32>,
    /// Only this thumbnail of each file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<Thumbnail>,
    /// Whether a browser shows the file or saves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<UrlDisposition>,
}

/// What a URL is made for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UrlPurpose {
    /// A file that somebody downloads.
    Download,
    /// An export of a conversation or of a user's data.
    Export,
    /// A mail.
    Mail,
    /// A push notification.
    Push,
}

/// A rendition that is smaller than the file.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Thumbnail {
    /// For a large screen.
    Large,
    /// For a phone's screen.
    Medium,
    /// For lists.
    Small,
}

/// Whether a browser shows a file or saves it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UrlDisposition {
    /// Saved.
    Attachment,
    /// Shown, if its type is safe to show.
    Inline,
}

/// What became of one URL; items stand in the order of the request.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(example = json!({
    "url": "http://127.0.0.1:8082/demoapp/media/00112233445566778899aabbccddeeff.jpg",
    "presignedUrl": "http://127.0.0.1:8082/demoapp/media/00112233445566778899aabbccddeeff.jpg?Principal=s%3A5f0c…&Expires=1790000900&Signature=…&Key-Pair-Id=…",
    "expiresAt": 1_790_000_900
}))]
pub enum PresignItem {
    /// It opens without headers, for a limited time.
    #[serde(rename_all = "camelCase")]
    Presigned {
        /// As it was sent.
        url: String,
        /// Good for one file; the same text as `url` while Token Based File Access is off.
        presigned_url: String,
        /// From when on it is refused; absent while Token Based File Access is off.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<i64>,
    },
    /// The caller may not read it, or it is no media URL of this app.
    Refused {
        /// As it was sent.
        url: String,
        /// Why.
        error: ErrorBody,
    },
}

impl PresignItem {
    /// The URL that was sent.
    #[must_use]
    pub fn url(&self) -> &str {
        match self {
            Self::Presigned { url, .. } | Self::Refused { url, .. } => url,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Envelope, ErrorCode, TimeMeta};

    #[test]
    fn presigned_and_refused_items_share_one_list() {
        let json = json!({
            "data": [
                {"url": "u", "presignedUrl": "u?Expires=9", "expiresAt": 9},
                {"url": "v", "error": {"code": "ERR_NOT_PERMITTED", "message": "not yours"}},
                {"url": "w", "presignedUrl": "w"}
            ],
            "meta": {"serverTime": 5}
        });
        let read: Envelope<Vec<PresignItem>, TimeMeta> =
            serde_json::from_value(json.clone()).unwrap();
        assert!(matches!(&read.data[1],
            PresignItem::Refused { error, .. } if error.code == ErrorCode::NotPermitted));
        assert_eq!(read.data.iter().map(PresignItem::url).collect::<String>(), "uvw");
        assert_eq!(serde_json::to_value(read).unwrap(), json);
    }

    #[test]
    fn a_misspelt_request_is_refused() {
        assert!(serde_json::from_value::<PresignRequest>(json!({"url": ["u"]})).is_err());
        assert!(serde_json::from_value::<PresignRequest>(json!({"urls": [], "x": 1})).is_err());
    }
}
