//! `GET /docs`: the REST API as a page, made by the browser from `/openapi.json`.
//!
//! Everything comes from this listener, so the page works without the Internet.

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Api;

/// Scripts and styles from here only, none inline, nothing sent elsewhere, in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page and its two files.
pub(super) fn routes() -> Router<Api> {
    Router::new()
        .route(
            "/docs",
            get(async || file("text/html", include_str!("../../static/docs/docs.html"))),
        )
        .route(
            "/docs/docs.css",
            get(async || file("text/css", include_str!("../../static/docs/docs.css"))),
        )
        .route(
            "/docs/docs.js",
            get(async || file("text/javascript", include_str!("../../static/docs/docs.js"))),
        )
}

fn file(kind: &str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, format!("{kind}; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        // A page of another version must not meet this document.
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_file_names_another_host_or_runs_inline() {
        for text in [
            include_str!("../../static/docs/docs.html"),
            include_str!("../../static/docs/docs.css"),
            include_str!("../../static/docs/docs.js"),
        ] {
            for foreign in
                ["http://", "https://", "//cdn", "innerHTML", "onclick=", "style=", "eval("]
            {
                assert!(!text.contains(foreign), "{foreign}");
            }
        }
    }
}
