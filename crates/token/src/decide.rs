//! Who may read a file: one pure function over facts, one truth table (`vectors/decide.json`).
//!
//! [`admit`] is its first half: is the credential alive? Whoever gathers facts asks it before
//! looking a file up, so that a dead credential never learns whether a file exists.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::fat::FatError;
use crate::grant::{Purpose, ReadGrant, readable};
use crate::id::{BlobKey, ContentHash, KeyId, SessionId, Uid};
use crate::media_path::MediaPath;
use crate::presign_terms::{Disposition, PresignTerms};
use crate::presigned_url::{PresignError, PresignedUrl, Principal, UrlId};
use crate::time::{Seq, UnixSeconds};

/// What a request claims, after its credential was parsed and its signature verified.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Claim {
    /// The app's back end asks for itself, with this API key: for a URL that whoever holds it opens.
    ApiKey(KeyId),
    /// A File Access Token that was refused.
    BadFat(FatError),
    /// Presign parameters that were refused.
    BadPresigned(PresignError),
    /// A File Access Token that verified.
    Fat {
        /// The login it belongs to.
        session: SessionId,
        /// The user it names.
        uid: Uid,
        /// The last revocation known when it was issued.
        generation: Seq,
    },
    /// No credential at all.
    Missing,
    /// The app's back end asks as this user.
    OnBehalf(Uid),
    /// A presigned URL that verified.
    Presigned {
        /// On whose right it stands.
        principal: Principal,
        /// The last revocation known when it was made.
        generation: Seq,
        /// What its maker chose.
        terms: PresignTerms,
        /// Good until, not including.
        expires: UnixSeconds,
        /// Which URL it is; `None` if it has no number of views.
        url: Option<UrlId>,
        /// The delegated key that signed it; `None` if we did.
        delegate: Option<KeyId>,
    },
    /// A caller of the API, known by the auth token of this session.
    Session(SessionId),
    /// Two different credentials, or the `fat` parameter twice.
    TwoCredentials,
}

impl From<PresignedUrl> for Claim {
    fn from(verified: PresignedUrl) -> Self {
        let PresignedUrl { principal, generation, terms, expires, id, key, is_delegated } =
            verified;
        let delegate = is_delegated.then_some(key);
        Self::Presigned { principal, generation, terms, expires, url: id, delegate }
    }
}

/// What is known of an app.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AppFacts {
    /// The last revocation of all the app's outstanding URLs and tokens.
    pub generation: Seq,
}

/// What is known of a session.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SessionFacts {
    /// Whose login it is.
    pub uid: Uid,
    /// Whether it was ended by logout or revocation.
    pub ended: bool,
    /// When it ends by itself; `None` if it does not.
    pub expires_at: Option<UnixSeconds>,
    /// Its last revocation.
    pub generation: Seq,
}

/// What is known of a user.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UserFacts {
    /// Neither deactivated nor deleted.
    pub active: bool,
    /// The user's last revocation.
    pub generation: Seq,
}

/// What is known of an API key that makes a bearer URL, or of a delegated key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyFacts {
    /// Not revoked; an API key has scope `fullAccess` as well.
    pub active: bool,
    /// The key's last revocation.
    pub generation: Seq,
}

/// All that is needed to say whether a credential is alive.
#[derive(Clone, Debug)]
pub struct CallerFacts {
    /// The moment of the decision.
    pub now: UnixSeconds,
    /// The app; `None` if there is none of this name.
    pub app: Option<AppFacts>,
    /// What the request claims.
    pub claim: Claim,
    /// The session the claim names; `None` if there is no such session.
    pub session: Option<SessionFacts>,
    /// The user the claim or its session names; `None` if there is no such user.
    pub user: Option<UserFacts>,
    /// The API key or delegated key the claim names; `None` if there is no such key in the app.
    pub key: Option<KeyFacts>,
}

/// Where a file is between upload and deletion.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileState {
    /// Bytes are still arriving.
    Receiving,
    /// Bytes are being looked at.
    Checking,
    /// It may be read.
    Ready,
    /// It was found unfit to be shown.
    Refused,
    /// It was taken away.
    Deleted,
}

/// For whom a file was sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Audience {
    /// Every session of the app: avatars and icons.
    App,
    /// Its uploader and those in a conversation that carries it.
    Conversation,
}

