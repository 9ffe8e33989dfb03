//! Tokens whose signature was verified before: it is, of all a read costs, what costs the most.

use std::sync::Arc;

use cloakroom_token::FatClaims;

use super::bounded_map::BoundedMap;

/// Claims by the whole token. Only what verified stands here.
///
/// An entry is good only under the very key ring that verified it, so a token whose key was revoked
/// while it was being verified is not found. Its time is for whoever finds it to judge.
pub(super) struct VerifiedTokens(BoundedMap<Box<str>, Verified>);

#[derive(Clone)]
struct Verified {
    /// The key ring.
    ring: u64,
    claims: Arc<FatClaims>,
}

impl VerifiedTokens {
    /// None yet; about `most` at most.
    pub(super) fn new(most: usize) -> Self {
        Self(BoundedMap::new(most))
    }

    /// What a token claims that this key ring verified.
    pub(super) fn get(&self, token: &str, ring: u64) -> Option<Arc<FatClaims>> {
        self.0.get(token).ok().filter(|known| known.ring == ring).map(|known| known.claims)
    }

    /// Keeps what a token claims that this key ring verified.
    pub(super) fn keep(&self, token: &str, ring: u64, claims: Arc<FatClaims>) {
        self.0.put(token.into(), Verified { ring, claims });
    }

    /// Forgets everything.
    pub(super) fn forget_all(&self) {
        self.0.forget_all();
    }
}

#[cfg(test)]
mod tests {
    use cloakroom_token::{AppId, Seq, SessionId, Uid, UnixSeconds};

    use super::*;

    #[test]
    fn a_token_is_known_to_the_ring_that_verified_it_and_to_no_other() {
        let claims = Arc::new(FatClaims {
            iss: "https://api.test".to_owned(),
            aud: AppId::parse("demoapp").unwrap(),
            sub: Uid::parse("ann").unwrap(),
            sid: SessionId::from_bytes([1; 16]),
            iat: UnixSeconds(1),
            exp: UnixSeconds(2),
            generation: Seq(0),
            jti: "a".to_owned(),
        });
        let tokens = VerifiedTokens::new(10);
        assert!(tokens.get("a.b.c", 1).is_none());
        tokens.keep("a.b.c", 1, Arc::clone(&claims));
        assert!(tokens.get("a.b.c", 1).is_some());
        assert!(tokens.get("a.b.d", 1).is_none(), "the whole token counts");
        assert!(tokens.get("a.b.c", 2).is_none(), "the key may have been revoked since");
        tokens.keep("a.b.c", 2, claims);
        assert!(tokens.get("a.b.c", 2).is_some());
        assert!(tokens.get("a.b.c", 1).is_none());
    }
}
