//! What must be in memory to decide, and how it is kept true.

mod feed;
mod freshness;
mod keys;
mod live;
mod read_through;

pub(crate) use feed::follow;
pub use keys::KeysError;
pub(crate) use live::{Access, AccessOptions};