/// One stored rendition of a file. Never changes: other bytes are another version.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileVersion {
    /// Where the bytes lie.
    pub blob: BlobKey,
    /// How many there are.
    pub size_bytes: u64,
    /// The sniffed media type.
    pub content_type: Box<str>,
    /// The extension of that type, as it stands in the URL.
    pub extension: Box<str>,
    /// SHA-256 of the bytes; the strong `ETag`.
    pub content_sha256: ContentHash,
    /// When they were stored; `Last-Modified`.
    pub stored_at: UnixSeconds,
}

/// How the reader stands to a conversation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// One of its two users.
    Direct,
    /// A present member of its group.
    Member {
        /// When the reader joined.
        since: UnixSeconds,
        /// Whether the group hides what was sent before that.
        history_from_join: bool,
    },
    /// Neither; left, kicked and banned included.
    Outside,
}

/// A message that carries the file and was not deleted, as the reader stands to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CarrierFacts {
    /// When it was sent.
    pub sent_at: UnixSeconds,
    /// How the reader stands to the conversation.
    pub standing: Standing,
    /// Since when its sender blocks the reader, if at all.
    pub blocked_since: Option<UnixSeconds>,
}

/// What is known of a file, as the reader stands to it.
#[derive(Clone, Debug)]
pub struct FileFacts {
    /// Where it is between upload and deletion.
    pub state: FileState,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Its last revocation.
    pub generation: Seq,
    /// Who sent it.
    pub uploader: Uid,
    /// For whom it was sent.
    pub audience: Audience,
    /// Whether a message ever carried it; then the last deleted one takes it along.
    pub ever_carried: bool,
    /// The messages that carry it now.
    pub carriers: SmallVec<[CarrierFacts; 2]>,
    /// How the reader stands to the conversation that the file names without a message.
    pub conversation: Option<Standing>,
    /// The rendition asked for; `None` if there is none.
    pub version: Option<Arc<FileVersion>>,
    /// The name under which it was sent.
    pub file_name: Arc<str>,
}

/// All that a decision needs.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The file and rendition asked for.
    pub path: &'a MediaPath,
    /// Who asks.
    pub caller: CallerFacts,
    /// The file; `None` if there is none. Need not be looked up where [`admit`] refuses.
    pub file: Option<FileFacts>,
    /// Inline or download, if the request says so beside a File Access Token.
    pub disposition: Option<Disposition>,
}

/// Who reads, once admitted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reader {
    /// Anybody: the app does not protect its files.
    Anyone,
    /// A holder of a bearer URL that this API key made.
    Bearer(KeyId),
    /// The app's back end, as this user.
    OnBehalf(Uid),
    /// The server itself.
    Server(Purpose),
    /// A user, by a login.
    Session(SessionId, Uid),
}

impl Reader {
    /// The user whose right is checked, if there is one.
    #[must_use]
    pub const fn uid(&self) -> Option<&Uid> {
        match self {
            Self::OnBehalf(uid) | Self::Session(_, uid) => Some(uid),
            Self::Anyone | Self::Bearer(_) | Self::Server(_) => None,
        }
    }
}

/// A caller whose credential is alive.
///
/// Only [`admit`] makes one, and it holds on to the very facts that were judged.
#[derive(Debug)]
pub struct Admitted<'a> {
    caller: &'a CallerFacts,
    reader: Reader,
}

/// Why a read is refused.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The File Access Token has expired.
    #[error("the File Access Token has expired")]
    FatExpired,
    /// The File Access Token is malformed, of another app, not yet valid or wrongly signed.
    #[error("the File Access Token is not valid here")]
    FatInvalid,
    /// No credential.
    #[error("this file needs a File Access Token or a presigned URL")]
    FatMissing,
    /// A revocation came after the File Access Token was issued.
    #[error("the File Access Token was superseded")]
    FatSuperseded,
    /// No such file, or it was deleted.
    #[error("no such file")]
    FileMissing,
    /// The file was taken back.
    #[error("you may not read this file")]
    FileRevoked,
    /// The caller is not among those for whom the file was sent.
    #[error("you may not read this file")]
    NotInAudience,
    /// The file is still arriving or being checked.
    #[error("the file is not ready yet")]
    NotReady,
    /// The presigned URL is incomplete, altered, or signed by an unknown key.
    #[error("the presigned URL was altered or is incomplete")]
    PresignAltered,
    /// The presigned URL has expired.
    #[error("the presigned URL has expired")]
    PresignExpired,
    /// A revocation came after the presigned URL was made.
    #[error("the presigned URL was superseded")]
    PresignSuperseded,
    /// The session was ended or ran out.
    #[error("the session has ended")]
    SessionEnded,
    /// Two different credentials on one request.
    #[error("the request carries two credentials")]
    TwoCredentials,
    /// No such app.
    #[error("no such file")]
    UnknownApp,
    /// The user is deactivated or deleted.
    #[error("the session has ended")]
    UserInactive,
}

