//! The only files of the pages: one stylesheet and one icon, part of the program.

use std::sync::LazyLock;

use aws_lc_rs::digest;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

static STYLESHEET: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("text/css; charset=utf-8", include_bytes!("../../static/dashboard.css"))
});
static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("image/svg+xml", include_bytes!("../../static/dashboard.svg")));

/// The stylesheet of every page.
pub(super) async fn stylesheet(headers: HeaderMap) -> Response {
    STYLESHEET.answer(&headers)
}

/// The icon in the browser's tab.
pub(super) async fn icon(headers: HeaderMap) -> Response {
    ICON.answer(&headers)
}

struct Asset {
    content_type: &'static str,
    bytes: &'static [u8],
    etag: String,
}

impl Asset {
    fn new(content_type: &'static str, bytes: &'static [u8]) -> Self {
        let hash = digest::digest(&digest::SHA256, bytes);
        Self { content_type, bytes, etag: format!("\"{}\"", hex::encode(&hash.as_ref()[..16])) }
    }

    /// Kept by browsers for a while, then asked for by its hash, so that a new version shows soon.
    fn answer(&self, headers: &HeaderMap) -> Response {
        let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|sent| {
            sent.to_str().is_ok_and(|tags| tags.split(',').any(|tag| tag.trim() == self.etag))
        });
        let cache =
            [(header::CACHE_CONTROL, "public, max-age=300"), (header::ETAG, self.etag.as_str())];
        if known {
            return (StatusCode::NOT_MODIFIED, cache).into_response();
        }
        (cache, [(header::CONTENT_TYPE, self.content_type)], self.bytes).into_response()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;
    use crate::dashboard::test_dashboard::{TestDashboard, to};

    #[tokio::test]
    async fn a_stylesheet_that_is_known_already_is_not_sent_again() {
        let dashboard = TestDashboard::start().await;
        let path = "/static/dashboard.css";
        let first = dashboard.send(to(path).body("".into()).unwrap()).await;
        assert_eq!(first.head[header::CONTENT_TYPE], "text/css; charset=utf-8");
        let etag = first.head[header::ETAG].clone();
        let again = to(path).header(header::IF_NONE_MATCH, &etag).body("".into()).unwrap();
        let again = dashboard.send(again).await;
        assert_eq!((again.status, again.html.as_str()), (StatusCode::NOT_MODIFIED, ""));
        assert_eq!(again.head[header::ETAG], etag);
    }
}
