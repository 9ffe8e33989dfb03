//! By what a call with an `Idempotency-Key` is known again, as hashes.

use aws_lc_rs::digest::{Context, SHA256};
use axum::http::request::Parts;

/// What makes two callers, or one caller in two roles, different.
const WHO: [&str; 5] = ["appid", "authtoken", "apikey", "authorization", "onbehalfof"];
/// App, caller, method, path and key.
pub(super) fn scope(parts: &Parts, key: &str) -> [u8; 32] {
    let mut hash = Hash::new();
    for name in WHO {
        let mut values = parts.headers.get_all(name).iter().peekable();
        hash.add(name.as_bytes());
        hash.add(&[u8::from(values.peek().is_some())]);
        for value in values {
            hash.add(value.as_bytes());
        }
    }
    hash.add(parts.method.as_str().as_bytes());
    hash.add(parts.uri.path().as_bytes());
    hash.add(key.as_bytes());
    hash.finish()
}

/// The whole call.
pub(super) fn fingerprint(parts: &Parts, body: &[u8]) -> [u8; 32] {
    let mut hash = Hash::new();
    hash.add(parts.method.as_str().as_bytes());
    hash.add(parts.uri.path().as_bytes());
    hash.add(parts.uri.query().unwrap_or_default().as_bytes());
    hash.add(body);
    hash.finish()
}

/// SHA-256 over parts whose bounds count.
struct Hash(Context);

impl Hash {
    fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    fn add(&mut self, part: &[u8]) {
        self.0.update(&(part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    fn finish(self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(self.0.finish().as_ref());
        hash
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A call with these headers.
    pub(in super::super) fn call(headers: &[(&str, &str)], uri: &str) -> Parts {
        let mut request = http::Request::post(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn each_part_of_a_call_tells_it_from_others() {
        let base = [("appid", "a"), ("apikey", "k")];
        let same = scope(&call(&base, "/v3/users?x=1"), "key");
        assert_eq!(same, scope(&call(&base, "/v3/users"), "key"), "the query is no part of it");
        let others = [
            scope(&call(&base, "/v3/users"), "other"),
            scope(&call(&base, "/v3/groups"), "key"),
            scope(&call(&[("appid", "b"), ("apikey", "k")], "/v3/users"), "key"),
            scope(&call(&[("appid", "a"), ("apikey", "l")], "/v3/users"), "key"),
            scope(&call(&[("appid", "a"), ("authtoken", "k")], "/v3/users"), "key"),
            scope(&call(&[base[0], base[1], ("onbehalfof", "u")], "/v3/users"), "key"),
        ];
        assert!(others.iter().all(|other| *other != same));
        let same = fingerprint(&call(&base, "/v3/users?x=1"), b"{}");
        assert_eq!(same, fingerprint(&call(&[], "/v3/users?x=1"), b"{}"));
        assert_ne!(same, fingerprint(&call(&base, "/v3/users?x=1"), b"{ }"));
        assert_ne!(same, fingerprint(&call(&base, "/v3/users?x=2"), b"{}"));
    }
}
