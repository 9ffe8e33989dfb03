//! `GET messages`, `GET users/{uid}/messages`, `GET groups/{guid}/messages`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage as stored;
use cloakroom_storage::{Direction, MessageCursor, Receiver};
use cloakroom_token::{Guid, Uid, UnixSeconds};
use cloakroom_wire::{Affix, Cursor, CursorMeta, Envelope, Message, MessagesQuery};
use serde_json::Value;

use super::Api;
use super::caller::Actor;
use super::cast::Cast;
use super::defuse::answer;
use super::error::ApiError;
use super::get_group::outsider;
use super::page::per_page;
use super::path::{InPath, InQuery};
use super::unread::{CountQuery, answer_counts};

/// Gives one page of the messages between the caller and another user, the oldest first.
#[utoipa::path(
    get, path = "/users/{uid}/messages", tag = "messages",
    params(("uid" = String, Path, description = "The other user."), MessagesQuery, CountQuery),
    responses((status = 200, body = Envelope<Vec<Message>, CursorMeta>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_user_messages(
    State(api): State<Api>,
    actor: Actor,
    InPath(uid): InPath<Uid>,
    InQuery(query): InQuery<MessagesQuery>,
    InQuery(count): InQuery<CountQuery>,
) -> Result<Json<Value>, ApiError> {
    let asked = Asked::read(&query)?;
    let app = &actor.app.id;
    api.db.users().by_uid(app, &uid).await?.ok_or(ApiError::UidNotFound)?;
    if count.counts() {
        return answer_counts(&api, &actor, Some(&Receiver::User(uid))).await;
    }
    let found = api.db.messages().between(app, &actor.uid, &uid, &asked.cursor()).await?;
    asked.answer(&api, &actor, found).await
}

/// Gives one page of the messages of a group the caller is in, the oldest first.
#[utoipa::path(
    get, path = "/groups/{guid}/messages", tag = "messages",
    params(("guid" = String, Path, description = "Which group."), MessagesQuery, CountQuery),
    responses((status = 200, body = Envelope<Vec<Message>, CursorMeta>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_group_messages(
    State(api): State<Api>,
    actor: Actor,
    InPath(guid): InPath<Guid>,
    InQuery(query): InQuery<MessagesQuery>,
    InQuery(count): InQuery<CountQuery>,
) -> Result<Json<Value>, ApiError> {
    let asked = Asked::read(&query)?;
    let app = &actor.app.id;
    let groups = api.db.groups();
    let group = groups.by_guid(app, &guid).await?.ok_or(ApiError::GuidNotFound)?;
    let member = groups.membership(app, &guid, &actor.uid).await?;
    let member = member.ok_or_else(|| outsider(&group))?;
    if count.counts() {
        return answer_counts(&api, &actor, Some(&Receiver::Group(guid))).await;
    }
    let visible_from = member.history_from_join.then_some(member.joined_at);
    let found = api.db.messages().in_group(app, &guid, visible_from, &asked.cursor()).await?;
    asked.answer(&api, &actor, found).await
}

/// Gives one page of all messages the caller may see, the oldest first.
#[utoipa::path(
    get, path = "/messages", tag = "messages",
    params(MessagesQuery, CountQuery),
    responses((status = 200, body = Envelope<Vec<Message>, CursorMeta>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_messages(
    State(api): State<Api>,
    actor: Actor,
    InQuery(query): InQuery<MessagesQuery>,
    InQuery(count): InQuery<CountQuery>,
) -> Result<Json<Value>, ApiError> {
    if count.counts() {
        return answer_counts(&api, &actor, None).await;
    }
    let asked = Asked::read(&query)?;
    let found = api.db.messages().of_user(&actor.app.id, &actor.uid, &asked.cursor()).await?;
    asked.answer(&api, &actor, found).await
}

/// Which page is asked for.
struct Asked {
    affix: Affix,
    id: Option<i64>,
    sent_at: Option<UnixSeconds>,
    per_page: u32,
}

impl Asked {
    fn read(query: &MessagesQuery) -> Result<Self, ApiError> {
        let id = query.id.as_deref().filter(|raw| !raw.is_empty());
        let id = id.map(str::parse).transpose();
        Ok(Self {
            affix: query.affix,
            id: id.map_err(|_| ApiError::BadField { field: "id", rule: "must be digits" })?,
            sent_at: query.sent_at.map(UnixSeconds),
            per_page: per_page(query.per_page)?,
        })
    }

    /// One message more than asked for tells whether there is a next page.
    fn cursor(&self) -> MessageCursor {
        MessageCursor {
            direction: match self.affix {
                Affix::Prepend => Direction::Back,
                Affix::Append => Direction::Forth,
            },
            id: self.id,
            sent_at: self.sent_at.filter(|_| self.id.is_none()),
            limit: self.per_page + 1,
        }
    }

    async fn answer(
        &self,
        api: &Api,
        actor: &Actor,
        found: Vec<stored::Message>,
    ) -> Result<Json<Value>, ApiError> {
        let (found, meta) = self.page(found);
        let messages = Cast::new(api, &actor.app, Some(&actor.uid)).messages(found).await?;
        answer(api, &actor.app.id, &Envelope::with_meta(messages, meta))
    }

    /// Cuts the surplus message off the far end; the cursor is there only if there was one.
    fn page(&self, mut found: Vec<stored::Message>) -> (Vec<stored::Message>, CursorMeta) {
        let asked = self.per_page as usize;
        if found.len() <= asked {
            return (found, CursorMeta { cursor: None });
        }
        let outermost = match self.affix {
            Affix::Prepend => {
                found.drain(..found.len() - asked);
                found.first()
            }
            Affix::Append => {
                found.truncate(asked);
                found.last()
            }
        };
        let cursor = outermost.map(|message| Cursor {
            id: message.id.to_string(),
            sent_at: message.sent_at.0,
            affix: self.affix,
        });
        (found, CursorMeta { cursor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(ids: &[i64]) -> Vec<stored::Message> {
        let of = |id: &i64| stored::Message {
            id: *id,
            muid: None,
            sender: Uid::parse("alice").unwrap(),
            receiver: Receiver::User(Uid::parse("bob").unwrap()),
            conversation_id: "alice_user_bob".into(),
            category: "message".into(),
            kind: "text".into(),
            data: Value::Null,
            sent_at: UnixSeconds(*id * 10),
            updated_at: UnixSeconds(0),
            edited_at: None,
            deleted_at: None,
            deleted_by: None,
            parent_id: None,
        };
        ids.iter().map(of).collect()
    }

    #[test]
    fn a_page_has_a_cursor_exactly_if_there_is_more() {
        let cases = [
            (Affix::Prepend, vec![1, 2, 3], vec![2, 3], Some(2)),
            (Affix::Append, vec![1, 2, 3], vec![1, 2], Some(2)),
            (Affix::Prepend, vec![1, 2], vec![1, 2], None),
            (Affix::Append, vec![], vec![], None),
        ];
        for (affix, found, page, cursor) in cases {
            let query = MessagesQuery { per_page: Some(2), affix, ..MessagesQuery::default() };
            let (got, meta) = Asked::read(&query).unwrap().page(messages(&found));
            assert_eq!(got.iter().map(|m| m.id).collect::<Vec<_>>(), page);
            let meta = meta.cursor.map(|c| (c.id, c.sent_at, c.affix));
            assert_eq!(meta, cursor.map(|id: i64| (id.to_string(), id * 10, affix)));
        }
    }

    #[test]
    fn a_moment_counts_only_where_there_is_no_message_to_start_at() {
        let query =
            MessagesQuery { id: Some("7".into()), sent_at: Some(5), ..MessagesQuery::default() };
        let cursor = Asked::read(&query).unwrap().cursor();
        assert_eq!((cursor.id, cursor.sent_at, cursor.limit), (Some(7), None, 31));
        let bad = MessagesQuery { id: Some("x".into()), ..MessagesQuery::default() };
        assert!(Asked::read(&bad).is_err());
    }
}
