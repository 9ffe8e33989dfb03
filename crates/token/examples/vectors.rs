//! Writes `vectors/fat.json`, `vectors/presigned_url.json` and `vectors/delegated.json`: valid and
//! refused cases with fixed keys, which the Rust tests and the JavaScript tests read.
//!
//! `cargo run -p cloakroom-token --example vectors` after a change of a format.
#![expect(clippy::unwrap_used, reason = "a generator may panic")]
#![expect(clippy::too_many_lines, reason = "a table is as long as its rows")]

use std::fs;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cloakroom_token::{
    AppId, Fat, FatClaims, FatKey, KeyId, KeyRing, Seq, SessionId, Uid, UnixSeconds,
};
use serde_json::{Value, json};

const NOW: i64 = 1_790_000_000;
const FAT_SEED: [u8; 32] = [7; 32];
const PRESIGN_SECRET: [u8; 32] = [9; 32];
const DELEGATED_SECRET: [u8; 32] = [0xfb; 32];
const PATH: &str = "/demoapp/media/0123456789abcdef0123456789abcdef.jpg";
const ORIGIN: &str = "https://files-us.example.com";

fn main() {
    write("vectors/fat.json", &fat());
    write("vectors/presigned_url.json", &presigned_url());
    write("vectors/delegated.json", &delegated());
}

fn write(path: &str, value: &Value) {
    fs::write(path, serde_json::to_string_pretty(value).unwrap() + "\n").unwrap();
}

