//! What a sender says a file is, before and after its bytes are known.

use cloakroom_ingest::ContentType;

use super::IntakeError;

/// The kinds of media whose announcement is held to.
const HELD_TO: [&str; 3] = ["image", "video", "audio"];

/// The types of files that an app takes: `*/*`, `image/*` or `image/png`, any of them.
pub(crate) struct AllowList(Vec<String>);

impl AllowList {
    pub(crate) fn of(types: &[String]) -> Self {
        Self(types.to_vec())
    }

    /// Whether this could stand in a list.
    pub(crate) fn is_type(raw: &str) -> bool {
        let is_name = |name: &str| {
            (1..=64).contains(&name.len())
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-+.".contains(&b))
        };
        raw == "*/*"
            || raw
                .split_once('/')
                .is_some_and(|(kind, name)| is_name(kind) && (name == "*" || is_name(name)))
    }

    /// Refuses a type that is not in the list.
    pub(super) fn admit(&self, content_type: ContentType) -> Result<(), IntakeError> {
        let mime = essence(content_type.as_str());
        let takes = |one: &String| match one.strip_suffix('*') {
            Some("*/") => true,
            Some(kind) => mime.starts_with(kind),
            None => *one == mime,
        };
        if self.0.iter().any(takes) {
            return Ok(());
        }
        Err(IntakeError::TypeNotAllowed { content_type: content_type.as_str() })
    }
}

/// The extension a file has until its bytes are known: that of the declared type, else of the
/// name, else `bin`.
pub(crate) fn declared_extension(declared: &str, file_name: &str) -> &'static str {
    let mime = essence(declared);
    let by_name = file_name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    ContentType::parse(&mime)
        .or_else(|| by_name.and_then(|extension| ContentType::of_extension(&extension)))
        .unwrap_or(ContentType::Binary)
        .extension()
}

/// Refuses a file that was announced as a picture, a sound or a video and is none of the kind. A
/// sound and a video may be taken for each other: the same containers hold both.
pub(super) fn holds_to(
    declared: Option<&str>,
    content_type: ContentType,
) -> Result<(), IntakeError> {
    let kind = |mime: &str| {
        let top = mime.split('/').next().unwrap_or_default().to_ascii_lowercase();
        HELD_TO.into_iter().find(|kind| *kind == top)
    };
    let Some(said) = declared.and_then(|declared| kind(declared.trim())) else { return Ok(()) };
    let is = kind(content_type.as_str());
    let is_picture = |kind| kind == "image";
    if is.is_some_and(|is| is_picture(is) == is_picture(said)) {
        return Ok(());
    }
    Err(IntakeError::TypeMismatch { declared: said, content_type: content_type.as_str() })
}

fn essence(declared: &str) -> String {
    declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_takes_kinds_and_single_types() {
        let cases = [
            ("*/*", ContentType::Binary, true),
            ("image/*", ContentType::Png, true),
            ("image/*", ContentType::Mp4, false),
            ("text/plain", ContentType::Text, true),
            ("image/png", ContentType::Jpeg, false),
        ];
        for (list, content_type, expected) in cases {
            let list = AllowList::of(&[list.to_owned()]);
            assert_eq!(list.admit(content_type).is_ok(), expected, "{content_type}");
        }
        assert!(AllowList::of(&[]).admit(ContentType::Png).is_err());
        for (raw, expected) in [
            ("*/*", true),
            ("image/*", true),
            ("application/vnd.ms-excel", true),
            ("*/png", false),
            ("image", false),
            ("image/", false),
            ("Image/png", false),
            ("a/b/c", false),
            ("", false),
        ] {
            assert_eq!(AllowList::is_type(raw), expected, "{raw}");
        }
    }

    #[test]
    fn an_extension_comes_from_the_type_then_from_the_name() {
        let cases = [
            ("image/jpeg", "a.png", "jpg"),
            ("Image/PNG; q=1", "", "png"),
            ("", "photo.JPEG", "jpg"),
            ("", "clip.MOV", "mov"),
            ("application/x-unknown", "a.pdf", "pdf"),
            ("", "noextension", "bin"),
            ("", "a.fat", "bin"),
        ];
        for (declared, name, expected) in cases {
            assert_eq!(declared_extension(declared, name), expected, "{declared} {name}");
        }
    }

    #[test]
    fn a_picture_is_a_picture_and_sound_may_be_video() {
        let cases = [
            (None, ContentType::Html, true),
            (Some("application/octet-stream"), ContentType::Html, true),
            (Some("image/png"), ContentType::Jpeg, true),
            (Some("image/png"), ContentType::Html, false),
            (Some("image/png"), ContentType::Mp4, false),
            (Some("audio/mp4"), ContentType::Mp4, true),
            (Some("VIDEO/webm"), ContentType::WebMAudio, true),
            (Some("video/mp4"), ContentType::Zip, false),
            (Some("image/svg+xml"), ContentType::Svg, true),
        ];
        for (declared, is, expected) in cases {
            assert_eq!(holds_to(declared, is).is_ok(), expected, "{declared:?} {is}");
        }
    }
}
