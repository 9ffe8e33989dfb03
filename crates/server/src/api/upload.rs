//! A message as `multipart/form-data`: files go to disk as they come, `receiver` may come last.
//!
//! Whatever ends the upload early (a limit, a disconnect, a truncated body) drops the draft, and
//! with it every staged file.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloakroom_storage::StorageError;
use cloakroom_token::ContentHash;
use cloakroom_wire::{ReceiverType, SendData, SendMessage};

use super::Api;
use super::announce::place;
use super::body::LINGER;
use super::caller::Actor;
use super::draft::Draft;
use super::error::ApiError;
use super::incoming::without_credentials;
use super::keep::has_room;
use crate::intake::Received;

const MOST_PARTS: usize = 100;
const MOST_NAME_CHARACTERS: usize = 255;

/// Whether a request carries a form with files.
pub(super) fn is_multipart(request: &Request) -> bool {
    let declared = request.headers().get(header::CONTENT_TYPE).and_then(|raw| raw.to_str().ok());
    declared.is_some_and(|raw| raw.trim_start().to_ascii_lowercase().starts_with("multipart/"))
}

/// Reads the whole form.
pub(super) async fn receive(api: &Api, actor: &Actor, request: Request) -> Result<Draft, ApiError> {
    let mut form = Multipart::from_request(request, api).await.map_err(|_| ApiError::BadField {
        field: "content-type",
        rule: "must be multipart/form-data; boundary=…",
    })?;
    let received = read_all(api, actor, &mut form).await;
    if received.is_err() {
        // Who is still sending reads no answer: a closed connection would hide the reason.
        drop(tokio::time::timeout(LINGER, drain(&mut form)).await);
    }
    received
}

async fn read_all(api: &Api, actor: &Actor, form: &mut Multipart) -> Result<Draft, ApiError> {
    let mut parts = Parts { left_bytes: api.json_max_bytes, ..Parts::default() };
    let mut count = 0;
    while let Some(field) = form.next_field().await.map_err(|error| of_multipart(&error))? {
        count += 1;
        if count > MOST_PARTS {
            return Err(ApiError::BadField { field: "the form", rule: "has more than 100 parts" });
        }
        parts.read(api, actor, field).await?;
    }
    parts.draft()
}

/// Reads the rest and keeps nothing of it.
async fn drain(form: &mut Multipart) {
    while let Ok(Some(mut field)) = form.next_field().await {
        while let Ok(Some(_)) = field.chunk().await {}
    }
}

/// What has come in so far.
#[derive(Default)]
struct Parts {
    receiver: Option<String>,
    receiver_type: Option<String>,
    category: Option<String>,
    message_type: Option<String>,
    data: SendData,
    caption: Option<String>,
    muid: Option<String>,
    tags: Vec<String>,
    files: Vec<Received>,
    /// How many bytes the parts that are no files may still have.
    left_bytes: usize,
}

impl Parts {
    async fn read(&mut self, api: &Api, actor: &Actor, field: Field<'_>) -> Result<(), ApiError> {
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_some() || matches!(name.as_str(), "file" | "files" | "files[]") {
            let limit = actor.app.settings.file_count_max;
            if self.files.len() >= limit as usize {
                return Err(ApiError::FileCountExceeded { limit });
            }
            has_room(api, &actor.app, 1).await?;
            self.files.push(stage(api, actor, field).await?);
            return Ok(());
        }
        let text = self.text(api, field).await?;
        match name.as_str() {
            "receiver" => self.receiver = Some(text),
            "receiverType" => self.receiver_type = Some(text),
            "category" => self.category = Some(text),
            "type" => self.message_type = Some(text),
            "data" => self.data = serde_json::from_str(&text).map_err(ApiError::InvalidJson)?,
            "caption" => self.caption = Some(text),
            "muid" => self.muid = Some(text),
            "tags[]" | "tags" => self.tags.push(text),
            _ => {}
        }
        Ok(())
    }

    async fn text(&mut self, api: &Api, mut field: Field<'_>) -> Result<String, ApiError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|error| of_multipart(&error))? {
            let left = self.left_bytes.checked_sub(chunk.len());
            let limit_bytes = api.json_max_bytes;
            self.left_bytes = left.ok_or(ApiError::BodyTooLarge { limit_bytes })?;
            bytes.extend_from_slice(&chunk);
        }
        String::from_utf8(bytes)
            .map_err(|_| ApiError::BadField { field: "the form", rule: "must be UTF-8" })
    }

    fn draft(self) -> Result<Draft, ApiError> {
        let missing = |field| ApiError::BadField { field, rule: "is missing from the form" };
        let receiver_type = match self.receiver_type.as_deref() {
            Some("user") => ReceiverType::User,
            Some("group") => ReceiverType::Group,
            Some(_) => {
                return Err(ApiError::BadField { field: "receiverType", rule: "is user or group" });
            }
            None => return Err(missing("receiverType")),
        };
        let message = SendMessage {
            receiver: self.receiver.ok_or_else(|| missing("receiver"))?,
            receiver_type,
            category: self.category.unwrap_or_else(|| "message".to_owned()),
            message_type: self.message_type.ok_or_else(|| missing("type"))?,
            data: self.data,
            caption: self.caption,
            muid: self.muid,
            tags: self.tags,
        };
        Ok(Draft { message, files: self.files })
    }
}

