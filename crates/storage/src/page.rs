//! One page of a list.

/// One page of a list, and how long the list is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page<T> {
    /// What is on the page.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: u64,
}

impl<T> Page<T> {
    pub(crate) fn new(items: Vec<T>, total: i64) -> Self {
        Self { items, total: u64::try_from(total).unwrap_or(0) }
    }
}
