//! The view of this node, and what is decided with it; `facts.rs` gathers, `feed.rs` keeps it true.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, Guard};
use cloakroom_storage::{
    App, Change, Db, IssuedFat, KeyPurpose, Membership, SecretHash, StorageError, StoredFile, View,
};
use cloakroom_token::{
    AppId, Claim, Disposition, Fat, FatClaims, FileFacts, Guid, KeyFacts, KeyId, MediaId,
    MediaOrigin, MediaPath, PresignTerms, PresignedUrl, ReadGrant, Reader, Refusal, Seq, SessionId,
    StatementError, StatementKind, Uid, UnixSeconds, UrlId, UserFacts, admit, expires_at, presign,
    sign_statement,
};
use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::app_numbers::{AppNumber, AppNumbers};
use super::delegates::Delegates;
use super::freshness::Freshness;
use super::keys::{Keys, KeysError, add_key, revoke_key};
use super::known_sessions::KnownSessions;
use super::news::{News, NewsRoom};
use super::node::Node;
use super::read_through::ReadThrough;
use super::retold::Retold;
use super::verified::{Lately, Verified};
use crate::clock::Clock;
use crate::master_key::{MasterKey, MasterKeyError};
use crate::objects::Objects;
use crate::secret;
use crate::sockets::OpenSockets;

const MOST_SESSIONS: usize = 1_048_576;
const MOST_FILES: usize = 200_000;
const MOST_OTHERS: usize = 200_000;
const MOST_TOKENS: usize = 100_000;
const MOST_URLS: usize = 50_000;

/// The view of this node: facts by key, kept true by the change feed. A clone is a handle.
#[derive(Clone)]
pub(crate) struct Access(Arc<Inner>);

/// What [`Access::new`] needs.
pub(crate) struct AccessOptions {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) origin: MediaOrigin,
    pub(crate) issuer: String,
    pub(crate) master: MasterKey,
    pub(crate) fail_closed_after: Duration,
    /// What is kept of files, dropped with them.
    pub(crate) objects: Objects,
}

/// An app, and its number on this node.
#[derive(Clone)]
pub(crate) struct KnownApp {
    pub(crate) app: Arc<App>,
    pub(super) number: AppNumber,
}

type InApp<K> = (AppId, K);

pub(super) struct Inner {
    pub(super) db: Db,
    pub(super) clock: Clock,
    origin: MediaOrigin,
    issuer: String,
    pub(super) master: MasterKey,
    keys: ArcSwap<Keys>,
    pub(super) verified_fats: Verified<(FatClaims, KeyId)>,
    pub(super) verified_urls: Verified<PresignedUrl>,
    /// The URLs that are worth keeping: most are fetched once.
    pub(super) lately: Lately,
    pub(super) freshness: Freshness,
    pub(super) node: Node,
    pub(super) news: NewsRoom,
    objects: Objects,
    pub(super) retold: Retold,
    pub(super) sockets: Arc<OpenSockets>,
    pub(super) applied: AtomicU64,
    /// How far the feed is applied, for whoever does not wait for `cursor`.
    pub(super) head: AtomicI64,
    pub(super) delegates: Delegates,
    /// Whether the last look at the feed did not come to its end.
    pub(super) is_behind: AtomicBool,
    pub(super) cursor: tokio::sync::Mutex<Seq>,
    apps: ReadThrough<AppId, KnownApp>,
    pub(super) api_keys: ReadThrough<InApp<KeyId>, (KeyFacts, Option<UnixSeconds>)>,
    pub(super) blocks: ReadThrough<InApp<(Uid, Uid)>, Option<UnixSeconds>>,
    pub(super) files: ReadThrough<InApp<MediaId>, Arc<StoredFile>>,
    pub(super) members: ReadThrough<InApp<(Guid, Uid)>, Membership>,
    pub(super) numbers: AppNumbers,
    /// With their users.
    pub(super) sessions: KnownSessions,
    /// Users in whose name the app's back end asks.
    pub(super) users: ReadThrough<(AppNumber, Uid), UserFacts>,
}

