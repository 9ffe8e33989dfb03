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
