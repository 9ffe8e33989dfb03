//! A session in few bytes.

use cloakroom_token::{Seq, SessionFacts, Uid, UnixSeconds};

/// What is known of a session, as it is kept: of these there are as many as people who read.
#[derive(Clone)]
pub(super) struct KnownSession {
    uid: Uid,
    generation: Seq,
    /// Twice the second at which it ends by itself, if ever, and one more if it was ended.
    end: i64,
}

/// The second at which a session ends that does not end by itself.
const NEVER: i64 = i64::MAX >> 1;

impl From<SessionFacts> for KnownSession {
    fn from(facts: SessionFacts) -> Self {
        let SessionFacts { uid, ended, expires_at, generation } = facts;
        let second = expires_at.map_or(NEVER, |at| at.0.clamp(0, NEVER));
        Self { uid, generation, end: second << 1 | i64::from(ended) }
    }
}

impl From<KnownSession> for SessionFacts {
    fn from(known: KnownSession) -> Self {
        let KnownSession { uid, generation, end } = known;
        let second = end >> 1;
        let expires_at = (second < NEVER).then_some(UnixSeconds(second));
        Self { uid, ended: end & 1 == 1, expires_at, generation }
    }
}

#[cfg(test)]
mod tests {
    use cloakroom_token::SessionId;

    use super::*;
    use crate::access::app_numbers::AppNumber;
    use crate::access::bounded_map::BoundedMap;

    #[test]
    fn a_known_session_says_what_was_known_of_it() {
        let uid = Uid::parse("ann").unwrap();
        for expires_at in [None, Some(UnixSeconds(0)), Some(UnixSeconds(1_790_000_000))] {
            for ended in [false, true] {
                let facts =
                    SessionFacts { uid: uid.clone(), ended, expires_at, generation: Seq(7) };
                assert_eq!(SessionFacts::from(KnownSession::from(facts.clone())), facts);
            }
        }
    }

    #[test]
    fn a_known_session_takes_few_bytes() {
        let session = BoundedMap::<(AppNumber, SessionId), KnownSession>::BYTES_EACH;
        let token = BoundedMap::<(AppNumber, [u8; 16]), SessionId>::BYTES_EACH;
        assert_eq!((session, token), (64, 40));
    }
}
