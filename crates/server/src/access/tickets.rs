//! Tickets: each opens one socket for one session, within a minute.

use cloakroom_storage::StorageError;
use cloakroom_token::{
    AppId, CLOCK_SKEW_SECONDS, SessionId, StatementError, StatementKind, Uid, UnixSeconds,
    verify_statement,
};
use serde::{Deserialize, Serialize};

use super::live::Access;
use crate::secret::random;

/// How long a ticket is good, in seconds.
const TICKET_SECONDS: i64 = 60;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct TicketClaims {
    iss: String,
    aud: AppId,
    sub: Uid,
    sid: SessionId,
    iat: i64,
    exp: i64,
    jti: String,
}

/// A ticket that is genuine and has not expired. Whether it was used is asked last.
pub(crate) struct Ticket {
    pub(crate) uid: Uid,
    pub(crate) session: SessionId,
    id: [u8; 16],
    expires_at: UnixSeconds,
}

impl Access {
    /// Makes a ticket. Nothing is written until it is used.
    pub(crate) fn socket_ticket(
        &self,
        app: &AppId,
        uid: &Uid,
        session: SessionId,
    ) -> Result<String, StatementError> {
        let now = self.now();
        let claims = TicketClaims {
            iss: self.issuer().to_owned(),
            aud: app.clone(),
            sub: uid.clone(),
            sid: session,
            iat: now.0,
            exp: now.plus(TICKET_SECONDS).0,
            jti: hex::encode(random::<16>()),
        };
        self.sign_statement(StatementKind::SocketTicket, &claims)
    }

    /// Reads a ticket of an app; `None` if it is forged, expired, another app's or no ticket.
    pub(crate) fn read_ticket(&self, app: &AppId, text: &str) -> Option<Ticket> {
        let keys = self.statement_keys();
        let claims: TicketClaims =
            verify_statement(&keys, StatementKind::SocketTicket, text).ok()?;
        let now = self.now().0;
        let is_of_now = claims.iat <= now + CLOCK_SKEW_SECONDS
            && now < claims.exp
            && claims.exp - claims.iat <= TICKET_SECONDS;
        if claims.iss != self.issuer() || claims.aud != *app || !is_of_now {
            return None;
        }
        let mut id = [0; 16];
        hex::decode_to_slice(&claims.jti, &mut id).ok()?;
        let expires_at = UnixSeconds(claims.exp);
        Some(Ticket { uid: claims.sub, session: claims.sid, id, expires_at })
    }

    /// Uses a ticket; `false` if it was used before, here or on another node. In the database.
    pub(crate) async fn use_ticket(&self, ticket: &Ticket) -> Result<bool, StorageError> {
        self.inner().db.socket_tickets().take(ticket.id, ticket.expires_at).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cloakroom_storage::{Db, SqliteOptions};
    use cloakroom_token::MediaOrigin;
    use serde_json::json;

    use super::*;
    use crate::access::AccessOptions;
    use crate::clock::Clock;
    use crate::master_key::MasterKey;
    use crate::objects::Objects;

    #[tokio::test]
    async fn a_ticket_is_read_by_its_own_app_and_issuer_while_it_lasts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("meta.db");
        let db = Db::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
        let clock = Clock::fixed(UnixSeconds(1_000));
        let node = async |issuer: &str| {
            let options = AccessOptions {
                db: db.clone(),
                clock: clock.clone(),
                origin: MediaOrigin::parse("https://files.test").unwrap(),
                issuer: issuer.to_owned(),
                master: MasterKey::load_or_make(&folder.path().join("master.key")).unwrap(),
                fail_closed_after: Duration::from_secs(10),
                objects: Objects::new(0),
            };
            Access::new(options).await.unwrap()
        };
        let (ours, other_issuer) =
            (node("https://api.test").await, node("https://other.test").await);
        let (app, alice) = (AppId::parse("demoapp").unwrap(), Uid::parse("alice").unwrap());
        let session = SessionId::from_bytes([7; 16]);
        let text = ours.socket_ticket(&app, &alice, session).unwrap();
        let read = ours.read_ticket(&app, &text).unwrap();
        assert_eq!((read.uid, read.session, read.expires_at.0), (alice.clone(), session, 1_060));
        let other_app = AppId::parse("otherapp").unwrap();
        assert!(ours.read_ticket(&other_app, &text).is_none(), "another app's");
        assert!(other_issuer.read_ticket(&app, &text).is_none(), "another installation's");
        let claims = |changed: &str, to: serde_json::Value| {
            let mut claims = json!({"iss": "https://api.test", "aud": "demoapp", "sub": "alice",
                "sid": session, "iat": 1_000, "exp": 1_060, "jti": "0".repeat(32)});
            claims[changed] = to;
            claims
        };
        let cases = [
            ("as it is", StatementKind::SocketTicket, claims("iat", json!(1_000)), true),
            ("a receipt", StatementKind::Receipt, claims("iat", json!(1_000)), false),
            ("for too long", StatementKind::SocketTicket, claims("exp", json!(1_061)), false),
            ("of the future", StatementKind::SocketTicket, claims("iat", json!(1_031)), false),
            ("expired", StatementKind::SocketTicket, claims("exp", json!(1_000)), false),
            ("with more in it", StatementKind::SocketTicket, claims("more", json!(1)), false),
            ("a short id", StatementKind::SocketTicket, claims("jti", json!("00")), false),
        ];
        for (what, kind, claims, is_good) in cases {
            let text = ours.sign_statement(kind, &claims).unwrap();
            assert_eq!(ours.read_ticket(&app, &text).is_some(), is_good, "{what}");
        }
        clock.advance(59);
        assert!(ours.read_ticket(&app, &text).is_some());
        clock.advance(1);
        assert!(ours.read_ticket(&app, &text).is_none(), "its minute is over");
    }
}