/// Writes one file to the staging folder as it comes.
async fn stage(api: &Api, actor: &Actor, mut field: Field<'_>) -> Result<Received, ApiError> {
    let place = Some(place(api, &actor.app.id, &actor.uid)?);
    let limit_bytes = actor.app.settings.file_size_max;
    let said = field.file_name().unwrap_or_default().to_owned();
    let file_name = plain_name(&without_credentials(api.access.origin(), said));
    let declared = field.content_type().map(str::to_owned);
    let sha256 = content_digest(field.headers())?;
    let mut file = api.intake.staging().stage(limit_bytes).await?;
    while let Some(chunk) = field.chunk().await.map_err(|error| of_multipart(&error))? {
        file.append(&chunk).await.map_err(|error| match error {
            StorageError::TooLarge { limit_bytes } => ApiError::FileSizeExceeded { limit_bytes },
            other => other.into(),
        })?;
    }
    if file.size_bytes() == 0 {
        return Err(ApiError::FileEmpty);
    }
    let staged = file.finish().await?;
    Ok(Received { staged, file_name, declared, announced: false, sha256, place })
}

/// The SHA-256 in the header `Content-Digest` of a part (RFC 9530), if there is one.
pub(super) fn content_digest(headers: &HeaderMap) -> Result<Option<ContentHash>, ApiError> {
    let Some(value) = headers.get("content-digest") else { return Ok(None) };
    let mut said = value.to_str().unwrap_or_default().split(',').map(str::trim);
    let Some(sha256) = said.find_map(|one| one.strip_prefix("sha-256=:")) else {
        return Ok(None);
    };
    let bytes = sha256.strip_suffix(':').and_then(|raw| STANDARD.decode(raw).ok());
    let hash = bytes.and_then(|bytes| bytes.try_into().ok()).map(ContentHash);
    let rule = "must be sha-256=:base64 of 32 bytes:";
    hash.map(Some).ok_or(ApiError::BadField { field: "Content-Digest", rule })
}

/// A file name without folders, control characters, and those that turn the direction of writing,
/// by which `gpj.exe` could look like `exe.jpg`.
pub(super) fn plain_name(raw: &str) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let turns = |c: char| {
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}')
    };
    let plain = last.chars().filter(|c| !c.is_control() && !turns(*c));
    let name: String = plain.take(MOST_NAME_CHARACTERS).collect();
    if name.trim().is_empty() { "file".to_owned() } else { name }
}

pub(super) fn of_multipart(error: &MultipartError) -> ApiError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::BadField {
            field: "the form",
            rule: "is larger than the server reads; send fewer or smaller files",
        },
        _ => ApiError::UploadTruncated,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_keeps_no_folders_and_no_control_characters() {
        let cases = [
            ("cat.jpg", "cat.jpg"),
            ("/etc/passwd", "passwd"),
            ("C:\\temp\\Katze 1.png", "Katze 1.png"),
            ("a\r\nb\0.txt", "ab.txt"),
            ("photo\u{202e}gpj.exe", "photogpj.exe"),
            ("", "file"),
            ("dir/", "file"),
        ];
        for (raw, expected) in cases {
            assert_eq!(plain_name(raw), expected, "{raw:?}");
        }
        assert_eq!(plain_name(&"x".repeat(999)).len(), MOST_NAME_CHARACTERS);
    }

    #[test]
    fn a_form_without_receiver_or_type_says_so() {
        let parts = |receiver: Option<&str>, receiver_type: Option<&str>| Parts {
            receiver: receiver.map(str::to_owned),
            receiver_type: receiver_type.map(str::to_owned),
            message_type: Some("image".into()),
            ..Parts::default()
        };
        let draft = parts(Some("bob"), Some("user")).draft().ok().unwrap();
        assert_eq!((draft.message.category.as_str(), draft.files.len()), ("message", 0));
        for bad in [parts(None, Some("user")), parts(Some("b"), None), parts(Some("b"), Some("x"))]
        {
            assert!(matches!(bad.draft(), Err(ApiError::BadField { .. })));
        }
    }
}
