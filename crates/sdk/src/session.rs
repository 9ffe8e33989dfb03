//! The session of one user: begins, ends, keeps its FAT renewed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cloakroom_wire::{
    AuthToken, ClientInfo, Envelope, FatAnswer, Me, NoMeta, Secret, Settings, TimeMeta, User,
};
use reqwest::{Method, RequestBuilder, Response};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::json;

use crate::api::{Api, Caller, with_json};
use crate::clock::ServerClock;
use crate::media_url::SecureMediaHost;
use crate::{Error, Fat};

/// How long to leave the server alone after the first, second, … failed renewal, in seconds.
const RETRY_SECONDS: [i64; 7] = [5, 10, 20, 40, 80, 160, 300];

/// Called when a session has ended that was not logged out.
pub(crate) type OnExpired = Arc<dyn Fn() + Send + Sync>;

/// Who is logged in, and with what.
pub(crate) struct Sessions {
    pub(crate) api: Api,
    pub(crate) clock: ServerClock,
    on_expired: Option<OnExpired>,
    app_id: String,
    state: Mutex<State>,
    /// Held while a FAT is fetched: who comes meanwhile waits and finds it there.
    renewal: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    /// Counts logins and logouts: what was asked for in another epoch is not kept.
    epoch: u64,
    /// The last epoch whose end was told.
    told_epoch: Option<u64>,
    session: Option<Session>,
    /// Survives a logout, so that media URLs are still known as such.
    host: Option<SecureMediaHost>,
}

struct Session {
    auth_token: Secret,
    user: User,
    fat: Option<Fat>,
    max_file_bytes: Option<u64>,
    max_files: Option<usize>,
    /// Answered renewals, good or bad.
    renewals: u64,
    failures: usize,
    /// No renewal before this moment.
    renew_after: i64,
}

/// The session a call belongs to.
#[derive(Clone)]
pub(crate) struct Ticket {
    pub(crate) epoch: u64,
    auth_token: Secret,
}

impl Sessions {
    pub(crate) fn new(
        api: Api,
        clock: ServerClock,
        app_id: String,
        on_expired: Option<OnExpired>,
    ) -> Self {
        let (state, renewal) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { api, clock, on_expired, app_id, state, renewal }
    }

    pub(crate) async fn login(&self, uid: &str, auth_key: &Secret) -> Result<User, Error> {
        check_id(uid)?;
        let path = ["users", uid, "auth_tokens"];
        let request = self.api.request(Method::POST, &path, &[], Caller::ApiKey(auth_key))?;
        let request = with_json(request, &client_info())?;
        let answer: Envelope<AuthToken, NoMeta> = self.api.call(request).await?;
        self.login_with_auth_token(answer.data.auth_token).await
    }

    pub(crate) async fn login_with_auth_token(&self, token: Secret) -> Result<User, Error> {
        let request = self.api.request(Method::PUT, &["me"], &[], Caller::AuthToken(&token))?;
        let request = with_json(request, &client_info())?;
        let answer: Envelope<Me, TimeMeta> = self.api.call(request).await?;
        if let Some(meta) = answer.meta {
            self.clock.set(meta.server_time);
        }
        let me = answer.data;
        let settings = me.settings.as_ref();
        let limit = |settings: &Settings| usize::try_from(settings.file_count_max).ok();
        let session = Session {
            auth_token: me.auth_token.unwrap_or(token),
            user: me.user.clone(),
            fat: self.read_fat(me.fat.as_ref(), me.fat_expires_at),
            max_file_bytes: settings.map(|settings| settings.file_size_max),
            max_files: settings.and_then(limit),
            renewals: 0,
            failures: 0,
            renew_after: 0,
        };
        let mut state = self.state();
        state.epoch += 1;
        state.session = Some(session);
        state.host = settings
            .and_then(|settings| settings.secured_media_host.as_deref())
            .and_then(|setting| SecureMediaHost::parse(setting, &self.app_id));
        Ok(me.user)
    }

