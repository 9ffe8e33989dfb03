//! Where a webhook may point. Checked when it is made, and again as it is connected to.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::address_range::{AddressRange, is_public};

const LONGEST_URL: usize = 2048;

/// Why a target is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum TargetRefused {
    /// It leads to an address that is neither public nor listed.
    #[error("the host has an address that is not public and not listed in the configuration file")]
    Address,
    /// It is no URL that a webhook may have.
    #[error("the URL must be https, without user or fragment, and have at most 2048 characters")]
    Malformed,
    /// Its addresses are public, so it needs TLS.
    #[error("plain http is for hosts whose addresses the configuration file lists")]
    NeedsTls,
    /// Its host has no address.
    #[error("the host has no address")]
    Unresolved,
}

impl TargetRefused {
    /// One word for it, for the list of deliveries.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Unresolved => "unresolved",
            Self::Address | Self::Malformed | Self::NeedsTls => "target_refused",
        }
    }
}

/// The rules for targets. A clone is a handle.
#[derive(Clone, Debug)]
pub(crate) struct Targets {
    private_ranges: Arc<[AddressRange]>,
}

impl Targets {
    /// Lets targets into these ranges too, and into the public internet.
    pub(crate) fn new(private_ranges: &[AddressRange]) -> Self {
        Self { private_ranges: private_ranges.into() }
    }

    /// Checks a target as a whole; its name is resolved.
    pub(crate) async fn check(&self, raw: &str) -> Result<Url, TargetRefused> {
        let url = self.parse(raw)?;
        if let Some(Host::Domain(name)) = url.host() {
            self.resolve(name, url.scheme() == "http").await?;
        }
        Ok(url)
    }

    /// Checks all but what a name resolves to, which is checked as it is connected to.
    pub(super) fn parse(&self, raw: &str) -> Result<Url, TargetRefused> {
        let url = Url::parse(raw).map_err(|_| TargetRefused::Malformed)?;
        let is_plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(TargetRefused::Malformed),
        };
        let is_odd = raw.len() > LONGEST_URL
            || raw.contains(|c: char| c.is_whitespace() || c.is_control())
            || !url.username().is_empty()
            || url.password().is_some()
            || url.fragment().is_some();
        match url.host() {
            Some(_) if is_odd => Err(TargetRefused::Malformed),
            Some(Host::Domain(_)) => Ok(url),
            Some(Host::Ipv4(v4)) => self.admit(&[v4.into()], is_plain).map(|()| url),
            Some(Host::Ipv6(v6)) => self.admit(&[v6.into()], is_plain).map(|()| url),
            None => Err(TargetRefused::Malformed),
        }
    }

    /// Resolves a name once; every address it has must be one that may be reached.
    async fn resolve(&self, name: &str, is_plain: bool) -> Result<Vec<SocketAddr>, TargetRefused> {
        let found = tokio::net::lookup_host((name, 0)).await;
        let found: Vec<SocketAddr> = found.map_err(|_| TargetRefused::Unresolved)?.collect();
        let addresses: Vec<IpAddr> = found.iter().map(SocketAddr::ip).collect();
        self.admit(&addresses, is_plain)?;
        Ok(found)
    }

    fn admit(&self, addresses: &[IpAddr], is_plain: bool) -> Result<(), TargetRefused> {
        if addresses.is_empty() {
            return Err(TargetRefused::Unresolved);
        }
        for address in addresses {
            let is_listed = self.private_ranges.iter().any(|range| range.contains(*address));
            if !is_listed && !is_public(*address) {
                return Err(TargetRefused::Address);
            }
            if !is_listed && is_plain {
                return Err(TargetRefused::NeedsTls);
            }
        }
        Ok(())
    }

    /// What a client resolves names with: it connects to what was checked and to nothing else.
    pub(super) fn resolver(&self, is_plain: bool) -> CheckingResolver {
        CheckingResolver { targets: self.clone(), is_plain }
    }
}

