//! Pseudonyms: records name a person, never a uid. Whose they are is known by a secret per user,
//! and by nobody once that is destroyed.

use std::collections::HashMap;

use aws_lc_rs::hmac;
use cloakroom_token::{AppId, SessionId, Uid};
use sqlx::Executor;

use super::Ledger;
use crate::db::{Pools, on};
use crate::error::StorageError;
use crate::statement::sql;

sql! {
    Both {
        PERSON_ADD = "INSERT INTO ledger_person (app_id, uid, secret, person)
            VALUES ($1, $2, $3, $4) ON CONFLICT (app_id, uid) DO NOTHING";
        PERSON_FIND = "SELECT secret FROM ledger_person WHERE app_id = $1 AND uid = $2";
        PERSON_NAMED = "SELECT uid FROM ledger_person WHERE app_id = $1 AND person = $2";
        PERSON_ERASE = "INSERT INTO ledger_person (app_id, uid, secret, person)
            VALUES ($1, $2, NULL, NULL) ON CONFLICT (app_id, uid)
            DO UPDATE SET secret = NULL, person = NULL
            WHERE ledger_person.secret IS NOT NULL";
        PEOPLE_KNOWN = "SELECT app_id, uid FROM ledger_person WHERE secret IS NOT NULL
            AND (app_id > $1 OR (app_id = $1 AND uid > $2)) ORDER BY app_id, uid LIMIT $3";
    }
}

/// The secret of one user.
pub(super) struct Person {
    secret: hmac::Key,
}

impl Person {
    fn new(secret: &[u8]) -> Self {
        Self { secret: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }

    /// How records name the user.
    pub(super) fn name(&self) -> String {
        self.pseudonym("person", "")
    }

    /// How records name a session of the user.
    pub(super) fn session(&self, session: SessionId) -> String {
        self.pseudonym("session", &session.to_string())
    }

    fn pseudonym(&self, kind: &str, of: &str) -> String {
        let tag = hmac::sign(&self.secret, format!("{kind}:{of}").as_bytes());
        hex::encode(&tag.as_ref()[..12])
    }
}

impl Ledger {
    /// The user's secret, made if there is none yet; `None` once it was destroyed.
    pub(super) async fn person(
        &self,
        app: &AppId,
        uid: &Uid,
    ) -> Result<Option<Person>, StorageError> {
        if let Some(found) = self.stored_secret(app, uid).await? {
            return Ok(found.map(|secret| Person::new(&secret)));
        }
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| StorageError::Database(error.into()))?;
        let name = Person::new(&secret).name();
        on!(write self, |c| sqlx::query(PERSON_ADD)
            .bind(app.as_str()).bind(uid.as_str()).bind(secret.as_slice()).bind(name)
            .execute(c).await.map(|_| ()))?;
        let found = self.stored_secret(app, uid).await?.flatten();
        Ok(found.map(|secret| Person::new(&secret)))
    }

    /// How records name the user; `None` if none does, or the user was erased.
    pub(super) async fn person_name(
        &self,
        app: &AppId,
        uid: &Uid,
    ) -> Result<Option<String>, StorageError> {
        let found = self.stored_secret(app, uid).await?.flatten();
        Ok(found.map(|secret| Person::new(&secret).name()))
    }

    async fn stored_secret(
        &self,
        app: &AppId,
        uid: &Uid,
    ) -> Result<Option<Option<Vec<u8>>>, StorageError> {
        Ok(on!(read self, |c| sqlx::query_scalar(PERSON_FIND)
            .bind(app.as_str()).bind(uid.as_str()).fetch_optional(c).await)?)
    }

    /// The uids behind the names in records; who was erased is not among them.
    pub async fn uids(
        &self,
        app: &AppId,
        people: impl IntoIterator<Item = String>,
    ) -> Result<HashMap<String, String>, StorageError> {
        let mut uids = HashMap::new();
        for person in people {
            if uids.contains_key(&person) {
                continue;
            }
            let uid: Option<String> = on!(read self, |c| sqlx::query_scalar(PERSON_NAMED)
                .bind(app.as_str()).bind(&person).fetch_optional(c).await)?;
            if let Some(uid) = uid {
                uids.insert(person, uid);
            }
        }
        Ok(uids)
    }

    /// Destroys the secret of a user for good: no record can be told to be this user's any more,
    /// and each chain still verifies. Says whether there was one.
    pub async fn erase(&self, app: &AppId, uid: &Uid) -> Result<bool, StorageError> {
        let done = on!(write self, |c| sqlx::query(PERSON_ERASE)
            .bind(app.as_str()).bind(uid.as_str())
            .execute(c).await.map(|done| done.rows_affected()))?;
        if let Pools::Lite { w, .. } = &self.pools {
            // The log of writes still holds the page as it was.
            w.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        }
        Ok(done > 0)
    }

    /// At most `limit` users who are known to the ledger, behind one of them, in order.
    pub async fn known(
        &self,
        after: Option<&(String, String)>,
        limit: u32,
    ) -> Result<Vec<(String, String)>, StorageError> {
        let (app, uid) = after.map_or(("", ""), |(app, uid)| (app.as_str(), uid.as_str()));
        Ok(on!(read self, |c| sqlx::query_as(PEOPLE_KNOWN)
            .bind(app).bind(uid).bind(i64::from(limit)).fetch_all(c).await)?)
    }
}