    pub(crate) async fn logout(&self) -> Result<(), Error> {
        let ticket = self.ticket()?;
        self.end(&ticket);
        let request = self.request(&ticket, Method::DELETE, &["me"], &[])?;
        match self.api.call::<IgnoredAny, IgnoredAny>(request).await {
            Err(error) if !error.is_session_gone() => Err(error),
            _ => Ok(()),
        }
    }

    pub(crate) fn user(&self) -> Option<User> {
        self.state().session.as_ref().map(|session| session.user.clone())
    }

    pub(crate) fn host(&self) -> Option<SecureMediaHost> {
        self.state().host.clone()
    }

    /// The FAT, if it is valid now.
    pub(crate) fn fat(&self) -> Option<Fat> {
        let now = self.clock.now();
        let state = self.state();
        let fat = state.session.as_ref()?.fat.as_ref()?;
        (fat.expires_at() > now).then(|| fat.clone())
    }

    /// Most bytes of one file, and most files of one message, as far as the server said.
    pub(crate) fn limits(&self) -> (Option<u64>, Option<usize>) {
        let state = self.state();
        let session = state.session.as_ref();
        (session.and_then(|one| one.max_file_bytes), session.and_then(|one| one.max_files))
    }

    /// The session as it is now.
    pub(crate) fn ticket(&self) -> Result<Ticket, Error> {
        let state = self.state();
        let session = state.session.as_ref().ok_or(Error::NotLoggedIn)?;
        Ok(Ticket { epoch: state.epoch, auth_token: session.auth_token.clone() })
    }

