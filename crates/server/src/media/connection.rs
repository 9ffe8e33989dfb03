//! A connection that answers plain reads over plain TCP without hyper, which costs less.
//!
//! ```text
//! socket ─▶ head ─┬─ a plain GET or HEAD, letter for letter ─▶ answer() ─▶ head and body in one write
//!                 └─ anything else ─▶ hyper, with the bytes that were read put back in front
//! ```
//!
//! What a plain read is stands in [`plain_read`], and it is narrow on purpose: whatever might be
//! understood in two ways is left to hyper, and so is the rest of its connection.

use std::cell::Cell;
use std::io::{self, Cursor, IoSlice};
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::pin::pin;

use axum::http::{Method, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Body;
use memchr::{memchr, memchr3};
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, Chain, Join, ReadHalf, WriteHalf, join,
    split,
};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::asked::Asked;
use super::{Answer, MediaBody, MediaState, answer};
use crate::clock::HttpDate;
use crate::headers::{Headers, Line, Lines};
use crate::listener::{HEADER_READ_TIMEOUT, MAX_HEAD_BYTES, MAX_HEADERS, stopped};
use crate::objects::{write_header, write_length};
use crate::zero_copy::Lane;

/// Room for a usual head.
const READ_BYTES: usize = 4096;
/// Up to here the bytes of a file are copied behind the head of the answer.
const MOST_COPIED: u64 = 4096;
const MOST_BYTES: usize = MAX_HEAD_BYTES as usize;