impl Access {
    /// Loads the key ring and starts with an empty view at the head of the feed.
    pub(crate) async fn new(options: AccessOptions) -> Result<Self, KeysError> {
        let AccessOptions { db, clock, origin, issuer, master, fail_closed_after, objects } =
            options;
        let cursor = db.changes().head().await?;
        let retold = Retold::default();
        for entry in db.changes().watermark_window(cursor, clock.now()).await? {
            // Told before this node was there.
            retold.is_new(&entry);
        }
        let keys = Keys::load_or_make(&db, &master, clock.now()).await?;
        let delegates = Delegates::load(&db, &master).await?;
        let node = Node::join(&db, &clock, fail_closed_after, cursor).await?;
        Ok(Self(Arc::new(Inner {
            freshness: Freshness::new(clock.clone(), fail_closed_after),
            node,
            news: NewsRoom::new(),
            objects,
            retold,
            sockets: Arc::default(),
            db,
            clock,
            origin,
            issuer,
            master,
            keys: ArcSwap::from_pointee(keys),
            verified_fats: Verified::new(MOST_TOKENS),
            verified_urls: Verified::new(MOST_URLS),
            lately: Lately::new(),
            applied: AtomicU64::new(0),
            head: AtomicI64::new(cursor.0),
            delegates,
            is_behind: AtomicBool::new(false),
            cursor: tokio::sync::Mutex::new(cursor),
            apps: ReadThrough::new(MOST_OTHERS),
            api_keys: ReadThrough::new(MOST_OTHERS),
            blocks: ReadThrough::new(MOST_OTHERS),
            files: ReadThrough::new(MOST_FILES),
            members: ReadThrough::new(MOST_OTHERS),
            numbers: AppNumbers::default(),
            sessions: KnownSessions::new(MOST_SESSIONS),
            users: ReadThrough::new(MOST_SESSIONS),
        })))
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Now, by the server's clock.
    pub(crate) fn now(&self) -> UnixSeconds {
        self.0.clock.now()
    }

    /// The origin of every media URL.
    pub(crate) fn origin(&self) -> &MediaOrigin {
        &self.0.origin
    }

    /// Whether what is in memory may still be believed; if not, media answers 503.
    pub(crate) fn is_fresh(&self) -> bool {
        self.is_fresh_at(Instant::now())
    }

    /// The same, for whoever has just read the clock.
    pub(crate) fn is_fresh_at(&self, now: Instant) -> bool {
        let now = self.0.clock.nanoseconds_at(now);
        self.0.freshness.is_fresh_at(now) && self.0.node.holds_lease_at(now)
    }

    /// In which second since the start that was, counted from 1.
    pub(crate) fn second_of(&self, now: Instant) -> u64 {
        self.0.clock.nanoseconds_at(now) / 1_000_000_000 + 1
    }

    /// Time since the last good look at the change feed began.
    pub(crate) fn feed_age(&self) -> Duration {
        self.0.freshness.age()
    }

    /// Hears of what is applied from now on.
    pub(crate) fn news(&self) -> broadcast::Receiver<News> {
        self.0.news.listen()
    }

    /// Hears of messages and marks that are applied from now on.
    pub(crate) fn posts(&self) -> broadcast::Receiver<Change> {
        self.0.news.listen_to_posts()
    }

    /// The open sockets of this node.
    pub(crate) fn sockets(&self) -> &Arc<OpenSockets> {
        &self.0.sockets
    }

    /// Who signs tokens and statements.
    pub(crate) fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The server goes down: event streams end.
    pub(crate) fn end_streams(&self) {
        self.0.news.tell(News::Closing);
    }

    /// Gives the lease back; nothing is decided here any more.
    pub(crate) async fn leave(&self) {
        if let Err(error) = self.0.db.nodes().leave(self.0.node.id()).await {
            tracing::warn!(%error, "the lease was not given back");
        }
    }

    /// Grows whenever something was applied that bears on access.
    pub(crate) fn applied(&self) -> u64 {
        self.0.applied.load(Ordering::Acquire)
    }

    /// The public keys of File Access Tokens (RFC 7517, RFC 8037).
    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": self.keys().jwks() })
    }

    /// Signs a statement that can be checked offline with the public keys.
    pub(crate) fn sign_statement(
        &self,
        kind: StatementKind,
        claims: &impl serde::Serialize,
    ) -> Result<String, StatementError> {
        sign_statement(&self.keys().statement, kind, claims)
    }

    /// The public keys of statements.
    pub(super) fn statement_keys(&self) -> Vec<(KeyId, [u8; 32])> {
        let keys = self.keys();
        keys.statement.iter().map(|(id, key)| (id.clone(), *key.public_bytes())).collect()
    }

    /// An app and its settings; `None` if there is none of this id.
    pub(crate) async fn app(&self, id: &AppId) -> Result<Option<Arc<App>>, StorageError> {
        Ok(self.known_app(id).await?.map(|known| known.app))
    }