/// Resolves names to addresses that may be reached, or fails with [`TargetRefused`].
pub(super) struct CheckingResolver {
    targets: Targets,
    is_plain: bool,
}

impl Resolve for CheckingResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (targets, is_plain) = (self.targets.clone(), self.is_plain);
        Box::pin(async move {
            let addresses = targets.resolve(name.as_str(), is_plain).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(ranges: &[&str]) -> Targets {
        let ranges: Vec<_> =
            ranges.iter().map(|text| AddressRange::try_from((*text).to_owned()).unwrap()).collect();
        Targets::new(&ranges)
    }

    #[test]
    fn a_target_is_https_to_a_public_address_or_a_listed_one() {
        use TargetRefused::{Address, Malformed, NeedsTls};
        let strict = targets(&[]);
        let loopback = targets(&["127.0.0.0/8", "::1/128"]);
        let long = format!("https://example.org/{}", "x".repeat(LONGEST_URL));
        let cases = [
            ("https://example.org/in?key=1", None, None),
            ("https://example.org:8443/", None, None),
            ("http://example.org/", None, None),
            ("https://1.1.1.1/", None, None),
            ("http://1.1.1.1/", Some(NeedsTls), Some(NeedsTls)),
            ("https://127.0.0.1/", Some(Address), None),
            ("http://127.0.0.1:9/", Some(Address), None),
            ("http://0x7f.1/", Some(Address), None),
            ("http://2130706433/", Some(Address), None),
            ("https://[::1]/", Some(Address), None),
            ("https://[::ffff:127.0.0.1]/", Some(Address), None),
            ("https://169.254.169.254/latest", Some(Address), Some(Address)),
            ("https://user@example.org/", Some(Malformed), Some(Malformed)),
            ("https://:pass@example.org/", Some(Malformed), Some(Malformed)),
            ("https://example.org/#part", Some(Malformed), Some(Malformed)),
            ("https://exam\nple.org/", Some(Malformed), Some(Malformed)),
            ("ftp://example.org/", Some(Malformed), Some(Malformed)),
            ("file:///etc/passwd", Some(Malformed), Some(Malformed)),
            ("example.org", Some(Malformed), Some(Malformed)),
            (long.as_str(), Some(Malformed), Some(Malformed)),
        ];
        for (raw, refused, refused_if_listed) in cases {
            assert_eq!(strict.parse(raw).err(), refused, "{raw}");
            assert_eq!(loopback.parse(raw).err(), refused_if_listed, "{raw}");
        }
    }

    #[test]
    fn one_bad_address_among_good_ones_refuses_the_name() {
        let strict = targets(&[]);
        let of =
            |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>();
        assert_eq!(strict.admit(&of(&["1.1.1.1", "2606:4700::1"]), false), Ok(()));
        let mixed = of(&["1.1.1.1", "10.0.0.1"]);
        assert_eq!(strict.admit(&mixed, false), Err(TargetRefused::Address));
        assert_eq!(strict.admit(&[], false), Err(TargetRefused::Unresolved));
        let listed = targets(&["10.0.0.0/8"]);
        assert_eq!(listed.admit(&mixed, false), Ok(()));
        assert_eq!(listed.admit(&mixed, true), Err(TargetRefused::NeedsTls));
        assert_eq!(listed.admit(&of(&["10.0.0.1"]), true), Ok(()));
    }

    #[tokio::test]
    async fn a_name_is_checked_by_what_it_resolves_to() {
        let name = || "localhost".parse::<Name>().unwrap();
        let refused = targets(&[]).resolver(false).resolve(name()).await.err().unwrap();
        assert_eq!(refused.downcast_ref(), Some(&TargetRefused::Address));
        let open = targets(&["127.0.0.0/8", "::1/128"]);
        assert!(open.resolver(true).resolve(name()).await.unwrap().all(|a| a.ip().is_loopback()));
        assert!(open.check("http://localhost:1/").await.is_ok());
        assert_eq!(targets(&[]).check("https://localhost/").await, Err(TargetRefused::Address));
    }
}
