//! `cloakroom key rotate-master`: another key wraps the keys in the database.

use anyhow::ensure;
use cloakroom_storage::{Db, WrappedIn};

use super::{ConfigFile, terminal};
use crate::master_key::{MasterKey, Rotation};

/// Takes the next step, and says what comes after it.
pub(super) async fn run(config: &ConfigFile, dry_run: bool) -> anyhow::Result<()> {
    let (db, master, _) = config.keys().await?;
    let (all, old) = count(&db, &master).await?;
    let state = master.rotation()?;
    if dry_run {
        terminal::line(&format!("{all} keys are wrapped, {old} of them with an older master key"));
        terminal::line(match state {
            Rotation::None => "next: a second master key is made, which wraps nothing yet",
            Rotation::Prepared => "next: all keys are wrapped with the second master key",
            Rotation::Switched => "next: the old master key is forgotten",
        });
        return Ok(());
    }
    if state == Rotation::None {
        master.advance()?;
        config.record(None, "key rotate-master: prepared", None).await?;
        // Elsewhere other servers have a copy of the file, and need the new key before it is used.
        if db.is_shared() {
            terminal::line(
                "the file holds a second master key; copy the file to every server, then run this \
                 again",
            );
            return Ok(());
        }
    }
    if master.rotation()? == Rotation::Prepared {
        master.advance()?;
        let wrapped = rewrap(&db, &master).await?;
        config.record(None, "key rotate-master: switched", None).await?;
        terminal::line(&format!(
            "{wrapped} keys are wrapped with the new master key. Back the file up{}, then run this \
             again to forget the old one",
            if db.is_shared() { ", copy it to every server" } else { "" }
        ));
        return Ok(());
    }
    // What a server wrapped with the old key in the meantime.
    rewrap(&db, &master).await?;
    let (_, old) = count(&db, &master).await?;
    ensure!(old == 0, "{old} keys changed meanwhile; run this again");
    master.advance()?;
    config.record(None, "key rotate-master: forgot the old key", None).await?;
    terminal::line("the old master key is forgotten; backups of the database made before need it");
    Ok(())
}

/// How many keys there are, and how many another key than the current one wraps.
async fn count(db: &Db, master: &MasterKey) -> anyhow::Result<(usize, usize)> {
    let (mut all, mut old) = (0, 0);
    for place in WrappedIn::ALL {
        for one in db.wrapped(place).await? {
            all += 1;
            old += usize::from(!master.is_current(&one.id, &one.wrapped));
        }
    }
    Ok((all, old))
}

/// Wraps everything with the current key; says how much there was to do.
async fn rewrap(db: &Db, master: &MasterKey) -> anyhow::Result<usize> {
    let mut wrapped = 0;
    for place in WrappedIn::ALL {
        for old in db.wrapped(place).await? {
            if master.is_current(&old.id, &old.wrapped) {
                continue;
            }
            let secret = master.unwrap_key(&old.id, &old.wrapped)?;
            wrapped += usize::from(db.rewrap(place, &old, &master.wrap(&old.id, &secret)).await?);
        }
    }
    Ok(wrapped)
}
