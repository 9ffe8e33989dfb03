//! Which files were viewed once lately: a few bytes each, whatever becomes of the files.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use cloakroom_token::BlobKey;

/// So much a file that is noted here has at least, to size the table.
const LEAST_BYTES: u64 = 16 * 1024;
const MOST_SLOTS: u64 = 1 << 20;
/// The clock counts in so many bytes, so that it comes round only after 4 TiB.
const TICK_BYTES: u64 = 1024;

/// First views, as long as no more than a window of bytes was viewed for the first time since.
///
/// One that is not found again is a first view once more, which costs a copy and no more: slots are
/// overwritten, and a file that comes round after the window is as good as new. So of files that
/// are read in turn and do not fit into the window, none is ever said to have been viewed.
pub(super) struct Viewed {
    /// What is left of a blob's key, and when it was viewed; 0 if nothing was.
    slots: Box<[AtomicU64]>,
    /// How much was viewed for the first time so far.
    ticks: AtomicU32,
    window_ticks: u32,
}

impl Viewed {
    /// Remembers first views of `window_bytes`.
    pub(super) fn new(window_bytes: u64) -> Self {
        let slots = (2 * window_bytes / LEAST_BYTES).clamp(1, MOST_SLOTS).next_power_of_two();
        Self {
            slots: (0..slots).map(|_| AtomicU64::new(0)).collect(),
            ticks: AtomicU32::new(0),
            window_ticks: u32::try_from(window_bytes / TICK_BYTES).unwrap_or(u32::MAX / 2),
        }
    }

    /// Notes the first view of a file of so many bytes.
    pub(super) fn note(&self, blob: BlobKey, bytes: u64) {
        let ticks = u32::try_from(bytes.div_ceil(TICK_BYTES)).unwrap_or(u32::MAX);
        let now = self.ticks.fetch_add(ticks, Ordering::Relaxed).wrapping_add(ticks);
        let (slot, print) = self.slot(blob);
        slot.store(u64::from(print) << 32 | u64::from(now), Ordering::Relaxed);
    }

    /// Whether there was a first view lately, which is used up thereby.
    pub(super) fn take(&self, blob: BlobKey) -> bool {
        let (slot, print) = self.slot(blob);
        let noted = slot.load(Ordering::Relaxed);
        let [_, _, _, _, low @ ..] = noted.to_be_bytes();
        let since = self.ticks.load(Ordering::Relaxed).wrapping_sub(u32::from_be_bytes(low));
        noted >> 32 == u64::from(print)
            && since < self.window_ticks
            && slot.compare_exchange(noted, 0, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Where a blob is noted, and what of its key is noted there. Keys are drawn at random.
    fn slot(&self, blob: BlobKey) -> (&AtomicU64, u32) {
        let key = u128::from_be_bytes(*blob.as_bytes());
        let part = |from: u32| u32::try_from((key >> from) & u128::from(u32::MAX));
        let place = part(32).unwrap_or_default() as usize & (self.slots.len() - 1);
        (&self.slots[place], part(0).unwrap_or_default() | 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EACH: u64 = 100_000;

    fn key(number: u64) -> BlobKey {
        let mut bytes = [0; 16];
        let mixed = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bytes[8..].copy_from_slice(&(mixed ^ mixed >> 29).to_le_bytes());
        BlobKey::from_bytes(bytes)
    }

    #[test]
    fn a_first_view_is_used_up_by_the_second() {
        let viewed = Viewed::new(10_000_000);
        assert!(!viewed.take(key(1)));
        viewed.note(key(1), EACH);
        assert!(!viewed.take(key(2)));
        assert!(viewed.take(key(1)));
        assert!(!viewed.take(key(1)));
    }

    #[test]
    fn files_in_turn_that_do_not_fit_are_always_viewed_for_the_first_time() {
        let viewed = Viewed::new(10_000_000);
        let again = |count: u64| {
            let mut again = 0;
            for number in (0..count).cycle().take(5000) {
                if viewed.take(key(number)) {
                    again += 1;
                } else {
                    viewed.note(key(number), EACH);
                }
            }
            again
        };
        assert_eq!(again(110), 0, "they have 11 MB");
        assert!(again(50) > 1500, "they have 5 MB; a few share a slot");
    }

    #[test]
    fn without_room_nothing_was_ever_viewed() {
        let viewed = Viewed::new(0);
        viewed.note(key(1), 0);
        assert!(!viewed.take(key(1)));
    }
}
