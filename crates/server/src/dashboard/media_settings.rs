//! `/apps/{app_id}/chats/settings`: the page and its three forms.
//!
//! Each form names the state it leads to, so that sending it twice does no harm.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use cloakroom_storage::{AppSettings, TokenBasedFileAccess};
use cloakroom_token::AppId;
use serde::Deserialize;

use super::Dashboard;
use super::app_summary::{AppSummary, State as FileAccess};
use super::cookie::Cookie;
use super::csrf::{Posted, Untrusted};
use super::error::DashboardError;
use super::lifetime::{Lifetime, Unit};
use super::operator::{OperatedApp, SignedIn};
use super::page::Page;

const SHORTEST_TTL_SECONDS: u32 = 60;
const LONGEST_TTL_SECONDS: u32 = 31 * 24 * 60 * 60;
/// Long enough for the redirect that shows it.
const NOTICE_SECONDS: i64 = 60;

#[derive(Template)]
#[template(path = "dashboard/media_settings.html")]
struct MediaSettings {
    operator: SignedIn,
    app: AppSummary,
    tab: &'static str,
    presign_ttl: Lifetime,
    client_login_by_auth_key: bool,
    notice: Option<SettingsNotice>,
    next_state: Option<FileAccess>,
    confirm: String,
    confirm_mismatch: bool,
    bad_ttl: bool,
    ttl_amount: String,
    ttl_unit: Unit,
}

/// What stands above the settings.
#[derive(Clone, Copy, Debug)]
enum SettingsNotice {
    CsrfRefused,
    Saved,
}

impl MediaSettings {
    fn of(OperatedApp { operator, app }: OperatedApp) -> Self {
        let presign_ttl = Lifetime::of_seconds(app.settings.presign_ttl_seconds);
        Self {
            operator,
            tab: "settings",
            presign_ttl,
            client_login_by_auth_key: app.settings.client_login_by_auth_key,
            notice: None,
            next_state: FileAccess(app.token_based_file_access).next(),
            confirm: String::new(),
            confirm_mismatch: false,
            bad_ttl: false,
            ttl_amount: presign_ttl.amount.to_string(),
            ttl_unit: presign_ttl.unit,
            app: AppSummary::of(&app),
        }
    }

    fn with_step(self, step: Step) -> Self {
        Self { confirm: step.confirm, ..self }
    }

    fn with_ttl(self, ttl: PresignTtl) -> Self {
        Self { ttl_amount: ttl.amount, ttl_unit: ttl.unit, ..self }
    }

    fn csrf_refused(self) -> Response {
        let page = Self { notice: Some(SettingsNotice::CsrfRefused), ..self };
        (StatusCode::FORBIDDEN, Page(page)).into_response()
    }

    fn unprocessable(self) -> Response {
        (StatusCode::UNPROCESSABLE_ENTITY, Page(self)).into_response()
    }
}

/// The settings of an app, with a notice if they were just saved.
pub(super) async fn show(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    operated: OperatedApp,
) -> Response {
    let noticed = dashboard.cookies.read(&headers, Cookie::Notice);
    let saved = noticed == Some(operated.app.id.as_str());
    let page = MediaSettings {
        notice: saved.then_some(SettingsNotice::Saved),
        ..MediaSettings::of(operated)
    };
    let mut response = Page(page).into_response();
    if saved {
        let gone = dashboard.cookies.clear(Cookie::Notice);
        response.headers_mut().insert(header::SET_COOKIE, gone);
    }
    response
}

/// The form that moves Token Based File Access forward.
#[derive(Deserialize)]
pub(super) struct Step {
    #[serde(default)]
    confirm: String,
    to: StepTo,
}

/// Where it can lead.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StepTo {
    Observe,
    On,
}

