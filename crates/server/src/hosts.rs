//! The exact list of hosts that one listener serves.

use axum::http::uri::Authority;

use crate::headers::{Headers, Name};

static HOST: Name = Name::new("host");

/// Hosts with their ports, as they stand in a `Host` header.
#[derive(Clone, Debug)]
pub(crate) struct Hosts(Vec<String>);

impl Hosts {
    /// The host of a public origin, and where that is a loopback address also its other names:
    /// nobody else can reach those.
    pub(crate) fn of_origin(origin: &str) -> Self {
        let authority = origin.split_once("://").map_or(origin, |(_, rest)| rest);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => {
                (host, format!(":{port}"))
            }
            _ => (authority, String::new()),
        };
        let loopback = ["127.0.0.1", "localhost", "[::1]"];
        if loopback.contains(&host) {
            Self(loopback.map(|name| format!("{name}{port}")).to_vec())
        } else {
            Self(vec![authority.to_ascii_lowercase()])
        }
    }

    /// Whether the request is for one of them (RFC 9110 section 7.4: otherwise 421).
    pub(crate) fn serves(&self, headers: Headers<'_>, authority: Option<&Authority>) -> bool {
        let mut named = headers.all(&HOST);
        let host = match (named.next(), named.next(), authority) {
            (Some(host), None, _) => host,
            (None, None, Some(authority)) => authority.as_str().as_bytes(),
            _ => return false,
        };
        let is_it = |known: &[u8]| known == host || known.eq_ignore_ascii_case(host);
        self.0.iter().any(|known| is_it(known.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::*;

    #[test]
    fn only_the_named_host_is_served() {
        let cases = [
            ("https://files-us.example.com", "files-us.example.com", true),
            ("https://files-us.example.com", "FILES-us.example.com", true),
            ("https://files-us.example.com", "files-us.example.com:8443", false),
            ("https://files-us.example.com", "evil.test", false),
            ("https://files-us.example.com", "localhost", false),
            ("http://127.0.0.1:8082", "localhost:8082", true),
            ("http://127.0.0.1:8082", "localhost:8081", false),
            ("http://127.0.0.1:8082", "", false),
        ];
        for (origin, host, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            let hosts = Hosts::of_origin(origin);
            assert_eq!(hosts.serves((&headers).into(), None), expected, "{host}");
            headers.append(header::HOST, HeaderValue::from_static(host));
            assert!(!hosts.serves((&headers).into(), None), "two hosts");
        }
    }
}
