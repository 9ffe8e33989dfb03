//! The runtime behind blocking calls.

use std::sync::Arc;

use tokio::runtime::{Builder, Handle};

use crate::Error;

/// One thread that drives what blocking calls wait for. Clones share it.
#[derive(Clone)]
pub(super) struct Runtime(Arc<Owned>);

/// `None` only while it is dropped.
struct Owned(Option<tokio::runtime::Runtime>);

impl Runtime {
    pub(super) fn start() -> Result<Self, Error> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("cloakroom-sdk")
            .enable_all()
            .build()
            .map_err(|_| Error::InvalidArgument("a machine that starts no more threads"))?;
        Ok(Self(Arc::new(Owned(Some(runtime)))))
    }

    /// Waits for a future.
    ///
    /// # Errors
    ///
    /// The future's, or [`Error::BlockingInsideRuntime`].
    pub(super) fn wait<T>(
        &self,
        future: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        if Handle::try_current().is_ok() {
            return Err(Error::BlockingInsideRuntime);
        }
        match &self.0.0 {
            Some(runtime) => runtime.block_on(future),
            None => Err(Error::BlockingInsideRuntime),
        }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // Waiting for its threads is not allowed where async code runs, and a client may be dropped
        // there.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
