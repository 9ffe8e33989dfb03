//! What a caller sent, fit to stand in a message.

/// At most `most` characters of a text; those that would hide or reorder what stands beside them
/// become `U+FFFD`.
pub(super) fn plain(text: &str, most: usize) -> String {
    let mut plain: String = text
        .chars()
        .take(most)
        .map(|c| if is_hidden(c) { char::REPLACEMENT_CHARACTER } else { c })
        .collect();
    if text.chars().nth(most).is_some() {
        plain.push('…');
    }
    plain
}

/// The name in a complaint of serde about a field that a type with `deny_unknown_fields` lacks.
pub(super) fn unknown_field(complaint: &str) -> Option<&str> {
    let (_, rest) = complaint.split_once("unknown field `")?;
    // The name may hold anything; what follows it is ours and does not.
    let end = rest.rfind("`, expected").max(rest.rfind("`, there are no fields"))?;
    rest.get(..end)
}

/// Controls, line separators, and the marks that turn the direction of writing.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_turns_a_text_is_replaced_and_long_texts_end() {
        for (text, expected) in [
            ("abc", "abc"),
            ("naïve ☃", "naïve ☃"),
            ("a\0b\nc\u{7f}", "a\u{fffd}b\u{fffd}c\u{fffd}"),
            ("\u{202e}exe.gpj\u{2066}", "\u{fffd}exe.gpj\u{fffd}"),
            ("0123456789", "01234567…"),
        ] {
            assert_eq!(
                plain(text, if text.starts_with('0') { 8 } else { 40 }),
                expected,
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_name_is_found_whatever_it_holds() {
        for (complaint, name) in [
            ("unknown field `x`, expected `y` at line 1 column 4", Some("x")),
            ("unknown field `a`b`, expected one of `c`, `d`", Some("a`b")),
            ("unknown field ``, there are no fields", Some("")),
            ("q: unknown field `z`, expected `y`", Some("z")),
            ("missing field `x`", None),
        ] {
            assert_eq!(unknown_field(complaint), name, "{complaint}");
        }
    }
}
