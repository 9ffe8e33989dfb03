//! How often a presigned URL shows its file.

use std::fmt;
use std::num::NonZeroU32;

use smol_str::SmolStr;

/// How many views a presigned URL is good for: `{most}` or `{most}.{tag}` in its `Views`.
///
/// Views are counted per URL. The tag sets apart two URLs that are alike otherwise, such as two
/// mails with the same file, so that each has views of its own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Views {
    most: NonZeroU32,
    tag: SmolStr,
}

impl Views {
    /// The most views that a URL can have.
    pub const MOST: u32 = 1000;
    const MAX_TAG: usize = 16;

    /// So many views without a tag; `None` outside 1 to [`Views::MOST`].
    #[must_use]
    pub fn new(most: u32) -> Option<Self> {
        let most = NonZeroU32::new(most).filter(|most| most.get() <= Self::MOST)?;
        Some(Self { most, tag: SmolStr::default() })
    }

    /// The same with a tag; `None` if that is not 1 to 16 of `[a-z0-9]`.
    #[must_use]
    pub fn tagged(self, tag: &str) -> Option<Self> {
        let good = (1..=Self::MAX_TAG).contains(&tag.len())
            && tag.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        good.then(|| Self { tag: tag.into(), ..self })
    }

    /// Reads the value of `Views`; `None` if it is not written in the one way.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let (most, tag) = raw.split_once('.').map_or((raw, None), |(most, tag)| (most, Some(tag)));
        let views = Self::new(most.parse().ok().filter(|n: &u32| n.to_string() == most)?)?;
        match tag {
            None => Some(views),
            Some(tag) => views.tagged(tag),
        }
    }

    /// How many.
    #[must_use]
    pub const fn most(&self) -> u32 {
        self.most.get()
    }
}

impl fmt::Display for Views {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.most)?;
        if self.tag.is_empty() { Ok(()) } else { write!(f, ".{}", self.tag) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_read_as_they_are_written_and_in_no_other_way() {
        for good in ["1", "1000", "2.a1", "2.0123456789abcdef"] {
            assert_eq!(Views::parse(good).unwrap().to_string(), good);
        }
        for bad in
            ["", "0", "1001", "01", "+1", "-1", "1.", ".a", "1.A", "1.a.b", "1.0123456789abcdefg"]
        {
            assert_eq!(Views::parse(bad), None, "{bad}");
        }
    }
}
