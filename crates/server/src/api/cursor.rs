//! Where a list goes on: an opaque text that only the list and filters it came from take back.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloakroom_token::UnixSeconds;
use cloakroom_wire::NextMeta;

use super::error::ApiError;

const TAG_BYTES: usize = 6;

/// A place in a list that is ordered by a number, then by a text.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Cursor {
    /// The number of the last item, such as when it was made.
    number: i64,
    /// Its id.
    id: String,
}

impl Cursor {
    /// The text for `meta.next`; `list` names the list with the values of its filters.
    fn write(&self, list: &str) -> String {
        let place = format!("{}.{}", self.number, self.id);
        URL_SAFE_NO_PAD.encode([tag(list, &place).as_slice(), place.as_bytes()].concat())
    }

    /// Reads what [`Cursor::write`] made for the same list and filters.
    ///
    /// A text made up to fit opens nothing: it is a place in a list that the caller may read.
    fn read(raw: &str, list: &str) -> Result<Self, ApiError> {
        let bytes = URL_SAFE_NO_PAD.decode(raw).map_err(|_| ApiError::CursorInvalid)?;
        let (sent, place) = bytes.split_at_checked(TAG_BYTES).ok_or(ApiError::CursorInvalid)?;
        let place = std::str::from_utf8(place).map_err(|_| ApiError::CursorInvalid)?;
        if sent != tag(list, place) {
            return Err(ApiError::CursorInvalid);
        }
        let (number, id) = place.split_once('.').ok_or(ApiError::CursorInvalid)?;
        let number = number.parse().map_err(|_| ApiError::CursorInvalid)?;
        Ok(Self { number, id: id.to_owned() })
    }
}

/// One page of a list that goes on at a cursor, the newest first.
pub(super) struct CursorPage {
    list: String,
    per_page: u32,
    after: Option<Cursor>,
}

impl CursorPage {
    /// A page of `list`, behind the cursor if there is one.
    pub(super) fn read(
        list: String,
        per_page: u32,
        cursor: Option<&str>,
    ) -> Result<Self, ApiError> {
        let after = cursor.map(|raw| Cursor::read(raw, &list)).transpose()?;
        Ok(Self { list, per_page, after })
    }

    /// When the last item of the page before was made, and its id.
    pub(super) fn after<T>(
        &self,
        id: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<(UnixSeconds, T)>, ApiError> {
        let Some(Cursor { number, id: raw }) = &self.after else { return Ok(None) };
        let id = id(raw).ok_or(ApiError::CursorInvalid)?;
        Ok(Some((UnixSeconds(*number), id)))
    }

    /// How many items to look for: one more than the page shows tells whether it goes on.
    pub(super) const fn limit(&self) -> u32 {
        self.per_page + 1
    }

    /// Cuts what was found to the page, and says where the next one begins; `place` is when an item
    /// was made, and its id.
    pub(super) fn cut<T>(
        &self,
        found: &mut Vec<T>,
        place: impl FnOnce(&T) -> (UnixSeconds, String),
    ) -> NextMeta {
        let goes_on = found.len() > self.per_page as usize;
        found.truncate(self.per_page as usize);
        let last = found.last().filter(|_| goes_on).map(place);
        let next = last.map(|(made, id)| Cursor { number: made.0, id }.write(&self.list));
        NextMeta { next }
    }
}

fn tag(list: &str, place: &str) -> [u8; TAG_BYTES] {
    let hash = digest(&SHA256, format!("{list}\n{place}").as_bytes());
    let mut tag = [0; TAG_BYTES];
    tag.copy_from_slice(&hash.as_ref()[..TAG_BYTES]);
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_only_by_its_own_list_and_filters() {
        let place = Cursor { number: 7, id: "a.b".to_owned() };
        let text = place.write("media?uploader=ann");
        assert_eq!(Cursor::read(&text, "media?uploader=ann").unwrap(), place);
        let mut flipped = text.clone();
        flipped.replace_range(9..10, if &text[9..10] == "A" { "B" } else { "A" });
        for (raw, list) in [
            (text.as_str(), "media?uploader=ben"),
            (flipped.as_str(), "media?uploader=ann"),
            ("", "media?uploader=ann"),
            ("?", "media?uploader=ann"),
        ] {
            assert!(matches!(Cursor::read(raw, list), Err(ApiError::CursorInvalid)), "{raw}");
        }
    }
}
