//! What comes in from clients: credentials are taken off URLs of ours, and texts have bounds.

use cloakroom_token::{MediaOrigin, MediaUrl};
use serde_json::Value;

use super::error::ApiError;

/// How a File Access Token begins where it stands in a query, or in a URL inside another's query.
const TOKENS: [&str; 3] = ["fat=eyJ", "fat%3DeyJ", "fat%3deyJ"];

/// Takes query and fragment, and with them any token, off each media URL of ours in a text, and
/// every File Access Token that stands anywhere else in it as `fat`.
///
/// Forwarded messages carry the forwarder's own token; without this, others would receive it.
pub(super) fn without_credentials(origin: &MediaOrigin, text: String) -> String {
    without_tokens(without_queries(origin, text))
}

/// Cuts each `fat=` with a token behind it out of a text, whatever it hangs on.
fn without_tokens(mut text: String) -> String {
    let mut from = 0;
    while let Some((at, name)) = next_token(&text, from) {
        let value = at + name.len() - "eyJ".len();
        let is_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let end = text[value..].find(|c| !is_token(c)).map_or(text.len(), |length| value + length);
        if text[value..end].matches('.').count() < 2 {
            from = end;
            continue;
        }
        let begins_query = text[..at].ends_with('?');
        let hangs_on = begins_query || text[..at].ends_with('&');
        // What follows in the query hangs on what came before it.
        let (start, end) = if begins_query && text[end..].starts_with('&') {
            (at, end + 1)
        } else {
            (at - usize::from(hangs_on), end)
        };
        text.replace_range(start..end, "");
        from = start;
    }
    text
}

fn next_token(text: &str, from: usize) -> Option<(usize, &'static str)> {
    let found = TOKENS.iter().filter_map(|name| Some((from + text[from..].find(name)?, *name)));
    found.min()
}

