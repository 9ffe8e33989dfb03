//! `cloakroom receipt`

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Subcommand;
use cloakroom_token::{KeyId, StatementKind, verify_statement};
use cloakroom_wire::ReceiptClaims;
use serde::Deserialize;

use super::terminal;

/// What can be done with receipts.
#[derive(Debug, Subcommand)]
pub(crate) enum ReceiptCommand {
    /// Checks a receipt offline, with the public keys of the installation that issued it.
    Verify {
        /// The receipt, or `-` for standard input.
        receipt: String,
        /// The key set, as saved from `/.well-known/jwks.json`.
        #[arg(long, value_name = "FILE")]
        jwks: PathBuf,
    },
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    kid: String,
    x: String,
}

pub(crate) fn run(command: ReceiptCommand) -> anyhow::Result<()> {
    let ReceiptCommand::Verify { receipt, jwks } = command;
    let text = if receipt == "-" {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).context("cannot read the receipt")?;
        text
    } else {
        receipt
    };
    let claims = verify(text.trim(), &keys(&jwks)?)?;
    terminal::line(&told(&claims));
    Ok(())
}

/// Checks a receipt.
fn verify(text: &str, keys: &[(KeyId, [u8; 32])]) -> anyhow::Result<ReceiptClaims> {
    verify_statement(keys, StatementKind::Receipt, text).context("this is no genuine receipt")
}

/// The public keys of a key set (RFC 7517, RFC 8037).
pub(super) fn keys(file: &Path) -> anyhow::Result<Vec<(KeyId, [u8; 32])>> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the key set {}", file.display()))?;
    let jwks: Jwks = serde_json::from_str(&text).context("this is no key set")?;
    let ours = jwks.keys.into_iter().filter(|key| key.kty == "OKP" && key.crv == "Ed25519");
    let keys = ours
        .map(|key| {
            let public = URL_SAFE_NO_PAD.decode(&key.x).ok();
            let public = public.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            let id = KeyId::parse(&key.kid).ok();
            id.zip(public).with_context(|| "the key set has a key that is none")
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    ensure!(!keys.is_empty(), "the key set has no Ed25519 key");
    Ok(keys)
}

/// What the receipt says, a line each.
fn told(claims: &ReceiptClaims) -> String {
    let app = claims.aud.as_deref().unwrap_or("every app");
    let applied = httpdate::fmt_http_date(
        std::time::UNIX_EPOCH
            + std::time::Duration::from_secs(claims.applied_at.max(0).unsigned_abs()),
    );
    let edge = match claims.edge_until {
        None => "no edge may serve it".to_owned(),
        Some(at) => format!("an edge may serve it until {at} (unix seconds)"),
    };
    format!(
        "genuine\nissuer    {}\napp       {app}\nwhat      {} {}\nin force  {applied} ({})\n\
         nodes     {}, all within {} ms\nedge      {edge}\nreceipt   {}",
        claims.iss,
        claims.what.kind.as_str(),
        claims.what.id,
        claims.applied_at,
        claims.nodes,
        claims.took_ms,
        claims.jti
    )
}

#[cfg(test)]
mod tests {
    use cloakroom_token::{FatKey, KeyRing, sign_statement};
    use cloakroom_wire::{RevocationKind, RevokedThing};

    use super::*;

    #[test]
    fn a_receipt_is_checked_with_the_key_set_alone() {
        let id = KeyId::parse("k1").unwrap();
        let key = FatKey::from_seed(&[3; 32]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("jwks.json");
        let x = URL_SAFE_NO_PAD.encode(key.public_bytes());
        let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"k1","x":"{x}"}}"#);
        std::fs::write(&file, format!(r#"{{"keys":[{jwk}]}}"#)).unwrap();
        let ring = KeyRing::new(id.clone(), [(id, key)]).unwrap();
        let claims = ReceiptClaims {
            iss: "https://api.example.com".to_owned(),
            aud: Some("myapp".to_owned()),
            jti: "r1".to_owned(),
            iat: 1_790_000_000,
            what: RevokedThing::new(RevocationKind::User, "ann"),
            seq: 7,
            applied_at: 1_790_000_000,
            nodes: 3,
            took_ms: 41,
            edge_until: None,
        };
        let text = sign_statement(&ring, StatementKind::Receipt, &claims).unwrap();
        let keys = keys(&file).unwrap();
        assert_eq!(verify(&text, &keys).unwrap(), claims);
        let said = told(&claims);
        for part in ["genuine", "myapp", "user ann", "Mon, 21 Sep 2026", "3, all within 41 ms"] {
            assert!(said.contains(part), "{part} is missing in {said}");
        }
        let other = FatKey::from_seed(&[4; 32]).unwrap();
        let strangers = [(KeyId::parse("k1").unwrap(), *other.public_bytes())];
        let refused = format!("{:#}", verify(&text, &strangers).unwrap_err());
        assert_eq!(refused, "this is no genuine receipt: the statement's signature is wrong");
        let refused = format!("{:#}", verify("a.b.c", &keys).unwrap_err());
        assert!(refused.contains("not a statement of this kind"), "{refused}");
    }
}
