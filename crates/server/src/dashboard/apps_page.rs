//! `/apps`: all apps of the installation.

use askama::Template;
use axum::extract::State;

use super::Dashboard;
use super::app_summary::AppSummary;
use super::error::DashboardError;
use super::operator::SignedIn;
use super::page::Page;

#[derive(Template)]
#[template(path = "dashboard/apps.html")]
pub(super) struct AppList {
    operator: SignedIn,
    apps: Vec<AppSummary>,
}

/// The list of apps.
pub(super) async fn show(
    State(dashboard): State<Dashboard>,
    operator: SignedIn,
) -> Result<Page<AppList>, DashboardError> {
    let apps = dashboard.apps.list().await?.iter().map(AppSummary::of).collect();
    Ok(Page(AppList { operator, apps }))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use cloakroom_storage::TokenBasedFileAccess;

    use super::*;
    use crate::dashboard::app_summary::State;
    use crate::dashboard::test_dashboard::TestDashboard;

    fn page(apps: Vec<AppSummary>) -> String {
        let operator =
            SignedIn { email: "ada@example.com".to_owned(), csrf: "csrf-token".to_owned() };
        AppList { operator, apps }.render().unwrap()
    }

    fn app(name: &str, state: TokenBasedFileAccess) -> AppSummary {
        AppSummary {
            app_id: "demoapp".to_owned(),
            name: name.to_owned(),
            region: "us".to_owned(),
            state: State(state),
        }
    }

    #[test]
    fn every_app_is_listed_with_its_state() {
        insta::assert_snapshot!(
            "apps",
            page(vec![
                app("Demo app", TokenBasedFileAccess::On),
                app("Next", TokenBasedFileAccess::Observe),
                app("Other", TokenBasedFileAccess::Off),
            ])
        );
    }

    #[test]
    fn an_empty_installation_says_how_to_make_an_app() {
        assert!(page(Vec::new()).contains("cloakroom app create"));
    }

    #[test]
    fn the_name_of_an_app_is_text() {
        let html = page(vec![app("<script>alert(1)</script>\"'&", TokenBasedFileAccess::Off)]);
        assert!(!html.contains("<script>"), "{html}");
        assert!(html.contains("alert(1)"));
    }

    #[tokio::test]
    async fn the_list_is_for_operators_who_are_signed_in() {
        let dashboard = TestDashboard::start().await;
        let answer = dashboard.get("/apps").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.html.contains("Demo app"), "{}", answer.html);
        dashboard.clock.advance(1000);
        let answer = dashboard.get("/apps").await;
        assert_eq!((answer.status, answer.location.as_str()), (StatusCode::SEE_OTHER, "/sign-in"));
        assert!(!answer.html.contains("Demo app"));
    }
}
