//! Whose address a limit counts by.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};

use crate::headers::{Headers, Name, visible};

static FORWARDED_FOR: Name = Name::new("x-forwarded-for");

/// The client's address: the connection's, or with `hops` proxies in front the entry of
/// `X-Forwarded-For` that the outermost of them wrote.
pub(crate) fn client_address(headers: &HeaderMap, extensions: &Extensions, hops: usize) -> IpAddr {
    let peer = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    address_behind(headers.into(), peer, hops)
}

/// The same, of a request that came over a connection from `peer`.
pub(crate) fn address_behind(headers: Headers<'_>, peer: IpAddr, hops: usize) -> IpAddr {
    if hops == 0 {
        return peer;
    }
    let entries: Vec<&str> = headers
        .all(&FORWARDED_FOR)
        .filter_map(visible)
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    entries
        .len()
        .checked_sub(hops)
        .and_then(|place| entries.get(place)?.parse().ok())
        .unwrap_or(peer)
}

/// What counts as one client: an IPv4 address, or an IPv6 network, which has 2⁶⁴ to choose from.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_are_one_client() {
        let at = |text: &str| network(text.parse().unwrap());
        assert_eq!(at("2001:db8:1:2:3::4"), at("2001:db8:1:2:ffff::1"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
        assert_eq!(at("::ffff:10.0.0.1"), at("10.0.0.1"));
        assert_ne!(at("10.0.0.1"), at("10.0.0.2"));
    }

    #[test]
    fn a_client_cannot_choose_its_address_behind_a_trusted_proxy() {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 9))));
        let mut headers = HeaderMap::new();
        let at = |headers: &HeaderMap, hops| client_address(headers, &extensions, hops).to_string();
        assert_eq!(at(&headers, 1), "10.0.0.1", "no header: the connection's");
        headers.insert("x-forwarded-for", HeaderValue::from_static("6.6.6.6, 1.2.3.4"));
        assert_eq!(at(&headers, 0), "10.0.0.1", "nobody is trusted");
        assert_eq!(at(&headers, 1), "1.2.3.4", "what our proxy saw, not what the client claims");
    }
}
