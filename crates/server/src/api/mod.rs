//! Surface 2: the REST API, under `/v3` and `/v3.0`.
//!
//! ```text
//! request ─▶ on_every_request (host, preflight, CORS) ─▶ idempotency.rs (POST with a key)
//!                        verb_noun.rs ◀─ caller.rs (who asks) ◀─┘
//!                             └─▶ defuse.rs ─▶ change feed applied ─▶ answer
//!
//! GET / with Upgrade ─▶ socket/ (the real-time channel)
//! ```
//!
//! Every answer is JSON: `{"data": …, "meta": …}` or `{"error": {"code", "message"}}`.

mod announce;
mod api_limits;
mod body;
mod caller;
mod carry;
mod cast;
mod content;
mod cors;
mod cursor;
mod defuse;
mod delete_api_key;
mod delete_banned_user;
mod delete_blocked_users;
mod delete_delegated_key;
mod delete_group;
mod delete_group_member;
mod delete_me;
mod delete_media_file;
mod delete_message;
mod delete_session;
mod delete_signing_key;
mod delete_user;
mod delete_users;
mod delete_webhook;
mod docs_page;
mod draft;
mod error;
mod event_streams;
mod fingerprint;
mod get_api_keys;
mod get_apps;
mod get_banned_users;
mod get_blocked_users;
mod get_conversation;
mod get_conversations;
mod get_delegated_key;
mod get_delegated_keys;
mod get_explanation;
mod get_group;
mod get_group_members;
mod get_groups;
mod get_health;
mod get_ledger;
mod get_ledger_export;
mod get_me;
mod get_media_file;
mod get_media_files;
mod get_message;
mod get_messages;
mod get_observation;
mod get_revocation;
mod get_sessions;
mod get_settings;
mod get_signing_keys;
mod get_upload;
mod get_user;
mod get_users;
mod get_webhook_deliveries;
mod get_webhooks;
mod group_password;
mod idempotency;
mod incoming;
mod keep;
mod kept;
mod openapi;
mod page;
mod path;
mod plain;
mod post_api_key;
mod post_app;
mod post_auth_token;
mod post_banned_user;
mod post_blocked_users;
mod post_conversation_read;
mod post_delegated_key;
mod post_file;
mod post_group;
mod post_group_member;
mod post_me_events;
mod post_me_fat;
mod post_message;
mod post_revocation;
mod post_upload_url;
mod post_user;
mod post_user_session;
mod post_webhook;
mod presign_media;
mod put_file_access;
mod put_group;
mod put_group_member;
mod put_group_members;
mod put_legal_hold;
mod put_me;
mod put_media_audience;
mod put_message;
mod put_settings;
mod put_user;
mod put_users;
mod rank;
mod replay_webhook;
mod replay_webhook_delivery;
mod revoked;
mod rotate_api_key;
mod rotate_signing_key;
mod rotate_webhook_secret;
mod sdk;
mod shown_once;
mod socket;
mod test_webhook;
mod tus;
mod uids;
mod unread;
mod upload;
mod webhook_body;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cloakroom_storage::Db;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::Access;
use crate::clock::Clock;
use crate::hosts::Hosts;
use crate::intake::Intake;
use crate::ledger::{Act, Keeper};
use crate::metrics::Metrics;
use crate::observe::Observer;
use crate::webhooks::Targets;
use api_limits::ApiLimits;
use error::ApiError;
use event_streams::EventStreams;
pub(crate) use socket::Courier;

/// What the REST API needs.
#[derive(Clone)]
pub(crate) struct ApiState {
    pub(crate) access: Access,
    pub(crate) db: Db,
    pub(crate) intake: Intake,
    pub(crate) public_origin: String,
    pub(crate) json_max_bytes: usize,
    pub(crate) clock: Clock,
    pub(crate) proxy_hops: usize,
    pub(crate) targets: Targets,
    pub(crate) keeper: Keeper,
    pub(crate) observer: Observer,
    pub(crate) metrics: Metrics,
}

