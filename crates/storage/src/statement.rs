//! All SQL in tables, so that one test prepares every statement on both databases.

/// A statement, its name, and where it runs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Statement {
    Both(&'static str, &'static str),
    Postgres(&'static str, &'static str),
    Sqlite(&'static str, &'static str),
}

impl Statement {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Both(name, _) | Self::Postgres(name, _) | Self::Sqlite(name, _) => name,
        }
    }
}

/// The statements of a module: those of both databases, then those of one.
macro_rules! sql {
    ($($where:ident { $($name:ident = $sql:expr;)* })*) => {
        $($(const $name: &str = $sql;)*)*
        pub(crate) const ALL_SQL: &[$crate::statement::Statement] =
            &[$($($crate::statement::Statement::$where(stringify!($name), $name)),*),*];
    };
}
pub(crate) use sql;

pub(crate) const ALL_SQL: &[&[Statement]] = &[
    crate::api_keys::ALL_SQL,
    crate::apps::ALL_SQL,
    crate::attachments::ALL_SQL,
    crate::bans::ALL_SQL,
    crate::blocks::ALL_SQL,
    crate::changes::ALL_SQL,
    crate::delegated_keys::ALL_SQL,
    crate::expiry::ALL_SQL,
    crate::file_facts::ALL_SQL,
    crate::groups::ALL_SQL,
    crate::idempotency::ALL_SQL,
    crate::jobs::ALL_SQL,
    crate::media::ALL_SQL,
    crate::media_pages::ALL_SQL,
    crate::members::ALL_SQL,
    crate::messages::ALL_SQL,
    crate::message_pages::ALL_SQL,
    crate::nodes::ALL_SQL,
    crate::observed::ALL_SQL,
    crate::operators::ALL_SQL,
    crate::read_marks::ALL_SQL,
    crate::receipts::ALL_SQL,
    crate::outbox::ALL_SQL,
    crate::retention::ALL_SQL,
    crate::quota::ALL_SQL,
    crate::sessions::ALL_SQL,
    crate::signing_keys::ALL_SQL,
    crate::uploads::ALL_SQL,
    crate::socket_tickets::ALL_SQL,
    crate::url_views::ALL_SQL,
    crate::user_deletion::ALL_SQL,
    crate::user_pages::ALL_SQL,
    crate::users::ALL_SQL,
    crate::webhook_deliveries::ALL_SQL,
    crate::webhooks::ALL_SQL,
    crate::wrapped::ALL_SQL,
];

/// The steps in which `SQLite` would run a statement, of a database without rows.
#[cfg(test)]
pub(crate) async fn sqlite_plan(statement: &str) -> Vec<String> {
    use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};
    let mut lite = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    sqlx::migrate!("migrations/sqlite").run(&mut lite).await.unwrap();
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let plan = sqlx::query(explain).fetch_all(&mut lite).await.unwrap();
    plan.iter().map(|row| row.get("detail")).collect()
}
