//! Targets of `cloakroom-token`.

use cloakroom_token::{Credential, Fat, MediaPath, MediaUrl, PresignedUrl};

use crate::genuine::{GENUINE, ISSUER, NOW};

/// A path that is read is written back byte for byte, and needs no percent-encoding.
///
/// # Panics
///
/// If that does not hold.
pub fn media_path(bytes: &[u8]) {
    let Ok(raw) = str::from_utf8(bytes) else { return };
    if let Ok(path) = MediaPath::parse(raw) {
        assert_eq!(path.to_string(), raw);
        assert!(raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._".contains(&byte)));
    }
}

/// A URL that is read starts with our origin, forgets every credential, and is read again.
///
/// # Panics
///
/// If that does not hold.
pub fn media_url(bytes: &[u8]) {
    let Ok(raw) = str::from_utf8(bytes) else { return };
    let origin = &GENUINE.origin;
    if let Ok(url) = MediaUrl::parse(origin, raw) {
        let written = url.to_string();
        assert!(written.strip_prefix(origin.as_str()).is_some_and(|path| path.starts_with('/')));
        assert!(!written.contains(['?', '#', '@', '%', '\\']));
        let again = MediaUrl::parse(origin, &written);
        assert_eq!(again.map(|url| url.to_string()), Ok(written));
    }
}

/// What is found stands in the request; the lines are the query, `fat` and `Authorization`.
///
/// # Panics
///
/// If that does not hold.
pub fn credential(bytes: &[u8]) {
    let Ok(raw) = str::from_utf8(bytes) else { return };
    let mut lines = raw.splitn(3, '\n');
    let (query, fat, authorization) = (lines.next(), lines.next(), lines.next());
    let query_says_fat =
        query.unwrap_or_default().split('&').filter(|pair| pair.split('=').next() == Some("fat"));
    let says_fat = query_says_fat.count() + usize::from(fat.is_some());
    match Credential::parse(query, fat, authorization).0 {
        Credential::Fat(token) => {
            assert!(says_fat > 0 || authorization.is_some());
            assert!(raw.contains(token));
        }
        Credential::Missing => assert_eq!(says_fat, 0),
        Credential::Presigned(found) => {
            assert_eq!(says_fat, 0);
            assert_eq!(Some(found), query);
        }
        Credential::TwoCredentials => assert!(raw.contains(['=', '&', '\n'])),
    }
}

/// Only the one genuine token verifies: no other spelling of it, and nothing else.
///
/// # Panics
///
/// If that does not hold.
pub fn fat(bytes: &[u8]) {
    let Ok(raw) = str::from_utf8(bytes) else { return };
    let verified = Fat::verify(&GENUINE.fat_ring, raw, ISSUER, &GENUINE.app, NOW);
    assert_eq!(verified.is_ok(), raw == GENUINE.fat.as_str(), "{raw:?}: {verified:?}");
}

/// Only the one genuine query verifies: no other order or spelling of it, and nothing else.
///
/// # Panics
///
/// If that does not hold.
pub fn presigned_url(bytes: &[u8]) {
    let Ok(raw) = str::from_utf8(bytes) else { return };
    let genuine = GENUINE.presigned_url.split_once('?').map(|(_, query)| query);
    let verified =
        PresignedUrl::verify(&GENUINE.presign_ring, &GENUINE.origin, &GENUINE.path, raw, NOW);
    assert_eq!(verified.is_ok(), Some(raw) == genuine, "{raw:?}: {verified:?}");
}
