//! Time as a value that is passed in. Nothing here reads a clock.

use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01 UTC, as in the `exp` claim of a token (RFC 7519 section 2).
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(transparent)]
pub struct UnixSeconds(pub i64);

impl UnixSeconds {
    /// The moment `seconds` later; saturates at the ends of `i64`.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Whole seconds from `earlier` to `self`; negative if `earlier` is the later one.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A place in the change feed: one rising sequence for all apps of an installation.
///
/// The generation of an app, user, session or file is the place of the last revocation that
/// concerns it; 0 if there was none.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(transparent)]
pub struct Seq(pub i64);
