//! Work on files that takes long, beside those who only read.

use std::thread;

use rustix::process::setpriority_process;
use rustix::thread::gettid;
use tokio::sync::oneshot;

/// How little of a busy processor such a thread claims (nice(2), 19 is the least): about a thirtieth
/// of it beside a thread that answers. On a processor that has time it is as fast as any.
const NICE: i32 = 15;

/// The work ended early, or its thread could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the work on a file was cut short")]
pub(crate) struct Cut;

/// Does the work on a thread of its own, of low priority; what it starts has that priority too.
///
/// A priority once lowered stays low, so no thread is used twice.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Cut> {
    let (give, take) = oneshot::channel();
    let run = move || {
        if let Err(error) = setpriority_process(Some(gettid()), NICE) {
            tracing::debug!(%error, "work on a file has the priority of all else");
        }
        // Nobody may be waiting any more.
        let _ = give.send(work());
    };
    thread::Builder::new().name("files".to_owned()).spawn(run).map_err(|error| {
        tracing::warn!(%error, "there is no thread for work on a file");
        Cut
    })?;
    take.await.map_err(|_| Cut)
}

#[cfg(test)]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    #[tokio::test]
    async fn it_yields_to_those_who_answer_and_their_priority_stays() {
        let mine = getpriority_process(None).unwrap();
        let its = apart(|| getpriority_process(Some(gettid())).unwrap()).await.unwrap();
        assert_eq!(its, NICE.max(mine));
        assert_eq!(getpriority_process(Some(gettid())).unwrap(), mine);
    }

    #[tokio::test]
    async fn work_that_panics_is_cut() {
        let done: Result<(), Cut> = apart(|| panic!("as a decoder might")).await;
        assert!(done.is_err());
    }
}
