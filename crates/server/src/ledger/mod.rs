//! The ledger: who read what and who changed what, kept off the hot path.
//!
//! ```text
//! media, api, dashboard ─▶ recorder.rs (memory, bounded) ─▶ keeper.rs (every 5 s) ─▶ storage
//! ```

mod act;
mod head;
mod keeper;
mod record;
mod recorder;

pub(crate) use act::{Act, Asker, By, note_retention};
pub(crate) use head::verify as verify_head;
pub(crate) use keeper::{Keeper, KeeperOptions, run};
pub(crate) use record::act_record;
pub(crate) use recorder::{AddressDetail, Read, Recorder};
