//! Gathers the facts of a decision, from memory when warm.

use std::sync::Arc;

use cloakroom_storage::{ApiKeyScope, Carrier, Conversation, Membership, StorageError, StoredFile};
use cloakroom_token::{
    AppFacts, AppId, CallerFacts, CarrierFacts, Claim, Facts, FileFacts, Guid, KeyFacts, MediaId,
    MediaPath, Principal, SessionFacts, SessionId, Standing, Uid, UnixSeconds, UserFacts,
};
use smallvec::SmallVec;

use super::app_numbers::AppNumber;
use super::known_sessions::Known;
use super::live::{Access, KnownApp};

impl Access {
    pub(super) async fn caller(
        &self,
        app_id: &AppId,
        claim: &Claim,
    ) -> Result<CallerFacts, StorageError> {
        let app = self.known_app(app_id).await?;
        self.caller_of(app.as_ref(), claim).await
    }

    /// The same, of an app that was looked up before.
    pub(super) async fn caller_of(
        &self,
        app: Option<&KnownApp>,
        claim: &Claim,
    ) -> Result<CallerFacts, StorageError> {
        let inner = self.inner();
        let mut caller = CallerFacts {
            now: self.now(),
            app: app.map(|known| AppFacts { generation: known.app.generation }),
            claim: claim.clone(),
            session: None,
            user: None,
            key: None,
        };
        let (session, uid, key) = match claim {
            Claim::Session(id)
            | Claim::Fat { session: id, .. }
            | Claim::Presigned { principal: Principal::Session(id), .. } => (Some(*id), None, None),
            Claim::OnBehalf(uid) | Claim::Presigned { principal: Principal::User(uid), .. } => {
                (None, Some(uid.clone()), None)
            }
            Claim::ApiKey(id) | Claim::Presigned { principal: Principal::ApiKey(id), .. } => {
                (None, None, Some(id))
            }
            _ => return Ok(caller),
        };
        // Of an app that does not exist nothing is known, nor kept.
        let Some(&KnownApp { ref app, number }) = app else { return Ok(caller) };
        let app_id = &app.id;
        if let Some(id) = session {
            let known = match inner.sessions.get(number, id) {
                Ok(Known { session, user: Ok(user) }) => Some((session, Some(user))),
                // In a box, so that what asks and finds is small.
                _ => Box::pin(self.load_session(app_id, number, id)).await?,
            };
            if let Some((session, user)) = known {
                (caller.session, caller.user) = (Some(session), user);
            }
        }
        if let Some(uid) = uid {
            let load = || self.load_user(app_id, &uid);
            caller.user = inner.users.get(&(number, uid.clone()), load).await?;
        }
        if let Some(id) = key {
            let load = || async {
                Ok::<_, StorageError>(inner.db.api_keys().by_id(app_id, id).await?.map(|row| {
                    let active = row.revoked_at.is_none() && row.scope == ApiKeyScope::FullAccess;
                    (KeyFacts { active, generation: row.generation }, row.expires_at)
                }))
            };
            let key = inner.api_keys.get(&(app_id.clone(), id.clone()), load).await?;
            // What is kept stays true as time goes by, so the end is judged at each use.
            let expired = |end: Option<UnixSeconds>| end.is_some_and(|end| caller.now >= end);
            caller.key =
                key.map(|(key, end)| KeyFacts { active: key.active && !expired(end), ..key });
        }
        if let Claim::Presigned { delegate: Some(id), .. } = claim {
            caller.key = inner.delegates.facts(app_id, id);
        }
        Ok(caller)
    }

    /// A session and its user, of which not both are known; `None` if there is no such session.
    async fn load_session(
        &self,
        app_id: &AppId,
        number: AppNumber,
        id: SessionId,
    ) -> Result<Option<(SessionFacts, Option<UserFacts>)>, StorageError> {
        let inner = self.inner();
        loop {
            let known = match inner.sessions.get(number, id) {
                Ok(known) => known,
                Err(missing) => {
                    let Some(row) = inner.db.sessions().by_id(app_id, id).await? else {
                        return Ok(None);
                    };
                    let facts = SessionFacts {
                        uid: row.uid,
                        ended: row.ended_at.is_some(),
                        expires_at: row.expires_at,
                        generation: row.generation,
                    };
                    let kept = inner.sessions.keep(missing, (number, id), &facts);
                    let Some(known) = kept else { continue };
                    known
                }
            };
            let Known { session, user } = known;
            let unknown = match user {
                Ok(user) => return Ok(Some((session, Some(user)))),
                Err(unknown) => unknown,
            };
            let Some(user) = self.load_user(app_id, &session.uid).await? else {
                return Ok(Some((session, None)));
            };
            if inner.sessions.keep_user(unknown, (number, &session.uid), user) {
                return Ok(Some((session, Some(user))));
            }
        }
    }

    async fn load_user(&self, app: &AppId, uid: &Uid) -> Result<Option<UserFacts>, StorageError> {
        let row = self.inner().db.users().state(app, uid).await?;
        Ok(row.map(|row| UserFacts { active: row.active, generation: row.generation }))
    }

