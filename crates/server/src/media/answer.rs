//! An answer of the secure media host, before hyper or a connection of our own writes it.

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use cloakroom_token::ReadGrant;

use super::MediaBody;
use crate::objects::{Head, write_header, write_headers, write_length};

/// An answer whose head is not written yet.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// When it was ready: the last time that the clock was read for it.
    pub(crate) ready_at: Instant,
    pub(crate) head: AnswerHead,
    pub(crate) body: MediaBody,
}

/// The headers of an answer.
pub(crate) enum AnswerHead {
    /// Those of a stored file, prepared, and behind them what belongs to this answer alone.
    OfFile {
        /// What was prepared.
        prepared: Arc<Head>,
        /// How many bytes of the file the answer is about; `None` if it is about none.
        length: Option<u64>,
        /// What `Content-Range` says.
        content_range: Option<Box<str>>,
    },
    /// Any others.
    Other(HeaderMap),
}

impl AnswerHead {
    /// The head of an answer about a granted file, whose status says whether it is a part of it.
    pub(crate) fn of_file(
        prepared: Arc<Head>,
        grant: &ReadGrant,
        status: StatusCode,
        range: Option<&Range<u64>>,
    ) -> Self {
        let size = grant.size_bytes();
        let content_range = match (status, range) {
            (StatusCode::PARTIAL_CONTENT, Some(Range { start, end })) => {
                Some(format!("bytes {start}-{}/{size}", end - 1).into())
            }
            (StatusCode::RANGE_NOT_SATISFIABLE, _) => Some(format!("bytes */{size}").into()),
            _ => None,
        };
        let length = range.map(|range| range.end - range.start);
        let other = length.and_then(|length| Some((prepared.to_be_saved(grant)?, length)));
        match other {
            Some((mut headers, length)) => {
                put_of_this_answer(&mut headers, Some(length), content_range.as_deref());
                Self::Other(headers)
            }
            None => Self::OfFile { prepared, length, content_range },
        }
    }

    /// Writes the headers as lines of HTTP/1.1; says whether `Content-Length` is one of them.
    pub(crate) fn write(&self, text: &mut Vec<u8>) -> bool {
        match self {
            Self::OfFile { prepared, length, content_range } => {
                text.extend_from_slice(prepared.lines(length.is_some()));
                if let Some(length) = length {
                    write_length(text, *length);
                }
                if let Some(range) = content_range {
                    write_header(text, "content-range", range.as_bytes());
                }
                length.is_some()
            }
            Self::Other(headers) => {
                write_headers(text, headers);
                headers.contains_key(header::CONTENT_LENGTH)
            }
        }
    }
}

impl From<AnswerHead> for HeaderMap {
    fn from(head: AnswerHead) -> Self {
        match head {
            AnswerHead::OfFile { prepared, length, content_range } => {
                let mut headers = prepared.headers(length.is_some());
                put_of_this_answer(&mut headers, length, content_range.as_deref());
                headers
            }
            AnswerHead::Other(headers) => headers,
        }
    }
}

fn put_of_this_answer(headers: &mut HeaderMap, length: Option<u64>, content_range: Option<&str>) {
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    if let Some(Ok(range)) = content_range.map(HeaderValue::from_str) {
        headers.insert(header::CONTENT_RANGE, range);
    }
}

impl From<Response<MediaBody>> for Answer {
    fn from(response: Response<MediaBody>) -> Self {
        let (parts, body) = response.into_parts();
        let ready_at = Instant::now();
        Self { status: parts.status, ready_at, head: AnswerHead::Other(parts.headers), body }
    }
}

impl From<Answer> for Response<MediaBody> {
    fn from(Answer { status, head, body, .. }: Answer) -> Self {
        let mut response = Self::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = head.into();
        response
    }
}
