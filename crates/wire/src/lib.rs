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
//! [`ClientInfo`], [`CreateUser`], [`CreateGroup`], [`JoinGroup`] and [`SendMessage`].
#![forbid(unsafe_code)]

mod action;
mod conversation;
mod envelope;
mod error;
mod error_code;
mod group;
mod media;
mod message;
mod page;
mod secret;
mod session;
mod user;
mod webhook;

pub use action::{ActionData, ActionEntities, ActionMessage};
pub use conversation::{Conversation, ConversationWith};
pub use envelope::{Envelope, NoMeta, Success};
pub use error::{Details, ErrorBody, ErrorEnvelope};
pub use error_code::{ErrorCode, Reason, Refresh};
pub use group::{
    AddMembers, Added, CreateGroup, CreatedGroup, Group, GroupType, JoinGroup, Member, MemberScope,
    MembersAdded, NewMembers,
};
pub use media::{MAX_PRESIGN_URLS, PresignItem, PresignRequest};
pub use message::{
    Attachment, Entity, Message, MessageData, MessageEntities, ReceiverType, SendAttachment,
    SendData, SendMessage,
};
pub use page::{
    Affix, Cursor, CursorMeta, MessagesQuery, PageMeta, PageQuery, Pagination, TimeMeta,
};
pub use secret::Secret;
pub use session::{AuthToken, ClientInfo, FatAnswer, Me, Settings};
pub use user::{CreateUser, User, UserStatus};
pub use webhook::{
    CreateWebhook, CreatedWebhook, DeliveriesMeta, DeliveriesQuery, Replayed, RotatedWebhookSecret,
    Webhook, WebhookDelivery, WebhookTest,
};
