//! The headers of the answers of the secure media host, prepared as far as they can be.

use std::sync::{LazyLock, OnceLock};
use std::time::{Duration, UNIX_EPOCH};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use cloakroom_ingest::{ContentType, Inline};
use cloakroom_token::{Disposition, ReadGrant, UnixSeconds};

use crate::headers::visible;

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

/// Room for the lines about a file with a short name.
const LINES_BYTES: usize = 1536;
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

/// What stands on every answer about a file, whichever it is.
static ABOUT_ANY: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut headers = HeaderMap::with_capacity(MOST_HEADERS);
    on_every_answer(&mut headers);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(HeaderName::from_static("no-vary-search"), NO_VARY_SEARCH);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let mut lines = Vec::new();
    write_headers(&mut lines, &headers);
    lines
});

/// The headers of one stored file, prepared: what follows from the file alone is put together once.
pub(crate) struct Head {
    etag: Box<str>,
    /// What stands beside the bytes of the file, as lines of HTTP/1.1. What stands on every answer
    /// about it, 304 and 416 among them, comes first.
    lines: Box<[u8]>,
    about_len: usize,
    /// The same for hyper, read from the lines when it asks first.
    maps: OnceLock<Maps>,
    is_inline: bool,
}

struct Maps {
    about: HeaderMap,
    with_bytes: HeaderMap,
}

impl Head {
    /// The head of the granted file.
    pub(super) fn of(grant: &ReadGrant) -> Self {
        let version = grant.version();
        let etag = format!("\"{}\"", version.content_sha256);
        let mut lines = Vec::with_capacity(LINES_BYTES);
        lines.extend_from_slice(&ABOUT_ANY);
        write_header(&mut lines, "etag", etag.as_bytes());
        write_header(&mut lines, "last-modified", http_date(version.stored_at).as_bytes());
        let about_len = lines.len();
        let content_type = &version.content_type;
        let is_inline =
            ContentType::parse(content_type).is_some_and(|known| known.inline() == Inline::Allowed);
        if let Some(content_type) = visible(content_type.as_bytes()) {
            write_header(&mut lines, "content-type", content_type.as_bytes());
        }
        let disposition = disposition(is_inline, grant.file_name());
        write_header(&mut lines, "content-disposition", disposition.as_bytes());
        let (etag, lines, maps) = (etag.into(), lines.into(), OnceLock::new());
        Self { etag, lines, about_len, maps, is_inline }
    }

    /// The strong entity tag, with its quotes.
    pub(crate) fn etag(&self) -> &str {
        &self.etag
    }

    /// The headers of an answer with bytes of the file, or without. What could run is only ever
    /// saved.
    pub(crate) fn headers(&self, with_bytes: bool) -> HeaderMap {
        let maps = self.maps();
        if with_bytes { maps.with_bytes.clone() } else { maps.about.clone() }
    }

    /// The same as lines of HTTP/1.1.
    pub(crate) fn lines(&self, with_bytes: bool) -> &[u8] {
        if with_bytes { &self.lines } else { &self.lines[..self.about_len] }
    }

    /// The headers of an answer with bytes that the grant wants saved and that would show
    /// themselves otherwise; `None` if it is as prepared.
    pub(crate) fn to_be_saved(&self, grant: &ReadGrant) -> Option<HeaderMap> {
        (self.is_inline && grant.disposition() == Some(Disposition::Attachment)).then(|| {
            let mut headers = self.headers(true);
            let text = disposition(false, grant.file_name());
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(header::CONTENT_DISPOSITION, value);
            }
            headers
        })
    }

    fn maps(&self) -> &Maps {
        let map = |with_bytes| map_of(self.lines(with_bytes));
        self.maps.get_or_init(|| Maps { about: map(false), with_bytes: map(true) })
    }
}

/// The headers that stand in lines of our own.
fn map_of(lines: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(MOST_HEADERS);
    let lines = std::str::from_utf8(lines).unwrap_or_default().lines();
    headers.extend(lines.filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value).ok()?))
    }));
    headers
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

fn disposition(is_inline: bool, file_name: &str) -> String {
    let kind = if is_inline { Disposition::Inline } else { Disposition::Attachment }.as_str();
    format!("{kind}; filename*=UTF-8''{}", encode_name(file_name))
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

    #[test]
    fn lines_are_read_back_as_they_were_written() {
        let mut headers = HeaderMap::new();
        on_every_answer(&mut headers);
        headers.insert(header::ETAG, HeaderValue::from_static("\"a: b\""));
        let mut lines = Vec::new();
        write_headers(&mut lines, &headers);
        assert_eq!(map_of(&lines), headers);
    }
}
