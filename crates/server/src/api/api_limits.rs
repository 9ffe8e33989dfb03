//! What one address, user, session and app may ask of the REST API in a minute.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use cloakroom_storage::App;
use cloakroom_token::{AppId, Claim, Guid, Uid};
use smallvec::SmallVec;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Api;
use super::error::ApiError;
use crate::client_address::{client_address, network};
use crate::clock::Clock;
use crate::limits::{Charge, FailureLimit, Meter, Spender, Wait};

/// Unknown keys and auth tokens of one address, and what is looked up for it beyond them.
const FAILURES_PER_MINUTE: u64 = 600;
const SPARED_PER_MINUTE: u64 = 6000;
/// Auth tokens made with an `authOnly` key, which may stand in a web page.
const LOGINS_PER_MINUTE_OF_UID: u64 = 60;
const LOGINS_PER_MINUTE_OF_ADDRESS: u64 = 600;
/// Passwords of groups that are tried.
const PASSWORDS_PER_MINUTE_OF_UID: u64 = 10;
const PASSWORDS_PER_MINUTE_OF_ADDRESS: u64 = 60;
/// Passwords that are hashed at once, each in 19 MiB of memory.
const PASSWORD_SLOTS: usize = 2;

/// Who tries something.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
enum Trier {
    Address(IpAddr),
    Login(AppId, Uid),
    Password(AppId, Uid, Guid),
}

/// The limits of the REST API.
pub(super) struct ApiLimits {
    failures: FailureLimit,
    presigned: Meter<Spender>,
    logins: Meter<Trier>,
    passwords: Meter<Trier>,
    password_slots: Semaphore,
    proxy_hops: usize,
}

/// The client's address, for limits.
pub(super) struct Address(pub(super) IpAddr);

impl FromRequestParts<Api> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Infallible> {
        Ok(Self(api.limits.address(parts)))
    }
}

impl ApiLimits {
    pub(super) fn new(clock: &Clock, proxy_hops: usize) -> Self {
        Self {
            failures: FailureLimit::new(clock, FAILURES_PER_MINUTE, SPARED_PER_MINUTE),
            presigned: Meter::new(clock.clone()),
            logins: Meter::new(clock.clone()),
            passwords: Meter::new(clock.clone()),
            password_slots: Semaphore::new(PASSWORD_SLOTS),
            proxy_hops,
        }
    }

    fn address(&self, parts: &Parts) -> IpAddr {
        client_address(&parts.headers, &parts.extensions, self.proxy_hops)
    }

    /// The client's address.
    pub(super) fn address_of(&self, request: &Request) -> IpAddr {
        client_address(request.headers(), request.extensions(), self.proxy_hops)
    }

    /// Asks to look a key or auth token up.
    pub(super) fn admit(&self, parts: &Parts) -> Result<(), Wait> {
        self.failures.admit(self.address(parts))
    }

    /// Counts a key or auth token that is none.
    pub(super) fn failed(&self, parts: &Parts) -> Result<(), Wait> {
        self.failures.failed(self.address(parts))
    }

    /// Asks to verify a ticket from an address.
    pub(super) fn admit_from(&self, address: IpAddr) -> Result<(), Wait> {
        self.failures.admit(address)
    }

    /// Counts a ticket from an address that is none.
    pub(super) fn failed_from(&self, address: IpAddr) -> Result<(), Wait> {
        self.failures.failed(address)
    }

    /// Charges URLs to the app and to the one who asks, before the first of them is decided.
    pub(super) fn presign(&self, app: &App, claim: &Claim, urls: usize) -> Result<(), Wait> {
        let policy = &app.settings.policy;
        let id = || app.id.clone();
        let asker = match claim {
            Claim::Session(session) => Spender::Session(id(), *session),
            Claim::OnBehalf(uid) => Spender::User(id(), uid.clone()),
            Claim::ApiKey(key) => Spender::Key(id(), key.clone()),
            _ => Spender::Nobody(id()),
        };
        let per_asker = u64::from(policy.presigned_urls_per_minute_per_session);
        let of_app = policy.presigned_urls_per_minute.map(u64::from);
        let cost = u64::try_from(urls).unwrap_or(u64::MAX);
        let charges: SmallVec<[_; 2]> = of_app
            .map(|per_minute| (Spender::App(id()), per_minute))
            .into_iter()
            .chain([(asker, per_asker)])
            .map(|(key, per_minute)| Charge { key, cost, per_minute })
            .collect();
        self.presigned.take(&charges)
    }

    /// Counts a login of a user from an address.
    pub(super) fn log_in(&self, app: &AppId, uid: &Uid, address: IpAddr) -> Result<(), Wait> {
        let of_uid = Trier::Login(app.clone(), uid.clone());
        self.logins.take(&[
            one(of_uid, LOGINS_PER_MINUTE_OF_UID),
            one(Trier::Address(network(address)), LOGINS_PER_MINUTE_OF_ADDRESS),
        ])
    }

    /// Counts a try of a group's password.
    pub(super) fn try_password(
        &self,
        app: &AppId,
        uid: &Uid,
        guid: &Guid,
        address: IpAddr,
    ) -> Result<(), Wait> {
        let of_uid = Trier::Password(app.clone(), uid.clone(), guid.clone());
        self.passwords.take(&[
            one(of_uid, PASSWORDS_PER_MINUTE_OF_UID),
            one(Trier::Address(network(address)), PASSWORDS_PER_MINUTE_OF_ADDRESS),
        ])
    }

    /// Waits for the right to hash a password.
    pub(super) async fn password_slot(&self) -> Result<SemaphorePermit<'_>, ApiError> {
        self.password_slots.acquire().await.map_err(ApiError::internal)
    }
}

fn one(key: Trier, per_minute: u64) -> Charge<Trier> {
    Charge { key, cost: 1, per_minute }
}
