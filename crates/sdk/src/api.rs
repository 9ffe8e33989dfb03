//! One call of the REST API: headers out, envelope in.

use cloakroom_wire::{Envelope, ErrorEnvelope, Secret};
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Instrument as _;
use url::Url;

use crate::Error;

/// Answers of the API are small; what is larger is not one.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;
const SDK_NAME: &str = concat!("cloakroom-rust@", env!("CARGO_PKG_VERSION"));

/// Who calls.
#[derive(Clone, Copy)]
pub(crate) enum Caller<'a> {
    /// The app's key, at login only.
    ApiKey(&'a Secret),
    /// A logged-in user.
    AuthToken(&'a Secret),
}

/// The REST API of one app.
pub(crate) struct Api {
    pub(crate) http: reqwest::Client,
    base: Url,
    app_id: HeaderValue,
}

impl Api {
    /// `base` ends with the version, such as `https://api.test/v3`.
    pub(crate) const fn new(http: reqwest::Client, base: Url, app_id: HeaderValue) -> Self {
        Self { http, base, app_id }
    }

    /// A request to a path of the API, whose segments are encoded as they are.
    pub(crate) fn request(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, String)],
        caller: Caller<'_>,
    ) -> Result<RequestBuilder, Error> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let (name, secret) = match caller {
            Caller::ApiKey(key) => ("apikey", key),
            Caller::AuthToken(token) => ("authtoken", token),
        };
        let mut secret = HeaderValue::from_str(secret.expose())
            .map_err(|_| Error::InvalidArgument("a key or token with a character outside ASCII"))?;
        secret.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(name), secret);
        headers.insert(HeaderName::from_static("appid"), self.app_id.clone());
        headers.insert(HeaderName::from_static("sdk"), HeaderValue::from_static(SDK_NAME));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        Ok(self.http.request(method, url).headers(headers))
    }

    /// Sends a request and reads the envelope of its answer.
    pub(crate) async fn call<T: DeserializeOwned, M: DeserializeOwned>(
        &self,
        request: RequestBuilder,
    ) -> Result<Envelope<T, M>, Error> {
        let answer = execute(&self.http, request).await?;
        let status = answer.status().as_u16();
        let is_success = answer.status().is_success();
        let retry_after_seconds = retry_after(&answer);
        let body = read(answer).await?;
        if let Ok(envelope) = serde_json::from_slice::<ErrorEnvelope>(&body) {
            return Err(refused(envelope, status, retry_after_seconds));
        }
        if !is_success {
            return Err(Error::InvalidResponse { status, what: "a failure without a code" });
        }
        serde_json::from_slice(&body)
            .map_err(|_| Error::InvalidResponse { status, what: "not the agreed JSON" })
    }

    /// Sends a request whose answer is told by its status and headers; a failure by its envelope.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response, Error> {
        let answer = execute(&self.http, request).await?;
        if answer.status().is_success() { Ok(answer) } else { Err(refusal(answer).await) }
    }
}

/// Sends a request. What is told of it holds no header, query or body: there the secrets are.
async fn execute(http: &reqwest::Client, request: RequestBuilder) -> Result<Response, Error> {
    let request = request.build().map_err(Error::network)?;
    let span = tracing::debug_span!(
        "cloakroom.call",
        method = request.method().as_str(),
        path = request.url().path(),
    );
    let answer = http.execute(request).instrument(span.clone()).await.map_err(Error::network);
    let status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
    span.in_scope(|| tracing::debug!(status, "answered"));
    answer
}

/// JSON body of a request.
pub(crate) fn with_json(
    request: RequestBuilder,
    body: &impl Serialize,
) -> Result<RequestBuilder, Error> {
    serde_json::to_value(body)
        .map(|body| request.json(&body))
        .map_err(|_| Error::InvalidArgument("a value that JSON cannot hold"))
}

/// Reads a refusal; what is no envelope, such as a CDN's, keeps its status.
pub(crate) async fn refusal(answer: Response) -> Error {
    let status = answer.status().as_u16();
    let retry_after_seconds = retry_after(&answer);
    match read(answer).await {
        Ok(body) => serde_json::from_slice::<ErrorEnvelope>(&body).map_or(
            Error::InvalidResponse { status, what: "a refusal without a code" },
            |envelope| refused(envelope, status, retry_after_seconds),
        ),
        Err(error) => error,
    }
}

fn refused(envelope: ErrorEnvelope, status: u16, retry_after_seconds: Option<u64>) -> Error {
    let ErrorEnvelope { error } = envelope;
    Error::Refused {
        code: error.code,
        status,
        details: error.refusal(),
        message: error.message,
        retry_after_seconds,
    }
}

fn retry_after(answer: &Response) -> Option<u64> {
    answer.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

async fn read(mut answer: Response) -> Result<Vec<u8>, Error> {
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(Error::network)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(Error::InvalidResponse { status, what: "larger than 16 MiB" });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
