//! Webhooks on their way out.
//!
//! ```text
//! storage::outbox (same transaction) ─▶ worker.rs (lease, retry) ─▶ sender.rs ─▶ the app's back end
//!                                          target.rs, address_range.rs (where to) ─┘
//! ```
//!
//! At least once, in no promised order: `webhook-id` names the event, however often it comes.

mod address_range;
mod sender;
mod sign;
mod target;
mod worker;

pub use address_range::{AddressRange, AddressRangeError};
pub(crate) use sender::{Sender, SenderOptions};
pub(crate) use sign::shown;
pub(crate) use target::{TargetRefused, Targets};
pub(crate) use worker::{Courier, run};
