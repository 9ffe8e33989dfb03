//! `cloakroom ledger`

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::Subcommand;
use cloakroom_storage::{ChainCheck, DayRow, KeyPurpose, Ledger, LedgerDay, StoredRecord};
use cloakroom_token::{AppId, ContentHash, FatKey, KeyId};
use serde::Deserialize;

use super::{ConfigFile, receipt, terminal};
use crate::ledger::verify_head;
use crate::start::Installation;

const BATCH: u32 = 1000;

/// What can be done with the ledger.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Checks every chain, and names each record that was changed, is missing, or was cut off.
    Verify {
        /// Only this app's.
        #[arg(long)]
        app: Option<AppId>,
        /// A signed head that was kept elsewhere, as a webhook or `GET ledger/heads` gave it: its
        /// day must still end there. Twice or more if you like.
        #[arg(long, value_name = "JWS")]
        head: Vec<String>,
        /// Checks an export (NDJSON) instead of the ledger itself.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// The key set, as saved from `/.well-known/jwks.json`; without it, the installation's own
        /// keys check the heads.
        #[arg(long, value_name = "FILE")]
        jwks: Option<PathBuf>,
        #[command(flatten)]
        config: ConfigFile,
    },
}

type PublicKeys = Vec<(KeyId, [u8; 32])>;

pub(crate) async fn run(command: LedgerCommand) -> anyhow::Result<()> {
    let LedgerCommand::Verify { app, head, file, jwks, config } = command;
    let keys = match &jwks {
        Some(file) => receipt::keys(file)?,
        None if file.is_some() && head.is_empty() => Vec::new(),
        None => own_keys(&config).await?,
    };
    let faults = if let Some(file) = file {
        verify_file(&file, &head, &keys)?
    } else {
        let ledger = Installation::ledger(&config.load()?).await?;
        verify(&ledger, app.as_ref(), &head, &keys).await?
    };
    for fault in &faults {
        terminal::line(fault);
    }
    match faults.len() {
        0 => terminal::line("the ledger is whole"),
        n => bail!("the ledger is not whole: {n} faults"),
    }
    Ok(())
}

/// The public halves of all keys that ever signed a head here.
async fn own_keys(config: &ConfigFile) -> anyhow::Result<PublicKeys> {
    let (db, master, _) = config.keys().await?;
    let rows = db.signing_keys().list().await?;
    let statements = rows.into_iter().filter(|row| row.purpose == KeyPurpose::Statement);
    statements
        .map(|row| {
            let seed = master.unwrap_key(&row.id, &row.wrapped)?;
            let key = FatKey::from_seed(&seed)?;
            let public = <[u8; 32]>::try_from(key.public_bytes().as_ref());
            Ok((row.id, public.context("a signing key is none")?))
        })
        .collect()
}

/// All that is wrong with the chains, a line each.
async fn verify(
    ledger: &Ledger,
    only: Option<&AppId>,
    heads: &[String],
    keys: &[(KeyId, [u8; 32])],
) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for app in ledger.chains().await? {
        if only.is_some_and(|only| app.as_ref() != Some(only)) {
            continue;
        }
        let name = app.as_ref().map_or("the installation", AppId::as_str).to_owned();
        let mut before: Option<DayRow> = None;
        for day in ledger.days(app.as_ref(), None, None, u32::MAX).await? {
            let mut say = |fault: String| faults.push(format!("{name}, {}: {fault}", day.day));
            if day.removed_at.is_none() {
                let check = chain(ledger, app.as_ref(), day.day).await?;
                check.end(&day).iter().for_each(|fault| say(fault.to_string()));
            }
            if let Some(head) = &day.head {
                signed(head, app.as_ref(), &day, before.as_ref(), keys, &mut say);
            }
            before = Some(day);
        }
    }
    for text in heads {
        let head = verify_head(text.trim(), keys).context("a head is not genuine")?;
        let app = head.claims.aud.as_deref().map(AppId::parse).transpose()?;
        let name = app.as_ref().map_or("the installation", AppId::as_str);
        let row = ledger.days(app.as_ref(), Some(head.day), Some(head.day), 1).await?.pop();
        let found = match row {
            None => vec!["the whole day is missing".to_owned()],
            Some(row) if row.removed_at.is_some() => {
                let same = row.records == head.claims.records && row.hash == head.hash;
                if same { Vec::new() } else { vec!["the day was written anew".to_owned()] }
            }
            Some(_) => {
                let check = chain(ledger, app.as_ref(), head.day).await?;
                let wrong = check.end_at(head.claims.records, head.hash);
                wrong.iter().map(ToString::to_string).collect()
            }
        };
        faults.extend(found.iter().map(|fault| format!("{name}, {}: {fault}", head.day)));
    }
    Ok(faults)
}

