//! Numbered pages.

use cloakroom_wire::{PageMeta, PageQuery, Pagination};

use super::error::ApiError;

const PER_PAGE: u32 = 30;
const MOST_PER_PAGE: u32 = 100;

/// Which page of a list is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct PageOf {
    pub(super) per_page: u32,
    page: u32,
}

impl PageOf {
    /// Reads a query; the first page of 30 unless it says otherwise.
    pub(super) fn read(query: PageQuery) -> Result<Self, ApiError> {
        let page = query.page.unwrap_or(1);
        if page == 0 {
            return Err(ApiError::BadField { field: "page", rule: "starts at 1" });
        }
        Ok(Self { per_page: per_page(query.per_page)?, page })
    }

    /// Items before this page.
    pub(super) fn offset(self) -> u64 {
        u64::from(self.page - 1) * u64::from(self.per_page)
    }

    /// What is said about a page with `count` of `total` items.
    pub(super) fn meta(self, total: u64, count: usize) -> PageMeta {
        PageMeta { pagination: Pagination::new(total, count as u64, self.per_page, self.page) }
    }
}

/// Items of one page: 1 to 100, 30 unless said otherwise.
pub(super) fn per_page(asked: Option<u32>) -> Result<u32, ApiError> {
    match asked.unwrap_or(PER_PAGE) {
        per_page @ 1..=MOST_PER_PAGE => Ok(per_page),
        _ => Err(ApiError::BadField { field: "per_page", rule: "must be 1 to 100" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_start_at_one_and_have_at_most_a_hundred_items() {
        let read = |per_page, page| PageOf::read(PageQuery { per_page, page });
        assert_eq!(read(None, None).unwrap(), PageOf { per_page: 30, page: 1 });
        assert_eq!(read(Some(100), Some(3)).unwrap().offset(), 200);
        for (per_page, page) in [(Some(0), None), (Some(101), None), (None, Some(0))] {
            assert!(read(per_page, page).is_err(), "{per_page:?} {page:?}");
        }
    }
}
