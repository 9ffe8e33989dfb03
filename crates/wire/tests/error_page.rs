//! The page of errors in the book, made from the registry and from the JavaScript SDK.
//!
//! `cargo xtask book` writes it where it belongs.

#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use cloakroom_wire::{ErrorCode, Reason};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/book/src/errors.md");
/// Sources of the SDKs, and between what their codes stand. What the Rust SDK throws is typed: there
/// it is the documentation that names them.
const SDKS: [(&str, char); 3] =
    [("../../sdk/js/src", '\''), ("../sdk/src", '`'), ("../python/python", '"')];
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sdk/js/src");
/// Where `cargo xtask book` finds the page as it should be.
const MADE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/errors.md");

const HEAD: &str = "\
# Errors

<!-- Made by `cargo xtask book` from the code. Do not edit. -->

Decide on `code`. Codes are added, never changed; messages are for people and may change. A failure of
the server is `{\"error\": {\"code\", \"message\", \"details\"?}}`. The SDKs throw it with the same `code`:
`CometChatException` in JavaScript, `Error` in Rust, `CloakroomError` in Python.
";

const MEDIA: &str = "
## Why media is refused

`details` of a refused media URL names the `reason`, what to fetch anew first (`refresh`), and whether
asking again can help then (`retry`). The SDKs do this by themselves, once.

| reason | code | status | refresh | retry | |
|---|---|---|---|---|---|
";

const ALL: &str = "
## All codes

*Again* says whether the same call may succeed later without a change: for media, the table above says
more. `SDK` stands for the codes that travel with no answer.

| code | status | again | |
|---|---|---|---|
";

const BROWSER: &str = "
## What the JavaScript SDK says by itself

These come without an answer of the server, or in place of one. `reason` and `retry` are those of the
exception, and of the event `cloak-error`.

| code | reason | retry | |
|---|---|---|---|
";

fn page() -> String {
    let mut page = format!("{HEAD}{MEDIA}");
    for &reason in Reason::ALL {
        let (code, retry) = (reason.code(), yes_or_no(reason.retry()));
        let (status, refresh) = (code.status(), serde_json::to_value(reason.refresh()).unwrap());
        let (refresh, meaning) = (refresh.as_str().unwrap(), code.meaning());
        writeln!(page, "| `{reason}` | `{code}` | {status} | {refresh} | {retry} | {meaning} |")
            .unwrap();
    }
    page.push_str(ALL);
    for &code in ErrorCode::ALL {
        let status = match code.status() {
            0 => "SDK".to_owned(),
            status => status.to_string(),
        };
        writeln!(page, "| `{code}` | {status} | {} | {} |", again(code), code.meaning()).unwrap();
    }
    page.push_str(BROWSER);
    let worth_a_retry = worth_a_retry();
    for (code, Said { words, reason }) in said_by_scripts() {
        let retry = yes_or_no(worth_a_retry.contains(&code));
        let reason = reason.map_or_else(String::new, |reason| format!("`{reason}`"));
        let words = match words.into_iter().collect::<Vec<_>>() {
            words if words.is_empty() => meaning(&code),
            words => words.join("; "),
        };
        writeln!(page, "| `{code}` | {reason} | {retry} | {words} |").unwrap();
    }
    page
}

fn again(code: ErrorCode) -> &'static str {
    let of_media = Reason::ALL.iter().find(|reason| reason.code() == code);
    match (code.status(), of_media) {
        (_, Some(reason)) if reason.retry() => "yes",
        (429 | 503, _) => "after `Retry-After`",
        (500, _) => "yes",
        (0, _) if worth_a_retry().contains(code.as_str()) => "yes",
        _ => "no",
    }
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// What the scripts of the SDK say with one code.
#[derive(Default)]
struct Said {
    words: BTreeSet<String>,
    reason: Option<String>,
}

/// The exceptions that the SDK makes with a code of its own choice.
fn said_by_scripts() -> BTreeMap<String, Said> {
    let mut all = BTreeMap::<String, Said>::new();
    for script in scripts() {
        for (at, made) in script.match_indices("new CometChatException(") {
            let arguments = script[at + made.len()..].trim_start();
            let Some((code, rest)) = literal(arguments) else { continue };
            let said = all.entry(code.clone()).or_default();
            let told = rest.strip_prefix(',').and_then(|rest| literal(rest.trim_start()));
            said.words.extend(told.map(|(words, _)| words));
            let (_, function) = script[..at].rsplit_once("function ").unwrap_or_default();
            if let Some((_, rest)) = function.split_once("reason: ") {
                said.reason = literal(rest).map(|(reason, _)| reason);
            }
        }
    }
    all
}

