//! What comes in from clients: credentials are taken off URLs of ours, and texts have bounds.

use cloakroom_token::{MediaOrigin, MediaUrl};
use serde_json::Value;

use super::error::ApiError;

/// Takes query and fragment, and with them any token, off each media URL of ours in a text.
///
/// Forwarded messages carry the forwarder's own token; without this, others would receive it.
pub(super) fn without_credentials(origin: &MediaOrigin, text: String) -> String {
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
        value_without_credentials(&origin, &mut value);
        assert_eq!(value, json!({"a": [{"b": URL}, 1, null]}));
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
