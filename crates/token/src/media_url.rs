//! A media URL: the secure media host and a path on it.

use std::fmt;

use smol_str::SmolStr;

use crate::id::AppId;
use crate::media_path::MediaPath;

/// The origin of the secure media host, such as `https://files-us.example.com`.
///
/// Scheme `http` or `https`, no path, and never the letters `fat`, which the official SDK takes
/// for a token that is already there.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct MediaOrigin(SmolStr);

/// Why a text is not a media URL, or not an origin.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MediaUrlError {
    /// The origin contains `fat`, so the official SDK would leave its URLs without a token.
    #[error("the media host must not contain the letters \"fat\"")]
    ContainsFat,
    /// Another scheme, host or port, or a user name in front of the host.
    #[error("the URL does not point to the secure media host")]
    ForeignHost,
    /// The text is not a URL.
    #[error("the text is not a URL")]
    NotAUrl,
    /// The path is not that of a file.
    #[error("the URL does not name a file")]
    NotMedia,
    /// An origin with a path, a query or another scheme.
    #[error("the origin is not http(s)://host[:port]")]
    NotAnOrigin,
}

impl MediaOrigin {
    /// Reads an origin; a slash at its end is dropped.
    ///
    /// # Errors
    ///
    /// [`MediaUrlError::NotAUrl`], [`MediaUrlError::NotAnOrigin`] or
    /// [`MediaUrlError::ContainsFat`].
    pub fn parse(raw: &str) -> Result<Self, MediaUrlError> {
        let url = url::Url::parse(raw).map_err(|_| MediaUrlError::NotAUrl)?;
        let origin = url.origin().ascii_serialization();
        if !matches!(url.scheme(), "http" | "https") || url.as_str().trim_end_matches('/') != origin
        {
            return Err(MediaUrlError::NotAnOrigin);
        }
        if origin.contains("fat") {
            return Err(MediaUrlError::ContainsFat);
        }
        Ok(Self(origin.into()))
    }

    /// The origin as browsers write it: no slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Host and port as they stand in a `Host` header.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.0.split_once("://").map_or(&self.0, |(_, authority)| authority)
    }

    /// The value of `SECURED_MEDIA_HOST` for one app: the prefix of all its media URLs.
    #[must_use]
    pub fn secured_media_host(&self, app: &AppId) -> String {
        format!("{}/{app}/media/", self.0)
    }
}

impl fmt::Display for MediaOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A clean media URL: no query, no fragment, no credential.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MediaUrl {
    origin: MediaOrigin,
    path: MediaPath,
}

impl MediaUrl {
    const MAX_BYTES: usize = 8 * 1024;

    /// The URL of a file.
    #[must_use]
    pub const fn new(origin: MediaOrigin, path: MediaPath) -> Self {
        Self { origin, path }
    }

    /// Reads a URL as a browser would (WHATWG URL), and drops its query and fragment.
    ///
    /// A token or signature that comes in with a URL is thereby forgotten.
    ///
    /// # Errors
    ///
    /// [`MediaUrlError::NotAUrl`], [`MediaUrlError::ForeignHost`] or [`MediaUrlError::NotMedia`].
    pub fn parse(origin: &MediaOrigin, raw: &str) -> Result<Self, MediaUrlError> {
        if raw.len() > Self::MAX_BYTES {
            return Err(MediaUrlError::NotAUrl);
        }
        // What is written as we write it needs no general parser.
        if let Some(Ok(path)) = raw.strip_prefix(origin.as_str()).map(MediaPath::parse) {
            return Ok(Self { origin: origin.clone(), path });
        }
        let url = url::Url::parse(raw).map_err(|_| MediaUrlError::NotAUrl)?;
        if url.origin().ascii_serialization() != *origin.0
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(MediaUrlError::ForeignHost);
        }
        let path = MediaPath::parse(url.path()).map_err(|_| MediaUrlError::NotMedia)?;
        Ok(Self { origin: origin.clone(), path })
    }

    /// The path on the secure media host.
    #[must_use]
    pub const fn path(&self) -> &MediaPath {
        &self.path
    }
}

impl fmt::Display for MediaUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}
