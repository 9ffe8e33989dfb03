//! What survives a restart: metadata in `SQLite` or PostgreSQL, bytes in a folder or an object
//! store.
//!
//! Every write that changes who may read appends to the [change feed](Changes) in the same
//! transaction. Reading bytes takes a [`ReadGrant`](cloakroom_token::ReadGrant).
#![forbid(unsafe_code)]

mod api_keys;
mod apps;
mod attachments;
mod bans;
mod blobs;
mod blocks;
mod changes;
mod chunks;
mod column;
mod db;
mod delegated_keys;
mod error;
mod expiry;
mod file_facts;
mod folder;
mod groups;
mod idempotency;
mod jobs;
mod ledger;
mod lock;
mod media;
mod media_pages;
mod members;
mod message_news;
mod message_pages;
mod messages;
mod nodes;
mod observed;
mod open_files;
mod operators;
mod outbox;
mod page;
mod policy;
mod quota;
mod read_marks;
mod receipts;
mod retention;
mod secret_hash;
mod sessions;
mod signing_keys;
mod socket_tickets;
mod staging;
mod statement;
mod uploads;
mod url_views;
mod user_deletion;
mod user_pages;
mod users;
mod webhook_deliveries;
mod webhooks;
mod wrapped;

pub use api_keys::{ApiKey, ApiKeyScope, ApiKeys};
pub use apps::{App, AppSettings, Apps, TokenBasedFileAccess};
pub use attachments::Attachment;
pub use bans::Ban;
pub use blobs::{BlobStream, Blobs, S3Settings, StoredBlob};
pub use blocks::{Block, Blocks};
pub use changes::{Change, Changes, FeedEntry, Hint};
pub use db::{Db, PostgresOptions, SqliteOptions};
pub use delegated_keys::{DelegatedKeyRow, DelegatedKeys, NewDelegatedKey};
pub use error::StorageError;
pub use expiry::ExpiredVersion;
pub use file_facts::{Carrier, Conversation, StoredFile};
pub use groups::{Group, GroupKind, GroupProfile, Groups};
pub use idempotency::{Attempt, Idempotency, KeptAnswer, Reservation};
pub use jobs::{Job, JobKind, Jobs};
pub use ledger::{
    ChainCheck, DayRow, Fault, Ledger, LedgerDay, NewRecord, RecordFilter, RecordIndex,
    StoredRecord,
};
pub use lock::FolderLock;
pub use media::{Media, MediaFiles, NewMedia, Pending, Rendition, Usage};
pub use media_pages::MediaFilter;
pub use members::{Member, MemberScope, Membership};
pub use message_news::{Mark, MarkNews, MessageEvent, MessageNews};
pub use message_pages::{Direction, MessageCursor};
pub use messages::{DeletionScope, Message, Messages, NewMessage, Receiver, Sent};
pub use nodes::{Node, Nodes};
pub use observed::{Observations, Observed};
pub use open_files::in_page_cache;
pub use operators::{Operator, Operators};
pub use outbox::WebhookEvent;
pub use page::Page;
pub use policy::{AppPolicy, LedgerMode, MediaRetention};
pub use read_marks::{ReadMark, ReadMarks, Unread};
pub use receipts::{NewReceipt, Receipt, Receipts};
pub use retention::Retention;
pub use secret_hash::SecretHash;
pub use sessions::{IssuedFat, NewSession, Session, Sessions};
pub use signing_keys::{KeyPurpose, NewSigningKey, SigningKey, SigningKeys};
pub use socket_tickets::SocketTickets;
pub use staging::{Staged, StagedFile, Staging};
pub use uploads::{NewUpload, Upload, UploadKind, UploadPart, Uploads};
pub use url_views::{UrlViews, VIEW_WINDOW_SECONDS, View};
pub use user_deletion::MediaOfDeletedUser;
pub use user_pages::UserFilter;
pub use users::{User, UserProfile, UserState, Users};
pub use webhook_deliveries::{Delivery, DeliveryState, DueDelivery, Settled};
pub use webhooks::{NewWebhook, Webhook, WebhookSecret, Webhooks};
pub use wrapped::{Wrapped, WrappedIn};
