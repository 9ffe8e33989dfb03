//! `Upload-Metadata`: `name base64, name base64, …`.

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloakroom_wire::ReceiverType;

use super::METADATA;
use crate::api::error::ApiError;

const MOST_BYTES: usize = 4096;

/// What a client says of a file that it is about to send.
pub(super) struct Metadata {
    /// As it came.
    pub(super) raw: String,
    pub(super) filename: String,
    pub(super) filetype: String,
    pub(super) receiver: String,
    pub(super) receiver_type: ReceiverType,
    pub(super) sha256: Option<String>,
}

impl Metadata {
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let bad = |rule| ApiError::BadField { field: "Upload-Metadata", rule };
        let raw = headers.get(METADATA).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if raw.len() > MOST_BYTES {
            return Err(bad("must be at most 4096 bytes"));
        }
        let mut metadata = Self {
            raw: raw.to_owned(),
            filename: String::new(),
            filetype: String::new(),
            receiver: String::new(),
            receiver_type: ReceiverType::User,
            sha256: None,
        };
        for pair in raw.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once(' ').unwrap_or((pair, ""));
            let value = STANDARD.decode(value.trim()).ok();
            let value = value.and_then(|bytes| String::from_utf8(bytes).ok());
            let value = value.ok_or_else(|| bad("must be pairs of a name and UTF-8 in base64"))?;
            match name {
                "filename" | "name" => metadata.filename = value,
                "filetype" | "type" => metadata.filetype = value,
                "receiver" => metadata.receiver = value,
                "receiverType" if value == "group" => metadata.receiver_type = ReceiverType::Group,
                "receiverType" if value == "user" => metadata.receiver_type = ReceiverType::User,
                "receiverType" => return Err(bad("has a receiverType that is not user or group")),
                "sha256" => metadata.sha256 = Some(value),
                _ => {}
            }
        }
        if metadata.receiver.is_empty() {
            return Err(bad("must name the receiver"));
        }
        Ok(metadata)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(raw: &str) -> Result<Metadata, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(METADATA, HeaderValue::from_str(raw).unwrap());
        Metadata::of(&headers)
    }

    #[test]
    fn names_and_values_are_read_and_others_are_passed_over() {
        let read = read(
            "filename Y2F0LmpwZw==,filetype aW1hZ2UvanBlZw==, receiver Ym9i, \
             receiverType Z3JvdXA=,is_private",
        )
        .ok()
        .unwrap();
        assert_eq!(
            (&*read.filename, &*read.filetype, &*read.receiver, read.receiver_type),
            ("cat.jpg", "image/jpeg", "bob", ReceiverType::Group)
        );
    }

    #[test]
    fn without_a_receiver_or_with_junk_it_is_refused() {
        for raw in ["", "filename Y2F0", "receiver !!", "receiver Ym9i,receiverType eA=="] {
            assert!(matches!(read(raw), Err(ApiError::BadField { .. })), "{raw:?}");
        }
        assert!(read(&format!("receiver {}", "QUFB".repeat(2000))).is_err());
    }
}
