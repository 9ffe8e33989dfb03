//! Apps by number, so that a fact that is kept a million times does not repeat the name of its app.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use cloakroom_token::AppId;
use foldhash::fast::RandomState;

/// The number of an app on this node, for as long as the process lives.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct AppNumber(u32);

/// Numbers that were given out. Never taken back: ask only for apps that exist.
#[derive(Default)]
pub(super) struct AppNumbers(RwLock<HashMap<AppId, AppNumber, RandomState>>);

impl AppNumbers {
    /// The number of an app, always the same.
    pub(super) fn of(&self, app: &AppId) -> AppNumber {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(app).copied();
        known.unwrap_or_else(|| {
            let mut numbers = self.0.write().unwrap_or_else(PoisonError::into_inner);
            let next = u32::try_from(numbers.len()).expect("there are not four billion apps");
            *numbers.entry(app.clone()).or_insert(AppNumber(next))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_keeps_its_number_and_shares_it_with_no_other() {
        let numbers = AppNumbers::default();
        let of = |raw: &str| numbers.of(&AppId::parse(raw).unwrap());
        let (one, other) = (of("demoapp"), of("another"));
        assert_ne!(one, other);
        assert_eq!((of("demoapp"), of("another")), (one, other));
    }
}