fn fat() -> Value {
    let key = FatKey::from_seed(&FAT_SEED).unwrap();
    let public = hex::encode(key.public_bytes());
    let ring =
        KeyRing::new(KeyId::parse("fat-1").unwrap(), [(KeyId::parse("fat-1").unwrap(), key)])
            .unwrap();
    let claims = FatClaims {
        iss: "cloakroom".to_owned(),
        aud: AppId::parse("demoapp").unwrap(),
        sub: Uid::parse("alice").unwrap(),
        sid: SessionId::from_bytes([0x11; 16]),
        iat: UnixSeconds(NOW),
        exp: UnixSeconds(NOW + 3600),
        generation: Seq(3),
        jti: "00".to_owned(),
    };
    let good = Fat::issue(&ring, &claims).unwrap().as_str().to_owned();
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else {
        unreachable!("a compact JWS has three parts")
    };
    let body = serde_json::to_string(&claims).unwrap();
    let with = |header: &str, body: &str| {
        format!("{}.{}.{signature}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(body))
    };
    let plain = r#"{"typ":"fat+jwt","alg":"EdDSA","kid":"fat-1"}"#;
    let cases = [
        ("good at its issue", good.clone(), "demoapp", NOW, "ok"),
        ("good thirty seconds early", good.clone(), "demoapp", NOW - 30, "ok"),
        ("not yet valid", good.clone(), "demoapp", NOW - 31, "NotYetValid"),
        ("good in its last second", good.clone(), "demoapp", NOW + 3599, "ok"),
        ("expired", good.clone(), "demoapp", NOW + 3600, "Expired"),
        ("of another app", good.clone(), "otherapp", NOW, "WrongApp"),
        ("empty", String::new(), "demoapp", NOW, "Malformed"),
        ("two parts", format!("{header}.{payload}"), "demoapp", NOW, "Malformed"),
        ("four parts", format!("{good}.x"), "demoapp", NOW, "Malformed"),
        ("padded", format!("{good}="), "demoapp", NOW, "BadSignature"),
        ("too long", format!("{good}{}", "A".repeat(4096)), "demoapp", NOW, "Malformed"),
        ("no signature", format!("{header}.{payload}."), "demoapp", NOW, "BadSignature"),
        (
            "a changed claim",
            with(plain, &body.replace("alice", "mallory")),
            "demoapp",
            NOW,
            "BadSignature",
        ),
        (
            "expired and unsigned: the signature is what is told",
            with(plain, &body.replace(&(NOW + 3600).to_string(), "1")),
            "demoapp",
            NOW,
            "BadSignature",
        ),
        (
            "an unknown key",
            with(&plain.replace("fat-1", "fat-2"), &body),
            "demoapp",
            NOW,
            "UnknownKey",
        ),
        ("alg none", with(&plain.replace("EdDSA", "none"), &body), "demoapp", NOW, "Malformed"),
        ("alg HS256", with(&plain.replace("EdDSA", "HS256"), &body), "demoapp", NOW, "Malformed"),
        ("another typ", with(&plain.replace("fat+jwt", "JWT"), &body), "demoapp", NOW, "Malformed"),
        (
            "crit",
            with(&plain.replace('}', r#","crit":["x"],"x":1}"#), &body),
            "demoapp",
            NOW,
            "Malformed",
        ),
        (
            "jku",
            with(&plain.replace('}', r#","jku":"https://evil.test"}"#), &body),
            "demoapp",
            NOW,
            "Malformed",
        ),
        ("jwk", with(&plain.replace('}', r#","jwk":{}}"#), &body), "demoapp", NOW, "Malformed"),
        (
            "x5u",
            with(&plain.replace('}', r#","x5u":"https://evil.test"}"#), &body),
            "demoapp",
            NOW,
            "Malformed",
        ),
        ("zip", with(&plain.replace('}', r#","zip":"DEF"}"#), &body), "demoapp", NOW, "Malformed"),
        (
            "a duplicate claim",
            with(plain, &body.replace('}', r#","sub":"mallory"}"#)),
            "demoapp",
            NOW,
            "Malformed",
        ),
        (
            "an unknown claim",
            with(plain, &body.replace('}', r#","admin":true}"#)),
            "demoapp",
            NOW,
            "Malformed",
        ),
        (
            "exp as a string",
            with(plain, &body.replace(&(NOW + 3600).to_string(), &format!("\"{}\"", NOW + 3600))),
            "demoapp",
            NOW,
            "Malformed",
        ),
    ];
    let cases: Vec<_> = cases
        .into_iter()
        .map(|(name, token, app, now, expect)| {
            json!({"name": name, "token": token, "app": app, "now": now, "expect": expect})
        })
        .collect();
    json!({
        "issuer": "cloakroom",
        "keyId": "fat-1",
        "seedHex": hex::encode(FAT_SEED),
        "publicKeyHex": public,
        "uid": "alice",
        "exp": NOW + 3600,
        "cases": cases,
    })
}

/// The query of a presigned URL, made without the code under test.
fn sign(secret: &[u8; 32], path: &str, parameters: &str, expires: i64, key_id: &str) -> String {
    let policy = format!(
        "{{\"Statement\":[{{\"Resource\":\"{ORIGIN}{path}?{parameters}\",\"Condition\":\
         {{\"DateLessThan\":{{\"AWS:EpochTime\":{expires}}}}}}}]}}"
    );
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let signature = STANDARD
        .encode(hmac::sign(&key, policy.as_bytes()))
        .replace('+', "-")
        .replace('=', "_")
        .replace('/', "~");
    format!("{parameters}&Expires={expires}&Signature={signature}&Key-Pair-Id={key_id}")
}

fn presigned_url() -> Value {
    let sign =
        |parameters: &str, expires| sign(&PRESIGN_SECRET, PATH, parameters, expires, "url-1");
    let expires = NOW + 900;
    let session = "Principal=s:11111111111111111111111111111111&Generation=3";
    let good = sign(session, expires);
    let full =
        sign("Principal=u:alice&Generation=0&Purpose=mail&Views=2&Disposition=attachment", expires);
    let cases = [
        ("a session's", good.clone(), NOW, "ok"),
        ("with every parameter", full, NOW, "ok"),
        ("a key's", sign("Principal=k:key-1&Generation=0&Purpose=export", expires), NOW, "ok"),
        (
            "a key's that does not say what it is for",
            sign("Principal=k:key-1&Generation=0", expires),
            NOW,
            "Malformed",
        ),
        (
            "with views of its own",
            sign("Principal=u:alice&Generation=3&Views=1000.a0", expires),
            NOW,
            "ok",
        ),
        (
            "with too many views",
            sign("Principal=u:alice&Generation=3&Views=1001", expires),
            NOW,
            "Malformed",
        ),
        (
            "views with an empty tag",
            sign("Principal=u:alice&Generation=3&Views=2.", expires),
            NOW,
            "Malformed",
        ),
        (
            "more views than were signed",
            sign("Principal=u:alice&Generation=3&Views=1", expires).replace("Views=1", "Views=9"),
            NOW,
            "BadSignature",
        ),
        (
            "another purpose than was signed",
            sign("Principal=k:key-1&Generation=0&Purpose=mail", expires).replace("mail", "push"),
            NOW,
            "BadSignature",
        ),
        ("in its last second", good.clone(), expires - 1, "ok"),
        ("expired", good.clone(), expires, "Expired"),
        (
            "a later expiry",
            good.replace(&expires.to_string(), &(expires + 1).to_string()),
            NOW,
            "BadSignature",
        ),
        (
            "expired and altered: the signature is what is told",
            good.replace("Generation=3", "Generation=4"),
            expires,
            "BadSignature",
        ),
        ("another principal", good.replace("s:1", "s:2"), NOW, "BadSignature"),
        ("an unknown key", good.replace("url-1", "url-2"), NOW, "UnknownKey"),
        (
            "no signature",
            format!("{session}&Expires={expires}&Key-Pair-Id=url-1"),
            NOW,
            "Malformed",
        ),
        ("no expiry", session.to_owned(), NOW, "Malformed"),
        ("no principal", sign("Generation=3", expires), NOW, "Malformed"),
        ("no generation", sign("Principal=u:alice", expires), NOW, "Malformed"),
        ("another order", sign("Generation=3&Principal=u:alice", expires), NOW, "Malformed"),
        ("a repeated parameter", format!("{good}&Expires={expires}"), NOW, "Malformed"),
        ("an unknown parameter", format!("{good}&x=1"), NOW, "Malformed"),
        ("an unknown parameter in front", format!("x=1&{good}"), NOW, "Malformed"),
        ("an encoded value", good.replace("s:", "s%3A"), NOW, "Malformed"),
        ("an encoded name", good.replace("Expires=", "%45xpires="), NOW, "Malformed"),
        (
            "a number with a plus",
            sign("Principal=u:alice&Generation=+3", expires),
            NOW,
            "Malformed",
        ),
        (
            "a number with a zero in front",
            sign("Principal=u:alice&Generation=03", expires),
            NOW,
            "Malformed",
        ),
        (
            "a negative generation",
            sign("Principal=u:alice&Generation=-1", expires),
            NOW,
            "Malformed",
        ),
        ("no views", sign("Principal=u:alice&Generation=3&Views=0", expires), NOW, "Malformed"),
        (
            "an unknown disposition",
            sign("Principal=u:alice&Generation=3&Disposition=x", expires),
            NOW,
            "Malformed",
        ),
        (
            "a purpose in capitals",
            sign("Principal=u:alice&Generation=3&Purpose=MAIL", expires),
            NOW,
            "Malformed",
        ),
        (
            "an unknown purpose",
            sign("Principal=u:alice&Generation=3&Purpose=spam", expires),
            NOW,
            "Malformed",
        ),
        (
            "an unknown kind of principal",
            sign("Principal=x:alice&Generation=3", expires),
            NOW,
            "Malformed",
        ),
        (
            "a hash a native key does not name",
            format!("{good}&Hash-Algorithm=SHA256"),
            NOW,
            "Malformed",
        ),
        ("plain base64", good.replace('_', "="), NOW, "Malformed"),
        ("empty", String::new(), NOW, "Malformed"),
    ];
    let cases: Vec<_> = cases
        .into_iter()
        .map(|(name, query, now, expect)| {
            json!({"name": name, "query": query, "now": now, "expect": expect})
        })
        .collect();
    json!({
        "origin": ORIGIN,
        "path": PATH,
        "keyId": "url-1",
        "secretHex": hex::encode(PRESIGN_SECRET),
        "expires": expires,
        "cases": cases,
    })
}

/// What a delegated key signs, and what is believed of it: at most an hour, for mail or push, for
/// users whose uid begins with `al`.
fn delegated() -> Value {
    let query =
        |parameters: &str, expires| sign(&DELEGATED_SECRET, PATH, parameters, expires, "dk_1");
    let url = |parameters: &str, expires| format!("{ORIGIN}{PATH}?{}", query(parameters, expires));
    let asks = |purpose: &str| {
        json!({"url": format!("{ORIGIN}{PATH}"), "uid": "alice", "purpose": purpose,
            "generation": 7, "lifetimeSeconds": 900, "now": NOW})
    };
    let asks_with = |change: Value| {
        let mut asked = asks("mail");
        for (name, value) in change.as_object().unwrap() {
            asked[name] = value.clone();
        }
        asked
    };
    let bucket = |lifetime: i64, now: i64| {
        let latest = now + lifetime;
        latest - latest % (lifetime / 3)
    };
    let mail = "Principal=u:alice&Generation=7&Purpose=mail";
    let small = PATH.replace(".jpg", "_small.webp");
    let signed = [
        ("a mail", asks("mail"), Ok((url(mail, bucket(900, NOW)), bucket(900, NOW)))),
        (
            "a push, later in the same third",
            asks_with(json!({"purpose": "push", "now": NOW + 50})),
            Ok((
                url("Principal=u:alice&Generation=7&Purpose=push", bucket(900, NOW + 50)),
                bucket(900, NOW + 50),
            )),
        ),
        (
            "with views: to the second",
            asks_with(json!({"views": 2, "disposition": "attachment"})),
            Ok((url(&format!("{mail}&Views=2&Disposition=attachment"), NOW + 900), NOW + 900)),
        ),
        (
            "with views of its own, for as long as the key may sign",
            asks_with(json!({"views": 1, "viewsTag": "x7", "lifetimeSeconds": 3600})),
            Ok((url(&format!("{mail}&Views=1.x7"), NOW + 3600), NOW + 3600)),
        ),
        (
            "a URL that carries a credential already: it is dropped",
            asks_with(json!({"url": format!("{ORIGIN}{PATH}?fat=T#x")})),
            Ok((url(mail, bucket(900, NOW)), bucket(900, NOW))),
        ),
        (
            "a thumbnail",
            asks_with(json!({"url": format!("{ORIGIN}{small}")})),
            Ok((
                format!(
                    "{ORIGIN}{small}?{}",
                    sign(&DELEGATED_SECRET, &small, mail, bucket(900, NOW), "dk_1")
                ),
                bucket(900, NOW),
            )),
        ),
        (
            "too long a life for the key",
            asks_with(json!({"lifetimeSeconds": 3601})),
            Err("OutOfBounds"),
        ),
        ("too short a life", asks_with(json!({"lifetimeSeconds": 59})), Err("BadLifetime")),
        ("too long a life", asks_with(json!({"lifetimeSeconds": 2_678_401})), Err("BadLifetime")),
        ("another purpose", asks("export"), Err("OutOfBounds")),
        ("no purpose", asks_with(json!({"purpose": null})), Err("OutOfBounds")),
        ("another uid prefix", asks_with(json!({"uid": "bob"})), Err("OutOfBounds")),
        ("a malformed uid", asks_with(json!({"uid": "alice&Views=9"})), Err("BadId")),
        (
            "a file of another app",
            asks_with(json!({"url": format!("{ORIGIN}{}", PATH.replace("demoapp", "otherapp"))})),
            Err("OtherApp"),
        ),
        (
            "a foreign host",
            asks_with(json!({"url": format!("https://evil.test{PATH}")})),
            Err("BadUrl"),
        ),
        ("no file", asks_with(json!({"url": format!("{ORIGIN}/demoapp/media/x")})), Err("BadUrl")),
        ("no URL", asks_with(json!({"url": "photo.jpg"})), Err("BadUrl")),
    ];
    let signed: Vec<_> = signed
        .into_iter()
        .map(|(name, asks, expect)| match expect {
            Ok((url, expires_at)) => {
                json!({"name": name, "asks": asks, "signed": url, "expiresAt": expires_at})
            }
            Err(refused) => json!({"name": name, "asks": asks, "refused": refused}),
        })
        .collect();
    let expires = NOW + 3600;
    let good = query(mail, expires);
    let other = PATH.replace("demoapp", "otherapp");
    let verified = [
        ("for all the time that the key has", PATH, good.clone(), NOW, "ok"),
        ("in its last second", PATH, good.clone(), expires - 1, "ok"),
        ("expired", PATH, good.clone(), expires, "Expired"),
        ("a second too long", PATH, good.clone(), NOW - 1, "OutOfBounds"),
        ("far too long", PATH, query(mail, NOW + 2_678_400), NOW, "OutOfBounds"),
        (
            "another purpose",
            PATH,
            query("Principal=u:alice&Generation=7&Purpose=export", expires),
            NOW,
            "OutOfBounds",
        ),
        ("no purpose", PATH, query("Principal=u:alice&Generation=7", expires), NOW, "OutOfBounds"),
        (
            "another uid prefix",
            PATH,
            query("Principal=u:bob&Generation=7&Purpose=mail", expires),
            NOW,
            "OutOfBounds",
        ),
        (
            "a session",
            PATH,
            query(
                "Principal=s:11111111111111111111111111111111&Generation=7&Purpose=mail",
                expires,
            ),
            NOW,
            "OutOfBounds",
        ),
        (
            "an API key",
            PATH,
            query("Principal=k:key-1&Generation=7&Purpose=mail", expires),
            NOW,
            "OutOfBounds",
        ),
        (
            "a file of another app",
            other.as_str(),
            sign(&DELEGATED_SECRET, &other, mail, expires, "dk_1"),
            NOW,
            "UnknownKey",
        ),
        ("the id of another key", PATH, good.replace("dk_1", "dk_2"), NOW, "UnknownKey"),
        (
            "the secret of another key",
            PATH,
            sign(&PRESIGN_SECRET, PATH, mail, expires, "dk_1"),
            NOW,
            "BadSignature",
        ),
        ("the original's for its thumbnail", small.as_str(), good.clone(), NOW, "BadSignature"),
        (
            "the thumbnail's for its original",
            PATH,
            sign(&DELEGATED_SECRET, &small, mail, expires, "dk_1"),
            NOW,
            "BadSignature",
        ),
        ("another user", PATH, good.replace("u:alice", "u:alfred"), NOW, "BadSignature"),
        (
            "a hash that is not named",
            PATH,
            format!("{good}&Hash-Algorithm=SHA256"),
            NOW,
            "Malformed",
        ),
        ("out of order", PATH, format!("x=1&{good}"), NOW, "Malformed"),
    ];
    let verified: Vec<_> = verified
        .into_iter()
        .map(|(name, path, query, now, expect)| {
            json!({"name": name, "path": path, "query": query, "now": now, "expect": expect})
        })
        .collect();
    json!({
        "origin": ORIGIN,
        "app": "demoapp",
        "keyId": "dk_1",
        "secret": format!("ckr_dk_{}", URL_SAFE_NO_PAD.encode(DELEGATED_SECRET)),
        "bounds": {"maxTtlSeconds": 3600, "purposes": ["mail", "push"], "uidPrefix": "al"},
        "signed": signed,
        "verified": verified,
    })
}