    /// The same, with its number.
    pub(crate) async fn known_app(&self, id: &AppId) -> Result<Option<KnownApp>, StorageError> {
        let load = || async {
            let app = self.0.db.apps().by_id(id).await?;
            Ok(app.map(|app| KnownApp { app: Arc::new(app), number: self.0.numbers.of(id) }))
        };
        self.0.apps.get(id, load).await
    }

    /// The live session of an auth token; `None` if it is unknown, ended, expired, or its user is
    /// not active.
    pub(crate) async fn session_of_token(
        &self,
        app: &AppId,
        auth_token: &str,
    ) -> Result<Option<(SessionId, Uid)>, StorageError> {
        let Some(KnownApp { number, .. }) = self.known_app(app).await? else { return Ok(None) };
        let hash = SecretHash::of(auth_token);
        let half = hash.first_half();
        let known = self.0.sessions.by_token(number, &half);
        let id = if let Some(known) = known {
            known
        } else {
            let load = self.0.db.sessions();
            let Some(session) = Box::pin(load.by_auth_token(app, hash, self.now())).await? else {
                return Ok(None);
            };
            session.id
        };
        let caller = self.caller(app, &Claim::Session(id)).await?;
        if known.is_none() {
            self.0.sessions.keep_token(number, id, &half);
        }
        match admit(&caller).map(Reader::from) {
            Ok(Reader::Session(id, uid)) => Ok(Some((id, uid))),
            _ => Ok(None),
        }
    }

    /// Whether a claim is alive now.
    pub(crate) async fn is_alive(&self, app: &AppId, claim: &Claim) -> Result<bool, StorageError> {
        Ok(admit(&self.caller(app, claim).await?).is_ok())
    }

    /// Decides one read. A file is looked up only for a credential that is alive.
    pub(crate) async fn decide(
        &self,
        path: &MediaPath,
        claim: &Claim,
        disposition: Option<Disposition>,
    ) -> Result<Result<ReadGrant, Refusal>, StorageError> {
        let app = self.known_app(path.app()).await?;
        self.decide_in(app.as_ref(), path, claim, disposition).await
    }

    /// The same, where the path's app was looked up before.
    pub(crate) async fn decide_in(
        &self,
        app: Option<&KnownApp>,
        path: &MediaPath,
        claim: &Claim,
        disposition: Option<Disposition>,
    ) -> Result<Result<ReadGrant, Refusal>, StorageError> {
        let caller = self.caller_of(app, claim).await?;
        let admitted = match admit(&caller) {
            Err(refusal) => return Ok(Err(refusal)),
            Ok(admitted) => admitted,
        };
        let file = self.file(path, admitted.reader().uid()).await?;
        Ok(admitted.decide(path, file, disposition))
    }

    /// The facts of a file as they are for somebody outside every conversation.
    pub(crate) async fn file_for_anyone(
        &self,
        path: &MediaPath,
    ) -> Result<Option<FileFacts>, StorageError> {
        self.file(path, None).await
    }

    /// Issues a File Access Token to a live session, and gives what is to be recorded of it.
    pub(crate) async fn issue_fat(
        &self,
        app: &App,
        session: SessionId,
        uid: &Uid,
        lifetime_seconds: i64,
    ) -> Result<(Fat, IssuedFat), StorageError> {
        let caller = self.caller(&app.id, &Claim::Session(session)).await?;
        let generation = caller.session.as_ref().map_or(Seq(0), |session| session.generation);
        let generation =
            generation.max(caller.user.map_or(Seq(0), |user| user.generation)).max(app.generation);
        let now = self.now();
        let claims = FatClaims {
            iss: self.0.issuer.clone(),
            aud: app.id.clone(),
            sub: uid.clone(),
            sid: session,
            iat: now,
            exp: now.plus(lifetime_seconds),
            generation,
            jti: hex::encode(secret::random::<12>()),
        };
        let keys = self.keys();
        let fat =
            Fat::issue(&keys.fat, &claims).expect("claims of bounded length always make a token");
        let key = keys.fat.signing().0.clone();
        Ok((fat, IssuedFat { key, expires_at: claims.exp }))
    }

    /// Presigns the URL of a granted file, and says when it expires.
    pub(crate) fn presign(
        &self,
        grant: &ReadGrant,
        terms: &PresignTerms,
        lifetime_seconds: i64,
    ) -> Option<(String, UnixSeconds)> {
        let expires = match terms.views {
            // Each has views of its own, so there is nothing to keep the same.
            Some(_) => self.now().plus(lifetime_seconds),
            None => expires_at(self.now(), lifetime_seconds),
        };
        let url = presign(grant, terms, expires, &self.0.origin, &self.keys().presign)?;
        Some((url, expires))
    }

