//! Files as the app's back end sees them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A stored file: an item of `GET media`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "00112233445566778899aabbccddeeff",
    "url": "http://127.0.0.1:8082/demoapp/media/00112233445566778899aabbccddeeff.jpg",
    "uploader": "alice", "audience": "conversation", "state": "ready", "name": "beach.jpg",
    "mimeType": "image/jpeg", "size": 48_211, "width": 1280, "height": 853,
    "createdAt": 1_790_000_000, "variants": [], "messages": 1
}))]
pub struct MediaFile {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its media URL, without any credential.
    pub url: String,
    /// The uid of who sent it.
    pub uploader: String,
    /// For whom it is.
    pub audience: MediaAudience,
    /// Where it is between upload and deletion.
    pub state: MediaState,
    /// The name under which it was sent.
    pub name: String,
    /// Sniffed from its bytes.
    pub mime_type: String,
    /// In bytes, as stored.
    pub size: u64,
    /// Pixels from left to right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels from top to bottom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// How long it plays, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// When it was stored.
    pub created_at: i64,
    /// When it was taken back from everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<i64>,
    /// When it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<i64>,
    /// The error code by which it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// Whether neither it nor its bytes are removed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub legal_hold: bool,
    /// Its smaller renditions.
    #[serde(default)]
    pub variants: Vec<MediaVariant>,
    /// How many messages carry it now.
    #[serde(default)]
    pub messages: u64,
}

/// A smaller rendition of a file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MediaVariant {
    /// Which one, such as `small`.
    pub variant: String,
    /// Its media URL, without any credential.
    pub url: String,
    /// Its type.
    pub mime_type: String,
    /// In bytes.
    pub size: u64,
}

/// For whom a file is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MediaAudience {
    /// Every session of the app.
    App,
    /// Its uploader, and the conversations of the messages that carry it.
    Conversation,
}

/// Where a file is between upload and deletion.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MediaState {
    /// Its bytes are looked at.
    Checking,
    /// It was deleted; nobody reads it.
    Deleted,
    /// It may be read.
    Ready,
    /// Its bytes arrive.
    Receiving,
    /// It was found to be something that is not taken.
    Refused,
}

/// `PUT media/{id}/audience`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"audience": "app"}))]
pub struct SetAudience {
    /// For whom it is from now on.
    pub audience: MediaAudience,
}

/// `PUT media/{id}/legal_hold`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"hold": true}))]
pub struct SetLegalHold {
    /// Whether it is held from now on.
    pub hold: bool,
}

/// Query of `GET media`.
#[derive(Clone, Debug, Default, Deserialize, Eq, IntoParams, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MediaQuery {
    /// The uid of who sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploader: Option<String>,
    /// `app` or `conversation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>)]
    pub audience: Option<MediaAudience>,
    /// `receiving`, `checking`, `ready`, `refused` or `deleted`; all but deleted if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>)]
    pub state: Option<MediaState>,
    /// The `conversationId` of messages that carry it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// Stored at this moment or later, in seconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// Stored at this moment or before, in seconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<i64>,
    /// Items of one page: 1 to 100, 30 unless said otherwise.
    #[serde(default, rename = "per_page", skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u32>,
    /// `meta.next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_file_has_the_documented_shape() {
        let json = json!({"id": "00", "url": "u", "uploader": "ann", "audience": "conversation",
            "state": "ready", "name": "a.png", "mimeType": "image/png", "size": 9, "width": 2,
            "height": 3, "createdAt": 7, "variants": [{"variant": "small", "url": "v",
            "mimeType": "image/webp", "size": 1}], "messages": 2});
        let read: MediaFile = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), json);
    }
}
