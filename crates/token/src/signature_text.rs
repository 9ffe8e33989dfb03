//! The text of a signature in a URL, as Amazon `CloudFront` writes it: base64 with `-`, `~` and `_`
//! for `+`, `/` and `=`.

use base64::Engine;
use base64::alphabet::Alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

const PAD: char = '_';

static BASE64: GeneralPurpose = GeneralPurpose::new(&URL_ALPHABET, NO_PAD);

const URL_ALPHABET: Alphabet =
    match Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-~") {
        Ok(alphabet) => alphabet,
        Err(_) => base64::alphabet::STANDARD,
    };

/// The most bytes that a signature has: RSA with 8192 bits.
pub(crate) const MOST_BYTES: usize = 1024;

/// Appends a signature's text.
pub(crate) fn encode_onto(signature: &[u8], out: &mut String) {
    let begin = out.len();
    BASE64.encode_string(signature, out);
    while !(out.len() - begin).is_multiple_of(4) {
        out.push(PAD);
    }
}

/// Reads the one spelling of a signature into `into`; `None` if it is another text.
pub(crate) fn decode<'a>(raw: &str, into: &'a mut [u8; MOST_BYTES]) -> Option<&'a [u8]> {
    let text = raw.trim_end_matches(PAD);
    if !raw.len().is_multiple_of(4) || raw.len() - text.len() > 2 {
        return None;
    }
    let length = BASE64.decode_slice(text, into.as_mut_slice()).ok()?;
    Some(&into[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_has_one_spelling() {
        for length in 0..70_u8 {
            let bytes: Vec<u8> = (0..length).map(|n| n.wrapping_mul(249)).collect();
            let mut text = String::from("Signature=");
            encode_onto(&bytes, &mut text);
            let text = text.strip_prefix("Signature=").unwrap();
            let mut room = [0; MOST_BYTES];
            assert_eq!(decode(text, &mut room), Some(bytes.as_slice()));
            for other in [format!("{text}_"), format!("{text}____"), format!("{text}=")] {
                assert_eq!(decode(&other, &mut room), None, "{other}");
            }
        }
        let mut room = [0; MOST_BYTES];
        for bad in ["+A__", "A/__", "AB==", "AB_", "AB", "A___", "_A__", "AA_A", "AB__", "é___"] {
            assert_eq!(decode(bad, &mut room), None, "{bad}");
        }
        assert_eq!(decode(&"A".repeat(2000), &mut room), None, "longer than any signature");
    }
}
