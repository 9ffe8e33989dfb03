use std::time::{Duration, Instant};

use crate::IngestError;

/// How much one file may ask of us.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Largest image file in bytes; images are held in memory while they are cleaned.
    pub max_image_bytes: u64,
    /// Largest width × height of an image, as its header states it.
    pub max_pixels: u64,
    /// When the work on it has to be done; `None`: whenever. One picture that is being decoded is
    /// decoded to its end: [`Limits::max_pixels`] bounds that.
    pub until: Option<Instant>,
}

impl Default for Limits {
    /// 64 MiB and 100 megapixels, in as much time as it takes.
    fn default() -> Self {
        Self { max_image_bytes: 64 * 1024 * 1024, max_pixels: 100_000_000, until: None }
    }
}

impl Limits {
    /// The same limits for work that begins now and may take `time`.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        Self { until: Instant::now().checked_add(time), ..self }
    }

    /// Refuses to go on once the time is over.
    pub(crate) fn in_time(&self) -> Result<(), IngestError> {
        match self.until {
            Some(until) if Instant::now() >= until => Err(IngestError::TooSlow),
            _ => Ok(()),
        }
    }
}