    /// A request in the name of a session.
    pub(crate) fn request(
        &self,
        ticket: &Ticket,
        method: Method,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<RequestBuilder, Error> {
        self.api.request(method, path, query, Caller::AuthToken(&ticket.auth_token))
    }

    /// Sends a request of a session; the session is over once the server does not know it.
    pub(crate) async fn call<T: DeserializeOwned, M: DeserializeOwned>(
        &self,
        ticket: &Ticket,
        request: RequestBuilder,
    ) -> Result<Envelope<T, M>, Error> {
        self.heed(ticket, self.api.call(request).await)
    }

    /// Sends a request of a session whose answer is told by its status and headers.
    pub(crate) async fn send(
        &self,
        ticket: &Ticket,
        request: RequestBuilder,
    ) -> Result<Response, Error> {
        self.heed(ticket, self.api.send(request).await)
    }

    /// Says once that the session of this ticket has ended at the server, if it is still ours.
    pub(crate) fn tell_expired(&self, ticket: &Ticket) {
        if self.state().epoch == ticket.epoch {
            self.tell_end_of(ticket);
        }
    }

    fn tell_end_of(&self, ticket: &Ticket) {
        if self.state().told_epoch.replace(ticket.epoch) == Some(ticket.epoch) {
            return;
        }
        tracing::info!("the session has ended at the server");
        if let Some(on_expired) = &self.on_expired {
            on_expired();
        }
    }

    fn heed<T>(&self, ticket: &Ticket, answer: Result<T, Error>) -> Result<T, Error> {
        match answer {
            Err(error) if error.is_session_gone() => {
                if self.end(ticket) {
                    self.tell_end_of(ticket);
                }
                Err(Error::NotLoggedIn)
            }
            other => other,
        }
    }

    /// The FAT, renewed first if its time has come. A failure counts only if none is valid.
    pub(crate) async fn fresh_fat(&self) -> Result<Option<Fat>, Error> {
        let failure = match self.due() {
            Some(seen) => self.renew(seen).await.err(),
            None => None,
        };
        match (self.fat(), failure) {
            (None, Some(error)) => Err(error),
            (fat, _) => Ok(fat),
        }
    }

    /// A FAT other than `refused`, which the server does not take any more.
    pub(crate) async fn replace_fat(&self, refused: Option<&Fat>) -> Result<Option<Fat>, Error> {
        let seen = {
            let mut state = self.state();
            let session = state.session.as_mut().ok_or(Error::NotLoggedIn)?;
            if session.fat.as_ref() == refused {
                session.fat = None;
                Some(session.renewals)
            } else {
                None
            }
        };
        if let Some(seen) = seen {
            self.renew(seen).await?;
        }
        Ok(self.fat())
    }

    /// Takes `refused` out of use: its session has ended.
    pub(crate) fn forget_fat(&self, refused: Option<&Fat>) {
        if let Some(session) = self.state().session.as_mut()
            && session.fat.as_ref() == refused
        {
            session.fat = None;
        }
    }

    /// Whether it is time to renew: then the number of renewals so far.
    fn due(&self) -> Option<u64> {
        let now = self.clock.now();
        let state = self.state();
        let session = state.session.as_ref().filter(|_| state.host.is_some())?;
        let due_at = session.fat.as_ref().map_or(i64::MIN, Fat::renewal_at);
        (now >= due_at.max(session.renew_after)).then_some(session.renewals)
    }

    /// Fetches a FAT, unless somebody else did since there were `seen` renewals.
    async fn renew(&self, seen: u64) -> Result<(), Error> {
        let _one_at_a_time = self.renewal.lock().await;
        let ticket = self.ticket()?;
        if self.state().session.as_ref().is_none_or(|session| session.renewals != seen) {
            return Ok(());
        }
        let request = self.request(&ticket, Method::POST, &["me", "fat"], &[])?.json(&json!({}));
        let answer = self.call::<FatAnswer, TimeMeta>(&ticket, request).await;
        let answer = answer.and_then(|answer| self.take_fat(&ticket, &answer));
        let now = self.clock.now();
        let mut state = self.state();
        if state.epoch != ticket.epoch {
            return answer;
        }
        if let Some(session) = state.session.as_mut() {
            session.renewals += 1;
            session.failures = if answer.is_ok() { 0 } else { session.failures + 1 };
            // After a success too: a FAT that is due at once must not become a loop.
            let index = session.failures.saturating_sub(1).min(RETRY_SECONDS.len() - 1);
            session.renew_after = now.saturating_add(RETRY_SECONDS[index]);
        }
        tracing::debug!(is_renewed = answer.is_ok(), "asked for a fresh File Access Token");
        answer
    }

    fn take_fat(
        &self,
        ticket: &Ticket,
        answer: &Envelope<FatAnswer, TimeMeta>,
    ) -> Result<(), Error> {
        if let Some(meta) = answer.meta {
            self.clock.set(meta.server_time);
        }
        let fat = self.read_fat(answer.data.fat.as_ref(), answer.data.fat_expires_at);
        let is_off = answer.data.fat.is_none();
        let mut state = self.state();
        if state.epoch != ticket.epoch {
            return Ok(());
        }
        if is_off {
            state.host = None;
        }
        let is_missing = fat.is_none() && !is_off;
        if let Some(session) = state.session.as_mut() {
            session.fat = fat;
        }
        if is_missing {
            return Err(Error::InvalidResponse { status: 200, what: "no File Access Token" });
        }
        Ok(())
    }

    fn read_fat(&self, token: Option<&Secret>, expires_at: Option<i64>) -> Option<Fat> {
        Fat::new(token?.expose(), self.clock.now(), expires_at?)
    }

    /// Whether it was still under way.
    fn end(&self, ticket: &Ticket) -> bool {
        let mut state = self.state();
        let is_under_way = state.epoch == ticket.epoch;
        if is_under_way {
            state.epoch += 1;
            state.session = None;
        }
        is_under_way
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether `id` is a uid or guid: what else would change the path it is put into.
pub(crate) fn check_id(id: &str) -> Result<(), Error> {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-');
    if (1..=100).contains(&id.len()) && id.bytes().all(allowed) {
        Ok(())
    } else {
        Err(Error::InvalidArgument("an id is 1 to 100 of A-Z, a-z, 0-9, _ and -"))
    }
}

fn client_info() -> ClientInfo {
    ClientInfo { platform: Some("rust".to_owned()), ..ClientInfo::default() }
}
