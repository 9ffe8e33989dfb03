//! Secrets as they are stored.

use aws_lc_rs::digest;

/// SHA-256 of a 256-bit random secret. The secret itself is never stored.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of the secret as its holder sends it, prefix included.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, secret.as_bytes()).as_ref());
        Self(hash)
    }

    /// The first 128 bits, for whoever keeps many of them in memory.
    #[must_use]
    pub fn first_half(&self) -> [u8; 16] {
        let [half @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = self.0;
        half
    }

    pub(crate) fn stored(self) -> Vec<u8> {
        self.0.to_vec()
    }
}
