//! Media URLs: `{origin}/{app id}/media/{id}[_{variant}].{ext}`, `id` being 32 hex digits.
//!
//! A URL is parsed, never searched: text that only contains our host gets no token.

use url::{Origin, Url};

const PRESIGN_PARAMETERS: [&str; 9] = [
    "Principal",
    "Generation",
    "Purpose",
    "Views",
    "Disposition",
    "Expires",
    "Signature",
    "Key-Pair-Id",
    "Hash-Algorithm",
];

/// Whether `url` carries a `fat` query parameter. Text that is no URL carries none.
#[must_use]
pub fn has_fat_query_param(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.query_pairs().any(|(name, _)| name == "fat"))
}

/// Takes every `fat` query parameter away and leaves the rest of the URL as it is written.
///
/// Gives `url` back unchanged if it has none, or is no URL.
#[must_use]
pub fn strip_fat_query_param(url: &str) -> String {
    if !has_fat_query_param(url) {
        return url.to_owned();
    }
    let (rest, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
    let Some((path, query)) = rest.split_once('?') else { return url.to_owned() };
    let is_fat =
        |pair: &&str| url::form_urlencoded::parse(pair.as_bytes()).any(|(name, _)| name == "fat");
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_fat(pair)).collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    format!("{path}{mark}{}{fragment}", kept.join("&"))
}

/// The host that serves one app's protected media.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct SecureMediaHost {
    origin: Origin,
    /// `{origin}/{app id}/media/`.
    prefix: String,
    authority: String,
}

impl SecureMediaHost {
    /// Reads the setting `SECURED_MEDIA_HOST`; `None` if it is none, or another app's.
    pub(crate) fn parse(setting: &str, app_id: &str) -> Option<Self> {
        let url = Url::parse(setting).ok()?;
        let is_plain = matches!(url.scheme(), "https" | "http")
            && url.path() == format!("/{app_id}/media/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        is_plain.then(|| Self {
            origin: url.origin(),
            authority: url.authority().to_owned(),
            prefix: url.into(),
        })
    }

    /// Host, and port unless it is the scheme's own.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// Whether `url` points to this host.
    pub(crate) fn serves(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| url.origin() == self.origin)
    }

    /// The clean media URL behind `url`, read as a browser would: without `fat` and presign
    /// parameters. `None` if there is none of this app, or a parameter we do not know.
    pub(crate) fn clean(&self, url: &str) -> Option<String> {
        let mut parsed = Url::parse(url).ok()?;
        let known = |name: &str| name == "fat" || PRESIGN_PARAMETERS.contains(&name);
        if !parsed.query_pairs().all(|(name, _)| known(&name)) {
            return None;
        }
        parsed.set_query(None);
        let clean = String::from(parsed);
        is_file(clean.strip_prefix(&self.prefix)?).then_some(clean)
    }
}

/// Whether `name` is that of a file: `{32 hex}[_{variant}].{ext}`.
fn is_file(name: &str) -> bool {
    let word = |text: &str| {
        !text.is_empty() && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let Some((stem, extension)) = name.split_once('.') else { return false };
    let (id, variant) = match stem.split_once('_') {
        Some((id, variant)) => (id, Some(variant)),
        None => (stem, None),
    };
    id.len() == 32
        && id.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
        && variant.is_none_or(word)
        && word(extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAN: &str = "https://m.test/demoapp/media/00112233445566778899aabbccddeeff.jpg";

    fn host() -> SecureMediaHost {
        SecureMediaHost::parse("https://m.test/demoapp/media/", "demoapp").unwrap()
    }

    #[test]
    fn the_setting_must_be_this_apps() {
        for setting in [
            "",
            "m.test/demoapp/media/",
            "https://m.test/",
            "https://m.test/other/media/",
            "ftp://m.test/demoapp/media/",
            "https://u@m.test/demoapp/media/",
            "https://m.test/demoapp/media/?x",
        ] {
            assert_eq!(SecureMediaHost::parse(setting, "demoapp"), None, "{setting}");
        }
        assert_eq!(host().authority(), "m.test");
        let loopback = SecureMediaHost::parse("http://127.0.0.1:8082/demoapp/media/", "demoapp");
        assert_eq!(loopback.unwrap().authority(), "127.0.0.1:8082");
    }

    #[test]
    fn only_the_parsed_host_counts() {
        let cases = [
            (CLEAN, true),
            ("https://M.TEST:443/x", true),
            ("https://m.test.evil.test/demoapp/media/a.jpg", false),
            ("https://evil.test/?u=https://m.test/demoapp/media/a.jpg", false),
            ("https://m.test@evil.test/a.jpg", false),
            ("http://m.test/a.jpg", false),
            ("https://m.test:8443/a.jpg", false),
            ("see https://m.test/a.jpg", false),
            ("//m.test/a.jpg", false),
            ("", false),
        ];
        for (url, expected) in cases {
            assert_eq!(host().serves(url), expected, "{url}");
        }
    }

    #[test]
    fn a_media_url_is_cleaned_and_nothing_else_is() {
        let thumb = CLEAN.replace(".jpg", "_small.webp");
        for (url, expected) in [
            (CLEAN.to_owned(), Some(CLEAN)),
            (format!("{CLEAN}?fat=a.b.c"), Some(CLEAN)),
            (format!("{CLEAN}?Principal=s:1&Expires=9&Signature=x&Key-Pair-Id=k"), Some(CLEAN)),
            (thumb.clone(), Some(thumb.as_str())),
            (format!("{CLEAN}?x=1"), None),
            (format!("{CLEAN}#f"), None),
            (CLEAN.replace(".jpg", ""), None),
            (CLEAN.replace("/00", "/../00"), None),
            (CLEAN.replace("m.test", "M.test:443"), Some(CLEAN)),
            (CLEAN.replace("m.test", "u@m.test"), None),
            (CLEAN.replace("/00", "/%300"), None),
            (CLEAN.replace("00112233", "0011223G"), None),
            (CLEAN.replace("demoapp", "other"), None),
            (format!(" {CLEAN}"), Some(CLEAN)),
            (format!("{CLEAN}\n"), Some(CLEAN)),
            (CLEAN.replace("media/", "media/\t"), Some(CLEAN)),
            ("junk".to_owned(), None),
        ] {
            assert_eq!(host().clean(&url).as_deref(), expected, "{url:?}");
        }
    }

    #[test]
    fn stripping_takes_only_the_fat() {
        let cases = [
            ("https://a.test/x?fat=1", "https://a.test/x"),
            ("https://a.test/x?a=%20&fat=1&b=2#f", "https://a.test/x?a=%20&b=2#f"),
            ("https://a.test/x?fat=1&fat=2", "https://a.test/x"),
            ("https://a.test/x?%66at=1", "https://a.test/x"),
            ("https://a.test/fat?xfat=1", "https://a.test/fat?xfat=1"),
            ("https://a.test/x#?fat=1", "https://a.test/x#?fat=1"),
            ("not a url?fat=1", "not a url?fat=1"),
        ];
        for (url, expected) in cases {
            assert_eq!(strip_fat_query_param(url), expected);
            assert_eq!(has_fat_query_param(url), url != expected, "{url}");
        }
    }
}