thread_local! {
    /// Room for the head of an answer, which no connection has to keep between two of them.
    static HEAD: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A connection to the secure media host, over plain TCP.
pub(crate) struct MediaConnection<S> {
    stream: S,
    state: MediaState,
    peer: SocketAddr,
    lane: Lane,
    /// What was read and not understood yet.
    read: Vec<u8>,
    /// Where the headers of a plain read stand in it.
    lines: Lines,
    date: HttpDate,
}

/// A stream whose first bytes were read before, and are read again.
pub(crate) type Rewound<S> = Join<Chain<Cursor<Vec<u8>>, ReadHalf<S>>, WriteHalf<S>>;

/// What is left of a connection for hyper.
pub(crate) enum Handed<S> {
    /// It has ended.
    Nothing,
    /// All that follows.
    Rest(Rewound<S>),
}

impl<S: AsyncRead + AsyncWrite + Unpin> MediaConnection<S> {
    pub(crate) fn new(stream: S, state: MediaState, peer: SocketAddr, lane: Lane) -> Self {
        let (read, lines) = (Vec::with_capacity(READ_BYTES), Lines::default());
        Self { stream, state, peer, lane, read, lines, date: HttpDate::default() }
    }

    /// Answers plain reads until something else comes, the client ends, or `stop` says so.
    ///
    /// # Errors
    ///
    /// The connection broke, the client was too slow, or a read that was under way is no longer
    /// granted: what follows could not be told from the bytes that are missing.
    pub(crate) async fn serve(mut self, mut stop: watch::Receiver<bool>) -> io::Result<Handed<S>> {
        let stops = stop.clone();
        let mut stopped = pin!(stopped(&mut stop));
        // Set once: a request that comes in time only moves `until`.
        let mut timer = pin!(sleep_until(Instant::now() + HEADER_READ_TIMEOUT));
        loop {
            let (mut seen, mut until) = (0, None);
            let plain = loop {
                // Without another line it is as unfinished as before. There are only so many lines,
                // so no head is read again and again for each of its bytes.
                if seen == 0 || self.read[seen..].contains(&b'\n') || self.read.len() >= MOST_BYTES
                {
                    match plain_read(&self.read, &mut self.lines) {
                        Ok(plain) => break plain,
                        Err(NotPlain::Unfinished) => {}
                        Err(NotPlain::Other) => return Ok(self.hand_over()),
                    }
                }
                seen = self.read.len();
                let until = *until.get_or_insert_with(|| Instant::now() + HEADER_READ_TIMEOUT);
                self.read.reserve(READ_BYTES);
                tokio::select! {
                    biased;
                    read = self.stream.read_buf(&mut self.read) => match read? {
                        0 if self.read.is_empty() => return Ok(Handed::Nothing),
                        0 => return Ok(self.hand_over()),
                        _ => {}
                    },
                    () = &mut stopped, if self.read.is_empty() => return Ok(Handed::Nothing),
                    () = &mut timer => {
                        if until <= Instant::now() {
                            return Err(io::ErrorKind::TimedOut.into());
                        }
                        timer.as_mut().reset(until);
                    }
                }
            };
            let PlainRead { method, target, path, query, length } = plain;
            let headers = Headers::Lines { read: &self.read, lines: &self.lines };
            let asked = Asked { method: &method, target, path, query, authority: None, headers };
            let answer = answer(&self.state, asked, self.peer, Some(&self.lane)).await;
            self.read.drain(..length);
            let is_last = stops.has_changed().unwrap_or(true);
            self.send(&method, answer, is_last).await?;
            if is_last {
                self.stream.shutdown().await?;
                return Ok(Handed::Nothing);
            }
        }
    }

    fn hand_over(self) -> Handed<S> {
        let Self { stream, read, .. } = self;
        let (reader, writer) = split(stream);
        Handed::Rest(join(Cursor::new(read).chain(reader), writer))
    }

    async fn send(&mut self, method: &Method, answer: Answer, is_last: bool) -> io::Result<()> {
        let Answer { status, head, mut body, .. } = answer;
        let length = body.size_hint().exact().ok_or(io::ErrorKind::InvalidData)?;
        let is_head = *method == Method::HEAD;
        let mut text = HEAD.take();
        text.extend_from_slice(b"HTTP/1.1 ");
        text.extend_from_slice(status.as_str().as_bytes());
        text.push(b' ');
        text.extend_from_slice(status.canonical_reason().unwrap_or_default().as_bytes());
        text.extend_from_slice(b"\r\n");
        let has_length = head.write(&mut text);
        if is_last {
            write_header(&mut text, "connection", b"close");
        }
        let may_have_length = !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        if !has_length && may_have_length && !(is_head && body.is_end_stream()) {
            write_length(&mut text, length);
        }
        write_header(&mut text, "date", self.date.now().as_bytes());
        text.extend_from_slice(b"\r\n");
        let mut left = if is_head { 0 } else { length };
        if let MediaBody::Bytes(bytes) = &body
            && left <= MOST_COPIED
        {
            // A few bytes more in one piece cost less than two pieces.
            text.extend_from_slice(&bytes[..usize::try_from(left).unwrap_or_default()]);
            left = 0;
        }
        let mut head = text.as_slice();
        while left > 0 {
            let frame = body.frame().await.ok_or(io::ErrorKind::UnexpectedEof)??;
            let Ok(bytes) = frame.into_data() else { continue };
            left = left.checked_sub(bytes.len() as u64).ok_or(io::ErrorKind::InvalidData)?;
            write_both(&mut self.stream, head, &bytes).await?;
            head = &[];
        }
        write_both(&mut self.stream, head, &[]).await?;
        text.clear();
        HEAD.set(text);
        Ok(())
    }
}

async fn write_both(
    stream: &mut (impl AsyncWrite + Unpin),
    mut first: &[u8],
    mut second: &[u8],
) -> io::Result<()> {
    while !(first.is_empty() && second.is_empty()) {
        let sent = if second.is_empty() {
            stream.write(first).await?
        } else {
            stream.write_vectored(&[IoSlice::new(first), IoSlice::new(second)]).await?
        };
        if sent == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        let of_first = sent.min(first.len());
        (first, second) = (&first[of_first..], &second[sent - of_first..]);
    }
    Ok(())
}

/// What a plain read asks; its headers stand apart.
#[derive(Debug)]
struct PlainRead<'a> {
    method: Method,
    /// Path and query.
    target: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    /// How many bytes the head has.
    length: usize,
}

/// Why what was read is not a plain read.
#[derive(Debug, Eq, PartialEq)]
enum NotPlain {
    /// It is something else, or nothing that can be understood.
    Other,
    /// As far as it goes, its end is still to come.
    Unfinished,
}

