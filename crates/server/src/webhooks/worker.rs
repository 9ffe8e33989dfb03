//! Takes what is due, tries it, and says when to try again.

use std::sync::Arc;
use std::time::Duration;

use cloakroom_storage::{DeliveryState, DueDelivery, Settled, StorageError, Webhooks};
use cloakroom_token::UnixSeconds;
use futures_util::stream::{self, StreamExt};
use tokio::sync::{Mutex, watch};
use zeroize::Zeroizing;

use super::sender::{Reply, Sender, Signed};
use super::sign::signatures;
use crate::access::Access;
use crate::listener::stopped;
use crate::secret;

/// How often it looks for what is due again, or was left by another node.
const POLL: Duration = Duration::from_secs(5);
/// Tries at once.
const CONCURRENT: usize = 8;
/// Deliveries taken at once: of one webhook few, so that one that hangs holds up few others.
const BATCH: u32 = 64;
const BATCH_OF_WEBHOOK: u32 = 2;
/// Longer than a batch can take at the longest time limit.
const LEASE_SECONDS: i64 = 600;
/// Waits before the second try, the third, and so on; then a delivery is dead.
const WAITS_SECONDS: [i64; 7] = [5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600];

/// Delivers the events of the outbox. A clone is a handle.
#[derive(Clone)]
pub(crate) struct Courier(Arc<Inner>);

struct Inner {
    webhooks: Webhooks,
    access: Access,
    sender: Sender,
    /// Names this process in leases.
    owner: String,
    /// One round at a time.
    round: Mutex<()>,
}

impl Courier {
    pub(crate) fn new(webhooks: Webhooks, access: Access, sender: Sender) -> Self {
        let owner = hex::encode(secret::random::<8>());
        Self(Arc::new(Inner { webhooks, access, sender, owner, round: Mutex::new(()) }))
    }

    /// Tries everything that is due now, and returns once each try has ended.
    pub(crate) async fn round(&self) -> Result<(), StorageError> {
        let Inner { webhooks, access, owner, round, .. } = &*self.0;
        let _alone = round.lock().await;
        loop {
            let now = access.now();
            let lease_until = now.plus(LEASE_SECONDS);
            let due = webhooks.lease(owner, BATCH_OF_WEBHOOK, BATCH, lease_until, now).await?;
            if due.is_empty() {
                return Ok(());
            }
            let tries = stream::iter(due).for_each_concurrent(CONCURRENT, async |due| {
                if let Err(error) = self.deliver(&due).await {
                    tracing::warn!(%error, webhook = due.webhook_id, "a delivery was not recorded");
                }
            });
            tries.await;
        }
    }

    async fn deliver(&self, due: &DueDelivery) -> Result<(), StorageError> {
        let Inner { webhooks, access, owner, .. } = &*self.0;
        let Some(url) = webhooks.url(&due.webhook_id).await? else { return Ok(()) };
        let reply = self.try_once(due, &url).await?;
        let now = access.now();
        let settled = settle(reply, due.attempts, secret::random::<1>()[0], now);
        if let Some(error) = settled.error {
            tracing::info!(
                webhook = due.webhook_id,
                delivery = due.id,
                error,
                "a webhook did not take an event"
            );
        }
        webhooks.settle(due, owner, &settled).await?;
        if reply.error == Some("gone") {
            webhooks.disable(&due.webhook_id, now).await?;
        }
        Ok(())
    }

    async fn try_once(&self, due: &DueDelivery, url: &str) -> Result<Reply, StorageError> {
        let Inner { webhooks, access, sender, .. } = &*self.0;
        let now = access.now();
        let stored = webhooks.secrets(&due.webhook_id, now).await?;
        let secrets: Result<Vec<Zeroizing<[u8; 32]>>, _> =
            stored.iter().map(|secret| access.unwrap_key(&secret.id, &secret.wrapped)).collect();
        let secrets = match secrets {
            Ok(secrets) if !secrets.is_empty() => secrets,
            _ => return Ok(Reply { error: Some("secret_unusable"), ..Reply::default() }),
        };
        let each = secrets.iter().map(|secret| secret.as_slice());
        let signatures = signatures(each, &due.id, now.0, &due.payload);
        let signed = Signed { id: &due.id, timestamp: now.0, signatures: &signatures };
        Ok(sender.send(url, &signed, due.payload.clone()).await)
    }
}

/// Where a delivery goes from a try.
fn settle(reply: Reply, attempts: u32, noise: u8, now: UnixSeconds) -> Settled {
    let wait = match reply.error {
        None | Some("gone") => None,
        Some(_) => wait_seconds(attempts, noise),
    };
    let state = match (reply.error, wait) {
        (None, _) => DeliveryState::Delivered,
        (Some(_), Some(_)) => DeliveryState::Pending,
        (Some(_), None) => DeliveryState::Dead,
    };
    Settled {
        state,
        next_at: now.plus(wait.unwrap_or(0)),
        status: reply.status,
        size_bytes: reply.size_bytes,
        error: reply.error,
    }
}

/// How long to wait after so many tries, up to a fifth longer by chance; `None` if there were
/// enough.
fn wait_seconds(attempts: u32, noise: u8) -> Option<i64> {
    let wait = WAITS_SECONDS.get(usize::try_from(attempts).ok()?.checked_sub(1)?)?;
    Some(wait + wait * i64::from(noise) / (5 * i64::from(u8::MAX)))
}

/// Delivers whenever something was written here, and now and again, until `stop` says so. What is
/// under way then is tried again once its lease has ended.
pub(crate) async fn run(courier: Courier, mut stop: watch::Receiver<bool>) {
    let mut posted = courier.0.webhooks.posted_here();
    let mut ticks = tokio::time::interval(POLL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let work = async {
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                changed = posted.changed() => if changed.is_err() { return },
            }
            if let Err(error) = courier.round().await {
                tracing::warn!(%error, "webhooks are not delivered at the moment");
            }
        }
    };
    tokio::select! {
        () = work => {}
        () = stopped(&mut stop) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_try_waits_longer_each_time_and_then_is_dead() {
        let failed = Reply { error: Some("status"), ..Reply::default() };
        let mut before = 0;
        for attempts in 1..=7 {
            let least = settle(failed, attempts, 0, UnixSeconds(0)).next_at.0;
            let most = settle(failed, attempts, u8::MAX, UnixSeconds(0)).next_at.0;
            assert!(before < least && least <= most, "{attempts}");
            assert_eq!(most, least + least / 5, "{attempts}");
            before = most;
        }
        let last = settle(failed, 8, 9, UnixSeconds(7));
        assert_eq!((last.state, last.next_at), (DeliveryState::Dead, UnixSeconds(7)));
        let gone = Reply { error: Some("gone"), ..Reply::default() };
        assert_eq!(settle(gone, 1, 0, UnixSeconds(7)).state, DeliveryState::Dead);
        let taken = settle(Reply::default(), 8, 0, UnixSeconds(7));
        assert_eq!(taken.state, DeliveryState::Delivered);
    }
}
