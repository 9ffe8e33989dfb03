//! The JSON bodies of Cloakroom's REST API, and the one registry of its error codes.
//!
//! Server and SDK share these types, so they cannot drift apart. Every success is an [`Envelope`],
//! every failure an [`ErrorEnvelope`]:
//!
//! ```json
//! { "data": …, "meta": … }
//! { "error": { "code": "ERR_FAT_EXPIRED", "message": "…", "details": … } }
//! ```
//!
//! Pure: no I/O, no clock, no environment. Times are whole seconds since 1970 UTC.
//!
//! **Unknown fields.** Answers may grow, so a reader ignores what it does not know. Requests are
//! read strictly, except where the official JavaScript SDK 4.2.0 sends more than we use:
//! [`ClientInfo`], [`CreateAuthToken`], [`CreateUser`], [`CreateGroup`], [`JoinGroup`] and [`SendMessage`].
#![forbid(unsafe_code)]

mod action;
mod api_key;
mod app;
mod conversation;
mod delegated_key;
mod envelope;
mod error;
mod error_code;
mod explanation;
mod group;
mod ledger;
mod media;
mod media_file;
mod message;
mod observe;
mod outcome;
mod page;
mod revocation;
mod secret;
mod session;
mod signing_key;
mod upload;
mod user;
mod webhook;

pub use action::{ActionData, ActionEntities, ActionMessage};
pub use api_key::{ApiKey, ApiKeyScope, CreateApiKey, CreatedApiKey, RotateApiKey};
pub use app::{
    App, CreateApp, FileAccess, Ledger, MediaRetention, SwitchFileAccess, UpdateSettings,
};
pub use conversation::{Conversation, ConversationWith, MarkRead, MarkedRead, UnreadCount};
pub use delegated_key::{CreateDelegatedKey, CreatedDelegatedKey, DelegatedKey};
pub use envelope::{Envelope, NoMeta, Success};
pub use error::{Created, Details, ErrorBody, ErrorDetails, ErrorEnvelope};
pub use error_code::{ErrorCode, Reason, Refresh};
pub use explanation::{
    Decision, ExplainedApp, ExplainedCarrier, ExplainedFacts, ExplainedFile, ExplainedSession,
    ExplainedUser, Explanation,
};
pub use group::{
    AddMembers, Added, BannedUser, CreateGroup, CreatedGroup, Group, GroupType, JoinGroup,
    MAX_MEMBERS, Member, MemberScope, MembersAdded, NewMembers, SetMemberScope, UpdateGroup,
};
pub use ledger::{LedgerDayHead, LedgerHeadClaims, LedgerHeadLink, LedgerRecord, LedgerStatus};
pub use media::{
    MAX_PRESIGN_URLS, PresignItem, PresignRequest, Thumbnail, UrlDisposition, UrlPurpose,
};
pub use media_file::{
    MediaAudience, MediaFile, MediaQuery, MediaState, MediaVariant, SetAudience, SetLegalHold,
};
pub use message::{
    Attachment, Entity, Message, MessageData, MessageEntities, ReceiverType, SendAttachment,
    SendData, SendMessage,
};
pub use observe::{Observation, ObservedRequests};
pub use outcome::{Outcome, Outcomes};
pub use page::{
    Affix, Cursor, CursorMeta, CursorQuery, MessagesQuery, NextMeta, PageMeta, PageQuery,
    Pagination, TimeMeta,
};
pub use revocation::{
    MAX_WATCHED, ReceiptClaims, Revocation, RevocationKind, RevokeRequest, RevokedThing,
    WatchRequest,
};
pub use secret::Secret;
pub use session::{AuthToken, ClientInfo, CreateAuthToken, FatAnswer, Me, Session, Settings};
pub use signing_key::{
    RevokedSigningKey, RotateSigningKey, RotatedSigningKey, SigningKey, SigningPurpose,
};
pub use upload::{AnnouncedFile, FormRequest, UploadStatus, UploadUrl, UploadUrlRequest};
pub use user::{
    BlockUsers, BlockedUser, CreateUser, DeactivateUsers, DeleteUser, MAX_UIDS, MediaOfUser,
    ReactivateUsers, UpdateUser, User, UserStatus, UsersQuery,
};
pub use webhook::{
    CreateWebhook, CreatedWebhook, DeliveriesQuery, Replayed, RotatedWebhookSecret, Webhook,
    WebhookDelivery, WebhookTest,
};