/// Reads the head of a plain read, and puts down where its headers stand.
///
/// Plain is GET or HEAD of a path by HTTP/1.1, with one `Host` and nothing that tells of a body, of
/// an upgrade or of the end of the connection, and every byte of it as it would be written again:
/// single spaces, lines that end in CR LF, no folded lines.
fn plain_read<'a>(read: &'a [u8], lines: &mut Lines) -> Result<PlainRead<'a>, NotPlain> {
    let may_be_plain = read.first().is_none_or(|first| b"GH".contains(first));
    let mut slots = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut []);
    match parsed.parse_with_uninit_headers(read, &mut slots) {
        Ok(httparse::Status::Complete(length)) if length <= MOST_BYTES => {
            understood(&parsed, &read[..length], lines).ok_or(NotPlain::Other)
        }
        Ok(httparse::Status::Partial) if read.len() < MOST_BYTES && may_be_plain => {
            Err(NotPlain::Unfinished)
        }
        _ => Err(NotPlain::Other),
    }
}

fn understood<'a>(
    parsed: &httparse::Request<'_, 'a>,
    head: &'a [u8],
    lines: &mut Lines,
) -> Option<PlainRead<'a>> {
    let (name, target) = (parsed.method?, parsed.path?);
    let method = match name {
        "GET" => Method::GET,
        "HEAD" => Method::HEAD,
        _ => return None,
    };
    // What httparse found lies in the head: only what is around it has to be looked at.
    let mut end = place_of(target.as_bytes(), head)?;
    let is_plain_line = head[..end].strip_prefix(name.as_bytes()) == Some(b" ");
    end = after(head, end + target.len(), b" HTTP/1.1\r\n")?;
    let mut hosts = 0;
    lines.clear(parsed.headers.len());
    for header in &*parsed.headers {
        let is = |known: &str| known.eq_ignore_ascii_case(header.name);
        match header.name.len() {
            2 if is("te") => return None,
            4 if is("host") => hosts += 1,
            6 if is("expect") => return None,
            7 if is("trailer") || is("upgrade") => return None,
            10 if is("connection") && !header.value.eq_ignore_ascii_case(b"keep-alive") => {
                return None;
            }
            14 if is("content-length") => return None,
            17 if is("transfer-encoding") => return None,
            _ => {}
        }
        let line = Line::new(end, header.name.len(), header.value.len())?;
        let value = after(head, end + header.name.len(), b": ")?;
        let is_there = place_of(header.name.as_bytes(), head) == Some(end)
            && (header.value.is_empty() || place_of(header.value, head) == Some(value));
        if !is_there {
            return None;
        }
        end = after(head, value + header.value.len(), b"\r\n")?;
        lines.push(line);
    }
    let (path, query) = match memchr(b'?', target.as_bytes()) {
        Some(end) => (&target[..end], Some(&target[end + 1..])),
        None => (target, None),
    };
    // What no path of ours has may be another one's, and what no query may have (RFC 3986 section
    // 3.4) is for hyper to refuse.
    let is_plain_path =
        path.starts_with('/') && path.bytes().all(|byte| OF_PATH[usize::from(byte)]);
    let is_plain_query = query.is_none_or(|query| {
        memchr3(b'#', b'<', b'>', query.as_bytes()).is_none() && query.is_ascii()
    });
    let is_plain =
        is_plain_line && hosts == 1 && head[end..] == *b"\r\n" && is_plain_path && is_plain_query;
    is_plain.then_some(PlainRead { method, target, path, query, length: head.len() })
}

