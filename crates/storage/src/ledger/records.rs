//! Appending records to the chains, and finding them again.

use std::collections::{BTreeMap, HashMap};

use cloakroom_token::{AppId, ContentHash, MediaId, SessionId, Uid, UnixSeconds};
use serde_json::{Map, Value, json};

use super::chain::{RecordIndex, StoredRecord, next_hash};
use super::day::LedgerDay;
use super::people::Person;
use super::{Ledger, LedgerTx, chain_name};
use crate::db::on;
use crate::error::StorageError;
use crate::statement::sql;

sql! {
    Both {
        RECORD_ADD = "INSERT INTO ledger_record (app_id, day, number, at, person, media_id,
            refused, body, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        RECORD_END = "UPDATE ledger_day SET records = $3, hash = $4
            WHERE app_id = $1 AND day = $2";
        RECORD_OF_DAY = "SELECT number, body, hash, at, person, media_id, refused
            FROM ledger_record WHERE app_id = $1 AND day = $2 AND number > $3
            ORDER BY number LIMIT $4";
        RECORD_PAGE = "SELECT day, number, body, hash FROM ledger_record WHERE app_id = $1
            AND (day < $2 OR (day = $2 AND number < $3))
            AND (CAST($4 AS TEXT) IS NULL OR person = $4)
            AND (CAST($5 AS TEXT) IS NULL OR media_id = $5)
            AND (CAST($6 AS BIGINT) IS NULL OR refused = $6) AND at >= $7 AND at < $8
            ORDER BY day DESC, number DESC LIMIT $9";
    }
}

/// A record to be appended. What names somebody is pseudonymised on the way in.
#[derive(Clone, Debug)]
pub struct NewRecord {
    /// When it happened, or began.
    pub at: UnixSeconds,
    /// The user it is about.
    pub uid: Option<Uid>,
    /// The session of that user.
    pub session: Option<SessionId>,
    /// The file it is about.
    pub media: Option<MediaId>,
    /// Whether a read was refused; `None` for what is no read.
    pub refused: Option<bool>,
    /// All else that it says. Holds no uid, session or credential.
    pub fields: Map<String, Value>,
}

/// Which records are looked for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RecordFilter {
    /// About this user.
    pub uid: Option<Uid>,
    /// About this file.
    pub media: Option<MediaId>,
    /// Refused reads, or allowed ones.
    pub refused: Option<bool>,
    /// From then on.
    pub from: Option<UnixSeconds>,
    /// Before then.
    pub to: Option<UnixSeconds>,
}

/// The end of a day's chain while it is appended to.
struct End {
    records: i64,
    hash: ContentHash,
}

type RecordRow = (i64, String, Vec<u8>, i64, Option<String>, Option<String>, Option<i64>);

impl Ledger {
    /// Appends records to the chain of an app, or to the installation's (`None`): all or none.
    ///
    /// Each goes to the day on which it happened, or to the next one that is open.
    pub async fn append(
        &self,
        app: Option<&AppId>,
        records: &[NewRecord],
    ) -> Result<(), StorageError> {
        let mut people = HashMap::new();
        for uid in records.iter().filter_map(|record| record.uid.as_ref()) {
            if let (Some(app), false) = (app, people.contains_key(uid)) {
                people.insert(uid.clone(), self.person(app, uid).await?);
            }
        }
        let mut by_day: Vec<&NewRecord> = records.iter().collect();
        by_day.sort_by_key(|record| LedgerDay::of(record.at));
        let mut tx = self.begin().await?;
        let mut ends = BTreeMap::new();
        let mut day = LedgerDay(i64::MIN);
        for record in by_day {
            day = day.max(LedgerDay::of(record.at));
            while !ends.contains_key(&day) {
                match tx.open_day(app, day).await? {
                    Some((records, hash)) => {
                        ends.insert(day, End { records, hash });
                    }
                    None => day = day.plus(1),
                }
            }
            let Some(end) = ends.get_mut(&day) else { continue };
            let person = record.uid.as_ref().and_then(|uid| people.get(uid)?.as_ref());
            tx.add(app, day, end, record, person).await?;
        }
        for (day, end) in &ends {
            on!(tx tx, |c| sqlx::query(RECORD_END)
                .bind(chain_name(app)).bind(day.0).bind(end.records).bind(end.hash.0.as_slice())
                .execute(c).await.map(|_| ()))?;
        }
        tx.commit().await
    }

