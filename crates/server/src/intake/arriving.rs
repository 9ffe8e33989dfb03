use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use cloakroom_token::{AppId, Uid};

type Counts = HashMap<(AppId, Uid), u32>;

/// How many files of each user are on their way to this node right now. What is on its way takes
/// room on the disk that no quota knows of yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arriving(Arc<Mutex<Counts>>);

/// One file on its way, for as long as this is held.
#[derive(Debug)]
pub(crate) struct Place {
    arriving: Arriving,
    of: (AppId, Uid),
}

impl Arriving {
    /// A place for one more file of a user; `None` if `most` of them are on their way.
    pub(super) fn enter(&self, app: &AppId, uid: &Uid, most: u32) -> Option<Place> {
        let of = (app.clone(), uid.clone());
        let mut counts = self.counts();
        let count = counts.entry(of.clone()).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Place { arriving: self.clone(), of })
    }

    fn counts(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.arriving.counts().entry(self.of.clone()) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_so_many_places_and_who_has_none_takes_no_memory() {
        let (app, other) = (AppId::parse("demoapp").unwrap(), AppId::parse("otherapp").unwrap());
        let uid = Uid::parse("alice").unwrap();
        let arriving = Arriving::default();
        let first = arriving.enter(&app, &uid, 2).unwrap();
        let second = arriving.enter(&app, &uid, 2).unwrap();
        assert!(arriving.enter(&app, &uid, 2).is_none());
        assert!(arriving.enter(&other, &uid, 2).is_some(), "another app's user of the same name");
        drop(first);
        let third = arriving.enter(&app, &uid, 2).unwrap();
        drop((second, third));
        assert!(arriving.counts().is_empty());
    }
}
