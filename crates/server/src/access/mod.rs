//! What must be in memory to decide, and how it is kept true.

mod app_numbers;
mod bounded_map;
mod claims;
mod delegates;
mod facts;
mod feed;
mod freshness;
mod keys;
mod known_sessions;
mod live;
mod news;
mod node;
mod people;
mod pieces;
mod places;
mod read_through;
mod reason;
mod receipts;
mod retold;
#[cfg(test)]
mod test_access;
mod tickets;
mod verified;

pub(crate) use claims::{SignedClaim, Signer};
pub(crate) use feed::follow;
pub use keys::KeysError;
pub(crate) use keys::{add_key, revoke_key, signing};
pub(crate) use live::{Access, AccessOptions};
pub(crate) use news::News;
pub(crate) use reason::reason;
pub(crate) use receipts::ReceiptError;