    /// All that a decision about this claim and path uses, whether or not it would get so far.
    pub(crate) async fn all_facts<'a>(
        &self,
        path: &'a MediaPath,
        claim: &Claim,
        uid: Option<&Uid>,
    ) -> Result<Facts<'a>, StorageError> {
        let caller = self.caller(path.app(), claim).await?;
        let of_session = caller.session.as_ref().map(|session| session.uid.clone());
        let file = self.file(path, uid.or(of_session.as_ref())).await?;
        Ok(Facts { path, caller, file, disposition: None })
    }

    /// What is stored of a file, from memory when warm.
    pub(crate) async fn media(
        &self,
        app: &AppId,
        media: MediaId,
    ) -> Result<Option<Arc<StoredFile>>, StorageError> {
        let load =
            || async { Ok(self.inner().db.media().file_facts(app, media).await?.map(Arc::new)) };
        self.inner().files.get(&(app.clone(), media), load).await
    }

    pub(super) async fn file(
        &self,
        path: &MediaPath,
        reader: Option<&Uid>,
    ) -> Result<Option<FileFacts>, StorageError> {
        let app = path.app();
        let Some(stored) = self.media(app, path.media()).await? else { return Ok(None) };
        let mut carriers = SmallVec::with_capacity(stored.carriers.len());
        for carrier in &stored.carriers {
            carriers.push(self.carrier(app, carrier, reader).await?);
        }
        Ok(Some(FileFacts {
            state: stored.state,
            revoked: stored.revoked,
            generation: stored.generation,
            uploader: stored.uploader.clone(),
            audience: stored.audience,
            ever_carried: stored.ever_carried,
            carriers,
            conversation: None,
            version: stored.version(path.variant()).cloned(),
            file_name: Arc::clone(&stored.file_name),
        }))
    }

    async fn carrier(
        &self,
        app: &AppId,
        carrier: &Carrier,
        reader: Option<&Uid>,
    ) -> Result<CarrierFacts, StorageError> {
        let outside = CarrierFacts {
            sent_at: carrier.sent_at,
            standing: Standing::Outside,
            blocked_since: None,
        };
        let Some(uid) = reader else { return Ok(outside) };
        match &carrier.conversation {
            Conversation::Users(one, other) if uid == one || uid == other => Ok(CarrierFacts {
                standing: Standing::Direct,
                blocked_since: self.blocked_since(app, &carrier.sender, uid).await?,
                ..outside
            }),
            Conversation::Users(..) => Ok(outside),
            Conversation::Group(guid) => {
                let standing = match self.membership(app, guid, uid).await? {
                    None => Standing::Outside,
                    Some(member) => Standing::Member {
                        since: member.joined_at,
                        history_from_join: member.history_from_join,
                    },
                };
                Ok(CarrierFacts { standing, ..outside })
            }
        }
    }

    /// How a user stands to a group, from memory when warm; `None` if outside.
    pub(crate) async fn membership(
        &self,
        app: &AppId,
        guid: &Guid,
        uid: &Uid,
    ) -> Result<Option<Membership>, StorageError> {
        let load = || async { self.inner().db.groups().membership(app, guid, uid).await };
        let key = (app.clone(), (guid.clone(), uid.clone()));
        self.inner().members.get(&key, load).await
    }

    /// Since when one user blocks another, from memory when warm.
    pub(crate) async fn blocked_since(
        &self,
        app: &AppId,
        by: &Uid,
        whom: &Uid,
    ) -> Result<Option<UnixSeconds>, StorageError> {
        if by == whom {
            return Ok(None);
        }
        let load = || async { self.inner().db.blocks().since(app, by, whom).await.map(Some) };
        let key = (app.clone(), (by.clone(), whom.clone()));
        Ok(self.inner().blocks.get(&key, load).await?.flatten())
    }
}

#[cfg(test)]
mod tests {
    use cloakroom_storage::{ApiKeyScope, SecretHash, TokenBasedFileAccess};
    use cloakroom_token::{AppId, Claim, KeyId, PresignTerms, Principal, Seq, UnixSeconds};

    use crate::access::test_access::open;
    use crate::app_defaults::app_settings;
    use crate::clock::Clock;

    #[tokio::test]
    async fn a_url_of_a_rotated_key_ends_with_the_key_although_nothing_happens_then() {
        let folder = tempfile::tempdir().unwrap();
        let (now, clock) = (UnixSeconds(1_000), Clock::fixed(UnixSeconds(1_000)));
        let (db, access) = open(folder.path(), clock.clone()).await;
        let app = AppId::parse("demoapp").unwrap();
        let on = TokenBasedFileAccess::On;
        db.apps().create(&app, "us", on, &app_settings("Demo"), now).await.unwrap();
        let (old, new) = (KeyId::parse("old").unwrap(), KeyId::parse("new").unwrap());
        let (keys, full) = (db.api_keys(), ApiKeyScope::FullAccess);
        keys.create(&app, &old, "key", full, SecretHash::of("old"), now).await.unwrap();
        keys.rotate(&app, &old, (&new, SecretHash::of("new")), 60, now).await.unwrap().unwrap();
        let claim = |key: &KeyId| Claim::Presigned {
            principal: Principal::ApiKey(key.clone()),
            generation: Seq(100),
            terms: PresignTerms::default(),
            expires: UnixSeconds(2_000),
            url: None,
            delegate: None,
        };
        for (seconds, expected) in [(0, true), (59, true), (1, false)] {
            clock.advance(seconds);
            assert_eq!(access.is_alive(&app, &claim(&old)).await.unwrap(), expected, "{seconds}");
            assert!(access.is_alive(&app, &claim(&new)).await.unwrap());
        }
    }
}