/// All that the REST API can touch.
struct ApiSurface {
    access: Access,
    db: Db,
    intake: Intake,
    /// The origin under which clients reach it, without a slash at its end.
    public_origin: String,
    /// Host, port and prefix of the API, without its scheme.
    public_host: String,
    json_max_bytes: usize,
    hosts: Hosts,
    event_streams: EventStreams,
    limits: ApiLimits,
    targets: Targets,
    keeper: Keeper,
    observer: Observer,
    metrics: Metrics,
    chat: socket::ChatAddress,
    /// Sockets that have not said yet whose they are.
    strangers: Arc<Semaphore>,
}

type Api = Arc<ApiSurface>;

/// The routes of the REST API, and who tells its open sockets the news.
pub(crate) fn router(state: ApiState) -> (Router, Courier) {
    let public_origin = state.public_origin.clone();
    let api = surface(state);
    let media_origin = api.access.origin().as_str().to_owned();
    let (router, document) = openapi::document(&public_origin, &media_origin, versioned());
    let router = router
        .nest("/v3.0", versioned().into())
        .route("/openapi.json", get(async move || document))
        .merge(docs_page::routes())
        .route("/.well-known/jwks.json", get(get_health::jwks))
        .route("/", get(socket::get_socket))
        .route("/health", get(get_health::get_health))
        .route("/ready", get(get_health::get_ready))
        .fallback(async || ApiError::RouteNotFound)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed);
    let courier = Courier::new(Arc::clone(&api));
    (layered(router, &api), courier)
}

fn surface(state: ApiState) -> Api {
    let ApiState { access, db, intake, public_origin, json_max_bytes, .. } = state;
    let hosts = Hosts::of_origin(&public_origin);
    let public_host =
        public_origin.split_once("://").map_or(public_origin.as_str(), |(_, host)| host);
    Arc::new(ApiSurface {
        chat: socket::ChatAddress::of_origin(&public_origin),
        strangers: Arc::new(Semaphore::new(socket::MOST_STRANGERS)),
        access,
        db,
        intake,
        public_origin: public_origin.trim_end_matches('/').to_owned(),
        public_host: public_host.trim_end_matches('/').to_owned(),
        json_max_bytes,
        hosts,
        event_streams: EventStreams::default(),
        limits: ApiLimits::new(&state.clock, state.proxy_hops),
        targets: state.targets,
        keeper: state.keeper,
        observer: state.observer,
        metrics: state.metrics,
    })
}

/// What every call passes; the last one first. A panic is an answer before its key is given back.
fn layered(router: Router<Api>, api: &Api) -> Router {
    router
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(error::of_panic))
        .layer(middleware::from_fn_with_state(Arc::clone(api), on_every_request))
        .with_state(Arc::clone(api))
}

/// Files whose bytes come before their message.
fn uploads() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(post_upload_url::post_upload_url))
        .routes(routes!(tus::create::post_tus_upload))
        .routes(routes!(
            tus::status::head_tus_upload,
            tus::append::patch_tus_upload,
            tus::append::post_tus_override,
            tus::terminate::delete_tus_upload
        ))
        .routes(routes!(post_file::post_file))
        .routes(routes!(get_upload::get_upload))
}