impl Refusal {
    /// The rule that refuses, as a stable word for support staff; never told to the refused.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::FatExpired => "fat_expired",
            Self::FatInvalid => "fat_invalid",
            Self::FatMissing => "fat_missing",
            Self::FatSuperseded => "fat_superseded",
            Self::FileMissing => "file_missing",
            Self::FileRevoked => "file_revoked",
            Self::NotInAudience => "not_in_audience",
            Self::NotReady => "not_ready",
            Self::PresignAltered => "presign_altered",
            Self::PresignExpired => "presign_expired",
            Self::PresignSuperseded => "presign_superseded",
            Self::SessionEnded => "session_ended",
            Self::TwoCredentials => "two_credentials",
            Self::UnknownApp => "unknown_app",
            Self::UserInactive => "user_inactive",
        }
    }

    /// The HTTP status that answers it: the refusal table of the architecture page.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::FatExpired
            | Self::FatInvalid
            | Self::FatMissing
            | Self::FatSuperseded
            | Self::SessionEnded
            | Self::TwoCredentials
            | Self::UserInactive => 401,
            Self::FileRevoked
            | Self::NotInAudience
            | Self::PresignAltered
            | Self::PresignExpired
            | Self::PresignSuperseded => 403,
            Self::FileMissing | Self::NotReady | Self::UnknownApp => 404,
        }
    }
}

/// Says whether the credential is alive, before any file is looked up.
///
/// # Errors
///
/// The first rule of the refusal table that the caller breaks: 404 for an unknown app, 401 and 403
/// about the credential itself, 401 for an ended session or an inactive user. A logout is told as
/// such, also to a presigned URL: its session is looked at before its generation.
pub fn admit(caller: &CallerFacts) -> Result<Admitted<'_>, Refusal> {
    alive(caller).map(|reader| Admitted { caller, reader })
}

fn alive(facts: &CallerFacts) -> Result<Reader, Refusal> {
    let app = facts.app.ok_or(Refusal::UnknownApp)?;
    match &facts.claim {
        Claim::Missing => Err(Refusal::FatMissing),
        Claim::TwoCredentials => Err(Refusal::TwoCredentials),
        Claim::BadFat(FatError::Expired) => Err(Refusal::FatExpired),
        Claim::BadFat(_) => Err(Refusal::FatInvalid),
        Claim::BadPresigned(PresignError::Expired) => Err(Refusal::PresignExpired),
        Claim::BadPresigned(_) => Err(Refusal::PresignAltered),
        Claim::ApiKey(id) => match live_key(facts) {
            Some(_) => Ok(Reader::Bearer(id.clone())),
            None => Err(Refusal::NotInAudience),
        },
        Claim::Session(id) => live_session(facts, *id).map(|(reader, _)| reader),
        Claim::Fat { session, uid, generation } => {
            let (reader, known) = live_session(facts, *session)?;
            if reader.uid() != Some(uid) {
                return Err(Refusal::FatInvalid);
            }
            if *generation < known.max(app.generation) {
                return Err(Refusal::FatSuperseded);
            }
            Ok(reader)
        }
        Claim::OnBehalf(uid) => live_user(facts).map(|_| Reader::OnBehalf(uid.clone())),
        Claim::Presigned { principal, generation, delegate, .. } => {
            let by_user = matches!(principal, Principal::User(_));
            if delegate.is_some() && !(by_user && live_key(facts).is_some()) {
                return Err(Refusal::PresignAltered);
            }
            let (reader, known) = match principal {
                Principal::Session(id) => live_session(facts, *id)?,
                Principal::User(uid) => (Reader::OnBehalf(uid.clone()), live_user(facts)?),
                Principal::ApiKey(id) => {
                    let known = live_key(facts).ok_or(Refusal::PresignAltered)?;
                    (Reader::Bearer(id.clone()), known)
                }
            };
            if *generation < known.max(app.generation) {
                return Err(Refusal::PresignSuperseded);
            }
            Ok(reader)
        }
    }
}

