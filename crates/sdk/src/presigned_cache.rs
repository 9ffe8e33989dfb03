//! Presigned URLs in memory, until the server's clock says that they expire.

use std::collections::{HashMap, VecDeque};

/// A URL this close to its end is not handed out again: it has to open first.
const SPARE_SECONDS: i64 = 5;
const MAX_ENTRIES: usize = 10_000;

/// By clean media URL. Bounded: the oldest goes first.
#[derive(Default)]
pub(crate) struct PresignedCache {
    entries: HashMap<String, Entry>,
    /// In the order of arrival; an entry that came again or went stands here once more in vain.
    arrivals: VecDeque<(String, u64)>,
    next_arrival: u64,
}

struct Entry {
    presigned_url: String,
    expires_at: i64,
    arrival: u64,
}

impl PresignedCache {
    pub(crate) fn get(&mut self, url: &str, now: i64) -> Option<String> {
        let entry = self.entries.get(url)?;
        if entry.expires_at.saturating_sub(SPARE_SECONDS) > now {
            return Some(entry.presigned_url.clone());
        }
        self.entries.remove(url);
        None
    }

    pub(crate) fn set(&mut self, url: String, presigned_url: String, expires_at: i64) {
        let arrival = self.next_arrival;
        self.next_arrival += 1;
        self.arrivals.push_back((url.clone(), arrival));
        self.entries.insert(url, Entry { presigned_url, expires_at, arrival });
        while self.arrivals.len() > MAX_ENTRIES {
            let Some((oldest, arrival)) = self.arrivals.pop_front() else { break };
            if self.entries.get(&oldest).is_some_and(|entry| entry.arrival == arrival) {
                self.entries.remove(&oldest);
            }
        }
    }

    pub(crate) fn forget(&mut self, url: &str) {
        self.entries.remove(url);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_ends_five_seconds_before_its_url_does() {
        let mut cache = PresignedCache::default();
        cache.set("u".into(), "p".into(), 100);
        assert_eq!(cache.get("u", 94).as_deref(), Some("p"));
        assert_eq!(cache.get("u", 95), None);
        assert_eq!(cache.get("u", 0), None, "what expired is gone, even if time runs back");
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let mut cache = PresignedCache::default();
        for n in 0..MAX_ENTRIES {
            cache.set(n.to_string(), "p".into(), 100);
        }
        cache.set("0".into(), "again".into(), 100);
        cache.set("new".into(), "p".into(), 100);
        assert_eq!(cache.get("0", 0).as_deref(), Some("again"));
        assert_eq!(cache.get("1", 0), None);
        assert!(cache.get("2", 0).is_some() && cache.get("new", 0).is_some());
        assert!(cache.arrivals.len() <= MAX_ENTRIES);
    }
}
