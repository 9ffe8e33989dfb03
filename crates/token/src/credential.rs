//! The one credential of a media request, from its query and headers.

use std::iter;

use memchr::memchr;

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

/// What the query of a media request says beside its credential.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Asides {
    /// Inline or download, as a request with a File Access Token may say.
    pub disposition: Option<Disposition>,
    /// Whether the credential is a File Access Token that stands in the query.
    pub fat_in_query: bool,
}

impl<'a> Credential<'a> {
    /// Finds the credential of a request, and what its query says beside it, in one pass.
    ///
    /// `query` is the raw query without its question mark, `fat_headers` the values of every
    /// `fat` header, `authorization` those of every `Authorization` header; schemes other than
    /// `Bearer` are not ours and are passed over. The same token by two ways is one credential.
    pub fn parse(
        query: Option<&'a str>,
        fat_headers: impl IntoIterator<Item = &'a str>,
        authorization: impl IntoIterator<Item = &'a str>,
    ) -> (Self, Asides) {
        let query = query.unwrap_or_default();
        let (mut fats, mut is_presigned, mut disposition) = (0, false, None);
        let mut first = None;
        for (name, value) in parameters(query) {
            match name {
                "fat" => (first, fats) = (Some(value), fats + 1),
                "Disposition" if disposition.is_none() => disposition = Some(value),
                _ => is_presigned |= is_presign_parameter(name),
            }
        }
        let disposition = disposition.and_then(Disposition::parse);
        let bearer = authorization.into_iter().filter_map(bearer_token);
        let mut tokens = first.into_iter().chain(fat_headers).chain(bearer);
        let token = tokens.next();
        let differ = token.is_some_and(|one| tokens.any(|other| other != one));
        let credential = match token {
            _ if fats > 1 || differ => Self::TwoCredentials,
            None if is_presigned => Self::Presigned(query),
            None => Self::Missing,
            Some(_) if is_presigned => Self::TwoCredentials,
            Some(token) => Self::Fat(token),
        };
        let fat_in_query = fats > 0 && matches!(credential, Self::Fat(_));
        (credential, Asides { disposition, fat_in_query })
    }
}

fn parameters(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut left = Some(query);
    iter::from_fn(move || {
        let (pair, rest) = split(left?, b'&');
        left = rest;
        let (name, value) = split(pair, b'=');
        Some((name, value.unwrap_or_default()))
    })
}

/// What stands before the first `mark`, and what behind it.
fn split(text: &str, mark: u8) -> (&str, Option<&str>) {
    match memchr(mark, text.as_bytes()) {
        Some(end) => (&text[..end], Some(&text[end + 1..])),
        None => (text, None),
    }
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
            let (got, _) =
                Credential::parse(query, fat.iter().copied(), authorization.iter().copied());
            assert_eq!(got, expected, "{query:?} {fat:?} {authorization:?}");
        }
    }

    #[test]
    fn the_query_says_how_to_show_a_file_and_whether_it_holds_the_token() {
        let attachment = Some(Disposition::Attachment);
        let cases: [(&str, &[&str], Option<Disposition>, bool); 8] = [
            ("", &[], None, false),
            ("", &["T"], None, false),
            ("fat=T", &[], None, true),
            ("fat=T", &["T"], None, true),
            ("fat=T", &["U"], None, false),
            ("Disposition=attachment&fat=T&Disposition=inline", &[], attachment, true),
            ("Disposition=other&Disposition=attachment", &["T"], None, false),
            ("Disposition=attachment&Expires=1", &[], attachment, false),
        ];
        for (query, fat, disposition, fat_in_query) in cases {
            let (_, got) = Credential::parse(Some(query), fat.iter().copied(), []);
            assert_eq!(got, Asides { disposition, fat_in_query }, "{query} {fat:?}");
        }
    }
}
