//! Taking things back, and the receipt that says since when it is in force.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What can be taken back with one call.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[schema(example = "file")]
pub enum RevocationKind {
    /// An API key and every URL made with it.
    ApiKey,
    /// Every token and presigned URL of the app that is out; logins stay.
    App,
    /// Every file that a message of a conversation carries.
    Conversation,
    /// A delegated key and every URL signed with it.
    DelegatedKey,
    /// A file.
    File,
    /// A user's place in a group.
    Member,
    /// A message: what no other message carries is out of reach.
    Message,
    /// A session.
    Session,
    /// A key of the key ring and all it signed.
    SigningKey,
    /// A user: deactivated.
    User,
    /// A kind this version does not know. Read from a later server, never sent.
    #[serde(other)]
    Unrecognized,
}

impl RevocationKind {
    const NAMED: [(Self, &str); 10] = [
        (Self::ApiKey, "apiKey"),
        (Self::App, "app"),
        (Self::Conversation, "conversation"),
        (Self::DelegatedKey, "delegatedKey"),
        (Self::File, "file"),
        (Self::Member, "member"),
        (Self::Message, "message"),
        (Self::Session, "session"),
        (Self::SigningKey, "signingKey"),
        (Self::User, "user"),
    ];

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMED.iter().find(|(kind, _)| *kind == self).map_or("unrecognized", |(_, word)| word)
    }

    /// The kind of a word; `None` if this version does not know it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind)
    }
}

/// What was taken back.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"kind": "file", "id": "00112233445566778899aabbccddeeff"}))]
pub struct RevokedThing {
    /// Its kind.
    pub kind: RevocationKind,
    /// Which: an id; `guid/uid` for a member; `group/guid` or `users/uid/uid` for a conversation.
    pub id: String,
}

impl RevokedThing {
    /// A thing of this kind.
    pub fn new(kind: RevocationKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }
}

/// `POST revocations`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"kind": "file", "id": "00112233445566778899aabbccddeeff"}))]
pub enum RevokeRequest {
    /// An API key, by its id.
    ApiKey {
        /// Its id.
        id: String,
    },
    /// Every token and presigned URL of the app that is out; logins stay.
    App {},
    /// Every file that a message of a conversation carries: of a group, or of two users.
    Conversation {
        /// The group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        guid: Option<String>,
        /// The two users.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uids: Option<[String; 2]>,
    },
    /// A delegated key, by its id.
    DelegatedKey {
        /// Its id.
        id: String,
    },
    /// A file, for good.
    File {
        /// The media id.
        id: String,
    },
    /// A user's place in a group.
    Member {
        /// The group.
        guid: String,
        /// The user.
        uid: String,
    },
    /// A message.
    Message {
        /// Its id.
        id: String,
    },
    /// A session.
    Session {
        /// Its id.
        id: String,
    },
    /// A key of the key ring; by an operator.
    SigningKey {
        /// Its id.
        id: String,
    },
    /// A user, who is deactivated.
    User {
        /// The uid.
        id: String,
    },
}

/// What a receipt says: the claims of a JWS of type `receipt+jwt`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptClaims {
    /// The installation.
    pub iss: String,
    /// The app; absent for what is every app's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// The receipt's id.
    pub jti: String,
    /// When it was issued.
    pub iat: i64,
    /// What was taken back.
    pub what: RevokedThing,
    /// The place of the revocation in the change feed.
    pub seq: i64,
    /// Since when no decision rests on it any more, on any node; unix seconds.
    pub applied_at: i64,
    /// How many nodes applied it.
    pub nodes: u32,
    /// Milliseconds from the commit of the revocation until every node had applied it.
    pub took_ms: u64,
    /// Until when an edge may still serve what it was given; `null` if none may.
    pub edge_until: Option<i64>,
}

/// A revocation and its receipt.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "5f0e6a1c9b7d4e2f8a3b1c0d9e8f7a6b",
    "what": {"kind": "file", "id": "00112233445566778899aabbccddeeff"},
    "seq": 4711, "applied": true, "appliedAt": 1_790_000_000, "nodes": 1, "tookMs": 3,
    "edgeUntil": null, "receipt": "eyJ0eXAiOiJyZWNlaXB0K2p3dCJ9.e30.c2ln"
}))]
pub struct Revocation {
    /// The id to ask by later: `GET revocations/{id}`.
    pub id: String,
    /// What was taken back.
    pub what: RevokedThing,
    /// The place of the revocation in the change feed.
    pub seq: i64,
    /// Whether every node has applied it.
    pub applied: bool,
    /// Since when; unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied_at: Option<i64>,
    /// How many nodes applied it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<u32>,
    /// Milliseconds until every node had applied it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took_ms: Option<u64>,
    /// Until when an edge may still serve what it was given; `null` if none may.
    pub edge_until: Option<i64>,
    /// The receipt, a JWS that `cloakroom receipt verify` checks offline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

impl Revocation {
    /// A revocation that a node has not yet applied.
    #[must_use]
    pub const fn open(id: String, what: RevokedThing, seq: i64) -> Self {
        Self {
            id,
            what,
            seq,
            applied: false,
            applied_at: None,
            nodes: None,
            took_ms: None,
            edge_until: None,
            receipt: None,
        }
    }

    /// A revocation that every node has applied.
    #[must_use]
    pub fn applied(claims: ReceiptClaims, receipt: String) -> Self {
        Self {
            id: claims.jti,
            what: claims.what,
            seq: claims.seq,
            applied: true,
            applied_at: Some(claims.applied_at),
            nodes: Some(claims.nodes),
            took_ms: Some(claims.took_ms),
            edge_until: claims.edge_until,
            receipt: Some(receipt),
        }
    }
}

/// `POST me/events`: what is on the screen.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "media": ["http://127.0.0.1:8082/demoapp/media/00112233445566778899aabbccddeeff.jpg"]
}))]
pub struct WatchRequest {
    /// Media URLs or ids, at most [`MAX_WATCHED`].
    #[serde(default)]
    pub media: Vec<String>,
}

/// Most media of one event stream.
pub const MAX_WATCHED: usize = 1000;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_has_the_word_that_json_has() {
        for (kind, word) in RevocationKind::NAMED {
            assert_eq!(serde_json::to_value(kind).unwrap(), word);
            assert_eq!(RevocationKind::parse(word), Some(kind));
            assert_eq!(kind.as_str(), word);
        }
        assert_eq!(RevocationKind::parse("moon"), None);
    }

    #[test]
    fn a_request_names_what_it_takes_back_and_nothing_else() {
        let read = |value| serde_json::from_value::<RevokeRequest>(value);
        assert!(read(json!({"kind": "file", "id": "a"})).is_ok());
        assert!(read(json!({"kind": "app"})).is_ok());
        assert!(read(json!({"kind": "member", "guid": "g", "uid": "u"})).is_ok());
        for bad in [
            json!({"kind": "file"}),
            json!({"kind": "file", "id": "a", "uid": "b"}),
            json!({"kind": "moon", "id": "a"}),
            json!({"id": "a"}),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_open_revocation_says_no_more_than_that() {
        let what = RevokedThing::new(RevocationKind::User, "ann");
        let open = serde_json::to_value(Revocation::open("r".into(), what, 7)).unwrap();
        assert_eq!(
            open,
            json!({"id": "r", "what": {"kind": "user", "id": "ann"}, "seq": 7, "applied": false,
                   "edgeUntil": null})
        );
    }
}
