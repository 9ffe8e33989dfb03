//! Range and conditional requests (RFC 9110 sections 13 and 14).

use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cloakroom_token::UnixSeconds;

use crate::headers::Name;

static IF_MATCH: Name = Name::new("if-match");
static IF_MODIFIED_SINCE: Name = Name::new("if-modified-since");
pub(super) static IF_NONE_MATCH: Name = Name::new("if-none-match");
static IF_RANGE: Name = Name::new("if-range");
static IF_UNMODIFIED_SINCE: Name = Name::new("if-unmodified-since");
static RANGE: Name = Name::new("range");

/// What the request's preconditions and ranges ask for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Selection {
    /// 304: the client has these bytes.
    NotModified,
    /// 412: the client wants another version.
    PreconditionFailed,
    /// 416: no byte of the file is in the range.
    Unsatisfiable,
    /// 200: all of it.
    Whole,
    /// 206: these bytes, never none.
    Part(Range<u64>),
}

/// Chooses the answer for a file of `size` bytes with this strong `etag`; `text` is the first value
/// of a header.
///
/// Several ranges at once are answered with the whole file (RFC 9110 section 14.2 leaves it to the
/// server), so that no request can multiply work; so are ranges that are no ranges.
pub(crate) fn select<'a>(
    text: impl Fn(&'static Name) -> Option<&'a str>,
    etag: &str,
    stored_at: UnixSeconds,
    size: u64,
) -> Selection {
    let text = |name| text(name).map(str::trim);
    let time = |name| httpdate::parse_http_date(text(name)?).ok();
    let modified = || date(stored_at);
    if let Some(wanted) = text(&IF_MATCH) {
        if !lists(wanted, etag, false) {
            return Selection::PreconditionFailed;
        }
    } else if let Some(since) = time(&IF_UNMODIFIED_SINCE)
        && modified() > since
    {
        return Selection::PreconditionFailed;
    }
    if let Some(known) = text(&IF_NONE_MATCH) {
        if lists(known, etag, true) {
            return Selection::NotModified;
        }
    } else if let Some(since) = time(&IF_MODIFIED_SINCE)
        && modified() <= since
    {
        return Selection::NotModified;
    }
    let still_the_same = match text(&IF_RANGE) {
        None => true,
        Some(validator) if validator.starts_with('"') => validator == etag,
        Some(validator) => httpdate::parse_http_date(validator).is_ok_and(|at| at == modified()),
    };
    match text(&RANGE) {
        Some(range) if still_the_same => parse_range(range, size),
        _ => Selection::Whole,
    }
}

fn date(at: UnixSeconds) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(at.0).unwrap_or_default())
}

/// Whether a list of entity tags has ours; `weak` lets `W/` count as equal (section 8.8.3.2).
fn lists(list: &str, etag: &str, weak: bool) -> bool {
    list.split(',').map(str::trim).any(|tag| {
        tag == "*" || tag == etag || (weak && tag.strip_prefix("W/").is_some_and(|t| t == etag))
    })
}

fn parse_range(raw: &str, size: u64) -> Selection {
    let Some((unit, set)) = raw.split_once('=') else { return Selection::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") || set.contains(',') {
        return Selection::Whole;
    }
    let Some((first, last)) = set.trim().split_once('-') else { return Selection::Whole };
    let range = match (position(first), position(last)) {
        (Position::At(first), Position::Open) => first..size,
        (Position::At(first), Position::At(last)) if first <= last => {
            first..last.saturating_add(1).min(size)
        }
        (Position::Open, Position::At(suffix)) => size.saturating_sub(suffix)..size,
        _ => return Selection::Whole,
    };
    if range.start >= range.end { Selection::Unsatisfiable } else { Selection::Part(range) }
}

enum Position {
    At(u64),
    NoNumber,
    Open,
}

/// Reads one end of a range; a number too large for 64 bits lies behind every file.
fn position(raw: &str) -> Position {
    if raw.is_empty() {
        Position::Open
    } else if raw.bytes().all(|b| b.is_ascii_digit()) {
        Position::At(raw.parse().unwrap_or(u64::MAX))
    } else {
        Position::NoNumber
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_one_stretch_of_bytes_or_the_whole_file() {
        let cases = [
            ("bytes=0-0", Selection::Part(0..1)),
            ("bytes=0-", Selection::Part(0..10)),
            ("bytes=4-99", Selection::Part(4..10)),
            ("bytes=-3", Selection::Part(7..10)),
            ("bytes=-99", Selection::Part(0..10)),
            ("bytes=9-9", Selection::Part(9..10)),
            ("bytes=10-", Selection::Unsatisfiable),
            ("bytes=-0", Selection::Unsatisfiable),
            ("bytes=99999999999999999999-", Selection::Unsatisfiable),
            ("bytes=5-4", Selection::Whole),
            ("bytes=0-1,3-4", Selection::Whole),
            ("bytes=", Selection::Whole),
            ("bytes=-", Selection::Whole),
            ("bytes=a-b", Selection::Whole),
            ("bytes=+1-2", Selection::Whole),
            ("lines=0-1", Selection::Whole),
        ];
        for (raw, expected) in cases {
            assert_eq!(parse_range(raw, 10), expected, "{raw}");
        }
        assert_eq!(parse_range("bytes=0-0", 0), Selection::Unsatisfiable);
    }

    #[test]
    fn preconditions_are_judged_before_ranges() {
        let etag = "\"abc\"";
        let at = UnixSeconds(1_000_000_000);
        let http_date = |at| httpdate::fmt_http_date(date(at));
        let (earlier, date) = (http_date(at.plus(-1)), http_date(at));
        let cases: [(&[(&'static Name, &str)], Selection); 13] = [
            (&[], Selection::Whole),
            (&[(&IF_NONE_MATCH, etag)], Selection::NotModified),
            (&[(&IF_NONE_MATCH, "W/\"abc\"")], Selection::NotModified),
            (&[(&IF_NONE_MATCH, "\"x\", \"abc\"")], Selection::NotModified),
            (&[(&IF_NONE_MATCH, "\"x\"")], Selection::Whole),
            (&[(&IF_MODIFIED_SINCE, &date)], Selection::NotModified),
            (&[(&IF_MODIFIED_SINCE, &earlier)], Selection::Whole),
            (&[(&IF_NONE_MATCH, "\"x\""), (&IF_MODIFIED_SINCE, &date)], Selection::Whole),
            (&[(&IF_MATCH, "W/\"abc\"")], Selection::PreconditionFailed),
            (&[(&IF_UNMODIFIED_SINCE, &earlier)], Selection::PreconditionFailed),
            (&[(&RANGE, "bytes=1-2"), (&IF_RANGE, etag)], Selection::Part(1..3)),
            (&[(&RANGE, "bytes=1-2"), (&IF_RANGE, "W/\"abc\"")], Selection::Whole),
            (&[(&RANGE, "bytes=1-2"), (&IF_RANGE, &date)], Selection::Part(1..3)),
        ];
        for (given, expected) in cases {
            let text = |name: &'static Name| {
                given.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
            };
            assert_eq!(select(text, etag, at, 10), expected, "{given:?}");
        }
    }
}