/// What a code means that is said without words of its own: as the registry has it, else as the SDK
/// reads it aloud.
fn meaning(code: &str) -> String {
    let known = ErrorCode::ALL.iter().find(|known| known.as_str() == code);
    known.map_or_else(
        || code.replace("ERR_", "").replace('_', " ").to_lowercase(),
        |known| known.meaning().trim_start_matches("SDK: ").to_owned(),
    )
}

/// The codes after which the SDK says that asking again may help.
fn worth_a_retry() -> BTreeSet<String> {
    let script = fs::read_to_string(Path::new(SCRIPTS).join("exception.js")).unwrap();
    let (_, list) = script.split_once("const WORTH_A_RETRY = [").unwrap();
    let (list, _) = list.split_once(']').unwrap();
    list.split(',').map(|code| literal(code.trim()).unwrap().0).collect()
}

/// A string of JavaScript without any expression in it, and what follows.
fn literal(text: &str) -> Option<(String, &str)> {
    let (inside, rest) = text.strip_prefix('\'')?.split_once('\'')?;
    Some((inside.to_owned(), rest))
}

fn scripts() -> Vec<String> {
    let mut paths: Vec<_> =
        fs::read_dir(SCRIPTS).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn the_page_of_errors_in_the_book_is_as_the_code_has_it() {
    let made = page();
    fs::write(MADE, &made).unwrap();
    let found = fs::read_to_string(PAGE).unwrap_or_default();
    assert!(found == made, "docs/book/src/errors.md is stale: `cargo xtask book` makes it anew");
}

#[test]
fn no_code_that_an_sdk_names_is_missing_from_the_page() {
    let page = page();
    let mut missing = BTreeSet::new();
    let mut found = BTreeMap::new();
    for (folder, quote) in SDKS {
        let mut codes = BTreeSet::new();
        for source in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)) {
            codes.extend(source.split(quote).filter(|it| is_code(it)).map(str::to_owned));
            codes.extend(thrown_by_name(&source));
        }
        missing.extend(codes.iter().filter(|it| !page.contains(&format!("| `{it}` |"))).cloned());
        found.insert(folder, codes.len());
    }
    assert_eq!(missing, BTreeSet::new(), "the page does not know them");
    assert!(found["../../sdk/js/src"] > 10 && found["../sdk/src"] > 3, "{found:?}");
}

/// Whether this is a code of ours, or of the SDK that ours stands in for.
fn is_code(text: &str) -> bool {
    let is_capital = |it: char| it.is_ascii_uppercase() || it == '_';
    let rest = text.strip_prefix("AUTH_").unwrap_or(text).strip_prefix("ERR_");
    rest.is_some_and(|rest| rest.len() > 2 && rest.chars().all(is_capital))
}

/// What a script throws with a code written out, whatever the code begins with.
fn thrown_by_name(source: &str) -> impl Iterator<Item = String> {
    source
        .split("new CometChatException(")
        .skip(1)
        .filter_map(|arguments| literal(arguments.trim_start()).map(|(code, _)| code))
}

/// The text of every source below a folder.
fn sources(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "js" || it == "rs" || it == "py") {
            all.push(fs::read_to_string(&path).unwrap());
        }
    }
    all
}

#[test]
fn the_page_knows_the_codes_of_the_server_and_those_of_the_scripts() {
    let page = page();
    for row in [
        "| `fat_expired` | `ERR_FAT_EXPIRED` | 401 | fat | yes |",
        "| `ERR_RATE_LIMITED` | 429 | after `Retry-After` |",
        "| `ERR_NETWORK` | SDK | yes |",
        "| `ERR_MEDIA_GONE` | `gone` | no | it was taken back, or is out of reach |",
        "| `ERR_SESSION_ENDED` | `session_ended` | no |",
        "| `ERR_NETWORK` |  | yes |",
        "| `ERR_FILE_SIZE_EXCEEDED` |  | no | The file is larger than this app allows. |",
        "| `LOGIN_IN_PROGRESS` |  | no |",
    ] {
        assert!(page.contains(row), "{row}\n{page}");
    }
}
