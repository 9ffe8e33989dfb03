//! Identifiers: one newtype each, one way in.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Why a text is not an identifier.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// A character outside the identifier's alphabet.
    #[error("a character is not allowed in this identifier")]
    BadCharacter,
    /// Shorter or longer than the identifier may be.
    #[error("the identifier has a wrong length")]
    BadLength,
    /// The letters `fat` in an app id: the official SDK would leave its URLs without a token.
    #[error("an app id must not contain the letters \"fat\"")]
    ContainsFat,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $lengths:expr, $allowed:expr $(, $extra:expr)?) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(SmolStr);

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl $name {
            /// Reads the identifier.
            ///
            /// # Errors
            ///
            /// The first rule the text breaks.
            pub fn parse(raw: &str) -> Result<Self, IdError> {
                if !$lengths.contains(&raw.len()) {
                    return Err(IdError::BadLength);
                }
                if !raw.bytes().all($allowed) {
                    return Err(IdError::BadCharacter);
                }
                $($extra(raw)?;)?
                Ok(Self(raw.into()))
            }

            /// The identifier as it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(raw: &str) -> Result<Self, IdError> {
                Self::parse(raw)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(raw: String) -> Result<Self, IdError> {
                Self::parse(&raw)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }
    };
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn no_fat(raw: &str) -> Result<(), IdError> {
    if has_fat(raw) { Err(IdError::ContainsFat) } else { Ok(()) }
}

/// Whether a short text has the letters `fat` in it.
pub(crate) fn has_fat(raw: &str) -> bool {
    raw.as_bytes().windows(3).any(|letters| letters == b"fat")
}

/// What each byte is worth as a lowercase hexadecimal digit; more than 15 if it is none.
const DIGITS: [u8; 256] = {
    let mut digits = [u8::MAX; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    digits
};

/// Reads lowercase hexadecimal digits, as each read of a file does.
fn read_hex(digits: &[u8; RANDOM_ID_DIGITS]) -> Option<[u8; 16]> {
    let (mut bytes, mut all) = ([0; 16], 0);
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let (high, low) = (DIGITS[usize::from(pair[0])], DIGITS[usize::from(pair[1])]);
        all |= high | low;
        *byte = high << 4 | low;
    }
    (all < 16).then_some(bytes)
}

text_id! {
    /// A tenant: 4 to 32 of `[a-z0-9]`, without the letters `fat`.
    AppId, (4..=32), |b| b.is_ascii_lowercase() || b.is_ascii_digit(), no_fat
}
text_id! {
    /// A person of a chat app: 1 to 100 of `[A-Za-z0-9_-]`.
    Uid, (1..=100), word
}
text_id! {
    /// A group of a chat app: 1 to 100 of `[A-Za-z0-9_-]`.
    Guid, (1..=100), word
}
text_id! {
    /// Names one key of the key ring, or one API key: 1 to 64 of `[A-Za-z0-9_-]`.
    KeyId, (1..=64), word
}

/// Writes up to 32 bytes as lowercase hexadecimal digits, in one piece.
pub(crate) fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut digits = [0; 64];
    let digits = &mut digits[..bytes.len() * 2];
    hex::encode_to_slice(bytes, digits).map_err(|_| fmt::Error)?;
    f.write_str(std::str::from_utf8(digits).map_err(|_| fmt::Error)?)
}

/// How many hexadecimal digits a random identifier has.
pub(crate) const RANDOM_ID_DIGITS: usize = 32;

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// 128 random bits, written as 32 lowercase hexadecimal digits.
        #[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd, Deserialize, Serialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 16]);

        impl $name {
            /// Makes the identifier of 128 bits that the caller drew at random.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 128 bits.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Reads 32 lowercase hexadecimal digits.
            ///
            /// # Errors
            ///
            /// The first rule the text breaks.
            pub fn parse(raw: &str) -> Result<Self, IdError> {
                let digits = raw.as_bytes().try_into().map_err(|_| IdError::BadLength)?;
                read_hex(digits).map(Self).ok_or(IdError::BadCharacter)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(raw: &str) -> Result<Self, IdError> {
                Self::parse(raw)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(raw: String) -> Result<Self, IdError> {
                Self::parse(&raw)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

random_id! {
    /// Names one stored file of an app.
    MediaId
}
random_id! {
    /// Names one login of one user.
    SessionId
}
random_id! {
    /// Names the stored bytes of one version of one file; always fresh, never used twice.
    BlobKey
}

/// SHA-256 of the stored bytes of a file.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct ContentHash(pub [u8; 32]);

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_id_is_short_lowercase_and_never_hides_the_word_the_sdk_skips() {
        let cases = [
            ("demo", Ok(())),
            ("abc", Err(IdError::BadLength)),
            ("", Err(IdError::BadLength)),
            ("Demo1", Err(IdError::BadCharacter)),
            ("a.b.c", Err(IdError::BadCharacter)),
            ("myfatapp", Err(IdError::ContainsFat)),
            (&"a".repeat(32), Ok(())),
            (&"a".repeat(33), Err(IdError::BadLength)),
        ];
        for (raw, expected) in cases {
            assert_eq!(AppId::parse(raw).map(|_| ()), expected, "{raw:?}");
        }
    }

    #[test]
    fn a_random_id_reads_only_what_it_writes() {
        let id = MediaId::from_bytes([0xab; 16]);
        assert_eq!(MediaId::parse(&id.to_string()), Ok(id));
        assert_eq!(MediaId::parse(&"AB".repeat(16)), Err(IdError::BadCharacter));
        assert_eq!(MediaId::parse(&"ab".repeat(15)), Err(IdError::BadLength));
        assert_eq!(MediaId::parse(&"zz".repeat(16)), Err(IdError::BadCharacter));
        for place in 0..RANDOM_ID_DIGITS {
            for byte in 0..=u8::MAX {
                let mut digits = *b"0123456789abcdef0123456789abcdef";
                digits[place] = byte;
                let known = hex::decode(digits).ok().filter(|_| !byte.is_ascii_uppercase());
                assert_eq!(read_hex(&digits).map(Vec::from), known, "{byte} at {place}");
            }
        }
    }
}
