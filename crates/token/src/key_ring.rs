//! Keys by their id: one signs, several verify.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use aws_lc_rs::{hmac, rsa, signature};
use jsonwebtoken::{DecodingKey, EncodingKey};

use crate::id::KeyId;

/// Why bytes are not a key, or a ring has no signing key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The bytes are not a key of this kind.
    #[error("the bytes are not a key of this kind")]
    Malformed,
    /// The key that should sign is not in the ring.
    #[error("the signing key is not in the ring")]
    NoSigningKey,
}

/// One signing key and several verifying keys, by key id.
#[derive(Clone, Debug)]
pub struct KeyRing<K> {
    signing: KeyId,
    keys: BTreeMap<KeyId, K>,
}

impl<K> KeyRing<K> {
    /// A ring in which `signing` signs and all of `keys` verify.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoSigningKey`] if `signing` is not among `keys`.
    pub fn new(
        signing: KeyId,
        keys: impl IntoIterator<Item = (KeyId, K)>,
    ) -> Result<Self, KeyError> {
        let keys: BTreeMap<_, _> = keys.into_iter().collect();
        if !keys.contains_key(&signing) {
            return Err(KeyError::NoSigningKey);
        }
        Ok(Self { signing, keys })
    }

    /// The key that signs, and its id.
    #[must_use]
    pub fn signing(&self) -> (&KeyId, &K) {
        (&self.signing, &self.keys[&self.signing])
    }

    /// The key of this id, if the ring knows it.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&K> {
        self.keys.get(id)
    }

    /// The key of this id with the id itself, if the ring knows it.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<(&KeyId, &K)> {
        self.keys.get_key_value(id)
    }

    /// All keys, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&KeyId, &K)> {
        self.keys.iter()
    }
}

/// An Ed25519 key pair for File Access Tokens (RFC 8037).
#[derive(Clone)]
pub struct FatKey {
    pub(crate) encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
    public: [u8; 32],
}

impl FatKey {
    /// The key pair of a secret seed of 32 random bytes.
    ///
    /// # Errors
    ///
    /// [`KeyError::Malformed`] if the library refuses the seed.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Malformed)?;
        let private = pair.to_pkcs8v1().map_err(|_| KeyError::Malformed)?;
        let mut public = [0; 32];
        public.copy_from_slice(pair.public_key().as_ref());
        Ok(Self {
            encoding: EncodingKey::from_ed_der(private.as_ref()),
            decoding: DecodingKey::from_ed_der(&public),
            public,
        })
    }

    /// The public key, for the JWKS (RFC 8037 section 2).
    #[must_use]
    pub const fn public_bytes(&self) -> &[u8; 32] {
        &self.public
    }
}

impl fmt::Debug for FatKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FatKey(..)")
    }
}

/// A key for presigned URLs.
pub enum PresignKey {
    /// HMAC-SHA-256: we make the URL and we check it.
    Native(Box<hmac::Key>),
    /// RSA with PKCS #1 padding and SHA-256: a CDN may check it at its edge with the public key.
    CloudFront(Box<rsa::KeyPair>),
}

impl PresignKey {
    /// A native key of 32 secret random bytes.
    #[must_use]
    pub fn native(secret: &[u8; 32]) -> Self {
        Self::Native(Box::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// A key that a CDN can check, from a private RSA key of at least 2048 bits in PKCS #8.
    ///
    /// # Errors
    ///
    /// [`KeyError::Malformed`] if it is not one.
    pub fn cloudfront(pkcs8: &[u8]) -> Result<Self, KeyError> {
        let pair = rsa::KeyPair::from_pkcs8(pkcs8).map_err(|_| KeyError::Malformed)?;
        Ok(Self::CloudFront(Box::new(pair)))
    }

    /// Signs `message`; `None` only if the library fails.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Signature> {
        match self {
            Self::Native(key) => Some(Signature::Native(hmac::sign(key, message))),
            Self::CloudFront(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let random = aws_lc_rs::rand::SystemRandom::new();
                pair.sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut signature).ok()?;
                Some(Signature::CloudFront(signature))
            }
        }
    }

    /// Whether `signature` is this key's over `message`; in constant time for native keys.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Native(key) => hmac::verify(key, message, signature).is_ok(),
            Self::CloudFront(pair) => signature::UnparsedPublicKey::new(
                &signature::RSA_PKCS1_2048_8192_SHA256,
                pair.public_key().as_ref(),
            )
            .verify(message, signature)
            .is_ok(),
        }
    }

    /// Whether the URL must say `Hash-Algorithm=SHA256` for the CDN to check it.
    pub(crate) const fn names_hash(&self) -> bool {
        matches!(self, Self::CloudFront(_))
    }
}

/// The bytes of a signature.
pub(crate) enum Signature {
    Native(hmac::Tag),
    CloudFront(Vec<u8>),
}

impl AsRef<[u8]> for Signature {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Native(tag) => tag.as_ref(),
            Self::CloudFront(bytes) => bytes,
        }
    }
}

impl fmt::Debug for PresignKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PresignKey(..)")
    }
}
