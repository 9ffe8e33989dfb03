//! Follows the change feed, so that the view stays true.

use std::sync::atomic::Ordering;

use cloakroom_storage::{Change, FeedEntry, StorageError};
use cloakroom_token::{Claim, Seq};
use tokio::sync::watch;

use super::live::Access;
use super::news::News;
use super::retold::is_post;
use crate::listener::stopped;
use crate::sockets::End;

const BATCH: u32 = 1000;

impl Access {
    /// Applies what was appended to the feed since the last look.
    ///
    /// When this returns, no decision begun afterwards rests on what the new entries ended.
    ///
    /// After an error nothing counts as applied: the next look begins at the same place, no
    /// receipt is given, and without a good look in time media answers 503.
    pub(crate) async fn catch_up(&self) -> Result<(), StorageError> {
        let inner = self.inner();
        let mut cursor = inner.cursor.lock().await;
        let began = inner.clock.monotonic();
        inner.is_behind.store(true, Ordering::Release);
        let mut has_barrier = false;
        let late = inner.db.changes().watermark_window(*cursor, inner.clock.now()).await?;
        self.apply(&late).await?;
        inner.retold.keep(&late, *cursor);
        loop {
            let entries = inner.db.changes().after(*cursor, BATCH).await?;
            let Some(last) = entries.last() else { break };
            let last = last.seq;
            self.apply(&entries).await?;
            has_barrier |= self.apply_named_by_barriers(&entries, *cursor).await?;
            *cursor = last;
            inner.head.store(last.0, Ordering::Release);
        }
        if has_barrier {
            inner.node.acknowledge(&inner.db, *cursor).await?;
        }
        inner.freshness.looked(began);
        inner.is_behind.store(false, Ordering::Release);
        self.take_up_keys().await;
        Ok(())
    }

    /// Lets a key that waited sign, once its time has come.
    async fn take_up_keys(&self) {
        if self.inner().is_key_due()
            && let Err(error) = self.inner().reload_keys().await
        {
            tracing::error!(%error, "a new key cannot be taken up; the one before it signs on");
        }
    }

    /// Applies what barriers name of places that were passed before; says whether there was one
    /// that somebody else may be waiting for.
    async fn apply_named_by_barriers(
        &self,
        entries: &[FeedEntry],
        passed: Seq,
    ) -> Result<bool, StorageError> {
        let inner = self.inner();
        if !inner.db.is_shared() {
            return Ok(false);
        }
        let mut has_barrier = false;
        for entry in entries {
            if let Some(Change::Barrier { from, to }) = entry.change {
                has_barrier = true;
                if from <= passed {
                    let named = inner.db.changes().between(from, to.min(passed)).await?;
                    self.apply(&named).await?;
                }
            }
        }
        Ok(has_barrier)
    }

    /// Renews the lease when a third of it has passed.
    async fn renew_lease(&self) -> Result<(), StorageError> {
        let inner = self.inner();
        if inner.node.is_due() {
            let cursor = inner.cursor.lock().await;
            inner.node.acknowledge(&inner.db, *cursor).await?;
        }
        Ok(())
    }

    async fn apply(&self, entries: &[FeedEntry]) -> Result<(), StorageError> {
        let inner = self.inner();
        if entries.is_empty() {
            return Ok(());
        }
        let mut keys_changed = false;
        for entry in entries {
            match &entry.change {
                Some(Change::SigningKey(_)) => keys_changed = true,
                Some(Change::DelegatedKey(app, id)) => {
                    inner.delegates.refresh(&inner.db, &inner.master, app, id).await?;
                }
                Some(change) => inner.forget(change),
                None => inner.forget_all(),
            }
        }
        // Before it counts: whoever decides again then finds the keys of now.
        let reloaded = if keys_changed { inner.reload_keys().await } else { Ok(()) };
        inner.applied.fetch_add(1, Ordering::AcqRel);
        self.end_sockets(entries).await?;
        let (posts, facts): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| is_post(entry));
        if inner.news.has_listeners() && !facts.is_empty() {
            let changes = facts.into_iter().map(|entry| entry.change.clone()).collect();
            inner.news.tell(News::Applied(changes));
        }
        for post in posts.into_iter().filter(|entry| inner.retold.is_new(entry)) {
            if let Some(change) = post.change.clone().filter(|_| !inner.sockets.is_empty()) {
                inner.news.post(change);
            }
        }
        Ok(reloaded?)
    }
}

impl Access {
    /// Ends the sockets of sessions that are alive no more: nothing that a receipt waits for is
    /// applied before.
    async fn end_sockets(&self, entries: &[FeedEntry]) -> Result<(), StorageError> {
        let sockets = self.sockets();
        if sockets.is_empty() {
            return Ok(());
        }
        for entry in entries {
            for socket in sockets.concerned(entry.change.as_ref()) {
                if !self.is_alive(&socket.app, &Claim::Session(socket.session)).await? {
                    socket.end(End::SessionEnded);
                }
            }
        }
        Ok(())
    }
}

/// Follows the feed until `stop` says so: what other processes and nodes wrote.
pub(crate) async fn follow(access: Access, mut stop: watch::Receiver<bool>) {
    let changes = access.inner().db.changes();
    let mut hint = None;
    while !*stop.borrow() {
        let look = async {
            if hint.is_none() {
                hint = Some(changes.hint().await?);
            }
            let Some(hint) = hint.as_mut() else { return Ok(()) };
            let began = access.inner().clock.monotonic();
            if hint.next().await? || access.inner().is_behind.load(Ordering::Acquire) {
                access.catch_up().await?;
            } else {
                access.inner().freshness.looked(began);
                // Of two loadings at once the older could be the last to be stored.
                let _cursor = access.inner().cursor.lock().await;
                access.take_up_keys().await;
            }
            access.renew_lease().await
        };
        let result = tokio::select! {
            result = look => result,
            () = stopped(&mut stop) => break,
        };
        if let Err(error) = result {
            let error: StorageError = error;
            tracing::warn!(%error, "the change feed cannot be read");
            hint = None;
            tokio::time::sleep(std::time::Duration::from_millis(250)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use cloakroom_token::UnixSeconds;

    use crate::access::test_access::open;
    use crate::clock::Clock;

    #[tokio::test]
    async fn whoever_hears_of_a_revoked_key_finds_it_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (_, access) = open(folder.path(), Clock::fixed(UnixSeconds(1_000))).await;
        access.catch_up().await.unwrap();
        // Of an order that is wrong one might now and then not hear.
        for _ in 0..10 {
            let key = access.keys().fat.signing().0.clone();
            let (mut news, hears, applied) = (access.news(), access.clone(), access.applied());
            let told = tokio::spawn({
                let key = key.clone();
                async move {
                    news.recv().await.unwrap();
                    (hears.applied() > applied, hears.keys().fat.get(key.as_str()).is_some())
                }
            });
            access.revoke_key(&key).await.unwrap().unwrap();
            access.catch_up().await.unwrap();
            assert_eq!(told.await.unwrap(), (true, false), "(counted, still there)");
        }
    }
}
