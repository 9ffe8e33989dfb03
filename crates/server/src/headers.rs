//! The headers of a request, whoever read them.

use std::ops::Range;
use std::slice;

use axum::http::header::ValueIter;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The headers of a request: as hyper hands them on, or as they stand in what was read.
#[derive(Clone, Copy)]
pub(crate) enum Headers<'a> {
    /// In a map.
    Map(&'a HeaderMap),
    /// In the lines of a head.
    Lines {
        /// What was read.
        read: &'a [u8],
        /// Where in it.
        lines: &'a Lines,
    },
}

/// The name of a header, ready for both.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Name {
    /// In lower case.
    text: &'static str,
    of_map: HeaderName,
}

impl Name {
    /// A name in lower case.
    pub(crate) const fn new(text: &'static str) -> Self {
        Self { text, of_map: HeaderName::from_static(text) }
    }
}

/// Where the headers of a head stand.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    all: Vec<Line>,
    /// A bit for each length that a name has: most names that are asked for are not there.
    lengths: u64,
}

/// Where the name and the value of a header stand in a head.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    name: Range<u16>,
    value: Range<u16>,
}

impl Line {
    /// The line that begins at a place: name, colon, one space, value. `None` behind the first 64 KiB.
    pub(crate) fn new(place: usize, name: usize, value: usize) -> Option<Self> {
        let at = |place: usize| u16::try_from(place).ok();
        let (name, from) = (at(place)?..at(place + name)?, place + name + 2);
        Some(Self { name, value: at(from)?..at(from + value)? })
    }

    const fn name_len(&self) -> usize {
        (self.name.end - self.name.start) as usize
    }
}

impl Lines {
    /// Forgets all, and makes room for so many.
    pub(crate) fn clear(&mut self, room: usize) {
        self.all.clear();
        self.all.reserve(room);
        self.lengths = 0;
    }

    /// Adds the next.
    pub(crate) fn push(&mut self, line: Line) {
        self.lengths |= bit(line.name_len());
        self.all.push(line);
    }

    /// Whether this name may be among them.
    const fn may_have(&self, name: &Name) -> bool {
        self.lengths & bit(name.text.len()) > 0
    }
}

/// The bit of a length; all that are too long for one of their own share the last.
const fn bit(length: usize) -> u64 {
    1 << if length < 63 { length } else { 63 }
}

impl<'a> From<&'a HeaderMap> for Headers<'a> {
    fn from(map: &'a HeaderMap) -> Self {
        Self::Map(map)
    }
}

impl<'a> Headers<'a> {
    /// The values of all headers of this name, in their order.
    pub(crate) fn all(self, name: &'static Name) -> impl Iterator<Item = &'a [u8]> {
        match self {
            Self::Map(map) => Values::OfMap(map.get_all(&name.of_map).into_iter()),
            Self::Lines { read, lines } => {
                let all: &[Line] = if lines.may_have(name) { &lines.all } else { &[] };
                Values::OfLines { read, lines: all.iter(), name: name.text.as_bytes() }
            }
        }
    }

    /// The value of the first header of this name.
    #[inline]
    pub(crate) fn get(self, name: &'static Name) -> Option<&'a [u8]> {
        match self {
            Self::Lines { lines, .. } if !lines.may_have(name) => None,
            _ => self.all(name).next(),
        }
    }

    /// The same, where it is visible ASCII.
    pub(crate) fn text(self, name: &'static Name) -> Option<&'a str> {
        self.get(name).and_then(visible)
    }

    /// Whether there is a header of this name.
    pub(crate) fn has(self, name: &'static Name) -> bool {
        self.get(name).is_some()
    }
}

enum Values<'a> {
    OfMap(ValueIter<'a, HeaderValue>),
    OfLines { read: &'a [u8], lines: slice::Iter<'a, Line>, name: &'static [u8] },
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::OfMap(values) => values.next().map(HeaderValue::as_bytes),
            Self::OfLines { read, lines, name } => {
                let line = lines.find(|line| {
                    line.name_len() == name.len()
                        && part(read, &line.name).is_some_and(|it| it.eq_ignore_ascii_case(name))
                })?;
                part(read, &line.value)
            }
        }
    }
}

fn part<'a>(read: &'a [u8], place: &Range<u16>) -> Option<&'a [u8]> {
    read.get(usize::from(place.start)..usize::from(place.end))
}

/// A value as a text, if all of it is visible ASCII, spaces or tabs (RFC 9110 section 5.5).
pub(crate) fn visible(value: &[u8]) -> Option<&str> {
    let is_visible = |&byte: &u8| byte == b'\t' || (b' '..=b'~').contains(&byte);
    value.iter().all(is_visible).then(|| std::str::from_utf8(value).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    static LONG: Name =
        Name::new("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    static LONG_TOO: Name =
        Name::new("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    static EMPTY: Name = Name::new("empty");
    static ETAG: Name = Name::new("etag");
    static FAT: Name = Name::new("fat");
    static HOST: Name = Name::new("host");
    static RANGE: Name = Name::new("range");
    static REFERER: Name = Name::new("referer");

    /// The lines of a head that is well formed.
    fn lines(head: &str) -> Lines {
        let (mut at, mut lines) = (0, Lines::default());
        for line in head.split_inclusive("\r\n") {
            let (name, value) = line.strip_suffix("\r\n").unwrap().split_once(": ").unwrap();
            lines.push(Line::new(at, name.len(), value.len()).unwrap());
            at += line.len();
        }
        lines
    }

    #[test]
    fn a_map_and_lines_say_the_same() {
        let head = "Host: a.test\r\nrange: bytes=0-1\r\nFAT: one\r\nRange: bytes=2-3\r\n\
                    fat: two\r\nreferer: \u{e9}\r\nempty: \r\n";
        let head = &format!("{head}{}: yes\r\n", "x".repeat(70));
        let lines = lines(head);
        let mut map = HeaderMap::new();
        for line in &lines.all {
            let text = |place| part(head.as_bytes(), place).unwrap();
            let name = HeaderName::from_bytes(text(&line.name)).unwrap();
            map.append(name, HeaderValue::from_bytes(text(&line.value)).unwrap());
        }
        let both = [Headers::from(&map), Headers::Lines { read: head.as_bytes(), lines: &lines }];
        for headers in both {
            assert_eq!(headers.text(&RANGE), Some("bytes=0-1"), "the first counts");
            assert_eq!(headers.all(&FAT).collect::<Vec<_>>(), [b"one", b"two"]);
            assert_eq!(headers.text(&EMPTY), Some(""));
            assert_eq!(headers.text(&LONG), Some("yes"));
            assert!(!headers.has(&LONG_TOO));
            assert!(headers.has(&HOST) && headers.has(&REFERER));
            assert_eq!(headers.text(&REFERER), None, "not visible");
            assert!(!headers.has(&ETAG));
        }
    }
}
