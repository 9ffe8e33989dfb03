//! What is asked of the secure media host, whoever read the request.

use axum::http::uri::{Authority, PathAndQuery};
use axum::http::{Method, Request};

use crate::headers::Headers;

/// A request as far as anything is decided by it; its body is never read.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) method: &'a Method,
    /// Path and query as they came.
    pub(super) target: &'a str,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    /// Of a request line that names a host; HTTP/2 always does.
    pub(super) authority: Option<&'a Authority>,
    pub(super) headers: Headers<'a>,
}

impl<'a> Asked<'a> {
    /// What a request asks that hyper read.
    pub(super) fn of<B>(request: &'a Request<B>) -> Self {
        let uri = request.uri();
        Self {
            method: request.method(),
            target: uri.path_and_query().map_or("", PathAndQuery::as_str),
            path: uri.path(),
            query: uri.query(),
            authority: uri.authority(),
            headers: request.headers().into(),
        }
    }
}
