//! The cookies of the dashboard, all `HttpOnly`, `SameSite=Strict` and for every path.

use axum::http::{HeaderMap, HeaderValue, header};

/// How cookies are named and sent under one public origin.
pub(super) struct Cookies {
    https: bool,
}

/// A cookie of the dashboard.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cookie {
    /// The app whose settings were just saved.
    Notice,
    /// The secret of an operator's session.
    Operator,
    /// The secret that the token of the sign-in form is bound to.
    SignIn,
}

impl Cookie {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Notice => "cloakroom_notice",
            Self::Operator => "cloakroom_operator",
            Self::SignIn => "cloakroom_sign_in",
        }
    }
}

impl Cookies {
    /// Over https the names begin with `__Host-`, which no other host can set (RFC 6265bis).
    pub(super) fn of_origin(public_origin: &str) -> Self {
        Self { https: public_origin.starts_with("https://") }
    }

    fn prefix(&self) -> &'static str {
        if self.https { "__Host-" } else { "" }
    }

    /// The cookie's value; `None` if it is not there, or there more than once.
    pub(super) fn read<'a>(&self, headers: &'a HeaderMap, cookie: Cookie) -> Option<&'a str> {
        let mut values = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| name.strip_prefix(self.prefix()) == Some(cookie.name()))
            .map(|(_, value)| value);
        values.next().filter(|value| !value.is_empty() && values.next().is_none())
    }

    /// The header that sets a cookie for this long. `value` is ours: letters, digits, `-`, `_`.
    pub(super) fn set(&self, cookie: Cookie, value: &str, max_age_seconds: i64) -> HeaderValue {
        let (prefix, name) = (self.prefix(), cookie.name());
        let secure = if self.https { "; Secure" } else { "" };
        HeaderValue::from_str(&format!(
            "{prefix}{name}={value}; Path=/; Max-Age={max_age_seconds}; HttpOnly; \
             SameSite=Strict{secure}"
        ))
        .expect("letters and digits make a header")
    }

    /// The header that removes a cookie.
    pub(super) fn clear(&self, cookie: Cookie) -> HeaderValue {
        self.set(cookie, "", 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_read_by_its_whole_name_and_only_if_it_is_there_once() {
        let cases = [
            ("http://127.0.0.1:8080", "cloakroom_operator=a", Some("a")),
            ("http://127.0.0.1:8080", "x=1; cloakroom_operator=a;y=2", Some("a")),
            ("http://127.0.0.1:8080", "cloakroom_operator=a; cloakroom_operator=b", None),
            ("http://127.0.0.1:8080", "xcloakroom_operator=a", None),
            ("http://127.0.0.1:8080", "cloakroom_operator=", None),
            ("http://127.0.0.1:8080", "cloakroom_operator", None),
            ("https://cloak.example", "__Host-cloakroom_operator=a", Some("a")),
            ("https://cloak.example", "cloakroom_operator=a", None),
        ];
        for (origin, sent, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(sent));
            let cookies = Cookies::of_origin(origin);
            assert_eq!(cookies.read(&headers, Cookie::Operator), expected, "{origin} {sent}");
        }
    }

    #[test]
    fn a_cookie_is_bound_to_the_host_where_https_allows_it() {
        let over_http = Cookies::of_origin("http://127.0.0.1:8080");
        assert_eq!(
            over_http.set(Cookie::Operator, "a", 60),
            "cloakroom_operator=a; Path=/; Max-Age=60; HttpOnly; SameSite=Strict"
        );
        let over_https = Cookies::of_origin("https://cloak.example");
        assert_eq!(
            over_https.clear(Cookie::Operator),
            "__Host-cloakroom_operator=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure"
        );
    }
}