/// Whether a byte may stand in a path of ours.
const OF_PATH: [bool; 256] = {
    let mut all = [false; 256];
    let mut byte = 0_u8;
    while byte.is_ascii() {
        all[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-');
        byte += 1;
    }
    all
};

/// Where a part of a head begins; `None` if it is no part of it.
fn place_of(part: &[u8], head: &[u8]) -> Option<usize> {
    let place = part.as_ptr().addr().checked_sub(head.as_ptr().addr())?;
    (place < head.len()).then_some(place)
}

/// Where something ends that stands at a place of a head; `None` if something else stands there.
fn after(head: &[u8], place: usize, expected: &[u8]) -> Option<usize> {
    head.get(place..)?.starts_with(expected).then_some(place + expected.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::Name;

    const HOST: &str = "host: files.test\r\n";
    static A: Name = Name::new("a");
    static NAME: Name = Name::new("host");

    /// What becomes of a head: `plain`, `other` or `unfinished`.
    fn judged(read: &str) -> &'static str {
        match plain_read(read.as_bytes(), &mut Lines::default()) {
            Ok(_) => "plain",
            Err(NotPlain::Other) => "other",
            Err(NotPlain::Unfinished) => "unfinished",
        }
    }

    #[test]
    fn only_what_can_be_understood_in_one_way_is_served_here() {
        let get = |lines: &str| format!("GET /a HTTP/1.1\r\n{HOST}{lines}\r\n");
        let many = |count| get(&"a: b\r\n".repeat(count));
        let cases = [
            ("plain", get("")),
            ("plain", get("Connection: Keep-Alive\r\nRange: bytes=0-1\r\nempty: \r\n")),
            ("plain", get("").replace("GET", "HEAD")),
            ("plain", many(MAX_HEADERS - 1)),
            ("other", many(MAX_HEADERS)),
            ("other", get(&format!("a: {}\r\n", "b".repeat(MOST_BYTES)))),
            ("other", get("").replace("GET", "POST")),
            ("other", get("").replace("GET", "OPTIONS")),
            ("other", get("").replace("GET", "get")),
            ("other", get("").replace("/a", "http://files.test/a")),
            ("other", get("").replace("/a", "*")),
            ("plain", get("").replace("/a", "/a?b=%20`{|}^")),
            ("other", get("").replace("/a", "/a?b#c")),
            ("other", get("").replace("/a", "/a?<")),
            ("other", get("").replace("/a", "/a?>")),
            ("other", get("").replace("/a", "/a?\u{e9}")),
            ("other", get("").replace("/a", "/a%2e")),
            ("other", get("").replace("/a", "/a`")),
            ("other", get("").replace("/a", "/a;b")),
            ("other", get("").replace("GET /a", "CONNECT files.test:80")),
            ("other", get("").replace("HTTP/1.1", "HTTP/1.0")),
            ("other", get("").replace("HTTP/1.1", "HTTP/2.0")),
            ("other", get("").replace("GET /a", "GET  /a")),
            ("other", get("").replace(" HTTP", "  HTTP")),
            ("other", format!("\r\n{}", get(""))),
            ("other", get("").replace(HOST, "")),
            ("other", get(HOST)),
            ("other", get("content-length: 0\r\n")),
            ("other", get("Content-Length: 5\r\n")),
            ("other", get("transfer-encoding: chunked\r\n")),
            ("other", get("expect: 100-continue\r\n")),
            ("other", get("upgrade: h2c\r\n")),
            ("other", get("te: trailers\r\n")),
            ("other", get("trailer: x\r\n")),
            ("other", get("connection: close\r\n")),
            ("other", get("connection: keep-alive, upgrade\r\n")),
            ("other", get("a:b\r\n")),
            ("other", get("a : b\r\n")),
            ("other", get("a:  b\r\n")),
            ("other", get("a: b \r\n")),
            ("other", get("a: b\r\n c\r\n")),
            ("other", get("a: b\n")),
            ("other", get("").replace("\r\n", "\n")),
            ("other", get("a: \u{1}\r\n")),
            ("other", get("a b: c\r\n")),
            ("unfinished", String::new()),
            ("unfinished", "HE".to_owned()),
            ("other", "PO".to_owned()),
            ("other", "\r\n".to_owned()),
            ("other", "\u{16}\u{3}\u{1}".to_owned()),
            ("other", format!("GET /{}", "a".repeat(MOST_BYTES))),
        ];
        for (expected, head) in cases {
            assert_eq!(judged(&head), expected, "{head:?}");
        }
    }

    #[test]
    fn a_head_is_unfinished_up_to_its_last_byte_and_what_follows_is_another() {
        let head = format!("GET /a?b=c HTTP/1.1\r\n{HOST}a: b\r\n\r\n");
        for end in 0..head.len() {
            assert_eq!(judged(&head[..end]), "unfinished", "{end}");
        }
        let (twice, mut lines) = (format!("{head}{head}"), Lines::default());
        let plain = plain_read(twice.as_bytes(), &mut lines).unwrap();
        assert_eq!((plain.length, plain.target), (head.len(), "/a?b=c"));
        assert_eq!((plain.path, plain.query), ("/a", Some("b=c")));
        let headers = Headers::Lines { read: twice.as_bytes(), lines: &lines };
        assert_eq!((headers.text(&A), headers.text(&NAME)), (Some("b"), Some("files.test")));
    }
}
