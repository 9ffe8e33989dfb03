//! What the maker of a presigned URL may choose.

use crate::views::Views;

/// Whether the browser shows a file or saves it (RFC 6266).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Disposition {
    /// Saved.
    Attachment,
    /// Shown, if its type is safe to show.
    Inline,
}

impl Disposition {
    /// Reads `attachment` or `inline`; `None` for anything else.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        match raw {
            "attachment" => Some(Self::Attachment),
            "inline" => Some(Self::Inline),
            _ => None,
        }
    }

    /// The word in the URL and in the header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attachment => "attachment",
            Self::Inline => "inline",
        }
    }
}

/// What a URL was made for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
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

impl UrlPurpose {
    /// Every purpose, by name.
    pub const ALL: [Self; 4] = [Self::Download, Self::Export, Self::Mail, Self::Push];

    /// Reads a purpose; `None` if the word is not one of [`UrlPurpose::ALL`].
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == raw)
    }

    /// The word in the URL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::Export => "export",
            Self::Mail => "mail",
            Self::Push => "push",
        }
    }
}

/// What the maker of a presigned URL may choose.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PresignTerms {
    /// What it is for.
    pub purpose: Option<UrlPurpose>,
    /// How many views it is good for; `None`: any number.
    pub views: Option<Views>,
    /// Inline or download.
    pub disposition: Option<Disposition>,
}
