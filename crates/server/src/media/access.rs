//! From a request to a grant: gathers, then asks the pure function.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::http::StatusCode;
use cloakroom_storage::{App, TokenBasedFileAccess, View};
use cloakroom_token::{
    Asides, Claim, Credential, Disposition, MediaPath, Principal, ReadGrant, Reader, Refusal,
    Variant,
};
use cloakroom_wire::Reason;

use super::asked::Asked;
use super::{MediaError, MediaState};
use crate::access::{Access, SignedClaim, Signer, reason};
use crate::client_address::address_behind;
use crate::headers::{Headers, Name, visible};
use crate::ledger::Read;
use crate::limits::{Charge, Spender};

static FAT: Name = Name::new("fat");
static AUTHORIZATION: Name = Name::new("authorization");

/// By what a browser says that it fetches ahead (Fetch, `Sec-Purpose`; older names).
static PURPOSES: [Name; 4] =
    [Name::new("sec-purpose"), Name::new("purpose"), Name::new("x-purpose"), Name::new("x-moz")];

/// Whoever has this may read the file: a handler that takes it cannot forget to ask.
pub(crate) struct MediaAccess {
    /// The proof.
    pub(crate) grant: ReadGrant,
    /// The app, as it was when it was decided.
    pub(crate) app: Arc<App>,
    /// What it was decided on, to decide again while bytes are on their way.
    pub(crate) request: MediaRequest,
    /// What the feed had brought when the decision began.
    pub(crate) seen: u64,
    /// When the request came.
    pub(crate) began: Instant,
    /// The client's address.
    pub(crate) address: IpAddr,
}

/// What a request asks for, and by which right.
#[derive(Clone)]
pub(crate) struct MediaRequest {
    pub(crate) path: MediaPath,
    claim: Claim,
    /// The key by which that was believed, for whoever decides again.
    signer: Option<Signer>,
    disposition: Option<Disposition>,
    /// A File Access Token that stands in the query.
    pub(crate) fat_in_query: bool,
}

impl MediaAccess {
    /// Decides about a request.
    ///
    /// # Errors
    ///
    /// The first row of the refusal table that applies.
    pub(crate) async fn of(
        asked: Asked<'_>,
        peer: SocketAddr,
        began: Instant,
        state: &MediaState,
    ) -> Result<Self, MediaError> {
        let path = MediaPath::parse(asked.path)?;
        if !state.access.is_fresh_at(began) {
            return Err(MediaError::Stale);
        }
        let address = address_behind(asked.headers, peer.ip(), state.proxy_hops);
        let (credential, asides) = credential(asked);
        let SignedClaim { claim, signer } =
            if let Some(known) = state.access.known_claim(path.app(), credential, asked.target) {
                known
            } else {
                // The HMAC of a presigned URL costs less than refusing it: only tokens have to ask.
                if matches!(credential, Credential::Fat(_)) {
                    state.failures.admit(address)?;
                }
                state.access.claim(&path, credential, asked.target).await?
            };
        let request = MediaRequest {
            claim,
            signer,
            disposition: asides.disposition,
            fat_in_query: asides.fat_in_query,
            path,
        };
        request.charge_delegate(state)?;
        let seen = state.access.applied();
        match request.decide(&state.access).await {
            Ok(Decided { grant, app, would_refuse }) => {
                if let Some(refusal) = would_refuse {
                    state.observer.note(&request.path, reason(refusal), asked.headers);
                }
                Ok(Self { grant, app, request, seen, began, address })
            }
            Err(MediaError::Refused(refusal)) => {
                if matches!(refusal, Refusal::FatInvalid | Refusal::PresignAltered) {
                    state.failures.failed(address)?;
                }
                request.note_refusal(state, refusal, asked.headers, address);
                Err(refusal.into())
            }
            Err(error) => Err(error),
        }
    }
}

/// A read that is granted.
pub(crate) struct Decided {
    pub(crate) grant: ReadGrant,
    app: Arc<App>,
    /// Why it would be refused if the app did more than observe.
    would_refuse: Option<Refusal>,
}

impl MediaRequest {
    /// Decides by the state of the app: off and observe open to everybody what was not taken
    /// back, and observe says what `on` would refuse.
    pub(crate) async fn decide(&self, access: &Access) -> Result<Decided, MediaError> {
        let known = access.known_app(self.path.app()).await?.ok_or(Refusal::UnknownApp)?;
        let app = Arc::clone(&known.app);
        let mut would_refuse = None;
        if app.token_based_file_access != TokenBasedFileAccess::Off {
            let claim = access.claim_now(&self.claim, self.signer.as_ref());
            let decided = access.decide_in(Some(&known), &self.path, &claim, self.disposition);
            match decided.await? {
                Ok(grant) => return Ok(Decided { grant, app, would_refuse }),
                Err(refusal) if app.token_based_file_access == TokenBasedFileAccess::On => {
                    return Err(refusal.into());
                }
                Err(refusal) => would_refuse = Some(refusal),
            }
        }
        Ok(Decided { grant: self.unprotected(access).await?, app, would_refuse })
    }

    /// Charges the fetch to the delegated key that signed the URL.
    fn charge_delegate(&self, state: &MediaState) -> Result<(), MediaError> {
        let Claim::Presigned { delegate: Some(key), .. } = &self.claim else { return Ok(()) };
        let Some(per_minute) = state.access.fetches_per_minute(key) else { return Ok(()) };
        let charge = Charge { key: key.clone(), cost: 1, per_minute: per_minute.into() };
        Ok(state.delegated.take(&[charge])?)
    }

