//! What a message says, as it is stored: files by their id, never by URL.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloakroom_ingest::{ContentType, Inline};
use cloakroom_storage::{Attachment as Link, Media, StoredFile};
use cloakroom_token::{AppId, MediaId, MediaOrigin, MediaPath, MediaUrl, Variant};
use cloakroom_wire::{Attachment, SendData};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::ApiError;
use super::incoming::{value_without_credentials, without_credentials};
use crate::intake::Kept;

/// What a message says.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Content {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) metadata: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) custom_data: Option<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) attachments: Vec<Carried>,
}

impl Content {
    /// What a client says, without credentials and without its files.
    pub(super) fn of_words(origin: &MediaOrigin, data: SendData, tags: Vec<String>) -> Self {
        let SendData { text, mut metadata, mut custom_data, .. } = data;
        for value in [&mut metadata, &mut custom_data].into_iter().flatten() {
            value_without_credentials(origin, value);
        }
        Self {
            text: text.map(|text| without_credentials(origin, text)),
            metadata,
            custom_data,
            tags: tags.into_iter().map(|tag| without_credentials(origin, tag)).collect(),
            attachments: Vec::new(),
        }
    }

    /// Reads what was stored.
    pub(super) fn of_stored(data: &Value) -> Result<Self, ApiError> {
        Self::deserialize(data).map_err(ApiError::internal)
    }

    /// What is to be stored.
    pub(super) fn to_stored(&self) -> Result<Value, ApiError> {
        serde_json::to_value(self).map_err(ApiError::internal)
    }

    /// The files, as storage links them.
    pub(super) fn links(&self) -> Vec<Link> {
        self.attachments.iter().map(Carried::link).collect()
    }

    /// The type of a message that claims to be of type `claimed`: what its files are decides,
    /// unless it calls them just files.
    pub(super) fn message_type(&self, claimed: &str) -> String {
        let families = self.attachments.iter().map(Carried::family);
        match claimed {
            "image" | "video" | "audio" if !self.attachments.is_empty() => families
                .reduce(|one, other| if one == other { one } else { "file" })
                .unwrap_or(claimed)
                .to_owned(),
            _ => claimed.to_owned(),
        }
    }
}

/// A file as a message carries it. What is said of it cannot change: other bytes are another file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Carried {
    pub(super) media: MediaId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) variant: Option<String>,
    pub(super) name: String,
    pub(super) mime_type: String,
    pub(super) extension: String,
    pub(super) size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) width: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) height: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) duration_ms: Option<u64>,
}

impl Carried {
    /// A file that comes with the message.
    pub(super) fn of_kept(kept: &Kept) -> Self {
        let new = kept.cleaned();
        Self {
            media: kept.id,
            variant: None,
            name: kept.file_name().to_owned(),
            mime_type: new.content_type.as_str().to_owned(),
            extension: new.extension.to_owned(),
            size: kept.version.size_bytes,
            width: new.width,
            height: new.height,
            duration_ms: new.duration_ms,
        }
    }

    /// A whole file that is stored.
    pub(super) fn of_stored(media: Media) -> Self {
        Self {
            media: media.id,
            variant: None,
            name: media.file_name,
            mime_type: media.content_type,
            extension: media.extension,
            size: media.size_bytes,
            width: media.width,
            height: media.height,
            duration_ms: media.duration_ms,
        }
    }

    /// As it goes out, with what is known of the file by now; `None` if it cannot stand in a URL,
    /// which nothing stored can fail to.
    pub(super) fn attachment(
        &self,
        origin: &MediaOrigin,
        app: &AppId,
        file: Option<&StoredFile>,
    ) -> Option<Attachment> {
        let url = |variant, extension: &str| {
            let path = MediaPath::new(app.clone(), self.media, variant, extension).ok()?;
            Some(MediaUrl::new(origin.clone(), path).to_string())
        };
        let smaller = file.filter(|_| self.rendition() == Variant::Original);
        let renditions = smaller.into_iter().flat_map(|file| &file.versions);
        Some(Attachment {
            url: url(self.rendition(), &self.extension)?,
            name: self.name.clone(),
            mime_type: self.mime_type.clone(),
            extension: self.extension.clone(),
            size: self.size,
            width: self.width,
            height: self.height,
            duration: self.duration_ms.map(seconds),
            thumbnails: renditions
                .filter(|(variant, _)| *variant != Variant::Original)
                .filter_map(|(variant, version)| url(*variant, &version.extension))
                .collect(),
            thumb_hash: file.and_then(|file| Some(STANDARD.encode(file.thumb_hash.as_ref()?))),
        })
    }