    /// Takes the view that a fetch is, of those that a URL has. In the database.
    pub(crate) async fn take_view(
        &self,
        app: &AppId,
        url: UrlId,
        most: u32,
        expires: UnixSeconds,
    ) -> Result<View, StorageError> {
        self.0.db.url_views().take(app, url, most, expires, self.now()).await
    }

    /// How far the feed is applied here.
    pub(crate) fn head(&self) -> Seq {
        Seq(self.0.head.load(Ordering::Acquire))
    }

    /// Makes a key that signs once every node has had the time to learn of it, and says when.
    pub(crate) async fn rotate_key(
        &self,
        purpose: KeyPurpose,
    ) -> Result<(KeyId, UnixSeconds), StorageError> {
        let (now, signs_from) = (self.now(), self.next_signs_from());
        let id = add_key(&self.0.db, &self.0.master, purpose, signs_from, now).await?;
        Ok((id, signs_from))
    }

    /// Revokes a key and all that it signed; `None` if it was revoked before.
    pub(crate) async fn revoke_key(&self, id: &KeyId) -> Result<Option<Seq>, StorageError> {
        revoke_key(&self.0.db, &self.0.master, id, self.now()).await
    }

    /// When a key that is made now begins to sign: no node that still decides is unaware of it then.
    pub(crate) fn next_signs_from(&self) -> UnixSeconds {
        self.now().plus(self.0.node.lease_seconds().into())
    }

    /// Wraps a secret with the master key, under an id of its own.
    pub(crate) fn wrap(&self, id: &KeyId, secret: &[u8; 32]) -> Vec<u8> {
        self.0.master.wrap(id, secret)
    }

    /// Unwraps what [`Access::wrap`] made for the same id.
    pub(crate) fn unwrap_key(
        &self,
        id: &KeyId,
        wrapped: &[u8],
    ) -> Result<zeroize::Zeroizing<[u8; 32]>, MasterKeyError> {
        self.0.master.unwrap_key(id, wrapped)
    }

    pub(super) fn keys(&self) -> Guard<Arc<Keys>> {
        self.0.keys.load()
    }
}

impl Inner {
    /// Forgets what an entry of the feed may have changed. Doing it twice is harmless.
    pub(super) fn forget(&self, change: &Change) {
        match change {
            // Delegates are loaded anew, not forgotten; of messages nothing is kept.
            Change::Barrier { .. }
            | Change::DelegatedKey(..)
            | Change::Mark(..)
            | Change::Message(..) => {}
            Change::ApiKey(app, id) => {
                self.api_keys.forget(&(app.clone(), id.clone()));
            }
            Change::AppSettings(app) => {
                self.apps.forget(app);
            }
            Change::Block(app, by, whom) => {
                self.blocks.forget(&(app.clone(), (by.clone(), whom.clone())));
            }
            Change::File(app, media) => {
                let known = self.files.forget(&(app.clone(), *media));
                for (_, version) in known.iter().flat_map(|file| &file.versions) {
                    self.objects.forget(version.blob);
                }
            }
            Change::Group(..) => self.members.forget_all(),
            Change::GroupMember(app, guid, uid) => {
                self.members.forget(&(app.clone(), (guid.clone(), uid.clone())));
            }
            Change::Session(app, id) => {
                self.sessions.forget(self.numbers.of(app), *id);
            }
            Change::UserState(app, uid) => {
                let number = self.numbers.of(app);
                self.sessions.forget_user(number, uid);
                self.users.forget(&(number, uid.clone()));
            }
            _ => self.forget_all(),
        }
    }

    /// Forgets everything: an entry that this version does not know.
    pub(super) fn forget_all(&self) {
        self.apps.forget_all();
        self.api_keys.forget_all();
        self.blocks.forget_all();
        self.files.forget_all();
        self.members.forget_all();
        self.sessions.forget_all();
        self.users.forget_all();
        self.verified_fats.forget_all();
        self.verified_urls.forget_all();
    }

    /// Whether a key that waited begins to sign now.
    pub(super) fn is_key_due(&self) -> bool {
        self.keys.load().next_at.is_some_and(|at| at <= self.clock.now())
    }

    /// Loads the key ring anew.
    pub(super) async fn reload_keys(&self) -> Result<(), KeysError> {
        let keys = Keys::load_or_make(&self.db, &self.master, self.clock.now()).await?;
        self.keys.store(Arc::new(keys));
        self.verified_fats.forget_all();
        self.verified_urls.forget_all();
        Ok(())
    }
}
