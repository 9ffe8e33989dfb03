//! What must be in memory to decide, and how it is kept true.

mod facts;
mod feed;
mod freshness;
mod keys;
mod live;
mod read_through;
mod reason;

pub(crate) use feed::follow;
pub use keys::KeysError;
pub(crate) use live::{Access, AccessOptions};
pub(crate) use reason::reason;
