//! Many files and sessions as rows of `SQLite`, written before the server starts.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use super::server::APP;
use crate::process::output;

/// Ids lie as far apart as chance would have them: this is odd, so every number comes up once.
const SCATTER: u64 = 2_654_435_761;

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
        format!("{:08x}{place:024x}", (place * SCATTER) & 0xffff_ffff)
    }

    /// The path of one of them.
    pub(super) fn path(place: u64) -> String {
        format!("/{APP}/media/{}.bin", Self::id(place))
    }

    /// Where the bytes of one of them lie in the data folder.
    pub(super) fn blob(data: &Path, place: u64) -> PathBuf {
        let key = format!("{:02x}{:02x}{place:028x}", place % 16, place / 16 % 16);
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
        let id = format!("printf('%08x%024x', (i * {SCATTER}) & 4294967295, i)");
        let audience = u8::from(!carried);
        let mut sql = format!(
            "{numbers} INSERT INTO media (app_id, id, uploader, audience, state, file_name, \
             extension, content_type, size_bytes, received_sha256, created_at, ever_carried) \
             SELECT '{APP}', {id}, 'alice', {audience}, 2, 'file.bin', 'bin', \
             'application/octet-stream', {bytes}, zeroblob(32), 1790000000, {carried} FROM n;\n\
             {numbers} INSERT INTO media_version (app_id, media_id, variant, blob_key, \
             content_type, extension, size_bytes, content_sha256, created_at) \
             SELECT '{APP}', {id}, 0, printf('%02x%02x%028x', i % 16, i / 16 % 16, i), \
             'application/octet-stream', 'bin', {bytes}, zeroblob(32), 1790000000 FROM n;\n"
        );
        if *carried {
            let messages = format!(
                "{numbers} INSERT INTO message (id, app_id, sender, receiver_kind, receiver, \
                 conversation_id, category, kind, data, sent_at, updated_at) \
                 SELECT 1000000 + i, '{APP}', 'alice', 0, 'bob', 'alice_user_bob', 'message', \
                 'file', '{{}}', 1790000000, 1790000000 FROM n;\n\
                 {numbers} INSERT INTO message_media (app_id, message_id, media_id, variant, \
                 position) SELECT '{APP}', 1000000 + i, {id}, 0, 0 FROM n;\n"
            );
            sql.push_str(&messages);
        }
        sql
    }
}

/// So many sessions of alice; gives the auth tokens of the first `known` of them.
pub(super) fn write_sessions(
    driver: &Path,
    data: &Path,
    count: u64,
    known: u64,
) -> anyhow::Result<Vec<String>> {
    let told = output(Command::new(driver).args(["sessions", &known.to_string()]))?;
    let columns = "app_id, id, uid, auth_token_hash, created_at, last_seen_at";
    let mut sql = String::new();
    let mut tokens = Vec::new();
    for line in told.lines() {
        let [token, hash, id] =
            line.split(',').collect::<Vec<_>>()[..].try_into().context("the driver's rows")?;
        writeln!(
            sql,
            "INSERT INTO session ({columns}) VALUES ('{APP}', '{id}', 'alice', x'{hash}', \
             1790000000, 1790000000);"
        )?;
        tokens.push(token.to_owned());
    }
    if count > known {
        writeln!(
            sql,
            "WITH RECURSIVE n(i) AS (SELECT {known} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) \
             INSERT INTO session ({columns}) SELECT '{APP}', printf('%032x', i), 'alice', \
             CAST(printf('%032x', i) AS BLOB), 1790000000, 1790000000 FROM n;"
        )?;
    }
    run_sql(data, &sql)?;
    Ok(tokens)
}

/// All in one transaction, without waiting for the disk: it is thrown away afterwards.
fn run_sql(data: &Path, sql: &str) -> anyhow::Result<()> {
    let file = data.join("bench.sql");
    let whole = format!(
        "PRAGMA synchronous = OFF;\nPRAGMA cache_size = -1000000;\nPRAGMA foreign_keys = OFF;\n\
         BEGIN;\n{sql}COMMIT;\n"
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
    fn ids_are_scattered_and_unlike_each_other() {
        let mut ids: Vec<String> = (0..1000).map(Files::id).collect();
        assert!(ids.iter().all(|id| id.len() == 32));
        assert!(ids[1][..8] > ids[2][..8] || ids[2][..8] > ids[3][..8], "not in order");
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 1000);
    }

    #[test]
    fn a_blob_lies_where_its_key_says() {
        let path = Files::blob(Path::new("/data"), 0x123);
        assert_eq!(path, Path::new("/data/files/03/02/03020000000000000000000000000123"));
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
