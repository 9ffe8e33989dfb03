//! Lists of users.

use cloakroom_token::AppId;

use crate::column::stored_size;
use crate::db::on;
use crate::error::StorageError;
use crate::page::Page;
use crate::statement::sql;
use crate::users::{Row, User, Users};

sql! {
    Both {
        USER_COUNT = "SELECT COUNT(*) FROM app_user WHERE app_id = $1 AND deleted_at IS NULL
            AND ($2 OR deactivated_at IS NULL) AND ($3 OR deactivated_at IS NOT NULL)
            AND (uid LIKE $4 ESCAPE '!' OR name LIKE $4 ESCAPE '!'
            OR LOWER(uid) LIKE $5 ESCAPE '!' OR LOWER(name) LIKE $5 ESCAPE '!')";
        USER_LIST = "SELECT * FROM app_user WHERE app_id = $1 AND deleted_at IS NULL
            AND ($2 OR deactivated_at IS NULL) AND ($3 OR deactivated_at IS NOT NULL)
            AND (uid LIKE $4 ESCAPE '!' OR name LIKE $4 ESCAPE '!'
            OR LOWER(uid) LIKE $5 ESCAPE '!' OR LOWER(name) LIKE $5 ESCAPE '!')
            ORDER BY uid LIMIT $6 OFFSET $7";
    }
}

/// Which users a list has.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UserFilter {
    /// Deactivated ones only, or active ones only; `None`: both.
    pub deactivated: Option<bool>,
    /// Part of the uid or the name, in whatever case; `None`: all.
    pub search: Option<String>,
}

impl Users {
    /// One page of the users, by uid, and how many there are in all.
    pub async fn list(
        &self,
        app: &AppId,
        limit: u32,
        offset: u64,
    ) -> Result<Page<User>, StorageError> {
        self.find(app, &UserFilter::default(), limit, offset).await
    }

    /// One page of the users whom a filter lets through, by uid, and how many those are in all.
    pub async fn find(
        &self,
        app: &AppId,
        filter: &UserFilter,
        limit: u32,
        offset: u64,
    ) -> Result<Page<User>, StorageError> {
        let part = pattern(filter.search.as_deref().unwrap_or_default());
        let folded = part.to_lowercase();
        let with_deactivated = filter.deactivated != Some(false);
        let with_active = filter.deactivated != Some(true);
        let total: i64 = on!(read self.db, |c| sqlx::query_scalar(USER_COUNT)
            .bind(app.as_str()).bind(with_deactivated).bind(with_active).bind(&part).bind(&folded)
            .fetch_one(c).await)?;
        let rows: Vec<Row> = on!(read self.db, |c| sqlx::query_as(USER_LIST)
            .bind(app.as_str()).bind(with_deactivated).bind(with_active).bind(&part).bind(&folded)
            .bind(i64::from(limit)).bind(stored_size(offset)).fetch_all(c).await)?;
        Ok(Page::new(rows.into_iter().map(User::from).collect(), total))
    }
}

/// A `LIKE` pattern for texts that contain `part`.
fn pattern(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in part.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_a_pattern_is_searched_for_as_it_is() {
        for (part, expected) in [("", "%%"), ("an", "%an%"), ("50%_!", "%50!%!_!!%")] {
            assert_eq!(pattern(part), expected);
        }
    }
}