    /// At most `limit` records of a day behind the one numbered `after`, in order.
    pub async fn of_day(
        &self,
        app: Option<&AppId>,
        day: LedgerDay,
        after: i64,
        limit: u32,
    ) -> Result<Vec<StoredRecord>, StorageError> {
        let rows: Vec<RecordRow> = on!(read self, |c| sqlx::query_as(RECORD_OF_DAY)
            .bind(chain_name(app)).bind(day.0).bind(after).bind(i64::from(limit))
            .fetch_all(c).await)?;
        rows.into_iter().map(stored).collect()
    }

    /// At most `limit` records that the filter lets through, the newest first, behind a place.
    pub async fn page(
        &self,
        app: &AppId,
        filter: &RecordFilter,
        before: Option<(LedgerDay, i64)>,
        limit: u32,
    ) -> Result<Vec<(LedgerDay, StoredRecord)>, StorageError> {
        let person = match &filter.uid {
            None => None,
            Some(uid) => match self.person_name(app, uid).await? {
                None => return Ok(Vec::new()),
                known => known,
            },
        };
        let (day, number) = before.unwrap_or((LedgerDay(i64::MAX), i64::MAX));
        let from = filter.from.map_or(i64::MIN, |at| at.0);
        let to = filter.to.map_or(i64::MAX, |at| at.0);
        let rows: Vec<(i64, i64, String, Vec<u8>)> = on!(read self, |c| sqlx::query_as(RECORD_PAGE)
                .bind(app.as_str()).bind(day.0).bind(number).bind(person)
                .bind(filter.media.map(|media| media.to_string()))
                .bind(filter.refused.map(i64::from)).bind(from).bind(to).bind(i64::from(limit))
                .fetch_all(c).await)?;
        let found = rows.into_iter().map(|(day, number, body, hash)| {
            Ok((LedgerDay(day), StoredRecord { number, body, hash: read_hash(hash)?, index: None }))
        });
        found.collect()
    }
}

impl LedgerTx {
    async fn add(
        &mut self,
        app: Option<&AppId>,
        day: LedgerDay,
        end: &mut End,
        record: &NewRecord,
        person: Option<&Person>,
    ) -> Result<(), StorageError> {
        let number = end.records + 1;
        let name = person.map(Person::name);
        let media = record.media.map(|media| media.to_string());
        let mut body = json!({
            "app": app.map(AppId::as_str),
            "day": day.to_string(),
            "number": number,
            "at": record.at.0,
            "person": name,
            "session": person.zip(record.session).map(|(person, id)| person.session(id)),
            "mediaId": media,
            "refused": record.refused,
        });
        if let Some(body) = body.as_object_mut() {
            body.retain(|_, value| !value.is_null());
            body.extend(record.fields.clone());
        }
        let body = body.to_string();
        let hash = next_hash(end.hash, &body);
        on!(tx self, |c| sqlx::query(RECORD_ADD)
            .bind(chain_name(app)).bind(day.0).bind(number).bind(record.at.0).bind(name)
            .bind(media).bind(record.refused.map(i64::from)).bind(body).bind(hash.0.as_slice())
            .execute(c).await.map(|_| ()))?;
        *end = End { records: number, hash };
        Ok(())
    }
}

fn stored(
    (number, body, hash, at, person, media_id, refused): RecordRow,
) -> Result<StoredRecord, StorageError> {
    let refused = refused.map(|refused| refused != 0);
    let index = Some(RecordIndex { at, person, media_id, refused });
    Ok(StoredRecord { number, body, hash: read_hash(hash)?, index })
}

pub(super) fn read_hash(bytes: Vec<u8>) -> Result<ContentHash, StorageError> {
    let hash = <[u8; 32]>::try_from(bytes);
    Ok(ContentHash(hash.map_err(|_| StorageError::Corrupt(crate::column::OutOfRange.into()))?))
}
