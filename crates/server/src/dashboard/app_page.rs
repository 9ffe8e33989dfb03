//! `/apps/{app_id}`: what one app is set to.

use askama::Template;
use axum::extract::State;
use cloakroom_token::FileState;

use super::Dashboard;
use super::app_summary::AppSummary;
use super::error::DashboardError;
use super::lifetime::Lifetime;
use super::operator::{OperatedApp, SignedIn};
use super::page::Page;

#[derive(Template)]
#[template(path = "dashboard/app.html")]
pub(super) struct AppOverview {
    operator: SignedIn,
    app: AppSummary,
    tab: &'static str,
    presign_ttl: Lifetime,
    client_login_by_auth_key: bool,
    /// States of files, and how many are in each.
    files: Vec<(&'static str, u64)>,
}

/// The overview of an app.
pub(super) async fn show(
    State(dashboard): State<Dashboard>,
    OperatedApp { operator, app }: OperatedApp,
) -> Result<Page<AppOverview>, DashboardError> {
    let states = dashboard.files.states(&app.id).await?;
    Ok(Page(AppOverview {
        operator,
        tab: "overview",
        presign_ttl: Lifetime::of_seconds(app.settings.presign_ttl_seconds),
        client_login_by_auth_key: app.settings.client_login_by_auth_key,
        files: states.into_iter().map(|(state, count)| (named(state), count)).collect(),
        app: AppSummary::of(&app),
    }))
}

/// A state of files, as the REST API calls it.
const fn named(state: FileState) -> &'static str {
    match state {
        FileState::Receiving => "receiving",
        FileState::Checking => "checking",
        FileState::Ready => "ready",
        FileState::Refused => "refused",
        FileState::Deleted => "deleted",
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use cloakroom_storage::TokenBasedFileAccess;

    use super::*;
    use crate::dashboard::app_summary;
    use crate::dashboard::test_dashboard::TestDashboard;

    fn page(name: &str, email: &str, client_login_by_auth_key: bool) -> String {
        let page = AppOverview {
            operator: SignedIn { email: email.to_owned(), csrf: "csrf-token".to_owned() },
            app: AppSummary {
                app_id: "demoapp".to_owned(),
                name: name.to_owned(),
                region: "us".to_owned(),
                state: app_summary::State(TokenBasedFileAccess::On),
            },
            tab: "overview",
            presign_ttl: Lifetime::of_seconds(900),
            client_login_by_auth_key,
            files: vec![("checking", 1), ("ready", 12)],
        };
        page.render().unwrap()
    }

    #[test]
    fn an_app_is_shown_with_what_it_is_set_to() {
        insta::assert_snapshot!("app", page("Demo app", "ada@example.com", false));
        assert!(page("Demo app", "ada@example.com", true).contains("allowed"));
    }

    #[test]
    fn names_and_addresses_are_text() {
        let hostile = "\"><img src=x onerror=alert(1)>";
        let html = page(hostile, hostile, false);
        assert!(!html.contains("<img"), "{html}");
        assert!(!html.contains("\"\">"), "an attribute was left: {html}");
    }

    #[tokio::test]
    async fn an_app_that_does_not_exist_is_not_found() {
        let dashboard = TestDashboard::start().await;
        assert_eq!(dashboard.get("/apps/demoapp").await.status, StatusCode::OK);
        for path in ["/apps/nosuchapp", "/apps/No%20App", "/apps/%ff", "/apps/demoapp/"] {
            assert_eq!(dashboard.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
