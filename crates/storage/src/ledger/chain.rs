//! The chain of one day: each record's hash covers the hash before it and its own text.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use cloakroom_token::{AppId, ContentHash};
use serde::Deserialize;

use super::chain_name;
use super::day::LedgerDay;
use super::days::DayRow;

/// The hash before the first record of a day, so that no record fits another day or app.
pub(super) fn first_hash(app: Option<&AppId>, day: LedgerDay) -> ContentHash {
    hash(&[b"cloakroom ledger\n", chain_name(app).as_bytes(), b"\n", day.to_string().as_bytes()])
}

/// The hash of a record.
pub(super) fn next_hash(before: ContentHash, body: &str) -> ContentHash {
    hash(&[&before.0, body.as_bytes()])
}

fn hash(parts: &[&[u8]]) -> ContentHash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    ContentHash(hash)
}

/// A record as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredRecord {
    /// Its place in the day, from 1.
    pub number: i64,
    /// The text that its hash covers: one JSON object.
    pub body: String,
    /// SHA-256 of the hash before it and its text.
    pub hash: ContentHash,
    /// What lists are found by, stored again beside the text; `None` in an export.
    pub index: Option<RecordIndex>,
}

/// What lists are found by.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct RecordIndex {
    pub(super) at: i64,
    pub(super) person: Option<String>,
    pub(super) media_id: Option<String>,
    #[serde(default)]
    pub(super) refused: Option<bool>,
}

/// What is wrong with a day of the ledger.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// A record is not the one that was written.
    Altered {
        /// Its place.
        number: i64,
    },
    /// The end is missing, or there is more than there was.
    Cut {
        /// Records that were written.
        written: i64,
        /// Records that are there.
        found: i64,
    },
    /// Records in the middle are missing.
    Missing {
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// A record stands twice, or out of order.
    OutOfOrder {
        /// Its place.
        number: i64,
    },
    /// All fits together, and yet another end was written or signed.
    Rewritten,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { number } => write!(f, "record {number} was altered"),
            Self::Cut { written, found } => {
                write!(f, "{written} records were written, {found} are there")
            }
            Self::Missing { from, to } => write!(f, "records {from} to {to} are missing"),
            Self::OutOfOrder { number } => write!(f, "record {number} is out of order"),
            Self::Rewritten => f.write_str("the day was written anew"),
        }
    }
}

/// Checks the records of one day, one after another.
#[derive(Debug)]
pub struct ChainCheck {
    app: Option<AppId>,
    day: LedgerDay,
    number: i64,
    hash: ContentHash,
    faults: Vec<Fault>,
}

impl ChainCheck {
    /// Begins with the first record of the day.
    #[must_use]
    pub fn new(app: Option<&AppId>, day: LedgerDay) -> Self {
        let hash = first_hash(app, day);
        Self { app: app.cloned(), day, number: 0, hash, faults: Vec::new() }
    }

    /// Takes the next record.
    pub fn take(&mut self, record: &StoredRecord) {
        let expected = self.number + 1;
        let number = record.number;
        if number > expected {
            self.faults.push(Fault::Missing { from: expected, to: number - 1 });
        } else if number < expected {
            self.faults.push(Fault::OutOfOrder { number });
        }
        // Behind a hole nothing is known of the hash before; its own text is covered by the next.
        let follows = number != expected || next_hash(self.hash, &record.body) == record.hash;
        if !follows || !self.says_so(record) {
            self.faults.push(Fault::Altered { number });
        }
        self.number = number.max(self.number);
        self.hash = record.hash;
    }

    /// Whether the text names this app, day and place, and what lists are found by.
    fn says_so(&self, record: &StoredRecord) -> bool {
        #[derive(Deserialize)]
        struct Said {
            app: Option<String>,
            day: String,
            number: i64,
            #[serde(flatten)]
            index: RecordIndex,
        }
        serde_json::from_str::<Said>(&record.body).is_ok_and(|said| {
            said.app.as_deref() == self.app.as_ref().map(AppId::as_str)
                && said.day == self.day.to_string()
                && said.number == record.number
                && record.index.as_ref().is_none_or(|index| *index == said.index)
        })
    }

    /// Compares the end with what was written (`DayRow`), and gives all that is wrong.
    #[must_use]
    pub fn end(self, day: &DayRow) -> Vec<Fault> {
        self.end_at(day.records, day.hash)
    }

    /// Compares the end with a number of records and the hash of the last one, as a head that was
    /// kept elsewhere says them.
    #[must_use]
    pub fn end_at(mut self, records: i64, hash: ContentHash) -> Vec<Fault> {
        if self.number != records {
            self.faults.push(Fault::Cut { written: records, found: self.number });
        } else if self.hash != hash && self.faults.is_empty() {
            self.faults.push(Fault::Rewritten);
        }
        self.faults
    }
}
