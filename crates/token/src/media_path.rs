//! The path of one file on the secure media host.
//!
//! ```text
//! /{app_id}/media/{id}[_{variant}].{ext}
//! /demoapp/media/0123456789abcdef0123456789abcdef_small.webp
//! ```
//!
//! The alphabet needs no percent-encoding, so an encoded path is never one of ours: encoded
//! slashes, dot segments, double encoding and NUL cannot reach anything behind this parser.

use std::fmt;

use memchr::memchr;
use smol_str::SmolStr;

use crate::id::{AppId, MediaId, RANDOM_ID_DIGITS, has_fat};

/// Which rendition of a file is meant. Every rendition has exactly the audience of the original.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Variant {
    /// The file as it was sent, without its metadata.
    #[default]
    Original,
    /// A thumbnail for lists.
    Small,
    /// A picture for a phone's screen.
    Medium,
    /// A picture for a large screen.
    Large,
}

impl Variant {
    /// The name in a URL; `None` for the original, which is not named there.
    #[must_use]
    pub const fn suffix(self) -> Option<&'static str> {
        match self {
            Self::Original => None,
            Self::Small => Some("small"),
            Self::Medium => Some("medium"),
            Self::Large => Some("large"),
        }
    }

    fn from_suffix(raw: &str) -> Option<Self> {
        [Self::Small, Self::Medium, Self::Large].into_iter().find(|v| v.suffix() == Some(raw))
    }
}

/// The path of one file on the secure media host.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct MediaPath {
    app: AppId,
    media: MediaId,
    variant: Variant,
    extension: SmolStr,
}

/// Why a path cannot be one of ours.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MediaPathError {
    /// The first segment is not an app id.
    #[error("the path does not start with an app id")]
    BadApp,
    /// The extension is not 1 to 8 of `[a-z0-9]`, or would hide the letters `fat`.
    #[error("the file name has no plain extension")]
    BadExtension,
    /// The file name does not start with 32 hexadecimal digits.
    #[error("the file name is not a media id")]
    BadMediaId,
    /// Not `/{app_id}/media/{file}`.
    #[error("the path is not /{{app_id}}/media/{{file}}")]
    BadShape,
    /// An underscore is followed by something that is no variant.
    #[error("the file name names no known variant")]
    BadVariant,
}

impl MediaPath {
    const MAX_EXTENSION: usize = 8;

    /// The path of a file.
    ///
    /// # Errors
    ///
    /// [`MediaPathError::BadExtension`] if `extension` is not 1 to 8 of `[a-z0-9]`.
    pub fn new(
        app: AppId,
        media: MediaId,
        variant: Variant,
        extension: &str,
    ) -> Result<Self, MediaPathError> {
        if !(1..=Self::MAX_EXTENSION).contains(&extension.len())
            || !extension.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            || has_fat(extension)
        {
            return Err(MediaPathError::BadExtension);
        }
        Ok(Self { app, media, variant, extension: extension.into() })
    }

    /// Reads a path exactly as it stands in the request line, percent signs included.
    ///
    /// # Errors
    ///
    /// The first rule the path breaks; all of them are answered 404.
    pub fn parse(raw: &str) -> Result<Self, MediaPathError> {
        let (app, file) = segments(raw).ok_or(MediaPathError::BadShape)?;
        let app = AppId::parse(app).map_err(|_| MediaPathError::BadApp)?;
        let (id, rest) =
            file.split_at_checked(RANDOM_ID_DIGITS).ok_or(MediaPathError::BadMediaId)?;
        let media = MediaId::parse(id).map_err(|_| MediaPathError::BadMediaId)?;
        let (variant, extension) = rest.split_once('.').ok_or(MediaPathError::BadExtension)?;
        let variant = match variant {
            "" => Variant::Original,
            suffix => suffix
                .strip_prefix('_')
                .and_then(Variant::from_suffix)
                .ok_or(MediaPathError::BadVariant)?,
        };
        Self::new(app, media, variant, extension)
    }

    /// The app whose file this is.
    #[must_use]
    pub const fn app(&self) -> &AppId {
        &self.app
    }

    /// The file.
    #[must_use]
    pub const fn media(&self) -> MediaId {
        self.media
    }

    /// The rendition.
    #[must_use]
    pub const fn variant(&self) -> Variant {
        self.variant
    }

    /// The extension, without a dot.
    #[must_use]
    pub fn extension(&self) -> &str {
        &self.extension
    }
}

/// The app and the file of `/{app}/media/{file}`.
fn segments(raw: &str) -> Option<(&str, &str)> {
    let raw = raw.strip_prefix('/')?;
    let (app, rest) = raw.split_at(memchr(b'/', raw.as_bytes())?);
    let file = rest.strip_prefix("/media/")?;
    memchr(b'/', file.as_bytes()).is_none().then_some((app, file))
}

impl fmt::Display for MediaPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/media/{}", self.app, self.media)?;
        if let Some(suffix) = self.variant.suffix() {
            write!(f, "_{suffix}")?;
        }
        write!(f, ".{}", self.extension)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn only_the_one_shape_is_a_media_path() {
        let cases = [
            (format!("/demoapp/media/{ID}.jpg"), Ok(())),
            (format!("/demoapp/media/{ID}_small.webp"), Ok(())),
            (format!("/demoapp/media/{ID}_tiny.webp"), Err(MediaPathError::BadVariant)),
            (format!("/demoapp/media/{ID}"), Err(MediaPathError::BadExtension)),
            (format!("/demoapp/media/{ID}.JPG"), Err(MediaPathError::BadExtension)),
            (format!("/demoapp/media/{ID}.tar.gz"), Err(MediaPathError::BadExtension)),
            (format!("/demoapp/media/{ID}.jpg\0"), Err(MediaPathError::BadExtension)),
            (format!("/demoapp%2fmedia/{ID}.jpg"), Err(MediaPathError::BadShape)),
            (format!("/demoapp/media%2F{ID}.jpg"), Err(MediaPathError::BadShape)),
            (format!("/demoapp/media/../media/{ID}.jpg"), Err(MediaPathError::BadShape)),
            (format!("/demoapp/media//{ID}.jpg"), Err(MediaPathError::BadShape)),
            (format!("//demoapp/media/{ID}.jpg"), Err(MediaPathError::BadShape)),
            (format!("/demoapp/media/{ID}.jpg/"), Err(MediaPathError::BadShape)),
            (format!("/DEMO/media/{ID}.jpg"), Err(MediaPathError::BadApp)),
            (format!("/demoapp/media/%30{}.jpg", &ID[1..]), Err(MediaPathError::BadMediaId)),
            ("/demoapp/media/..".to_owned(), Err(MediaPathError::BadMediaId)),
            (String::new(), Err(MediaPathError::BadShape)),
        ];
        for (raw, expected) in cases {
            assert_eq!(MediaPath::parse(&raw).map(|_| ()), expected, "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn a_parsed_path_is_written_back_byte_for_byte(
            segments in prop::collection::vec(
                prop_oneof![
                    Just(String::new()), Just("media".to_owned()), Just("demoapp".to_owned()),
                    Just(format!("{ID}.jpg")), Just(format!("{ID}_small.webp")),
                    r"\.{1,3}", r"[a-z\\%0-9]{1,6}", r"\PC{1,4}",
                ], 0..5),
            lead in prop_oneof![Just("/"), Just(""), Just("//"), Just("\\")],
        ) {
            let raw = format!("{lead}{}", segments.join("/"));
            if let Ok(path) = MediaPath::parse(&raw) {
                prop_assert_eq!(path.to_string(), raw);
            }
        }
    }
}
