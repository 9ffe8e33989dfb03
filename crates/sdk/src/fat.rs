//! The File Access Token as the SDK holds it.

use std::fmt;

/// At most this long before its end a FAT is renewed.
const EARLIEST_SECONDS: i64 = 600;

/// A File Access Token, exactly as it stands in `?fat=`. `Debug` is silent.
#[derive(Clone, Eq, PartialEq)]
pub struct Fat {
    token: String,
    received_at: i64,
    expires_at: i64,
}

impl Fat {
    /// `None` if the text could not stand in a query or header as it is.
    pub(crate) fn new(token: &str, received_at: i64, expires_at: i64) -> Option<Self> {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || b"-._~".contains(&c);
        (!token.is_empty() && token.bytes().all(allowed)).then(|| Self {
            token: token.to_owned(),
            received_at,
            expires_at,
        })
    }

    /// The token itself, a compact JWS. Never log it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.token
    }

    /// From when on it is refused: seconds since 1970 UTC by the server's clock.
    #[must_use]
    pub const fn expires_at(&self) -> i64 {
        self.expires_at
    }

    /// After four fifths of its life, but not more than 10 minutes before its end.
    pub(crate) fn renewal_at(&self) -> i64 {
        let life = self.expires_at.saturating_sub(self.received_at).max(0);
        self.expires_at.saturating_sub((life / 5).min(EARLIEST_SECONDS))
    }
}

impl fmt::Debug for Fat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fat").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_renewed_after_four_fifths_but_at_most_ten_minutes_early() {
        for (received, expires, renewal) in
            [(0, 100, 80), (0, 86_400, 85_800), (5, 5, 5), (9, 5, 5)]
        {
            let fat = Fat::new("a.b.c", received, expires).unwrap();
            assert_eq!(fat.renewal_at(), renewal, "{received}..{expires}");
        }
    }

    #[test]
    fn a_text_that_would_break_a_url_or_header_is_no_fat() {
        for text in ["", "a&b=1", "a b", "a\r\nx: y", "a#b", "ä", "a%20"] {
            assert!(Fat::new(text, 0, 9).is_none(), "{text:?}");
        }
        assert!(Fat::new("eyJ-_.a.b~", 0, 9).is_some());
    }

    #[test]
    fn debug_is_silent() {
        let fat = Fat::new("eyJ.a.b", 0, 9).unwrap();
        assert_eq!(format!("{fat:?}"), "Fat { expires_at: 9, .. }");
    }
}
