//! How often presigned URLs with a number of views were viewed: exact, however many nodes serve.

use cloakroom_token::{AppId, UnixSeconds, UrlId};

use crate::column::from_row;
use crate::db::{Db, on};
use crate::error::StorageError;
use crate::statement::sql;

sql! {
    Both {
        URL_VIEW_FIND = "SELECT used, window_until FROM url_view WHERE url_id = $1";
        URL_VIEW_TAKE = "INSERT INTO url_view (url_id, app_id, expires_at, used, window_until)
            VALUES ($1, $2, $3, 1, $4)
            ON CONFLICT (url_id) DO UPDATE SET used = url_view.used + 1,
            window_until = excluded.window_until
            WHERE url_view.window_until <= $5 AND url_view.used < $6";
        URL_VIEW_SWEEP = "DELETE FROM url_view WHERE expires_at < $1";
    }
}

/// How long fetches belong to the view that the first of them took.
pub const VIEW_WINDOW_SECONDS: i64 = 10 * 60;

/// What became of a fetch that would be a view.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum View {
    /// It belongs to a view that was taken before.
    Continues,
    /// All views are used up.
    Refused,
    /// It took a view; what follows in the next [`VIEW_WINDOW_SECONDS`] belongs to it.
    Taken,
}

struct Row {
    used: i64,
    window_until: UnixSeconds,
}
from_row!(Row { used, window_until });

/// The views of presigned URLs.
#[derive(Clone, Debug)]
pub struct UrlViews {
    db: Db,
}

impl Db {
    /// The views of presigned URLs.
    #[must_use]
    pub fn url_views(&self) -> UrlViews {
        UrlViews { db: self.clone() }
    }
}

impl UrlViews {
    /// Takes one of `most` views, unless the fetch belongs to one that was taken already.
    ///
    /// One statement takes it, so that nodes that ask at the same moment never take more than there
    /// are. A fetch within a window, and one too many, only read.
    pub async fn take(
        &self,
        app: &AppId,
        url: UrlId,
        most: u32,
        expires_at: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<View, StorageError> {
        if let Some(view) = self.settled(url, most, now).await? {
            return Ok(view);
        }
        let mut tx = self.db.begin().await?;
        let taken = on!(tx tx, |c| sqlx::query(URL_VIEW_TAKE)
            .bind(url.0.as_slice()).bind(app.as_str()).bind(expires_at.0)
            .bind(now.plus(VIEW_WINDOW_SECONDS).0).bind(now.0).bind(i64::from(most))
            .execute(c).await.map(|done| done.rows_affected()))?;
        tx.commit().await?;
        if taken > 0 {
            return Ok(View::Taken);
        }
        // Another fetch was quicker: it took the last view, or one to which this fetch belongs.
        Ok(self.settled(url, most, now).await?.unwrap_or(View::Refused))
    }

    /// What is certain without a write.
    async fn settled(
        &self,
        url: UrlId,
        most: u32,
        now: UnixSeconds,
    ) -> Result<Option<View>, StorageError> {
        let row: Option<Row> = on!(read self.db, |c| sqlx::query_as(URL_VIEW_FIND)
            .bind(url.0.as_slice()).fetch_optional(c).await)?;
        Ok(row.and_then(|row| {
            if now < row.window_until {
                Some(View::Continues)
            } else if row.used >= i64::from(most) {
                Some(View::Refused)
            } else {
                None
            }
        }))
    }

    /// Forgets URLs that expired before `before`; says how many.
    ///
    /// Leave room for clocks that differ: a URL that is forgotten while a node still takes it has
    /// all its views again.
    pub async fn sweep(&self, before: UnixSeconds) -> Result<u64, StorageError> {
        Ok(on!(write self.db, |c| sqlx::query(URL_VIEW_SWEEP)
            .bind(before.0).execute(c).await.map(|done| done.rows_affected()))?)
    }
}
