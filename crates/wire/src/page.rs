//! Where in a list one is: page numbers for people, cursors for messages.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The `meta` of answers whose times a client compares with its own clock.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"serverTime": 1_790_000_000}))]
pub struct TimeMeta {
    /// The server's time.
    pub server_time: i64,
}

/// Query of a list in numbered pages. Other parameters are ignored.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, IntoParams, PartialEq, Serialize)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Items of one page: 1 to 100, 30 unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u32>,
    /// The first page is 1. Past the end the list is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
}

/// The `meta` of a list in numbered pages.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct PageMeta {
    /// Which page this is.
    pub pagination: Pagination,
}

/// Which page this is, and of how many.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "total": 31, "count": 30, "per_page": 30, "current_page": 1, "total_pages": 2
}))]
pub struct Pagination {
    /// Items of all pages.
    pub total: u64,
    /// Items of this page.
    pub count: u64,
    /// Most items of a page.
    pub per_page: u32,
    /// The first page is 1.
    pub current_page: u32,
    /// Pages there are; at least 1.
    pub total_pages: u64,
}

impl Pagination {
    /// Of page `current_page` with `count` items, where all pages together have `total`.
    #[must_use]
    pub fn new(total: u64, count: u64, per_page: u32, current_page: u32) -> Self {
        let total_pages = total.div_ceil(u64::from(per_page.max(1))).max(1);
        Self { total, count, per_page, current_page, total_pages }
    }
}

/// Query of a list that goes on at a cursor.
#[derive(Clone, Debug, Default, Deserialize, Eq, IntoParams, PartialEq, Serialize)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CursorQuery {
    /// Items of one page: 1 to 100, 30 unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u32>,
    /// `meta.next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// The `meta` of a list that goes on at a cursor.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"next": "p1J3bAkz…"}))]
pub struct NextMeta {
    /// The `cursor` of the next page; absent at the end. Only for the same list and filters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Query of a page of messages. Other parameters of the official SDK are ignored.
#[derive(Clone, Debug, Default, Deserialize, Eq, IntoParams, PartialEq, Serialize)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct MessagesQuery {
    /// Messages of one page: 1 to 100, 30 unless said otherwise.
    #[serde(default, rename = "per_page", skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u32>,
    /// Start beside this message, which is not part of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Start at this moment, where `id` is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<i64>,
    /// Which way to go; `prepend` unless said otherwise.
    #[serde(default)]
    #[param(inline)]
    pub affix: Affix,
}

/// Which way a list of messages is read.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Affix {
    /// Towards older ones.
    #[default]
    Prepend,
    /// Towards newer ones.
    Append,
}

/// The `meta` of a page of messages.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct CursorMeta {
    /// What to ask for next; absent at the end. The official SDK stops without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
}

/// Where the next page of messages begins: to be copied into its query.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"id": "42", "sentAt": 1_790_000_000, "affix": "prepend"}))]
pub struct Cursor {
    /// The outermost message of this page.
    pub id: String,
    /// When that was sent.
    pub sent_at: i64,
    /// The way the page was read.
    pub affix: Affix,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pages_are_counted_up_and_never_zero() {
        for (total, per_page, pages) in [(0, 30, 1), (30, 30, 1), (31, 30, 2), (5, 0, 1 + 4)] {
            let page = Pagination::new(total, 0, per_page, 1);
            assert_eq!(page.total_pages, pages, "{total} by {per_page}");
        }
        let json = json!({"pagination": {"total": 31, "count": 30, "per_page": 30,
            "current_page": 1, "total_pages": 2}});
        let meta = PageMeta { pagination: Pagination::new(31, 30, 30, 1) };
        assert_eq!(serde_json::to_value(meta).unwrap(), json);
        assert_eq!(serde_json::from_value::<PageMeta>(json).unwrap(), meta);
    }

    #[test]
    fn a_cursor_has_what_the_next_query_needs() {
        let meta = CursorMeta {
            cursor: Some(Cursor { id: "42".into(), sent_at: 5, affix: Affix::Prepend }),
        };
        let json = json!({"cursor": {"id": "42", "sentAt": 5, "affix": "prepend"}});
        assert_eq!(serde_json::to_value(&meta).unwrap(), json);
        assert_eq!(serde_json::from_value::<CursorMeta>(json).unwrap(), meta);
        assert_eq!(serde_json::to_value(CursorMeta::default()).unwrap(), json!({}));
    }

    #[test]
    fn the_query_of_messages_keeps_its_mixed_spelling() {
        let query = MessagesQuery {
            per_page: Some(30),
            id: Some("42".into()),
            sent_at: Some(5),
            affix: Affix::Append,
        };
        let json = json!({"per_page": 30, "id": "42", "sentAt": 5, "affix": "append"});
        assert_eq!(serde_json::to_value(&query).unwrap(), json);
    }
}
