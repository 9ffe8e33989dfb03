//! `cloakroom key list`, `key rotate` and `key revoke`: the keys that sign tokens, URLs, receipts.

use anyhow::{Context, ensure};
use cloakroom_storage::{KeyPurpose, SigningKey};
use cloakroom_token::{KeyId, UnixSeconds};

use super::key::Purpose;
use super::{ConfigFile, terminal};
use crate::access::{add_key, revoke_key, signing};
use crate::clock::Clock;

const PURPOSES: [(KeyPurpose, Purpose, &str); 3] = [
    (KeyPurpose::Fat, Purpose::Fat, "fat"),
    (KeyPurpose::Presign, Purpose::Presign, "presign"),
    (KeyPurpose::Statement, Purpose::Statement, "statement"),
];

/// Lists the keys, the newest of each purpose last.
pub(super) async fn list(config: &ConfigFile) -> anyhow::Result<()> {
    let db = config.database().await?;
    let now = Clock::system().now();
    let keys = db.signing_keys().list().await?;
    for (purpose, _, name) in PURPOSES {
        for key in keys.iter().filter(|key| key.purpose == purpose) {
            let sessions = db.sessions().count_by_fat_key(&key.id, now).await?;
            let state = state(key, &keys, now);
            terminal::line(&format!("{}  {name:9}  {state:8}  {sessions} live sessions", key.id));
        }
    }
    Ok(())
}

/// Makes successors.
pub(super) async fn rotate(
    file: &ConfigFile,
    purpose: Purpose,
    dry_run: bool,
) -> anyhow::Result<()> {
    let (db, master, config) = file.keys().await?;
    let now = Clock::system().now();
    let seconds = i64::try_from(config.media.fail_closed_after_seconds).unwrap_or(i64::MAX);
    let keys = db.signing_keys().list().await?;
    for (stored, named, name) in PURPOSES {
        if purpose != Purpose::All && purpose != named {
            continue;
        }
        let before = signing(&keys, stored, now).map(|key| key.id.clone());
        let sessions = match &before {
            Some(id) => db.sessions().count_by_fat_key(id, now).await?,
            None => 0,
        };
        let old = before.map_or_else(String::new, |id| format!(" after {id}"));
        if dry_run {
            terminal::line(&format!(
                "{name}: a new key would sign{old}, in {seconds} s; {sessions} live sessions hold \
                 a token of the old one, and none breaks"
            ));
        } else {
            let id = add_key(&db, &master, stored, now.plus(seconds), now).await?;
            file.record(None, "key rotate", Some(id.as_str())).await?;
            terminal::line(&format!(
                "{name}: {id} signs{old}, in {seconds} s; {sessions} live sessions go on with a \
                 token of the old one"
            ));
        }
    }
    Ok(())
}

/// Revokes one.
pub(super) async fn revoke(config: &ConfigFile, id: &KeyId, dry_run: bool) -> anyhow::Result<()> {
    let (db, master, _) = config.keys().await?;
    let now = Clock::system().now();
    let keys = db.signing_keys().list().await?;
    let key = keys.iter().find(|key| key.id == *id);
    let key =
        key.with_context(|| format!("there is no signing key {id}; see cloakroom key list"))?;
    ensure!(key.revoked_at.is_none(), "{id} is revoked already");
    let sessions = db.sessions().count_by_fat_key(id, now).await?;
    if dry_run {
        terminal::line(&format!("{sessions} live sessions would need a new token"));
        return Ok(());
    }
    revoke_key(&db, &master, id, now).await?;
    config.record(None, "key revoke", Some(id.as_str())).await?;
    terminal::line(&format!("{id} is revoked; {sessions} live sessions need a new token"));
    Ok(())
}

fn state(key: &SigningKey, keys: &[SigningKey], now: UnixSeconds) -> &'static str {
    if key.revoked_at.is_some() {
        "revoked"
    } else if signing(keys, key.purpose, now).is_some_and(|signs| signs.id == key.id) {
        "signs"
    } else if key.signs_from > now {
        "waits"
    } else {
        "verifies"
    }
}
