//! Lists of files, the newest first.

use cloakroom_token::{AppId, Audience, FileState, MediaId, Uid, UnixSeconds};

use crate::column::Place;
use crate::db::on;
use crate::error::StorageError;
use crate::media::{Media, MediaFiles};
use crate::statement::sql;

/// What every list of files asks for, from `$1` to `$9`; `f` is the file.
macro_rules! page_of {
    ($from:literal) => {
        concat!(
            "SELECT f.* FROM media f WHERE f.app_id = $1 AND (f.created_at, f.id) < ($2, $3)
            AND f.created_at BETWEEN $4 AND $5 AND f.state BETWEEN $6 AND $7
            AND f.audience BETWEEN $8 AND $9 ",
            $from,
            " ORDER BY f.created_at DESC, f.id DESC LIMIT $10"
        )
    };
}

sql! {
    Both {
        MEDIA_PAGE = page_of!("AND $11 = $12");
        MEDIA_PAGE_OF_UPLOADER = page_of!("AND f.uploader = $11 AND $12 = ''");
        // Once each, by the first of the links that carry it: walked in the order of the index.
        MEDIA_PAGE_OF_CONVERSATION = "SELECT f.* FROM message_media k
            JOIN media f ON f.app_id = k.app_id AND f.id = k.media_id
            WHERE k.app_id = $1 AND k.conversation_id = $12 AND k.removed_at IS NULL
            AND (k.file_created_at, k.media_id) < ($2, $3) AND k.file_created_at BETWEEN $4 AND $5
            AND f.state BETWEEN $6 AND $7 AND f.audience BETWEEN $8 AND $9
            AND ($11 = '' OR f.uploader = $11)
            AND NOT EXISTS (SELECT 1 FROM message_media e WHERE e.app_id = k.app_id
            AND e.conversation_id = k.conversation_id AND e.file_created_at = k.file_created_at
            AND e.media_id = k.media_id AND e.removed_at IS NULL
            AND (e.message_id, e.variant) < (k.message_id, k.variant))
            ORDER BY k.file_created_at DESC, k.media_id DESC LIMIT $10";
    }
}

/// Which files a list has.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct MediaFilter {
    /// Of this user; `None`: of all.
    pub uploader: Option<Uid>,
    /// For this audience; `None`: for any.
    pub audience: Option<Audience>,
    /// In this state; `None`: in any but deleted.
    pub state: Option<FileState>,
    /// Carried by a message of this conversation, by the name messages have for it.
    pub conversation_id: Option<String>,
    /// Stored at this moment or later.
    pub from: Option<UnixSeconds>,
    /// Stored at this moment or before.
    pub to: Option<UnixSeconds>,
}

impl MediaFiles {
    /// At most `limit` of the files a filter lets through, the newest first; `after`: those that
    /// come after this one.
    pub async fn page(
        &self,
        app: &AppId,
        filter: &MediaFilter,
        after: Option<(UnixSeconds, MediaId)>,
        limit: u32,
    ) -> Result<Vec<Media>, StorageError> {
        let (at, id) = after.map_or((i64::MAX, String::new()), |(at, id)| (at.0, id.to_string()));
        let states = filter
            .state
            .map_or((FileState::Receiving.place(), FileState::Refused.place()), |state| {
                (state.place(), state.place())
            });
        let audiences = filter
            .audience
            .map_or((Audience::Conversation.place(), Audience::App.place()), |audience| {
                (audience.place(), audience.place())
            });
        let uploader = filter.uploader.as_ref().map_or("", Uid::as_str);
        let conversation = filter.conversation_id.as_deref().unwrap_or_default();
        let statement = if filter.conversation_id.is_some() {
            MEDIA_PAGE_OF_CONVERSATION
        } else if filter.uploader.is_some() {
            MEDIA_PAGE_OF_UPLOADER
        } else {
            MEDIA_PAGE
        };
        Ok(on!(read self.db, |c| sqlx::query_as(statement)
            .bind(app.as_str()).bind(at).bind(&id)
            .bind(filter.from.map_or(i64::MIN, |from| from.0))
            .bind(filter.to.map_or(i64::MAX, |to| to.0))
            .bind(states.0).bind(states.1).bind(audiences.0).bind(audiences.1)
            .bind(i64::from(limit)).bind(uploader).bind(conversation).fetch_all(c).await)?)
    }
}

#[cfg(test)]
mod tests {
    use super::MEDIA_PAGE_OF_CONVERSATION;
    use crate::statement::sqlite_plan;

    #[tokio::test]
    async fn a_page_of_a_conversation_is_walked_by_its_index_and_not_sorted() {
        let steps = sqlite_plan(MEDIA_PAGE_OF_CONVERSATION).await;
        assert!(steps[0].contains("k USING INDEX message_media_by_conversation"), "{steps:?}");
        assert!(!steps.concat().contains("TEMP B-TREE"), "{steps:?}");
    }
}
