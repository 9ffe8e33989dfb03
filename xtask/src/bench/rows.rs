//! Many files and sessions as rows of `SQLite`, written before the server starts.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use super::server::APP;
use crate::process::output;

/// How far apart ids lie: ten million of them reach from the first to the last that there can be, in
/// order, since rows that come in the order of their keys are written many times as fast.
const APART: u64 = 429;
/// The server draws the keys of bytes at random, and relies on that.
const MIXERS: [u64; 2] = [2_654_435_761, 2_246_822_519];

/// The id of the message of the first file.
const FIRST_MESSAGE: u64 = 1_000_000;

/// Files that alice sent to bob, from number `first` on, so many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Files {
    pub(super) first: u64,
    pub(super) count: u64,
    pub(super) bytes: usize,
    /// A message carries each; otherwise they are for every session of the app.
    pub(super) carried: bool,
}

impl Files {
    /// The id of one of them.
    pub(super) fn id(place: u64) -> String {
        format!("{:08x}{place:024x}", (place * APART) & 0xffff_ffff)
    }

    /// The path of one of them.
    pub(super) fn path(place: u64) -> String {
        format!("/{APP}/media/{}.bin", Self::id(place))
    }

    /// The id of the message that carries one of them.
    pub(super) fn message(place: u64) -> u64 {
        FIRST_MESSAGE + place
    }

    /// Where the bytes of one of them lie in the data folder.
    pub(super) fn blob(data: &Path, place: u64) -> PathBuf {
        let [one, other] = MIXERS.map(|mixer| (place * mixer) & 0xffff_ffff);
        let key =
            format!("{:02x}{:02x}{place:012x}{one:08x}{other:08x}", place % 16, place / 16 % 16);
        data.join("files").join(&key[..2]).join(&key[2..4]).join(key)
    }

    /// Writes the rows.
    pub(super) fn write_rows(&self, data: &Path) -> anyhow::Result<()> {
        run_sql(data, &self.sql())
    }

    /// Writes the bytes.
    pub(super) fn write_bytes(&self, data: &Path) -> anyhow::Result<()> {
        let bytes = super::person::noise(self.bytes);
        for place in self.first..self.first + self.count {
            let path = Self::blob(data, place);
            fs::create_dir_all(path.parent().context("a blob lies in a folder")?)?;
            fs::write(path, &bytes)?;
        }
        Ok(())
    }

    fn sql(&self) -> String {
        let Self { first, count, bytes, carried } = self;
        let last = first + count;
        let numbers = format!(
            "WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {last})"
        );
        let id = format!("printf('%08x%024x', (i * {APART}) & 4294967295, i)");
        let audience = u8::from(!carried);
        let [one, other] = MIXERS;
        let mut sql = format!(
            "{numbers} INSERT INTO media (app_id, id, uploader, audience, state, file_name, \
             extension, content_type, size_bytes, received_sha256, created_at, ever_carried) \
             SELECT '{APP}', {id}, 'alice', {audience}, 2, 'file.bin', 'bin', \
             'application/octet-stream', {bytes}, zeroblob(32), 1790000000, {carried} FROM n;\n\
             {numbers} INSERT INTO media_version (app_id, media_id, variant, blob_key, \
             content_type, extension, size_bytes, content_sha256, created_at) \
             SELECT '{APP}', {id}, 0, printf('%02x%02x%012x%08x%08x', i % 16, i / 16 % 16, i, \
             (i * {one}) & 4294967295, (i * {other}) & 4294967295), \
             'application/octet-stream', 'bin', {bytes}, zeroblob(32), 1790000000 FROM n;\n"
        );
        if *carried {
            let messages = format!(
                "{numbers} INSERT INTO message (id, app_id, sender, receiver_kind, receiver, \
                 conversation_id, category, kind, data, sent_at, updated_at) \
                 SELECT {FIRST_MESSAGE} + i, '{APP}', 'alice', 0, 'bob', 'alice_user_bob', 'message', \
                 'file', '{{}}', 1790000000, 1790000000 FROM n;\n\
                 {numbers} INSERT INTO message_media (app_id, message_id, media_id, variant, \
                 position, conversation_id, file_created_at) SELECT '{APP}', {FIRST_MESSAGE} + i, {id}, \
                 0, 0, 'alice_user_bob', 1790000000 FROM n;\n"
            );
            sql.push_str(&messages);
        }
        sql
    }
}

/// So many sessions of alice; gives the auth tokens of `known` of them, which lie anywhere among the
/// others.
pub(super) fn write_sessions(
    driver: &Path,
    data: &Path,
    count: u64,
    known: u64,
) -> anyhow::Result<Vec<String>> {
    let told = output(Command::new(driver).args(["sessions", &known.to_string()]))?;
    let columns = "app_id, id, uid, auth_token_hash, created_at, last_seen_at";
    let step = (count / known).max(1);
    let mut sql = String::new();
    let mut tokens = Vec::new();
    for (place, line) in (0..).zip(told.lines()) {
        let [token, hash, _] =
            line.split(',').collect::<Vec<_>>()[..].try_into().context("the driver's rows")?;
        writeln!(
            sql,
            "INSERT INTO session ({columns}) VALUES ('{APP}', '{:032x}', 'alice', x'{hash}', \
             1790000000, 1790000000);",
            place * step
        )?;
        tokens.push(token.to_owned());
    }
    if count > known {
        let last = known * step;
        writeln!(
            sql,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) \
             INSERT INTO session ({columns}) SELECT '{APP}', printf('%032x', i), 'alice', \
             randomblob(32), 1790000000, 1790000000 FROM n WHERE i % {step} > 0 OR i >= {last};"
        )?;
    }
    run_sql(data, &sql)?;
    Ok(tokens)
}

/// All in one transaction, without a journal and without waiting for the disk: it is thrown away
/// afterwards, and nobody else has it open.
fn run_sql(data: &Path, sql: &str) -> anyhow::Result<()> {
    let file = data.join("bench.sql");
    let whole = format!(
        "PRAGMA journal_mode = OFF;\nPRAGMA synchronous = OFF;\nPRAGMA cache_size = -1000000;\n\
         PRAGMA foreign_keys = OFF;\nBEGIN;\n{sql}COMMIT;\nPRAGMA journal_mode = WAL;\n"
    );
    fs::write(&file, whole)?;
    let read = format!(".read {}", file.display());
    output(Command::new("sqlite3").arg("-bail").arg(data.join("cloakroom.db")).arg(read))?;
    fs::remove_file(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lie_apart_and_in_the_order_of_their_rows() {
        let ids: Vec<String> = (0..1000).map(|place| Files::id(place * 10_000)).collect();
        assert!(ids.iter().all(|id| id.len() == 32));
        assert!(ids.windows(2).all(|two| two[0][..8] < two[1][..8]));
        assert!(ids[0].starts_with("00") && ids[999].starts_with("ff"));
    }

    #[test]
    fn a_blob_lies_where_its_key_says() {
        let path = Files::blob(Path::new("/data"), 0x123);
        assert_eq!(path, Path::new("/data/files/03/02/0302000000000123d90f54333b072545"));
    }

    #[test]
    fn every_row_is_of_the_files_asked_for() {
        let files = Files { first: 10, count: 5, bytes: 7, carried: false };
        let sql = files.sql();
        assert!(sql.contains("SELECT 10 UNION ALL") && sql.contains("i + 1 < 15"));
        assert!(!sql.contains("message_media"));
        assert!(Files { carried: true, ..files }.sql().contains("message_media"));
    }
}
