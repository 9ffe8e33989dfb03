//! Where clients find the real-time channel.

/// Host and port of the API's public origin, apart as the official SDK wants them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::api) struct ChatAddress {
    pub(in crate::api) host: String,
    pub(in crate::api) port: u16,
    pub(in crate::api) has_tls: bool,
}

impl ChatAddress {
    /// Reads `http(s)://host[:port][/prefix]`. The prefix is lost: the SDK knows none here.
    pub(in crate::api) fn of_origin(origin: &str) -> Self {
        let has_tls = !origin.starts_with("http://");
        let rest = origin.split_once("://").map_or(origin, |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or_default();
        let default = if has_tls { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => match port.parse() {
                Ok(port) => (host, port),
                Err(_) => (authority, default),
            },
            None => (authority, default),
        };
        Self { host: host.to_owned(), port, has_tls }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_not_named_is_that_of_the_scheme() {
        let cases = [
            ("https://chat.example.com", "chat.example.com", 443, true),
            ("https://chat.example.com:8443", "chat.example.com", 8443, true),
            ("http://127.0.0.1:8081", "127.0.0.1", 8081, false),
            ("http://chat.test", "chat.test", 80, false),
            ("https://[::1]", "[::1]", 443, true),
            ("https://[::1]:8081/prefix", "[::1]", 8081, true),
        ];
        for (origin, host, port, has_tls) in cases {
            let expected = ChatAddress { host: host.to_owned(), port, has_tls };
            assert_eq!(ChatAddress::of_origin(origin), expected, "{origin}");
        }
    }
}