/// Checks the head that is stored with a day.
fn signed(
    head: &str,
    app: Option<&AppId>,
    day: &DayRow,
    before: Option<&DayRow>,
    keys: &[(KeyId, [u8; 32])],
    say: &mut impl FnMut(String),
) {
    let Ok(head) = verify_head(head, keys) else {
        return say("its head is not genuine".to_owned());
    };
    let claims = &head.claims;
    let fits = claims.aud.as_deref() == app.map(AppId::as_str)
        && head.day == day.day
        && claims.records == day.records
        && head.hash == day.hash;
    if !fits {
        say("its head says something else".to_owned());
    }
    let link = before.filter(|before| before.closed_at.is_some());
    let linked = link.map(|before| (before.day.to_string(), hex::encode(before.hash.0)));
    let named = claims.previous.as_ref().map(|link| (link.day.clone(), link.hash.clone()));
    if linked != named {
        let day = named.map_or_else(|| "nothing".to_owned(), |(day, _)| day);
        say(format!("its head follows {day}, and that is not there"));
    }
}

async fn chain(ledger: &Ledger, app: Option<&AppId>, day: LedgerDay) -> anyhow::Result<ChainCheck> {
    let mut check = ChainCheck::new(app, day);
    let mut after = 0;
    loop {
        let records = ledger.of_day(app, day, after, BATCH).await?;
        let Some(last) = records.last() else { return Ok(check) };
        after = last.number;
        for record in &records {
            check.take(record);
        }
    }
}

/// Checks an export; without a head its end cannot be known.
fn verify_file(
    path: &Path,
    heads: &[String],
    keys: &[(KeyId, [u8; 32])],
) -> anyhow::Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Begin {
        app: Option<AppId>,
        day: String,
    }
    let file = std::fs::File::open(path);
    let file = file.with_context(|| format!("cannot read {}", path.display()))?;
    let mut check: Option<(Option<AppId>, LedgerDay, ChainCheck)> = None;
    let mut end = (0, ContentHash([0; 32]));
    for (index, line) in BufReader::new(file).lines().enumerate() {
        let line = line.context("cannot read the export")?;
        let record = exported(&line).with_context(|| format!("line {} is no record", index + 1))?;
        if check.is_none() {
            let begin: Begin = serde_json::from_str(&record.body)?;
            let day = LedgerDay::parse(&begin.day).context("the first record names no day")?;
            let chain = ChainCheck::new(begin.app.as_ref(), day);
            check = Some((begin.app, day, chain));
        }
        if let Some((.., check)) = &mut check {
            check.take(&record);
        }
        end = (record.number, record.hash);
    }
    let (app, day, check) = check.context("the export is empty")?;
    for text in heads {
        let head = verify_head(text.trim(), keys).context("a head is not genuine")?;
        let is_its =
            head.day == day && head.claims.aud.as_deref() == app.as_ref().map(AppId::as_str);
        ensure!(is_its, "the head is of another day or app");
        end = (head.claims.records, head.hash);
    }
    Ok(check.end_at(end.0, end.1).iter().map(ToString::to_string).collect())
}

/// A line of an export, with the text of the record exactly as it was hashed.
fn exported(line: &str) -> Option<StoredRecord> {
    #[derive(Deserialize)]
    struct Number {
        number: i64,
    }
    let rest = line.strip_prefix("{\"hash\":\"")?;
    let (hash, rest) = rest.split_once("\",\"record\":")?;
    let body = rest.strip_suffix('}')?.to_owned();
    let mut bytes = [0; 32];
    hex::decode_to_slice(hash, &mut bytes).ok()?;
    let Number { number } = serde_json::from_str(&body).ok()?;
    Some(StoredRecord { number, body, hash: ContentHash(bytes), index: None })
}