    /// Takes a view, where the URL has a number of them: the only URLs whose fetch asks the
    /// database. Thumbnails are not counted, and nothing is where an app refuses nothing.
    pub(crate) async fn view(
        &self,
        access: &Access,
        app: &App,
        headers: Headers<'_>,
    ) -> Result<(), MediaError> {
        let Claim::Presigned { terms, expires, url: Some(url), .. } = &self.claim else {
            return Ok(());
        };
        let Some(views) = &terms.views else { return Ok(()) };
        if self.path.variant() != Variant::Original
            || app.token_based_file_access != TokenBasedFileAccess::On
        {
            return Ok(());
        }
        if is_prefetch(headers) {
            return Err(MediaError::Prefetch);
        }
        match Box::pin(access.take_view(&app.id, *url, views.most(), *expires)).await? {
            View::Continues | View::Taken => Ok(()),
            View::Refused => Err(Refusal::PresignExpired.into()),
        }
    }

    /// Notes that somebody looks, in apps where files go once everybody did. Thumbnails and what a
    /// browser fetches ahead are no looks.
    pub(crate) fn note_look(
        &self,
        state: &MediaState,
        grant: &ReadGrant,
        app: &App,
        headers: Headers<'_>,
    ) {
        let (Reader::Session(_, uid) | Reader::OnBehalf(uid)) = grant.reader() else { return };
        let goes = app.settings.policy.goes_after_view();
        if goes && self.path.variant() == Variant::Original && !is_prefetch(headers) {
            state.views.note(self.path.app(), self.path.media(), uid);
        }
    }

    /// Tells the ledger of a read that was granted.
    pub(crate) fn note(
        &self,
        state: &MediaState,
        grant: &ReadGrant,
        status: StatusCode,
        headers: Headers<'_>,
        address: IpAddr,
    ) {
        let (session, uid, key) = match grant.reader() {
            Reader::Session(id, uid) => (Some(*id), Some(uid.clone()), None),
            Reader::OnBehalf(uid) => (None, Some(uid.clone()), None),
            Reader::Bearer(key) => (None, None, Some(key.clone())),
            Reader::Anyone | Reader::Server(_) => (None, None, None),
        };
        let read = Read { session, uid, key, ..self.read(status.as_u16(), None) };
        state.recorder.read(read, |recorder| recorder.origin(headers, address));
    }

    /// Tells the ledger of a refused read: by name if the credential is genuine, else as a count.
    pub(crate) fn note_refusal(
        &self,
        state: &MediaState,
        refusal: Refusal,
        headers: Headers<'_>,
        address: IpAddr,
    ) {
        // Nothing is kept of apps that do not exist.
        if refusal == Refusal::UnknownApp {
            return;
        }
        let (reason, status) = (reason(refusal), refusal.status());
        let named = match &self.claim {
            Claim::Fat { session, uid, .. } => (Some(*session), Some(uid.clone()), None),
            Claim::Presigned { principal: Principal::Session(id), .. } => (Some(*id), None, None),
            Claim::Presigned { principal: Principal::User(uid), .. } => {
                (None, Some(uid.clone()), None)
            }
            Claim::Presigned { principal: Principal::ApiKey(key), .. } => {
                (None, None, Some(key.clone()))
            }
            _ => return state.recorder.refusal(self.path.app(), reason, status),
        };
        let (session, uid, key) = named;
        let read = Read { session, uid, key, ..self.read(status, Some(reason)) };
        state.recorder.read(read, |recorder| recorder.origin(headers, address));
    }

    fn read(&self, status: u16, reason: Option<Reason>) -> Read {
        Read {
            app: self.path.app().clone(),
            session: None,
            uid: None,
            key: None,
            media: self.path.media(),
            variant: self.path.variant(),
            status,
            reason,
        }
    }

    /// Who reads, for limits; `None` if nobody is named.
    pub(crate) fn reader(&self) -> Option<Spender> {
        let app = self.path.app().clone();
        match &self.claim {
            Claim::Fat { session, .. }
            | Claim::Session(session)
            | Claim::Presigned { principal: Principal::Session(session), .. } => {
                Some(Spender::Session(app, *session))
            }
            Claim::OnBehalf(uid) | Claim::Presigned { principal: Principal::User(uid), .. } => {
                Some(Spender::User(app, uid.clone()))
            }
            Claim::Presigned { principal: Principal::ApiKey(key), .. } => {
                Some(Spender::Key(app, key.clone()))
            }
            _ => None,
        }
    }

    async fn unprotected(&self, access: &Access) -> Result<ReadGrant, MediaError> {
        let file = access.file_for_anyone(&self.path).await?;
        #[expect(clippy::disallowed_methods, reason = "the app does not protect its files")]
        let grant = ReadGrant::unprotected(&self.path, file, self.disposition)?;
        Ok(grant)
    }
}

/// Whether a browser fetches ahead of what somebody looks at.
fn is_prefetch(headers: Headers<'_>) -> bool {
    PURPOSES.iter().any(|name| {
        let text = headers.text(name);
        text.is_some_and(|text| text.to_ascii_lowercase().contains("prefetch"))
    })
}

fn credential(asked: Asked<'_>) -> (Credential<'_>, Asides) {
    let texts = |name| asked.headers.all(name).map(|value| visible(value).unwrap_or_default());
    Credential::parse(asked.query, texts(&FAT), texts(&AUTHORIZATION))
}
