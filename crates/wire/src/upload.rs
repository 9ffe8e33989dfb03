//! Uploads that are announced before their bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Attachment, ErrorBody, MediaState, ReceiverType, Secret};

/// `POST files/upload-url`. The official SDK sends more; it is ignored.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "files": {"f1": {"name": "cat.jpg", "size": 48_213, "mimeType": "image/jpeg"}},
    "receiver": "bob", "receiverType": "user"
}))]
pub struct UploadUrlRequest {
    /// The files, each under a name of the caller's choice.
    pub files: BTreeMap<String, AnnouncedFile>,
    /// Uid or guid of whom they are for.
    pub receiver: String,
    /// Which of both.
    pub receiver_type: ReceiverType,
}

/// A file whose bytes will come.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AnnouncedFile {
    /// Its name.
    pub name: String,
    /// How many bytes it has, exactly.
    pub size: u64,
    /// Its type; what the bytes are decides, but a picture, a sound or a video must be one.
    #[serde(default)]
    pub mime_type: String,
    /// SHA-256 of its bytes in hexadecimal digits; others are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// What became of an announced file.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(example = json!({
    "request": {"url": "http://127.0.0.1:8081/v3/files/upload/00112233445566778899aabbccddeeff",
        "method": "POST", "body": {"token": "ckr_up_…"}},
    "attachment": {
        "url": "http://127.0.0.1:8082/demoapp/media/00112233445566778899aabbccddeeff.jpg",
        "name": "cat.jpg", "mimeType": "image/jpeg", "extension": "jpg", "size": 48_213},
    "expiresAt": 1_790_003_600
}))]
pub enum UploadUrl {
    /// It may be sent.
    #[serde(rename_all = "camelCase")]
    Granted {
        /// How to send its bytes.
        request: FormRequest,
        /// What to name in a message afterwards.
        attachment: Box<Attachment>,
        /// Until when its bytes may be sent, in seconds since 1970 UTC.
        expires_at: i64,
    },
    /// It may not.
    Refused {
        /// Why not.
        error: ErrorBody,
    },
}

/// A form to send: the fields of `body` in any order, then the bytes as `file`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct FormRequest {
    /// Where to.
    pub url: String,
    /// `POST`.
    pub method: String,
    /// Its fields; whoever has them may send the bytes, once.
    #[schema(value_type = BTreeMap<String, String>)]
    pub body: BTreeMap<String, Secret>,
}

/// `GET files/{id}`: an upload and what became of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "00112233445566778899aabbccddeeff", "state": "ready", "offset": 48_213, "size": 48_213,
    "expiresAt": 1_790_259_200, "attachment": {
        "url": "http://127.0.0.1:8082/demoapp/media/00112233445566778899aabbccddeeff.jpg",
        "name": "cat.jpg", "mimeType": "image/jpeg", "extension": "jpg", "size": 48_001,
        "width": 1600, "height": 1200}
}))]
pub struct UploadStatus {
    /// 32 hexadecimal digits; those of the file.
    pub id: String,
    /// Where it is between upload and deletion.
    pub state: MediaState,
    /// How many bytes have come and will not be lost.
    pub offset: u64,
    /// How many bytes were announced.
    pub size: u64,
    /// Until when they may come.
    pub expires_at: i64,
    /// What to name in a message; once the bytes are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<Attachment>,
    /// The error code by which the file was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_official_sdk_asks_for_is_read_and_what_it_needs_is_written() {
        let asked = json!({"files": {"f1": {"fileId": "f1", "name": "a.png", "size": 9,
            "mimeType": ""}}, "receiver": "bob", "receiverType": "user", "parentMessageId": 7});
        let read: UploadUrlRequest = serde_json::from_value(asked).unwrap();
        assert_eq!(read.files["f1"].size, 9);
        let granted = UploadUrl::Granted {
            request: FormRequest {
                url: "http://a/v3/files/1".into(),
                method: "POST".into(),
                body: BTreeMap::from([("token".into(), Secret::new("t"))]),
            },
            attachment: Box::new(Attachment { url: "u".into(), ..Attachment::default() }),
            expires_at: 5,
        };
        let written = serde_json::to_value(granted).unwrap();
        assert_eq!(written["request"]["body"], json!({"token": "t"}));
        assert_eq!(
            (&written["attachment"]["url"], &written["expiresAt"]),
            (&json!("u"), &json!(5))
        );
    }
}