/// What stands under `/v3` and `/v3.0`.
fn versioned() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(uploads())
        .routes(routes!(
            get_sessions::get_auth_tokens,
            post_auth_token::post_auth_token,
            delete_session::delete_auth_tokens
        ))
        .routes(routes!(delete_session::delete_auth_token))
        .routes(routes!(get_sessions::get_sessions))
        .routes(routes!(delete_session::delete_session))
        .routes(routes!(put_me::put_me, get_me::get_me, delete_me::delete_me))
        .routes(routes!(post_me_fat::post_me_fat))
        .routes(routes!(post_me_events::post_me_events, post_me_events::get_me_events))
        .routes(routes!(post_revocation::post_revocation))
        .routes(routes!(get_revocation::get_revocation))
        .routes(routes!(get_sessions::get_own_sessions))
        .routes(routes!(delete_session::delete_own_session))
        .routes(routes!(post_user_session::post_user_session))
        .routes(routes!(
            get_users::get_users,
            post_user::post_user,
            put_users::put_users,
            delete_users::delete_users
        ))
        .routes(routes!(get_user::get_user, put_user::put_user, delete_user::delete_user))
        .routes(routes!(
            get_blocked_users::get_blocked_users,
            post_blocked_users::post_blocked_users,
            delete_blocked_users::delete_blocked_users
        ))
        .routes(routes!(get_groups::get_groups, post_group::post_group))
        .routes(routes!(get_group::get_group, put_group::put_group, delete_group::delete_group))
        .routes(routes!(
            get_group_members::get_group_members,
            post_group_member::post_group_member,
            put_group_members::put_group_members,
            delete_group_member::leave_group
        ))
        .routes(routes!(
            put_group_member::put_group_member,
            delete_group_member::delete_group_member
        ))
        .routes(routes!(get_banned_users::get_banned_users))
        .routes(routes!(post_banned_user::post_banned_user, delete_banned_user::delete_banned_user))
        .routes(routes!(get_messages::get_messages, post_message::post_message))
        .routes(routes!(get_messages::get_user_messages))
        .routes(routes!(get_messages::get_group_messages))
        .routes(routes!(
            get_message::get_message,
            put_message::put_message,
            delete_message::delete_message
        ))
        .routes(routes!(get_conversations::get_conversations))
        .routes(routes!(get_conversation::get_user_conversation))
        .routes(routes!(get_conversation::get_group_conversation))
        .routes(routes!(post_conversation_read::post_user_conversation_read))
        .routes(routes!(post_conversation_read::post_group_conversation_read))
        .routes(routes!(get_explanation::get_explanation))
        .routes(routes!(presign_media::presign_media))
        .routes(routes!(get_media_files::get_media_files))
        .routes(routes!(get_media_file::get_media_file, delete_media_file::delete_media_file))
        .routes(routes!(put_media_audience::put_media_audience))
        .routes(routes!(put_legal_hold::put_legal_hold))
        .routes(routes!(get_api_keys::get_api_keys, post_api_key::post_api_key))
        .routes(routes!(delete_api_key::delete_api_key))
        .routes(routes!(rotate_api_key::rotate_api_key))
        .routes(routes!(
            get_delegated_keys::get_delegated_keys,
            post_delegated_key::post_delegated_key
        ))
        .routes(routes!(
            get_delegated_key::get_delegated_key,
            delete_delegated_key::delete_delegated_key
        ))
        .routes(routes!(get_settings::get_settings, put_settings::put_settings))
        .routes(routes!(put_file_access::put_file_access))
        .routes(routes!(get_observation::get_observation))
        .routes(routes!(get_ledger::get_ledger))
        .routes(routes!(get_ledger::get_ledger_heads))
        .routes(routes!(get_ledger::get_ledger_status))
        .routes(routes!(get_ledger_export::get_ledger_export))
        .routes(routes!(get_apps::get_apps, post_app::post_app))
        .routes(routes!(get_signing_keys::get_signing_keys))
        .routes(routes!(rotate_signing_key::rotate_signing_key))
        .routes(routes!(delete_signing_key::delete_signing_key))
        .routes(routes!(get_webhooks::get_webhooks, post_webhook::post_webhook))
        .routes(routes!(delete_webhook::delete_webhook))
        .routes(routes!(rotate_webhook_secret::rotate_webhook_secret))
        .routes(routes!(get_webhook_deliveries::get_webhook_deliveries))
        .routes(routes!(replay_webhook_delivery::replay_webhook_delivery))
        .routes(routes!(replay_webhook::replay_webhook))
        .routes(routes!(test_webhook::test_webhook))
}

/// Host and preflight; the feed is applied before the answer to a write leaves, so that what it
/// says is in force when it is read; CORS on everything.
async fn on_every_request(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD)
        || presign_media::serves(request.uri().path());
    let is_tus = tus::serves(request.uri().path());
    let mut response = if !api.hosts.serves(request.headers().into(), request.uri().authority()) {
        ApiError::Misdirected.into_response()
    } else if *request.method() == Method::OPTIONS {
        cors::preflight()
    } else {
        let recorder = api.keeper.recorder();
        let address = api.limits.address_of(&request);
        let act = Act::begin(&mut request, address);
        let response = idempotency::once_per_key(&api, request, next).await;
        act.end(recorder, response.status().as_u16());
        match if reads { Ok(()) } else { api.access.catch_up().await } {
            Ok(()) => response,
            Err(error) => ApiError::from(error).into_response(),
        }
    };
    cors::on_every_answer(response.headers_mut());
    if is_tus {
        tus::on_every_answer(response.headers_mut());
    }
    response
}
