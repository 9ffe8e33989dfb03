//! The one credential of a media request, from its query and headers.

use crate::presign_terms::Disposition;
use crate::presigned_url::is_presign_parameter;

/// The credential a media request carries, still unverified.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Credential<'a> {
    /// A File Access Token in `?fat=`, in header `fat` or as `Authorization: Bearer`.
    Fat(&'a str),
    /// No credential.
    Missing,
    /// The whole query, which has at least one presign parameter.
    Presigned(&'a str),
    /// Two different credentials, or the `fat` parameter twice.
    TwoCredentials,
}

impl<'a> Credential<'a> {
    /// Finds the credential of a request.
    ///
    /// `query` is the raw query without its question mark, `fat_headers` the values of every
    /// `fat` header, `authorization` those of every `Authorization` header; schemes other than
    /// `Bearer` are not ours and are passed over. The same token by two ways is one credential.
    pub fn parse(
        query: Option<&'a str>,
        fat_headers: impl IntoIterator<Item = &'a str>,
        authorization: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let query = query.unwrap_or_default();
        let mut in_query = parameters(query).filter(|(name, _)| *name == "fat");
        let first = in_query.next().map(|(_, value)| value);
        if in_query.next().is_some() {
            return Self::TwoCredentials;
        }
        let bearer = authorization.into_iter().filter_map(bearer_token);
        let mut tokens = first.into_iter().chain(fat_headers).chain(bearer);
        let token = tokens.next();
        if token.is_some_and(|one| tokens.any(|other| other != one)) {
            return Self::TwoCredentials;
        }
        match (token, parameters(query).any(|(name, _)| is_presign_parameter(name))) {
            (None, false) => Self::Missing,
            (None, true) => Self::Presigned(query),
            (Some(token), false) => Self::Fat(token),
            (Some(_), true) => Self::TwoCredentials,
        }
    }

    /// Whether the query carries a File Access Token.
    #[must_use]
    pub fn is_in_query(query: Option<&str>) -> bool {
        parameters(query.unwrap_or_default()).any(|(name, _)| name == "fat")
    }

    /// Inline or download, as a request with a File Access Token may say beside it.
    #[must_use]
    pub fn disposition(query: Option<&str>) -> Option<Disposition> {
        let (_, value) =
            parameters(query.unwrap_or_default()).find(|(name, _)| *name == "Disposition")?;
        Disposition::parse(value)
    }
}

fn parameters(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_one_credential_or_is_refused() {
        type Row = (
            Option<&'static str>,
            &'static [&'static str],
            &'static [&'static str],
            Credential<'static>,
        );
        let cases: [Row; 14] = [
            (None, &[], &[], Credential::Missing),
            (Some(""), &[], &[], Credential::Missing),
            (Some("x=1"), &[], &[], Credential::Missing),
            (Some("fat=T"), &[], &[], Credential::Fat("T")),
            (Some("fat"), &[], &[], Credential::Fat("")),
            (Some("x=1&fat=T"), &["T"], &["Bearer T"], Credential::Fat("T")),
            (None, &["T"], &[], Credential::Fat("T")),
            (None, &[], &["bearer T"], Credential::Fat("T")),
            (None, &[], &["Basic dTpw"], Credential::Missing),
            (Some("fat=T&fat=T"), &[], &[], Credential::TwoCredentials),
            (Some("fat=T"), &["U"], &[], Credential::TwoCredentials),
            (None, &["T", "U"], &[], Credential::TwoCredentials),
            (Some("fat=T&Expires=1"), &[], &[], Credential::TwoCredentials),
            (Some("Expires=1"), &[], &[], Credential::Presigned("Expires=1")),
        ];
        for (query, fat, authorization, expected) in cases {
            let got = Credential::parse(query, fat.iter().copied(), authorization.iter().copied());
            assert_eq!(got, expected, "{query:?} {fat:?} {authorization:?}");
        }
    }
}