    fn link(&self) -> Link {
        Link { media: self.media, variant: self.rendition() }
    }

    fn rendition(&self) -> Variant {
        let named = self.variant.as_deref();
        [Variant::Small, Variant::Medium, Variant::Large]
            .into_iter()
            .find(|variant| named.is_some() && variant.suffix() == named)
            .unwrap_or_default()
    }

    /// What a client shows it as; what no browser shows in place is a file.
    fn family(&self) -> &'static str {
        let known = ContentType::parse(&self.mime_type);
        if known.is_none_or(|known| known.inline() == Inline::Never) {
            return "file";
        }
        match self.mime_type.split('/').next() {
            Some("image") => "image",
            Some("video") => "video",
            Some("audio") => "audio",
            _ => "file",
        }
    }
}

fn seconds(milliseconds: u64) -> f64 {
    std::time::Duration::from_millis(milliseconds).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn carried(mime_type: &str, extension: &str) -> Carried {
        Carried {
            media: MediaId::from_bytes([0xab; 16]),
            variant: None,
            name: "a".into(),
            mime_type: mime_type.into(),
            extension: extension.into(),
            size: 9,
            width: None,
            height: None,
            duration_ms: Some(1500),
        }
    }

    #[test]
    fn the_bytes_correct_what_the_sender_claims() {
        let (image, video) = (carried("image/png", "png"), carried("video/mp4", "mp4"));
        let (pdf, svg) = (carried("application/pdf", "pdf"), carried("image/svg+xml", "svg"));
        let cases = [
            ("image", vec![image.clone()], "image"),
            ("image", vec![video.clone()], "video"),
            ("image", vec![pdf], "file"),
            ("image", vec![svg], "file"),
            ("video", vec![image.clone(), video], "file"),
            ("file", vec![image.clone()], "file"),
            ("text", vec![image], "text"),
            ("image", vec![], "image"),
        ];
        for (claimed, attachments, expected) in cases {
            let content = Content { attachments, ..Content::default() };
            assert_eq!(content.message_type(claimed), expected, "{content:?}");
        }
    }

    #[test]
    fn a_file_is_stored_by_id_and_goes_out_as_url() {
        let content =
            Content { attachments: vec![carried("image/png", "png")], ..Content::default() };
        let stored = content.to_stored().unwrap();
        assert!(!stored.to_string().contains("http"), "{stored}");
        let read = Content::of_stored(&stored).unwrap();
        let origin = MediaOrigin::parse("https://files.test").unwrap();
        let app = AppId::parse("demoapp").unwrap();
        let out = read.attachments[0].attachment(&origin, &app, None).unwrap();
        assert_eq!(out.url, format!("https://files.test/demoapp/media/{}.png", "ab".repeat(16)));
        assert_eq!(out.duration, Some(1.5));
    }

    #[test]
    fn words_are_kept_without_tokens_and_urls_are_not_words() {
        let origin = MediaOrigin::parse("https://files.test").unwrap();
        let url = format!("https://files.test/demoapp/media/{}.png", "ab".repeat(16));
        let data = SendData {
            text: Some(format!("{url}?fat=a")),
            metadata: Some(json!({"u": format!("{url}?fat=a")})),
            url: Some(url.clone()),
            ..SendData::default()
        };
        let stored = Content::of_words(&origin, data, Vec::new()).to_stored().unwrap();
        assert_eq!(stored, json!({"text": url, "metadata": {"u": url}}));
    }
}
