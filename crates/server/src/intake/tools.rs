use std::time::Duration;

use cloakroom_ingest::{BadClamdAddress, Clamd, PosterMaker};

use crate::config::IngestConfig;

/// What the machine has for work on files beyond our own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tools {
    /// Looks for malware; files are held until it found none.
    pub(super) clamd: Option<Clamd>,
    /// Larger files are not sent there.
    pub(super) scan_max_bytes: u64,
    /// How long the work on one file may take, scans and posters left out.
    pub(super) file_time: Duration,
    /// Makes posters of videos.
    pub(super) posters: Option<PosterMaker>,
}

impl Tools {
    /// What the configuration names and the machine has; the log says what is missing.
    pub(crate) fn of(config: &IngestConfig) -> Result<Self, BadClamdAddress> {
        let limit = Duration::from_millis(config.scan_time_limit_ms);
        let clamd = config.clamd.as_deref().map(|address| Clamd::parse(address, limit));
        let limit = Duration::from_millis(config.poster_time_limit_ms);
        let posters = match config.posters.then(|| PosterMaker::find(limit)) {
            None => None,
            Some(Ok(maker)) => Some(maker),
            Some(Err(reason)) => {
                tracing::info!(%reason, "without posters");
                None
            }
        };
        Ok(Self {
            clamd: clamd.transpose()?,
            scan_max_bytes: config.scan_max_bytes,
            file_time: Duration::from_millis(config.file_time_limit_ms),
            posters,
        })
    }
}
