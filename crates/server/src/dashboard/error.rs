//! Why there is no such page for this operator now, and the one place that says with which status.

use std::any::Any;
use std::error::Error;

use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use cloakroom_storage::StorageError;

use super::page::Page;

/// Why a request to the dashboard failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum DashboardError {
    /// No such app.
    #[error("there is no such app")]
    AppNotFound,
    /// A form that this dashboard does not show.
    #[error("the form cannot be read")]
    BadForm,
    /// A form of more bytes than any here has.
    #[error("the form is too large")]
    BodyTooLarge,
    /// Passwords are being checked as fast as the machine can.
    #[error("too many sign-ins at once")]
    Busy,
    /// A form without the token of this session.
    #[error("the form was open for too long")]
    CsrfRefused,
    /// A handler panicked.
    #[error("a handler panicked")]
    Panicked,
    /// The page exists, but not for this method.
    #[error("this page does not take this method")]
    MethodNotAllowed,
    /// The request names another host than this listener serves.
    #[error("this host is not served here")]
    Misdirected,
    /// Another site sent the form.
    #[error("the form came from another site")]
    OtherSite,
    /// No such page.
    #[error("there is no such page")]
    PageNotFound,
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    SignedOut,
    /// Our fault: the operator sees only the status, the log sees the cause.
    #[error("storage failed")]
    Storage(#[from] StorageError),
}

impl From<FormRejection> for DashboardError {
    fn from(rejection: FormRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            _ => Self::BadForm,
        }
    }
}

#[derive(Template)]
#[template(path = "dashboard/error.html")]
struct ErrorPage {
    status: u16,
    heading: &'static str,
    words: &'static str,
}

impl DashboardError {
    fn page(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::AppNotFound => (
                StatusCode::NOT_FOUND,
                "There is no such app",
                "It may have another id. The list of apps has them all.",
            ),
            Self::BadForm => (
                StatusCode::BAD_REQUEST,
                "That form cannot be read",
                "Nothing was changed. Open the page again and send the form from there.",
            ),
            Self::BodyTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "That form is too large",
                "Nothing was changed. No form here takes more than 16 KiB.",
            ),
            Self::Busy | Self::Storage(StorageError::Busy) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The server is busy",
                "Nothing was changed. Please try again in a few seconds.",
            ),
            Self::CsrfRefused | Self::OtherSite => (
                StatusCode::FORBIDDEN,
                "That form was refused",
                "Nothing was changed: the form was open for too long, or came from another site.",
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "Not like this",
                "This address takes a form of the dashboard. Open the page and send it from there.",
            ),
            Self::Misdirected => (
                StatusCode::MISDIRECTED_REQUEST,
                "Another address",
                "The dashboard is not served under this host. Use its public origin.",
            ),
            Self::PageNotFound => {
                (StatusCode::NOT_FOUND, "There is no such page", "The address may be mistyped.")
            }
            Self::SignedOut => (StatusCode::SEE_OTHER, "Signed out", "Please sign in."),
            Self::Panicked | Self::Storage(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "The server failed",
                "Its log names the cause. Look at the settings before you try again.",
            ),
        }
    }
}

impl IntoResponse for DashboardError {
    fn into_response(self) -> Response {
        if matches!(self, Self::SignedOut) {
            return Redirect::to("/sign-in").into_response();
        }
        let (status, heading, words) = self.page();
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            let cause = self.source().and_then(Error::source).map(ToString::to_string);
            tracing::error!(error = %self, cause, "a dashboard request failed");
        }
        let page = ErrorPage { status: status.as_u16(), heading, words };
        let mut response = (status, Page(page)).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// Answers a handler that panicked. The panic itself is in the log already.
pub(super) fn of_panic(_: Box<dyn Any + Send + 'static>) -> Response {
    DashboardError::Panicked.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_a_fault_says_nothing_of_its_cause() {
        let fault = DashboardError::Storage(StorageError::Corrupt("disk sda7 melted".into()));
        let (status, heading, words) = fault.page();
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        let html = ErrorPage { status: status.as_u16(), heading, words }.render().unwrap();
        assert!(!html.contains("sda7"), "{html}");
        insta::assert_snapshot!("error", html);
    }

    #[test]
    fn who_is_signed_out_is_led_to_sign_in_and_who_meets_a_busy_server_to_come_back() {
        let signed_out = DashboardError::SignedOut.into_response();
        assert_eq!(signed_out.status(), StatusCode::SEE_OTHER);
        assert_eq!(signed_out.headers()[header::LOCATION], "/sign-in");
        for busy in [DashboardError::Busy, StorageError::Busy.into()] {
            let response = busy.into_response();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()[header::RETRY_AFTER], "5");
        }
    }
}
