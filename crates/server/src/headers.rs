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
    pub(crate) name: Range<u16>,
    pub(crate) value: Range<u16>,
}

impl Line {
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

    /// Those among which this name may be.
    fn with(&self, name: &HeaderName) -> &[Line] {
        if self.lengths & bit(name.as_str().len()) > 0 { &self.all } else { &[] }
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
    pub(crate) fn all(self, name: &HeaderName) -> impl Iterator<Item = &'a [u8]> {
        match self {
            Self::Map(map) => Values::OfMap(map.get_all(name).into_iter()),
            Self::Lines { read, lines } => {
                let name_bytes = name.as_str().as_bytes();
                Values::OfLines { read, lines: lines.with(name).iter(), name: name_bytes }
            }
        }
    }

    /// The value of the first header of this name.
    pub(crate) fn get(self, name: &HeaderName) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// The same, where it is visible ASCII.
    pub(crate) fn text(self, name: &HeaderName) -> Option<&'a str> {
        self.get(name).and_then(visible)
    }

    /// Whether there is a header of this name.
    pub(crate) fn has(self, name: &HeaderName) -> bool {
        self.get(name).is_some()
    }
}

enum Values<'a, 'n> {
    OfMap(ValueIter<'a, HeaderValue>),
    OfLines { read: &'a [u8], lines: slice::Iter<'a, Line>, name: &'n [u8] },
}

impl<'a> Iterator for Values<'a, '_> {
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
    use axum::http::header;

    use super::*;

    /// The lines of a head that is well formed.
    fn lines(head: &str) -> Lines {
        let place = |index: usize| u16::try_from(index).unwrap();
        let (mut at, mut lines) = (0, Lines::default());
        for line in head.split_inclusive("\r\n") {
            let (name, value) = line.strip_suffix("\r\n").unwrap().split_once(": ").unwrap();
            let from = at + name.len() + 2;
            let found = Line {
                name: place(at)..place(at + name.len()),
                value: place(from)..place(from + value.len()),
            };
            at += line.len();
            lines.push(found);
        }
        lines
    }

    #[test]
    fn a_map_and_lines_say_the_same() {
        let head = "Host: a.test\r\nrange: bytes=0-1\r\nFAT: one\r\nRange: bytes=2-3\r\n\
                    fat: two\r\nreferer: \u{e9}\r\nempty: \r\n";
        let long = "x".repeat(70);
        let head = &format!("{head}{long}: yes\r\n");
        let lines = lines(head);
        let mut map = HeaderMap::new();
        for line in &lines.all {
            let text = |place| part(head.as_bytes(), place).unwrap();
            let name = HeaderName::from_bytes(text(&line.name)).unwrap();
            map.append(name, HeaderValue::from_bytes(text(&line.value)).unwrap());
        }
        let both = [Headers::from(&map), Headers::Lines { read: head.as_bytes(), lines: &lines }];
        let fat = HeaderName::from_static("fat");
        let empty = HeaderName::from_static("empty");
        for headers in both {
            assert_eq!(headers.text(&header::RANGE), Some("bytes=0-1"), "the first counts");
            assert_eq!(headers.all(&fat).collect::<Vec<_>>(), [b"one", b"two"]);
            assert_eq!(headers.text(&empty), Some(""));
            assert_eq!(
                headers.text(&HeaderName::from_bytes(long.as_bytes()).unwrap()),
                Some("yes")
            );
            assert!(!headers.has(&HeaderName::from_bytes(&long.as_bytes()[1..]).unwrap()));
            assert!(headers.has(&header::HOST) && headers.has(&header::REFERER));
            assert_eq!(headers.text(&header::REFERER), None, "not visible");
            assert!(!headers.has(&header::ETAG));
        }
    }
}
