//! Statements of an installation: receipts and ledger heads, which can be checked offline, and
//! tickets for sockets. A JWS in compact form (RFC 7515), signed with Ed25519 (RFC 8037), never
//! accepted as a File Access Token: the `typ` of its header is another, and so is its key. A ticket
//! opens one socket; nothing else takes it, and a socket takes no other statement.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::id::KeyId;
use crate::key_ring::{FatKey, KeyRing};

/// A longer text is not looked at.
pub const MAX_STATEMENT_BYTES: usize = 16 * 1024;

/// What a statement is about; the `typ` of its header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StatementKind {
    /// The last record of a day of the ledger.
    LedgerHead,
    /// A revocation that is in force.
    Receipt,
    /// Leave to open one socket.
    SocketTicket,
}

impl StatementKind {
    const fn typ(self) -> &'static str {
        match self {
            Self::LedgerHead => "ledger-head+jwt",
            Self::Receipt => "receipt+jwt",
            Self::SocketTicket => "socket-ticket+jwt",
        }
    }
}

/// Why a statement is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatementError {
    /// The signature is not that of the named key.
    #[error("the statement's signature is wrong")]
    BadSignature,
    /// Not a statement of this kind: wrong shape, unknown members, too long.
    #[error("the text is not a statement of this kind")]
    Malformed,
    /// None of the given keys has the id that it names.
    #[error("the statement names an unknown key")]
    UnknownKey,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader {
    typ: String,
    alg: String,
    kid: String,
}

/// Signs `claims` with the ring's signing key.
///
/// # Errors
///
/// [`StatementError::Malformed`] if the claims make it longer than [`MAX_STATEMENT_BYTES`] or are
/// no JSON object.
pub fn sign_statement(
    ring: &KeyRing<FatKey>,
    kind: StatementKind,
    claims: &impl Serialize,
) -> Result<String, StatementError> {
    let (id, key) = ring.signing();
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(kind.typ().to_owned());
    header.kid = Some(id.to_string());
    let text = jsonwebtoken::encode(&header, claims, &key.encoding)
        .map_err(|_| StatementError::Malformed)?;
    if text.len() > MAX_STATEMENT_BYTES { Err(StatementError::Malformed) } else { Ok(text) }
}

/// Verifies a statement with public keys by their id, as a JWKS lists them.
///
/// # Errors
///
/// In this order: [`StatementError::Malformed`], [`StatementError::UnknownKey`],
/// [`StatementError::BadSignature`].
pub fn verify_statement<T: DeserializeOwned>(
    keys: &[(KeyId, [u8; 32])],
    kind: StatementKind,
    text: &str,
) -> Result<T, StatementError> {
    let malformed = StatementError::Malformed;
    if text.len() > MAX_STATEMENT_BYTES || text.split('.').count() != 3 {
        return Err(malformed);
    }
    let header = text.split('.').next().unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| malformed)?;
    let header: StrictHeader = serde_json::from_slice(&header).map_err(|_| malformed)?;
    if header.typ != kind.typ() || header.alg != "EdDSA" {
        return Err(malformed);
    }
    let (_, public) =
        keys.iter().find(|(id, _)| id.as_str() == header.kid).ok_or(StatementError::UnknownKey)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    jsonwebtoken::decode::<T>(text, &DecodingKey::from_ed_der(public), &validation)
        .map(|verified| verified.claims)
        .map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::Json(_) => malformed,
            _ => StatementError::BadSignature,
        })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_statement_is_read_only_as_its_own_kind_and_unaltered() {
        let id = KeyId::parse("k1").unwrap();
        let key = FatKey::from_seed(&[3; 32]).unwrap();
        let keys = [(id.clone(), *key.public_bytes())];
        let ring = KeyRing::new(id.clone(), [(id, key)]).unwrap();
        let claims = json!({"jti": "r1", "seq": 7});
        let text = sign_statement(&ring, StatementKind::Receipt, &claims).unwrap();
        let read = |text: &str, kind| verify_statement::<Value>(&keys, kind, text);
        assert_eq!(read(&text, StatementKind::Receipt).unwrap(), claims);
        for other in [StatementKind::LedgerHead, StatementKind::SocketTicket] {
            assert_eq!(read(&text, other), Err(StatementError::Malformed), "{other:?}");
        }
        assert_eq!(
            verify_statement::<Value>(&[], StatementKind::Receipt, &text),
            Err(StatementError::UnknownKey)
        );
        let payload = URL_SAFE_NO_PAD.encode(json!({"jti": "r1", "seq": 8}).to_string());
        let mut parts: Vec<&str> = text.split('.').collect();
        parts[1] = &payload;
        assert_eq!(
            read(&parts.join("."), StatementKind::Receipt),
            Err(StatementError::BadSignature)
        );
        assert_eq!(read("a.b", StatementKind::Receipt), Err(StatementError::Malformed));
    }
}
