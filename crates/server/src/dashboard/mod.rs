//! Surface 3: the dashboard, HTML for operators.
//!
//! ```text
//! request ─▶ on_every_request (host, headers) ─▶ CsrfLayer (other sites) ─▶ operator.rs (who asks)
//!         ─▶ csrf.rs (the token of a form) ─▶ a page and its forms ─▶ 303
//! ```

mod app_page;
mod app_summary;
mod apps_page;
mod cookie;
mod csrf;
mod error;
mod lifetime;
mod media_settings;
mod observed_view;
mod operator;
mod page;
mod sign_in;
mod sign_in_limit;
mod stylesheet;
#[cfg(test)]
mod test_dashboard;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use cloakroom_storage::{Apps, Db, MediaFiles, Operators};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use self::cookie::Cookies;
use self::error::DashboardError;
use self::sign_in::Passwords;
use self::sign_in_limit::SignInLimit;
use crate::access::Access;
use crate::client_address::client_address;
use crate::clock::Clock;
use crate::hosts::Hosts;
use crate::ledger::{Act, Asker, By, Recorder};
use crate::observe::Observer;

const MOST_BODY_BYTES: usize = 16 * 1024;

/// All that the dashboard can touch.
pub(crate) struct DashboardState {
    access: Access,
    apps: Apps,
    clock: Clock,
    cookies: Cookies,
    files: MediaFiles,
    hosts: Hosts,
    operators: Operators,
    passwords: Passwords,
    proxy_hops: usize,
    recorder: Recorder,
    observer: Observer,
    sign_in_limit: SignInLimit,
}

type Dashboard = Arc<DashboardState>;

impl DashboardState {
    /// A dashboard that browsers reach at `public_origin`, behind `proxy_hops` trusted proxies.
    #[expect(clippy::needless_pass_by_value, reason = "all of these are handles to keep")]
    pub(crate) fn new(
        db: Db,
        clock: Clock,
        access: Access,
        public_origin: &str,
        proxy_hops: usize,
        recorder: Recorder,
        observer: Observer,
    ) -> Self {
        Self {
            access,
            apps: db.apps(),
            cookies: Cookies::of_origin(public_origin),
            files: db.media(),
            hosts: Hosts::of_origin(public_origin),
            operators: db.operators(),
            passwords: Passwords::new(),
            proxy_hops,
            recorder,
            observer,
            sign_in_limit: SignInLimit::new(clock.clone()),
            clock,
        }
    }
}

/// The routes of the dashboard.
pub(crate) fn router(state: DashboardState) -> Router {
    let dashboard: Dashboard = Arc::new(state);
    let refuse_other_sites = CsrfLayer::new()
        .with_rejection_response(|_: ProtectionError| DashboardError::OtherSite.into_response());
    Router::new()
        .route("/", get(async || Redirect::to("/apps")))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/apps", get(apps_page::show))
        .route("/apps/{app_id}", get(app_page::show))
        .route("/apps/{app_id}/chats/settings", get(media_settings::show))
        .route(
            "/apps/{app_id}/settings/token-based-file-access",
            post(media_settings::advance_token_based_file_access),
        )
        .route("/apps/{app_id}/settings/presign-ttl", post(media_settings::set_presign_ttl))
        .route(
            "/apps/{app_id}/settings/client-login-by-auth-key",
            post(media_settings::set_client_login_by_auth_key),
        )
        .route("/static/dashboard.css", get(stylesheet::stylesheet))
        .route("/static/dashboard.svg", get(stylesheet::icon))
        .fallback(async || DashboardError::PageNotFound)
        .method_not_allowed_fallback(async || DashboardError::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(MOST_BODY_BYTES))
        .layer(refuse_other_sites)
        .layer(CatchPanicLayer::custom(error::of_panic))
        .layer(middleware::from_fn_with_state(Arc::clone(&dashboard), on_every_request))
        .with_state(dashboard)
}

const ON_EVERY_ANSWER: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Host; and the headers that stand on every answer.
async fn on_every_request(
    State(dashboard): State<Dashboard>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut response =
        if dashboard.hosts.serves(request.headers().into(), request.uri().authority()) {
            let recorder = &dashboard.recorder;
            let address =
                client_address(request.headers(), request.extensions(), dashboard.proxy_hops);
            let act = Act::begin(&mut request, address);
            if request.uri().path() == "/sign-in" {
                Asker::note_by(request.extensions(), By::SignIn);
            }
            let response = next.run(request).await;
            act.end(recorder, response.status().as_u16());
            response
        } else {
            DashboardError::Misdirected.into_response()
        };
    let headers = response.headers_mut();
    for (name, value) in ON_EVERY_ANSWER {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::test_dashboard::{TestDashboard, to};
    use super::*;

    #[tokio::test]
    async fn every_answer_carries_the_security_headers() {
        let dashboard = TestDashboard::start().await;
        let cases = [
            ("GET", "/", StatusCode::SEE_OTHER),
            ("GET", "/sign-in", StatusCode::OK),
            ("GET", "/apps", StatusCode::SEE_OTHER),
            ("GET", "/nosuchpage", StatusCode::NOT_FOUND),
            ("PUT", "/apps", StatusCode::METHOD_NOT_ALLOWED),
            ("GET", "/sign-out", StatusCode::METHOD_NOT_ALLOWED),
            ("GET", "/static/dashboard.css", StatusCode::OK),
        ];
        for (method, path, status) in cases {
            let request = to(path).method(method).header("origin", "http://127.0.0.1:8080");
            let answer = dashboard.send(request.body("".into()).unwrap()).await;
            assert_eq!(answer.status, status, "{method} {path}");
            for (name, value) in ON_EVERY_ANSWER {
                assert_eq!(answer.head[&name], value, "{method} {path}");
            }
            let cached = path.starts_with("/static/");
            let expected = if cached { "public, max-age=300" } else { "no-store" };
            assert_eq!(answer.head[header::CACHE_CONTROL], expected, "{method} {path}");
        }
    }

    #[tokio::test]
    async fn over_https_the_cookies_are_bound_to_the_host() {
        let dashboard = TestDashboard::start_at("https://cloak.example").await;
        let request = Request::builder().uri("/sign-in");
        let request = request.header(header::HOST, "cloak.example").body("".into()).unwrap();
        let answer = dashboard.send(request).await;
        let cookie = answer.cookies.concat();
        assert!(cookie.starts_with("__Host-cloakroom_sign_in="), "{cookie}");
        assert!(cookie.ends_with("; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict; Secure"));
    }
}
