//! The headers of the answers of the secure media host, prepared as far as they can be.

use std::time::{Duration, UNIX_EPOCH};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use cloakroom_ingest::{ContentType, Inline};
use cloakroom_token::{Disposition, ReadGrant, UnixSeconds};

/// The credential parameters, and nothing else: a repeat view under another token finds the first
/// one's copy and revalidates it. `Disposition` changes the answer, so it is not among them.
const NO_VARY_SEARCH: HeaderValue = HeaderValue::from_static(
    "params=(\"fat\" \"Principal\" \"Generation\" \"Purpose\" \"Views\" \"Expires\" \"Signature\" \
     \"Key-Pair-Id\" \"Hash-Algorithm\")",
);
/// Nothing runs, nothing is fetched, nothing frames; a picture or video still shows itself.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox",
);
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Content-Range, Accept-Ranges, Content-Length, Retry-After, Date",
);

/// Room for all of them at once, `Content-Length` and `Content-Range` included.
const MOST_HEADERS: usize = 18;

/// Adds what stands on every answer, refusals and preflights included.
pub(crate) fn on_every_answer(headers: &mut HeaderMap) {
    let fixed = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ),
        (HeaderName::from_static("timing-allow-origin"), HeaderValue::from_static("*")),
        (header::VARY, HeaderValue::from_static("fat, Authorization")),
    ];
    for (name, value) in fixed {
        headers.insert(name, value);
    }
}

/// Lets the browser drop its copies (Clear Site Data, W3C).
///
/// A browser that honours `No-Vary-Search` revalidates a copy under the URL it was first fetched
/// by. Once that one's credential is dead, the copy would be refused under every later one. And a
/// client that has just logged out asks with the token of the session that it ended.
pub(crate) fn clear_copies(headers: &mut HeaderMap) {
    let cache = HeaderValue::from_static("\"cache\"");
    headers.insert(HeaderName::from_static("clear-site-data"), cache);
}

/// Adds what a preflight asks for (Fetch standard, CORS protocol).
pub(crate) fn on_preflight(headers: &mut HeaderMap) {
    let fixed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "fat, authorization, range, if-range, if-none-match, if-modified-since",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "7200"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// The headers of one stored file, prepared: what follows from the file alone is put together once.
pub(crate) struct Head {
    etag: Box<str>,
    /// What stands on every answer about the file, 304 and 416 among them.
    about: HeaderMap,
    /// That, and what stands beside its bytes.
    with_bytes: HeaderMap,
    /// The lines of `with_bytes` as HTTP/1.1 writes them; those of `about` come first.
    text: Box<[u8]>,
    about_text_len: usize,
    is_inline: bool,
}

impl Head {
    /// The head of the granted file.
    pub(super) fn of(grant: &ReadGrant) -> Self {
        let version = grant.version();
        let etag = format!("\"{}\"", version.content_sha256);
        let mut about = HeaderMap::with_capacity(MOST_HEADERS);
        on_every_answer(&mut about);
        about.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        about.insert(HeaderName::from_static("no-vary-search"), NO_VARY_SEARCH);
        about.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        put(&mut about, header::ETAG, &etag);
        put(&mut about, header::LAST_MODIFIED, &http_date(version.stored_at));
        let content_type = &version.content_type;
        let is_inline =
            ContentType::parse(content_type).is_some_and(|known| known.inline() == Inline::Allowed);
        let mut with_bytes = about.clone();
        put(&mut with_bytes, header::CONTENT_TYPE, content_type);
        put_disposition(&mut with_bytes, is_inline, grant.file_name());
        let mut text = Vec::with_capacity(2048);
        write_headers(&mut text, &about);
        let about_text_len = text.len();
        text.clear();
        write_headers(&mut text, &with_bytes);
        Self { etag: etag.into(), about, with_bytes, text: text.into(), about_text_len, is_inline }
    }

    /// The strong entity tag, with its quotes.
    pub(crate) fn etag(&self) -> &str {
        &self.etag
    }

    /// The headers of an answer with bytes of the file, or without. What could run is only ever
    /// saved.
    pub(crate) fn headers(&self, with_bytes: bool) -> HeaderMap {
        if with_bytes { self.with_bytes.clone() } else { self.about.clone() }
    }

    /// The same as lines of HTTP/1.1.
    pub(crate) fn text(&self, with_bytes: bool) -> &[u8] {
        if with_bytes { &self.text } else { &self.text[..self.about_text_len] }
    }

    /// The headers of an answer with bytes that the grant wants saved and that would show
    /// themselves otherwise; `None` if it is as prepared.
    pub(crate) fn to_be_saved(&self, grant: &ReadGrant) -> Option<HeaderMap> {
        (self.is_inline && grant.disposition() == Some(Disposition::Attachment)).then(|| {
            let mut headers = self.with_bytes.clone();
            put_disposition(&mut headers, false, grant.file_name());
            headers
        })
    }
}

/// Writes headers as HTTP/1.1 has them, a line each.
pub(crate) fn write_headers(text: &mut Vec<u8>, headers: &HeaderMap) {
    for (name, value) in headers {
        write_header(text, name.as_str(), value.as_bytes());
    }
}

/// Writes one header and the end of its line.
pub(crate) fn write_header(text: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        text.extend_from_slice(part);
    }
}

/// Writes the line that says how long the body is.
pub(crate) fn write_length(text: &mut Vec<u8>, bytes: u64) {
    write_header(text, "content-length", itoa::Buffer::new().format(bytes).as_bytes());
}

fn put_disposition(headers: &mut HeaderMap, is_inline: bool, file_name: &str) {
    let disposition =
        if is_inline { Disposition::Inline } else { Disposition::Attachment }.as_str();
    let text = format!("{disposition}; filename*=UTF-8''{}", encode_name(file_name));
    put(headers, header::CONTENT_DISPOSITION, &text);
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn http_date(at: UnixSeconds) -> String {
    let seconds = u64::try_from(at.0).unwrap_or_default();
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
}

/// Percent-encodes all but the `attr-char` of RFC 8187 section 3.2.1.
fn encode_name(name: &str) -> String {
    use std::fmt::Write;
    name.bytes().fold(String::with_capacity(name.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("writing to a String cannot fail");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_leave_its_header() {
        assert_eq!(encode_name("a b\"\r\n;é.jpg"), "a%20b%22%0D%0A%3B%C3%A9.jpg");
    }
}