/// Moves Token Based File Access forward, if the app id was typed.
pub(super) async fn advance_token_based_file_access(
    State(dashboard): State<Dashboard>,
    operated: OperatedApp,
    Posted(step): Posted<Step>,
) -> Result<Response, DashboardError> {
    let step = match step {
        Ok(step) => step,
        Err(Untrusted(step)) => {
            return Ok(MediaSettings::of(operated).with_step(step).csrf_refused());
        }
    };
    let id = operated.app.id.clone();
    if step.confirm.trim() != id.as_str() {
        let page = MediaSettings::of(operated).with_step(step);
        return Ok(MediaSettings { confirm_mismatch: true, ..page }.unprocessable());
    }
    let to = match step.to {
        StepTo::Observe => TokenBasedFileAccess::Observe,
        StepTo::On => TokenBasedFileAccess::On,
    };
    dashboard
        .apps
        .advance_token_based_file_access(&id, to, dashboard.clock.now())
        .await?
        .ok_or(DashboardError::AppNotFound)?;
    saved(&dashboard, &id).await
}

/// The form for the lifetime of presigned URLs.
#[derive(Deserialize)]
pub(super) struct PresignTtl {
    amount: String,
    unit: Unit,
}

impl PresignTtl {
    /// In seconds; `None` if it is no number, or out of bounds.
    fn seconds(&self) -> Option<u32> {
        let amount = self.amount.trim().parse().ok()?;
        let seconds = Lifetime { amount, unit: self.unit }.seconds()?;
        (SHORTEST_TTL_SECONDS..=LONGEST_TTL_SECONDS).contains(&seconds).then_some(seconds)
    }
}

/// Sets how long presigned URLs live at most.
pub(super) async fn set_presign_ttl(
    State(dashboard): State<Dashboard>,
    operated: OperatedApp,
    Posted(ttl): Posted<PresignTtl>,
) -> Result<Response, DashboardError> {
    let ttl = match ttl {
        Ok(ttl) => ttl,
        Err(Untrusted(ttl)) => {
            return Ok(MediaSettings::of(operated).with_ttl(ttl).csrf_refused());
        }
    };
    let Some(presign_ttl_seconds) = ttl.seconds() else {
        let page = MediaSettings::of(operated).with_ttl(ttl);
        return Ok(MediaSettings { bad_ttl: true, ..page }.unprocessable());
    };
    change_settings(&dashboard, &operated.app.id, |settings| {
        settings.presign_ttl_seconds = presign_ttl_seconds;
    })
    .await
}

/// The form that allows or refuses login with an auth key from a web page.
#[derive(Deserialize)]
pub(super) struct ClientLogin {
    to: OnOff,
}

#[derive(Clone, Copy, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum OnOff {
    Off,
    On,
}

/// Allows or refuses login with an auth key from a web page.
pub(super) async fn set_client_login_by_auth_key(
    State(dashboard): State<Dashboard>,
    operated: OperatedApp,
    Posted(login): Posted<ClientLogin>,
) -> Result<Response, DashboardError> {
    let Ok(ClientLogin { to }) = login else {
        return Ok(MediaSettings::of(operated).csrf_refused());
    };
    let client_login_by_auth_key = to == OnOff::On;
    change_settings(&dashboard, &operated.app.id, |settings| {
        settings.client_login_by_auth_key = client_login_by_auth_key;
    })
    .await
}

/// Changes one setting of those now in force; two forms sent at once keep each other's.
async fn change_settings(
    dashboard: &Dashboard,
    id: &AppId,
    change: impl FnOnce(&mut AppSettings),
) -> Result<Response, DashboardError> {
    let changed = dashboard.apps.change_settings(id, change, dashboard.clock.now()).await?;
    changed.ok_or(DashboardError::AppNotFound)?;
    saved(dashboard, id).await
}

