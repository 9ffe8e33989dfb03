//! What a client calls itself, in few and harmless words.

use crate::headers::{Headers, Name};

static SDK: Name = Name::new("sdk");
static USER_AGENT: Name = Name::new("user-agent");
const MOST_CHARACTERS: usize = 40;
/// In the order in which browsers hide behind each other's names.
const BROWSERS: [&str; 4] = ["Edg", "Firefox", "Chrome", "Safari"];

/// The SDK and its version, else the browser with its major version or the first product of
/// `User-Agent` (RFC 9110 section 10.1.5); `other` for anything else. Never a free text.
pub(crate) fn client_name(headers: Headers<'_>) -> Box<str> {
    let sdk = headers.text(&SDK).filter(|name| is_plain(name)).map(Box::from);
    sdk.or_else(|| headers.text(&USER_AGENT).and_then(of_user_agent))
        .unwrap_or_else(|| "other".into())
}

fn of_user_agent(agent: &str) -> Option<Box<str>> {
    let version = |browser: &str| {
        let (_, rest) = agent.split_once(&format!("{browser}/"))?;
        Some(rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default())
    };
    for browser in BROWSERS {
        if let Some(version) = version(browser).filter(|version| version.len() <= 4) {
            return Some(format!("{browser}/{version}").into());
        }
    }
    agent.split(' ').next().filter(|product| is_plain(product)).map(Box::from)
}

/// Whether it looks like a product and its version, and not like a credential.
fn is_plain(name: &str) -> bool {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "._-/@".contains(c);
    (1..=MOST_CHARACTERS).contains(&name.len())
        && name.chars().all(is_token)
        && name.contains(['/', '@'])
        && !name.contains("ckr_")
        && !name.starts_with("eyJ")
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, header};

    use super::*;

    #[test]
    fn a_client_is_named_and_nothing_else_it_says_is_kept() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/156.0.0.0 Safari/537.36";
        let cases = [
            (Some("javascript@4.2.0"), chrome, "javascript@4.2.0"),
            (None, chrome, "Chrome/156"),
            (None, "curl/8.5.0", "curl/8.5.0"),
            (None, "ckr_at_0123456789/1", "other"),
            (None, "eyJhbGciOi/1", "other"),
            (Some("<script>"), "", "other"),
            (Some(""), "a b", "other"),
        ];
        for (sdk, agent, expected) in cases {
            let mut headers = HeaderMap::new();
            if let Some(sdk) = sdk {
                headers.insert("sdk", sdk.parse().unwrap());
            }
            headers.insert(header::USER_AGENT, agent.parse().unwrap());
            assert_eq!(&*client_name((&headers).into()), expected, "{agent}");
        }
    }
}
