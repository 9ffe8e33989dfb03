//! How our types stand in a column, the same in both databases.

use std::error::Error;
use std::fmt;

use cloakroom_token::{
    AppId, Audience, BlobKey, ContentHash, FileState, Guid, KeyId, MediaId, Seq, SessionId, Uid,
    UnixSeconds, Variant,
};
use sqlx::{ColumnIndex, Decode, Row, Type};

/// What stands in a column although no write of ours puts it there.
#[derive(Debug)]
pub(crate) struct OutOfRange;

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stored value is out of range")
    }
}

impl Error for OutOfRange {}

type Wrong = Box<dyn Error + Send + Sync>;

/// A type that is read from one column.
pub(crate) trait Column: Sized {
    /// What the databases store.
    type Sql;

    fn from_sql(stored: Self::Sql) -> Result<Self, Wrong>;
}

/// One column of a row, by its name.
pub(crate) fn column<'r, R, T>(row: &'r R, name: &'static str) -> sqlx::Result<T>
where
    R: Row,
    T: Column,
    T::Sql: Decode<'r, R::Database> + Type<R::Database>,
    &'static str: ColumnIndex<R>,
{
    T::from_sql(row.try_get(name)?)
        .map_err(|source| sqlx::Error::ColumnDecode { index: name.to_owned(), source })
}

impl<T: Column> Column for Option<T> {
    type Sql = Option<T::Sql>;

    fn from_sql(stored: Self::Sql) -> Result<Self, Wrong> {
        stored.map(T::from_sql).transpose()
    }
}

macro_rules! stored_as_is {
    ($($type:ty),*) => { $(
        impl Column for $type {
            type Sql = Self;

            fn from_sql(stored: Self) -> Result<Self, Wrong> {
                Ok(stored)
            }
        }
    )* };
}
stored_as_is!(bool, i64, String, Vec<u8>);

macro_rules! stored_as_text {
    ($($type:ty),*) => { $(
        impl Column for $type {
            type Sql = String;

            fn from_sql(stored: String) -> Result<Self, Wrong> {
                Ok(Self::parse(&stored)?)
            }
        }
    )* };
}
stored_as_text!(AppId, BlobKey, Guid, KeyId, MediaId, SessionId, Uid);

macro_rules! stored_as_number {
    ($($type:ident),*) => { $(
        impl Column for $type {
            type Sql = i64;

            fn from_sql(stored: i64) -> Result<Self, Wrong> {
                Ok(Self(stored))
            }
        }
    )* };
}
stored_as_number!(Seq, UnixSeconds);

macro_rules! stored_as_count {
    ($($type:ty),*) => { $(
        impl Column for $type {
            type Sql = i64;

            fn from_sql(stored: i64) -> Result<Self, Wrong> {
                Ok(Self::try_from(stored)?)
            }
        }
    )* };
}
stored_as_count!(u32, u64);

/// An enum without fields as a small number: its place in the list.
macro_rules! stored_as_place {
    ($($type:ident: $($variant:ident)*;)*) => { $(
        impl $crate::column::Column for $type {
            type Sql = i16;

            fn from_sql(stored: i16) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                [$(Self::$variant),*]
                    .into_iter()
                    .find(|variant| $crate::column::Place::place(*variant) == stored)
                    .ok_or_else(|| $crate::column::OutOfRange.into())
            }
        }

        impl $crate::column::Place for $type {
            fn place(self) -> i16 {
                self as i16
            }
        }
    )* };
}
pub(crate) use stored_as_place;

/// The number that an enum is stored as.
pub(crate) trait Place {
    fn place(self) -> i16;
}

impl Column for Audience {
    type Sql = i16;

    fn from_sql(stored: i16) -> Result<Self, Wrong> {
        [Self::Conversation, Self::App]
            .into_iter()
            .find(|audience| audience.place() == stored)
            .ok_or_else(|| OutOfRange.into())
    }
}

impl Place for Audience {
    fn place(self) -> i16 {
        match self {
            Self::Conversation => 0,
            Self::App => 1,
        }
    }
}

stored_as_place! {
    FileState: Receiving Checking Ready Refused Deleted;
    Variant: Original Small Medium Large;
}

impl Column for ContentHash {
    type Sql = Vec<u8>;

    fn from_sql(stored: Vec<u8>) -> Result<Self, Wrong> {
        Ok(Self(stored.try_into().map_err(|_| OutOfRange)?))
    }
}

impl Column for serde_json::Value {
    type Sql = String;

    fn from_sql(stored: String) -> Result<Self, Wrong> {
        Ok(serde_json::from_str(&stored)?)
    }
}

impl Column for Vec<String> {
    type Sql = String;

    fn from_sql(stored: String) -> Result<Self, Wrong> {
        Ok(serde_json::from_str(&stored)?)
    }
}

/// A list of texts as it is stored.
pub(crate) fn json_list(list: &[String]) -> String {
    serde_json::Value::from(list).to_string()
}

/// A size as it is stored; no file of ours reaches the bound.
pub(crate) fn stored_size(size_bytes: u64) -> i64 {
    i64::try_from(size_bytes).unwrap_or(i64::MAX)
}

/// Reads a struct from the columns named like its fields, of both databases.
macro_rules! from_row {
    ($type:ident { $($field:ident),* $(,)? }) => {
        impl sqlx::FromRow<'_, sqlx::sqlite::SqliteRow> for $type {
            fn from_row(row: &sqlx::sqlite::SqliteRow) -> sqlx::Result<Self> {
                Ok(Self { $($field: $crate::column::column(row, stringify!($field))?),* })
            }
        }

        impl sqlx::FromRow<'_, sqlx::postgres::PgRow> for $type {
            fn from_row(row: &sqlx::postgres::PgRow) -> sqlx::Result<Self> {
                Ok(Self { $($field: $crate::column::column(row, stringify!($field))?),* })
            }
        }
    };
}
pub(crate) use from_row;
