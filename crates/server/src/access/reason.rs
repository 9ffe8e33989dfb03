//! What a refused caller is told.

use cloakroom_token::Refusal;
use cloakroom_wire::Reason;

/// The coarse reason that goes out; never says who was removed or blocked.
pub(crate) fn reason(refusal: Refusal) -> Reason {
    match refusal {
        Refusal::FatExpired | Refusal::FatSuperseded => Reason::FatExpired,
        Refusal::FatInvalid => Reason::FatInvalid,
        Refusal::FatMissing => Reason::FatMissing,
        Refusal::FileRevoked | Refusal::NotInAudience => Reason::NotPermitted,
        Refusal::NotReady => Reason::NotReady,
        Refusal::PresignAltered => Reason::PresignAltered,
        Refusal::PresignExpired | Refusal::PresignSuperseded => Reason::PresignExpired,
        Refusal::SessionEnded | Refusal::UserInactive => Reason::SessionEnded,
        Refusal::TwoCredentials => Reason::TwoCredentials,
        _ => Reason::NotFound,
    }
}
