//! Secrets that are shown once and stored as a hash: API keys, auth tokens, operator sessions.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloakroom_storage::SecretHash;
use cloakroom_token::KeyId;

/// What an operator token for the REST API begins with.
pub(crate) const OPERATOR_PREFIX: &str = "ckr_op_";

/// 256 random bits behind `prefix`, such as `ckr_key_…`, and the hash to store.
pub(crate) fn mint(prefix: &str) -> (String, SecretHash) {
    let secret = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::<32>()));
    let stored = SecretHash::of(&secret);
    (secret, stored)
}

/// A fresh id of a key: 16 hexadecimal digits.
pub(crate) fn key_id() -> KeyId {
    KeyId::parse(&hex::encode(random::<8>())).expect("16 hexadecimal digits are a key id")
}

/// Random bytes from the system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("a system without randomness cannot run a server");
    bytes
}