/// Leads back to the page once the change is in force on this node.
async fn saved(dashboard: &Dashboard, id: &AppId) -> Result<Response, DashboardError> {
    dashboard.access.catch_up().await?;
    let notice = dashboard.cookies.set(Cookie::Notice, id.as_str(), NOTICE_SECONDS);
    let page = Redirect::to(&format!("/apps/{id}/chats/settings"));
    Ok(([(header::SET_COOKIE, notice)], page).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    use crate::dashboard::csrf;
    use crate::dashboard::test_dashboard::{SESSION, TestDashboard, app_id, as_operator, form, to};

    const SETTINGS: &str = "/apps/demoapp/chats/settings";
    const ADVANCE: &str = "/apps/demoapp/settings/token-based-file-access";
    const TTL: &str = "/apps/demoapp/settings/presign-ttl";
    const CLIENT_LOGIN: &str = "/apps/demoapp/settings/client-login-by-auth-key";

    fn page(state: TokenBasedFileAccess) -> MediaSettings {
        let state = FileAccess(state);
        MediaSettings {
            operator: SignedIn {
                email: "ada@example.com".to_owned(),
                csrf: "csrf-token".to_owned(),
            },
            app: AppSummary {
                app_id: "demoapp".to_owned(),
                name: "Demo app".to_owned(),
                region: "us".to_owned(),
                state,
            },
            tab: "settings",
            presign_ttl: Lifetime::of_seconds(900),
            client_login_by_auth_key: false,
            notice: None,
            next_state: state.next(),
            confirm: String::new(),
            confirm_mismatch: false,
            bad_ttl: false,
            ttl_amount: "15".to_owned(),
            ttl_unit: Unit::Minutes,
        }
    }

    #[test]
    fn each_state_offers_the_next_step_and_the_last_one_none() {
        let off = page(TokenBasedFileAccess::Off).render().unwrap();
        insta::assert_snapshot!("media_settings", off);
        assert!(off.contains("name=\"to\" value=\"observe\""), "{off}");
        let observe = page(TokenBasedFileAccess::Observe).render().unwrap();
        assert!(observe.contains("name=\"to\" value=\"on\""), "{observe}");
        let on = page(TokenBasedFileAccess::On).render().unwrap();
        assert!(!on.contains(ADVANCE), "{on}");
        assert!(on.contains("it cannot be switched off here"));
    }

    #[test]
    fn names_and_rejected_input_are_text() {
        let hostile = "\"><svg onload=alert(1)>";
        let html = MediaSettings {
            confirm: hostile.to_owned(),
            confirm_mismatch: true,
            ttl_amount: hostile.to_owned(),
            bad_ttl: true,
            app: AppSummary { name: hostile.to_owned(), ..page(TokenBasedFileAccess::Off).app },
            ..page(TokenBasedFileAccess::Off)
        }
        .render()
        .unwrap();
        assert!(!html.contains("<svg onload"), "{html}");
        assert!(!html.contains("value=\"\">"), "{html}");
    }

    #[tokio::test]
    async fn token_based_file_access_goes_forward_by_the_typed_app_id_and_never_back() {
        let dashboard = TestDashboard::start().await;
        let state = async || dashboard.app().await.token_based_file_access;
        let mistyped = dashboard.post(ADVANCE, "confirm=demoap&to=on").await;
        assert_eq!(mistyped.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(mistyped.html.contains("That is not the app id."), "{}", mistyped.html);
        assert!(mistyped.html.contains("value=\"demoap\""), "what was typed stays");
        assert_eq!(state().await, TokenBasedFileAccess::Off);

        let confirmed = dashboard.post(ADVANCE, "confirm=+demoapp+&to=observe").await;
        assert_eq!(
            (confirmed.status, confirmed.location.as_str()),
            (StatusCode::SEE_OTHER, SETTINGS)
        );
        assert_eq!(state().await, TokenBasedFileAccess::Observe);
        for _ in 0..2 {
            let answer = dashboard.post(ADVANCE, "confirm=demoapp&to=on").await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER);
            assert_eq!(state().await, TokenBasedFileAccess::On);
        }
        let back = dashboard.post(ADVANCE, "confirm=demoapp&to=off").await;
        assert_eq!(back.status, StatusCode::BAD_REQUEST);
        dashboard.post(ADVANCE, "confirm=demoapp&to=observe").await;
        assert_eq!(state().await, TokenBasedFileAccess::On);
    }

    #[tokio::test]
    async fn a_change_is_in_force_when_the_answer_leaves() {
        let dashboard = TestDashboard::start().await;
        let in_memory = async || {
            let app = dashboard.access.app(&app_id()).await.unwrap().unwrap();
            (app.token_based_file_access, app.settings.presign_ttl_seconds)
        };
        assert_eq!(in_memory().await, (TokenBasedFileAccess::Off, 900));
        dashboard.post(ADVANCE, "confirm=demoapp&to=on").await;
        dashboard.post(TTL, "amount=2&unit=hours").await;
        assert_eq!(in_memory().await, (TokenBasedFileAccess::On, 7200));
    }

    #[tokio::test]
    async fn a_lifetime_is_saved_within_its_bounds_and_shown_again_outside() {
        let dashboard = TestDashboard::start().await;
        let cases = [
            ("amount=1&unit=minutes", Some(60)),
            ("amount=60&unit=seconds", Some(60)),
            ("amount=31&unit=days", Some(2_678_400)),
            ("amount=+20+&unit=hours", Some(72_000)),
            ("amount=59&unit=seconds", None),
            ("amount=2678401&unit=seconds", None),
            ("amount=32&unit=days", None),
            ("amount=0&unit=days", None),
            ("amount=-1&unit=days", None),
            ("amount=1.5&unit=hours", None),
            ("amount=&unit=hours", None),
            ("amount=4294967295&unit=days", None),
        ];
        let mut in_force = 900;
        for (fields, expected) in cases {
            let answer = dashboard.post(TTL, fields).await;
            let status = match expected {
                Some(_) => StatusCode::SEE_OTHER,
                None => StatusCode::UNPROCESSABLE_ENTITY,
            };
            assert_eq!(answer.status, status, "{fields}");
            in_force = expected.unwrap_or(in_force);
            assert_eq!(dashboard.app().await.settings.presign_ttl_seconds, in_force, "{fields}");
        }
        let kept = dashboard.post(TTL, "amount=99&unit=days").await.html;
        assert!(kept.contains("value=\"99\""), "{kept}");
        assert!(kept.contains("<option selected>days"), "{kept}");
        let unknown = dashboard.post(TTL, "amount=1&unit=years").await;
        assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn a_saved_form_is_noticed_once() {
        let dashboard = TestDashboard::start().await;
        let saved = dashboard.post(CLIENT_LOGIN, "to=on").await;
        assert!(dashboard.app().await.settings.client_login_by_auth_key);
        let notice = saved.cookie(Cookie::Notice).unwrap();
        let cookies = format!("cloakroom_operator={SESSION}; cloakroom_notice={notice}");
        let led_back = Request::builder()
            .uri(SETTINGS)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::COOKIE, cookies);
        let page = dashboard.send(led_back.body("".into()).unwrap()).await;
        assert!(page.html.contains("It is in force now."), "{}", page.html);
        assert_eq!(page.cookie(Cookie::Notice), Some(""));
        assert!(!dashboard.get(SETTINGS).await.html.contains("It is in force now."));
        dashboard.post(CLIENT_LOGIN, "to=off").await;
        assert!(!dashboard.app().await.settings.client_login_by_auth_key);
    }

    #[tokio::test]
    async fn a_form_without_the_token_of_this_session_changes_nothing_and_loses_nothing() {
        let dashboard = TestDashboard::start().await;
        let before = dashboard.app().await;
        let others = csrf::token("ckr_operator_other");
        let cases = [
            (ADVANCE, "confirm=demoapp&to=on", "value=\"demoapp\""),
            (TTL, "amount=7&unit=hours", "value=\"7\""),
            (CLIENT_LOGIN, "to=on", "Allow it"),
        ];
        for (path, fields, kept) in cases {
            for token in ["", others.as_str()] {
                let fields = format!("csrf={token}&{fields}");
                let answer = dashboard.send(form(as_operator(path), fields)).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
                assert!(answer.html.contains("Nothing was changed"), "{}", answer.html);
                assert!(answer.html.contains(kept), "{path}: {}", answer.html);
            }
        }
        assert_eq!(dashboard.app().await, before);
    }

    #[tokio::test]
    async fn nobody_who_is_signed_out_learns_or_changes_anything() {
        let dashboard = TestDashboard::start().await;
        for path in [SETTINGS, "/apps/nosuchapp/chats/settings"] {
            let answer = dashboard.send(to(path).body("".into()).unwrap()).await;
            assert_eq!(answer.location, "/sign-in", "{path}");
        }
        for path in [ADVANCE, TTL, CLIENT_LOGIN] {
            let sent = to(path);
            let fields = "csrf=x&confirm=demoapp&to=on&amount=1&unit=days".to_owned();
            let answer = dashboard.send(form(sent, fields)).await;
            assert_eq!(
                (answer.status, answer.location.as_str()),
                (StatusCode::SEE_OTHER, "/sign-in")
            );
        }
        assert_eq!(dashboard.app().await.token_based_file_access, TokenBasedFileAccess::Off);
    }
}
