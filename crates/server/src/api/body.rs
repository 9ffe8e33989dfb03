//! JSON bodies, bounded, whose every failure is ours to word.
//!
//! A field that a call of a back end does not know is refused by its name, whatever type the handler
//! reads. Calls of users may carry more, as those of the official SDK do: it is not ours to change.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::{DeserializeOwned, Error as _};

use super::Api;
use super::error::ApiError;
use super::plain::{plain, unknown_field};
use super::sdk::Sdk;

/// Characters of a field's name that a refusal repeats.
const MOST_NAME_CHARACTERS: usize = 64;

/// How long a body that is refused may go on.
pub(super) const LINGER: Duration = Duration::from_secs(5);

/// The JSON body of a request.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Api> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts.headers) {
            return Err(ApiError::NotJson);
        }
        let bytes = read(body, api.json_max_bytes).await?;
        parse(&bytes, is_of_back_end(&parts.headers)).map(Self)
    }
}

/// The JSON body of a request that may also come without any.
pub(super) struct OptionalJsonBody<T>(pub(super) T);

impl<T: DeserializeOwned + Default> FromRequest<Api> for OptionalJsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = read(body, api.json_max_bytes).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        if !is_json(&parts.headers) {
            return Err(ApiError::NotJson);
        }
        parse(&bytes, is_of_back_end(&parts.headers)).map(Self)
    }
}

/// Reads JSON; `strict` refuses what `T` has no field for, at whatever depth.
fn parse<T: DeserializeOwned>(bytes: &[u8], strict: bool) -> Result<T, ApiError> {
    // A struct would also read an array, its fields in order: nobody means that.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| *byte != b'{') {
        return Err(ApiError::InvalidJson(serde_json::Error::custom("expected a JSON object")));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let mut unknown = None;
    let read = serde_ignored::deserialize(&mut json, |path| {
        unknown.get_or_insert_with(|| plain(&path.to_string(), MOST_NAME_CHARACTERS));
    });
    let value = read.and_then(|value| json.end().map(|()| value)).map_err(|error| {
        match unknown_field(&error.to_string()) {
            Some(name) => ApiError::UnknownField { name: plain(name, MOST_NAME_CHARACTERS) },
            None => ApiError::InvalidJson(error),
        }
    })?;
    match unknown.filter(|_| strict) {
        Some(name) => Err(ApiError::UnknownField { name }),
        None => Ok(value),
    }
}

/// Whether a back end or an operator asks. The official SDK makes users and auth tokens with an API
/// key too; its header `sdk` tells.
fn is_of_back_end(headers: &HeaderMap) -> bool {
    !headers.contains_key("authtoken") && !Sdk::is_of_another_maker(headers)
}

/// Whether the body is declared as JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = declared.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Reads a whole body of at most `limit_bytes`.
pub(super) async fn read(body: Body, limit_bytes: usize) -> Result<Bytes, ApiError> {
    match Limited::new(body, limit_bytes).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::BodyTooLarge { limit_bytes }),
        Err(_) => Err(ApiError::BodyTruncated),
    }
}

/// Reads a body that is refused for a while and keeps nothing of it: who is still sending reads no
/// answer, and a closed connection would hide the reason.
pub(super) async fn linger(mut body: Body) {
    let drained = async { while let Some(Ok(_)) = body.frame().await {} };
    drop(tokio::time::timeout(LINGER, drained).await);
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_declared_json_body_is_read() {
        for (declared, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/merge-patch+json", true),
            ("text/plain", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(declared));
            assert_eq!(is_json(&headers), expected, "{declared}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }

    #[test]
    fn a_field_that_is_not_known_is_named_with_its_place() {
        #[derive(Debug, serde::Deserialize)]
        struct Outer {
            #[serde(rename = "inner")]
            _inner: Inner,
        }
        #[derive(Debug, serde::Deserialize)]
        struct Inner {
            #[serde(default, rename = "text")]
            _text: String,
        }
        for (body, named) in [
            (r#"{"inner":{},"colour":1}"#, "colour"),
            (r#"{"inner":{"txet":1}}"#, "inner.txet"),
            ("{\"inner\":{},\"a\u{202e}\\u0007b\":1}", "a\u{fffd}\u{fffd}b"),
        ] {
            match parse::<Outer>(body.as_bytes(), true) {
                Err(ApiError::UnknownField { name }) => assert_eq!(name, named, "{body}"),
                other => unreachable!("{body}: {other:?}"),
            }
            parse::<Outer>(body.as_bytes(), false).unwrap();
        }
        let long = format!(r#"{{"inner":{{}},"{}":1}}"#, "x".repeat(1000));
        let refused = parse::<Outer>(long.as_bytes(), true).unwrap_err().to_string();
        assert!(refused.len() < 200, "{refused}");
        assert!(matches!(
            parse::<Outer>(br#"{"inner":{}} {}"#, true),
            Err(ApiError::InvalidJson(_))
        ));
    }

    #[test]
    fn a_type_that_knows_its_fields_itself_names_the_other_one_too() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Strict {}
        for strict in [true, false] {
            let refused = parse::<Strict>(br#"{"b`, expected":1}"#, strict).unwrap_err();
            assert!(matches!(refused, ApiError::UnknownField { name } if name == "b`, expected"));
        }
    }
}