/// Decides one read: the only way from facts to a grant.
///
/// # Errors
///
/// The first rule of the refusal table that the request breaks.
pub fn decide(facts: &Facts<'_>) -> Result<ReadGrant, Refusal> {
    admit(&facts.caller)?.decide(facts.path, facts.file.clone(), facts.disposition)
}

impl Admitted<'_> {
    /// Who reads.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Decides one read of this caller: the second half of [`decide`].
    ///
    /// # Errors
    ///
    /// The first rule of the refusal table that the request breaks.
    pub fn decide(
        self,
        path: &MediaPath,
        file: Option<FileFacts>,
        disposition: Option<Disposition>,
    ) -> Result<ReadGrant, Refusal> {
        let Self { caller, reader } = self;
        let file = readable(path, file)?;
        let (presigned_at, terms) = match &caller.claim {
            Claim::Presigned { generation, terms, .. } => (Some(*generation), terms.clone()),
            _ => (None, PresignTerms { disposition, ..PresignTerms::default() }),
        };
        if presigned_at.is_some_and(|generation| generation < file.facts.generation) {
            return Err(Refusal::PresignSuperseded);
        }
        if audience_rule(&reader, &file.facts).is_none() {
            return Err(Refusal::NotInAudience);
        }
        let generation = generation(caller).max(file.facts.generation);
        Ok(ReadGrant::new(path, file, reader, generation, terms))
    }
}

impl From<Admitted<'_>> for Reader {
    fn from(admitted: Admitted<'_>) -> Self {
        admitted.reader
    }
}

/// The last revocation that concerns app, user, session and key of a caller.
fn generation(caller: &CallerFacts) -> Seq {
    [
        caller.app.map(|app| app.generation),
        caller.user.map(|user| user.generation),
        caller.session.as_ref().map(|session| session.generation),
        caller.key.map(|key| key.generation),
    ]
    .into_iter()
    .flatten()
    .max()
    .unwrap_or_default()
}

fn live_session(facts: &CallerFacts, id: SessionId) -> Result<(Reader, Seq), Refusal> {
    let session = facts.session.as_ref().ok_or(Refusal::SessionEnded)?;
    if session.ended || session.expires_at.is_some_and(|at| facts.now >= at) {
        return Err(Refusal::SessionEnded);
    }
    let user = live_user(facts)?;
    Ok((Reader::Session(id, session.uid.clone()), session.generation.max(user)))
}

fn live_user(facts: &CallerFacts) -> Result<Seq, Refusal> {
    let user = facts.user.filter(|user| user.active).ok_or(Refusal::UserInactive)?;
    Ok(user.generation)
}

/// The last revocation of the key that the claim names, if that key is in force.
fn live_key(facts: &CallerFacts) -> Option<Seq> {
    facts.key.filter(|key| key.active).map(|key| key.generation)
}

/// Why a reader is among those for whom a file was sent.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AudienceRule {
    /// The file is for every session of the app.
    App,
    /// The reader holds a bearer URL that the back end made of this file.
    Bearer,
    /// A message carries it into a conversation of the reader.
    Carried,
    /// The reader is in the conversation that the file names without a message.
    Conversation,
    /// The reader sent it first.
    Uploader,
}

/// The rule by which a reader is in a file's audience; `None` if the reader is not.
#[must_use]
pub fn audience_rule(reader: &Reader, file: &FileFacts) -> Option<AudienceRule> {
    let uid = match reader {
        Reader::Bearer(_) => return Some(AudienceRule::Bearer),
        Reader::Anyone | Reader::Server(_) => return None,
        Reader::OnBehalf(uid) | Reader::Session(_, uid) => uid,
    };
    if file.uploader == *uid {
        Some(AudienceRule::Uploader)
    } else if file.audience == Audience::App {
        Some(AudienceRule::App)
    } else if file.conversation.is_some_and(|standing| standing != Standing::Outside) {
        Some(AudienceRule::Conversation)
    } else if file.carriers.iter().any(CarrierFacts::reaches_reader) {
        Some(AudienceRule::Carried)
    } else {
        None
    }
}

impl CarrierFacts {
    /// Whether this message gives the reader the right to read what it carries.
    #[must_use]
    pub fn reaches_reader(&self) -> bool {
        match self.standing {
            Standing::Direct => self.blocked_since.is_none_or(|since| self.sent_at < since),
            Standing::Member { since, history_from_join } => {
                !history_from_join || since <= self.sent_at
            }
            Standing::Outside => false,
        }
    }
}
