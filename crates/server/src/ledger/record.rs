//! Entries of the memory as records of the ledger.

use cloakroom_storage::NewRecord;
use cloakroom_token::UnixSeconds;
use cloakroom_wire::Reason;
use serde_json::{Map, Value, json};

use super::act::By;
use super::recorder::{Acted, Lost, Read, Refusal, Times};

fn record(at: UnixSeconds, fields: Value) -> NewRecord {
    let mut fields = match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    fields.retain(|_, value| !value.is_null());
    NewRecord { at, uid: None, session: None, media: None, refused: None, fields }
}

/// Time, count and origin, the same in each kind.
fn with_times(mut fields: Value, times: &Times) -> Value {
    fields["count"] = times.count.into();
    if times.last > times.first {
        fields["until"] = times.last.0.into();
    }
    if let Some(origin) = times.origin.as_ref().filter(|origin| !origin.client.is_empty()) {
        fields["client"] = json!(origin.client);
        fields["address"] = json!(origin.address);
    }
    fields
}

pub(super) fn read_record(read: Read, times: &Times) -> NewRecord {
    let fields = json!({
        "kind": "read",
        "variant": read.variant.suffix().unwrap_or("original"),
        "status": read.status,
        "reason": read.reason.map(Reason::as_str),
        "apiKey": read.key.map(|key| key.to_string()),
    });
    NewRecord {
        uid: read.uid,
        session: read.session,
        media: Some(read.media),
        refused: Some(read.reason.is_some()),
        ..record(times.first, with_times(fields, times))
    }
}

pub(super) fn refusal_record(refusal: &Refusal, times: &Times) -> NewRecord {
    let fields = json!({
        "kind": "refusals",
        "status": refusal.status,
        "reason": refusal.reason.as_str(),
    });
    NewRecord { refused: Some(true), ..record(times.first, with_times(fields, times)) }
}

pub(super) fn acted_record(acted: Acted, times: &Times) -> NewRecord {
    let (by, id) = acted.by.named();
    let fields = json!({
        "kind": "act",
        "by": by,
        "byId": id,
        "act": acted.act,
        "target": acted.target,
        "status": acted.status,
    });
    let base = record(times.first, with_times(fields, times));
    NewRecord { uid: acted.uid, media: acted.media, ..base }
}

/// What was done at the command line.
pub(crate) fn act_record(act: &str, target: Option<&str>, now: UnixSeconds) -> NewRecord {
    let (by, _) = By::CommandLine.named();
    record(now, json!({"kind": "act", "by": by, "act": act, "target": target, "count": 1}))
}

/// What is missing: `cause` is `crash` (nothing is known of that time) or `overflow`.
pub(super) fn gap_record(cause: &str, lost: Lost) -> NewRecord {
    let fields = json!({
        "kind": "gap",
        "cause": cause,
        "until": lost.last.0,
        "lost": (lost.count > 0).then_some(lost.count),
    });
    record(lost.first, fields)
}
