use std::fmt;

/// Whether a browser may show a file in place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Inline {
    /// It holds nothing that could run.
    Allowed,
    /// Serve it as an attachment only, whatever the request asks for.
    Never,
}

/// What a file is, by its bytes. The list is closed: all else is [`ContentType::Binary`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "each variant is named after its format")]
#[non_exhaustive]
pub enum ContentType {
    Aac,
    Avi,
    Avif,
    Binary,
    Bmp,
    Flac,
    Gif,
    Gzip,
    Heic,
    Html,
    Icon,
    JavaScript,
    Jpeg,
    M4a,
    Matroska,
    Midi,
    Mov,
    Mp3,
    Mp4,
    Ogg,
    OggVideo,
    Pdf,
    Png,
    Svg,
    Text,
    ThreeGp,
    Tiff,
    Wav,
    WebM,
    WebMAudio,
    WebP,
    Xml,
    Zip,
}

impl ContentType {
    const ALL: [Self; 33] = [
        Self::Aac,
        Self::Avi,
        Self::Avif,
        Self::Binary,
        Self::Bmp,
        Self::Flac,
        Self::Gif,
        Self::Gzip,
        Self::Heic,
        Self::Html,
        Self::Icon,
        Self::JavaScript,
        Self::Jpeg,
        Self::M4a,
        Self::Matroska,
        Self::Midi,
        Self::Mov,
        Self::Mp3,
        Self::Mp4,
        Self::Ogg,
        Self::OggVideo,
        Self::Pdf,
        Self::Png,
        Self::Svg,
        Self::Text,
        Self::ThreeGp,
        Self::Tiff,
        Self::Wav,
        Self::WebM,
        Self::WebMAudio,
        Self::WebP,
        Self::Xml,
        Self::Zip,
    ];

    /// Reads back what [`ContentType::as_str`] gave; anything else is `None`.
    #[must_use]
    pub fn parse(mime: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|content_type| content_type.as_str() == mime)
    }

    /// The type that files of this extension usually have; without the dot, in lower case.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        let extension = match extension {
            "htm" | "xhtml" => "html",
            "jpeg" | "jpe" => "jpg",
            "m4v" => "mp4",
            "mjs" | "cjs" => "js",
            "oga" | "opus" => "ogg",
            "tif" => "tiff",
            other => other,
        };
        Self::ALL.into_iter().find(|content_type| content_type.extension() == extension)
    }

    /// The value of the `Content-Type` header.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The extension of the media URL: 1–8 characters of `[a-z0-9]`, never containing `fat`,
    /// because the official SDK leaves URLs alone that do.
    #[must_use]
    pub fn extension(self) -> &'static str {
        self.row().1
    }

    /// Whether a browser may show it in place. Formats that can carry script never may, nor may
    /// anything we do not know.
    #[must_use]
    pub fn inline(self) -> Inline {
        self.row().2
    }

    /// Whether this format can run script, or load something that does, when it is opened.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::Html | Self::JavaScript | Self::Pdf | Self::Svg | Self::Xml)
    }

    fn row(self) -> (&'static str, &'static str, Inline) {
        use Inline::{Allowed, Never};
        match self {
            Self::Aac => ("audio/aac", "aac", Allowed),
            Self::Avi => ("video/x-msvideo", "avi", Never),
            Self::Avif => ("image/avif", "avif", Allowed),
            Self::Binary => ("application/octet-stream", "bin", Never),
            Self::Bmp => ("image/bmp", "bmp", Allowed),
            Self::Flac => ("audio/flac", "flac", Allowed),
            Self::Gif => ("image/gif", "gif", Allowed),
            Self::Gzip => ("application/gzip", "gz", Never),
            Self::Heic => ("image/heic", "heic", Allowed),
            Self::Html => ("text/html", "html", Never),
            Self::Icon => ("image/x-icon", "ico", Allowed),
            Self::JavaScript => ("text/javascript", "js", Never),
            Self::Jpeg => ("image/jpeg", "jpg", Allowed),
            Self::M4a => ("audio/mp4", "m4a", Allowed),
            Self::Matroska => ("video/x-matroska", "mkv", Allowed),
            Self::Midi => ("audio/midi", "mid", Never),
            Self::Mov => ("video/quicktime", "mov", Allowed),
            Self::Mp3 => ("audio/mpeg", "mp3", Allowed),
            Self::Mp4 => ("video/mp4", "mp4", Allowed),
            Self::Ogg => ("audio/ogg", "ogg", Allowed),
            Self::OggVideo => ("video/ogg", "ogv", Allowed),
            Self::Pdf => ("application/pdf", "pdf", Never),
            Self::Png => ("image/png", "png", Allowed),
            Self::Svg => ("image/svg+xml", "svg", Never),
            Self::Text => ("text/plain; charset=utf-8", "txt", Allowed),
            Self::ThreeGp => ("video/3gpp", "3gp", Allowed),
            Self::Tiff => ("image/tiff", "tiff", Never),
            Self::Wav => ("audio/wav", "wav", Allowed),
            Self::WebM => ("video/webm", "webm", Allowed),
            Self::WebMAudio => ("audio/webm", "weba", Allowed),
            Self::WebP => ("image/webp", "webp", Allowed),
            Self::Xml => ("application/xml", "xml", Never),
            Self::Zip => ("application/zip", "zip", Never),
        }
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_extension_fits_a_media_url_and_every_type_reads_back() {
        for content_type in ContentType::ALL {
            let extension = content_type.extension();
            assert!((1..=8).contains(&extension.len()), "{extension}");
            assert!(extension.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
            assert!(!extension.contains("fat"), "{extension}");
            assert_eq!(ContentType::parse(content_type.as_str()), Some(content_type));
        }
    }

    #[test]
    fn nothing_active_or_unknown_is_ever_inline() {
        for content_type in ContentType::ALL {
            if content_type.is_active() || content_type == ContentType::Binary {
                assert_eq!(content_type.inline(), Inline::Never, "{content_type}");
            }
        }
    }
}
