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
use super::observed_view::ObservedView;
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
    observed: Option<ObservedView>,
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
            observed: None,
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
) -> Result<Response, DashboardError> {
    let noticed = dashboard.cookies.read(&headers, Cookie::Notice);
    let saved = noticed == Some(operated.app.id.as_str());
    let observed = if operated.app.token_based_file_access == TokenBasedFileAccess::Observe {
        Some(ObservedView::of(&dashboard, &operated.app.id).await?)
    } else {
        None
    };
    let page = MediaSettings {
        observed,
        notice: saved.then_some(SettingsNotice::Saved),
        ..MediaSettings::of(operated)
    };
    let mut response = Page(page).into_response();
    if saved {
        let gone = dashboard.cookies.clear(Cookie::Notice);
        response.headers_mut().insert(header::SET_COOKIE, gone);
    }
    Ok(response)
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
mod tests;
