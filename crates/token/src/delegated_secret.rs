//! The secret of a delegated key, as it is handed out.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::key_ring::PresignKey;

const PREFIX: &str = "ckr_dk_";

/// The secret of a delegated key: 32 random bytes, written `ckr_dk_` and then base64url.
#[derive(Clone)]
pub struct DelegatedSecret(Zeroizing<[u8; 32]>);

impl DelegatedSecret {
    /// The secret of 32 bytes that the caller drew at random.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// Reads a secret as it was handed out; `None` if the text is none.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(raw.strip_prefix(PREFIX)?).ok()?);
        let mut secret = Zeroizing::new([0; 32]);
        if bytes.len() != secret.len() {
            return None;
        }
        secret.copy_from_slice(&bytes);
        Some(Self(secret))
    }

    /// The secret as it is handed out. Never log it.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }

    /// The key for HMAC-SHA-256.
    #[must_use]
    pub fn key(&self) -> PresignKey {
        PresignKey::native(&self.0)
    }
}

impl fmt::Debug for DelegatedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DelegatedSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_as_it_was_handed_out_and_never_shown_by_accident() {
        let secret = DelegatedSecret::from_bytes(&[0xfb; 32]);
        let text = secret.expose();
        assert_eq!(DelegatedSecret::parse(&text).unwrap().expose(), text);
        assert!(!format!("{secret:?}").contains(&text[10..]));
        let bare = text.trim_start_matches("ckr_dk_").to_owned();
        for bad in ["", "ckr_dk_", &bare, &text[..text.len() - 1], &format!("{text}A")] {
            assert!(DelegatedSecret::parse(bad).is_none(), "{bad}");
        }
    }
}
