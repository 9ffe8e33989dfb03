//! The signed head of a day: how many records there are, and where their chain ends.

use cloakroom_storage::{DayRow, LedgerDay};
use cloakroom_token::{
    AppId, ContentHash, KeyId, StatementError, StatementKind, UnixSeconds, verify_statement,
};
use cloakroom_wire::{LedgerHeadClaims, LedgerHeadLink};

/// What the head of a day says; `before` is the closed day before it.
pub(super) fn claims(
    issuer: &str,
    app: Option<&AppId>,
    day: &DayRow,
    before: Option<&DayRow>,
    now: UnixSeconds,
) -> LedgerHeadClaims {
    LedgerHeadClaims {
        iss: issuer.to_owned(),
        aud: app.map(ToString::to_string),
        iat: now.0,
        day: day.day.to_string(),
        records: day.records,
        hash: hex::encode(day.hash.0),
        previous: before.map(|before| LedgerHeadLink {
            day: before.day.to_string(),
            hash: hex::encode(before.hash.0),
        }),
    }
}

/// A head that is genuine: its claims, its day, and where the chain ends.
pub(crate) struct VerifiedHead {
    pub(crate) claims: LedgerHeadClaims,
    pub(crate) day: LedgerDay,
    pub(crate) hash: ContentHash,
}

/// Checks a head with the public keys of the installation.
pub(crate) fn verify(
    text: &str,
    keys: &[(KeyId, [u8; 32])],
) -> Result<VerifiedHead, StatementError> {
    let claims: LedgerHeadClaims = verify_statement(keys, StatementKind::LedgerHead, text)?;
    let day = LedgerDay::parse(&claims.day).ok_or(StatementError::Malformed)?;
    let mut hash = [0; 32];
    hex::decode_to_slice(&claims.hash, &mut hash).map_err(|_| StatementError::Malformed)?;
    Ok(VerifiedHead { claims, day, hash: ContentHash(hash) })
}
