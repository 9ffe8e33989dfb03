//! Limits that count work, not just requests: URLs, bytes, failed verifications.

mod failure_limit;
mod meter;
mod spender;

pub(crate) use failure_limit::FailureLimit;
pub(crate) use meter::{Charge, Meter, Wait};
pub(crate) use spender::Spender;