fn without_queries(origin: &MediaOrigin, text: String) -> String {
    let folded = text.to_ascii_lowercase();
    if !folded.contains(origin.as_str()) {
        return text;
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = folded[text.len() - rest.len()..].find(origin.as_str()) {
        let (before, from) = rest.split_at(start);
        clean.push_str(before);
        let end = from.find(ends_url).unwrap_or(from.len());
        let (raw, after) = from.split_at(end);
        if let Ok(url) = MediaUrl::parse(origin, raw) {
            clean.push_str(&url.to_string());
            rest = after;
        } else {
            let (same, after) = from.split_at(origin.as_str().len());
            clean.push_str(same);
            rest = after;
        }
    }
    clean.push_str(rest);
    clean
}

/// [`without_credentials`] for every string of a JSON value.
pub(super) fn value_without_credentials(origin: &MediaOrigin, value: &mut Value) {
    match value {
        Value::String(text) => *text = without_credentials(origin, std::mem::take(text)),
        Value::Array(items) => {
            for item in items {
                value_without_credentials(origin, item);
            }
        }
        Value::Object(fields) => {
            for field in fields.values_mut() {
                value_without_credentials(origin, field);
            }
            let bearing: Vec<_> =
                fields.keys().filter(|key| next_token(key, 0).is_some()).cloned().collect();
            for key in bearing {
                if let Some(field) = fields.remove(&key) {
                    fields.insert(without_credentials(origin, key), field);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Refuses a text that is empty, longer than `most` characters, or holds a NUL.
pub(super) fn bounded(field: &'static str, text: &str, most: usize) -> Result<(), ApiError> {
    if text.trim().is_empty() {
        return Err(ApiError::BadField { field, rule: "must not be empty" });
    }
    optional(field, Some(text), most)
}

/// Refuses a text that is longer than `most` characters or holds a NUL.
pub(super) fn optional(
    field: &'static str,
    text: Option<&str>,
    most: usize,
) -> Result<(), ApiError> {
    let text = text.unwrap_or_default();
    if text.contains('\0') {
        return Err(ApiError::BadField { field, rule: "must not contain NUL" });
    }
    if text.chars().count() > most {
        return Err(ApiError::BadField { field, rule: "is too long" });
    }
    Ok(())
}

/// Refuses a name that is empty, longer than `most` characters, or holds what is not seen: control
/// characters, and those that turn the direction of a text and so make it look like another.
pub(super) fn name(field: &'static str, text: &str, most: usize) -> Result<(), ApiError> {
    bounded(field, text, most)?;
    if text.contains(|c: char| c.is_control() || turns(c)) {
        let rule = "must not contain control characters or ones that turn the direction of a text";
        return Err(ApiError::BadField { field, rule });
    }
    Ok(())
}

/// [`name`] for a longer text, which may be absent or empty and have line breaks and tabs.
pub(super) fn description(
    field: &'static str,
    text: Option<&str>,
    most: usize,
) -> Result<(), ApiError> {
    optional(field, text, most)?;
    let unseen = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.unwrap_or_default().contains(|c: char| unseen(c) || turns(c)) {
        let rule = "must not contain control characters or ones that turn the direction of a text";
        return Err(ApiError::BadField { field, rule });
    }
    Ok(())
}

/// The embeddings, overrides and isolates of Unicode's bidirectional algorithm.
fn turns(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn ends_url(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')' | ']' | '}' | '\\' | '`')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const URL: &str = "https://files.test/demoapp/media/00112233445566778899aabbccddeeff.jpg";

    const T: &str = "fat=eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl-_";

    fn clean(text: &str) -> String {
        without_credentials(&MediaOrigin::parse("https://files.test").unwrap(), text.to_owned())
    }

    #[test]
    fn tokens_go_from_urls_of_ours_and_nothing_else_changes() {
        let cases = [
            (format!("{URL}?fat=aaa.bbb.ccc"), URL.to_owned()),
            (format!("see {URL}?fat=a and {URL}#x!"), format!("see {URL} and {URL}")),
            (format!("[{URL}?Principal=s:1&Signature=x](y)"), format!("[{URL}](y)")),
            (format!("https://evil.test/?u={URL}?fat=a"), format!("https://evil.test/?u={URL}")),
            (
                "https://files.test/other?fat=a".to_owned(),
                "https://files.test/other?fat=a".to_owned(),
            ),
            (
                format!("https://files.test/demoapp/media/?{T}"),
                "https://files.test/demoapp/media/".into(),
            ),
            (
                format!("https://files.test/demoapp/media/x?a=1&{T}&b=2 y"),
                "https://files.test/demoapp/media/x?a=1&b=2 y".into(),
            ),
            (format!("https://files.test:443/x?{T}&b=2"), "https://files.test:443/x?b=2".into()),
            (
                format!("see https://files.test/demoapp/media/a ok?{T}"),
                "see https://files.test/demoapp/media/a ok".into(),
            ),
            (
                format!("https://evil.test/?u={URL}%3F{}", T.replace('=', "%3D")),
                format!("https://evil.test/?u={URL}%3F"),
            ),
            (format!("{T}?{T}&{T}"), String::new()),
            (
                "?fat=eyJ and fat=eyJa.b, no tokens".into(),
                "?fat=eyJ and fat=eyJa.b, no tokens".into(),
            ),
            (format!("{}?fat=a", URL.replace("https://files", "Https://FILES")), URL.to_owned()),
            ("https://else.test/?fat=a".to_owned(), "https://else.test/?fat=a".to_owned()),
            ("plain".to_owned(), "plain".to_owned()),
        ];
        for (text, expected) in cases {
            assert_eq!(clean(&text), expected, "{text}");
        }
    }

    #[test]
    fn every_string_of_a_value_is_cleaned() {
        let origin = MediaOrigin::parse("https://files.test").unwrap();
        let mut value = json!({"a": [{"b": format!("{URL}?fat=x")}, 1, null]});
        value[format!("{URL}?{T}")] = json!(format!("x {T}"));
        value_without_credentials(&origin, &mut value);
        assert_eq!(value, json!({"a": [{"b": URL}, 1, null], URL: "x "}));
    }

    #[test]
    fn names_hold_nothing_unseen() {
        for text in ["Ann", "Zoë 🐈", "עדה"] {
            assert!(name("name", text, 9).is_ok(), "{text}");
            assert!(description("description", Some(text), 9).is_ok(), "{text}");
        }
        for text in ["", "A\n", "a\u{202A}", "a\u{202E}gpj", "a\u{2066}", "a\u{2069}", "\u{7f}a"] {
            assert!(name("name", text, 9).is_err(), "{text:?}");
        }
        assert!(description("description", Some("a\n\tb"), 9).is_ok());
        for text in ["a\u{202E}b", "\u{1b}[1m", "a\0"] {
            assert!(description("description", Some(text), 9).is_err(), "{text:?}");
        }
    }

    #[test]
    fn texts_have_bounds() {
        assert!(bounded("name", "Ann", 3).is_ok());
        assert!(optional("name", None, 3).is_ok());
        for text in ["", "  ", "Anna", "A\0"] {
            assert!(bounded("name", text, 3).is_err(), "{text:?}");
        }
    }
}
