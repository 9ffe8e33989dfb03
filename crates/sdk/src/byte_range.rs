//! Parts of a file: asked for by `Range`, told by `Content-Range`.

use std::ops::{Bound, Range, RangeBounds};

use crate::Error;

/// A part of a file: first byte, and last byte if it has one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ByteRange {
    pub(crate) first: u64,
    pub(crate) last: Option<u64>,
}

impl ByteRange {
    pub(crate) fn new(range: &impl RangeBounds<u64>) -> Result<Self, Error> {
        const EMPTY: Error = Error::InvalidArgument("an empty range of bytes");
        let first = match range.start_bound() {
            Bound::Unbounded => 0,
            Bound::Included(first) => *first,
            Bound::Excluded(before) => before.checked_add(1).ok_or(EMPTY)?,
        };
        let last = match range.end_bound() {
            Bound::Unbounded => None,
            Bound::Included(last) => Some(*last),
            Bound::Excluded(end) => Some(end.checked_sub(1).ok_or(EMPTY)?),
        };
        if last.is_some_and(|last| last < first) {
            return Err(EMPTY);
        }
        Ok(Self { first, last })
    }

    /// From this byte to the end of the file.
    pub(crate) const fn from(first: u64) -> Self {
        Self { first, last: None }
    }

    /// The value of a `Range` header.
    pub(crate) fn header(self) -> String {
        let last = self.last.map(|last| last.to_string()).unwrap_or_default();
        format!("bytes={}-{last}", self.first)
    }
}

/// Which bytes a `Content-Range` tells of, such as `bytes 0-99/4096`.
pub(crate) fn told(content_range: &str) -> Option<Range<u64>> {
    let (part, _) = content_range.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = part.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some(first..last.checked_add(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(range: impl RangeBounds<u64>) -> Option<String> {
        ByteRange::new(&range).ok().map(ByteRange::header)
    }

    #[test]
    fn rust_ranges_become_http_ranges() {
        assert_eq!(header(..).as_deref(), Some("bytes=0-"));
        assert_eq!(header(5..).as_deref(), Some("bytes=5-"));
        assert_eq!(header(..5).as_deref(), Some("bytes=0-4"));
        assert_eq!(header(5..6).as_deref(), Some("bytes=5-5"));
        assert_eq!(header(5..=6).as_deref(), Some("bytes=5-6"));
        assert_eq!((header(5..5), header(..0)), (None, None));
        assert_eq!(header((Bound::Excluded(u64::MAX), Bound::Unbounded)), None);
    }

    #[test]
    fn a_content_range_is_read_or_none() {
        for (text, expected) in [
            ("bytes 0-99/4096", Some(0..100)),
            ("bytes 5-5/*", Some(5..6)),
            ("bytes 6-5/9", None),
            ("bytes */9", None),
            ("bytes 0-18446744073709551615/*", None),
            ("items 0-1/2", None),
            ("", None),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }
}
