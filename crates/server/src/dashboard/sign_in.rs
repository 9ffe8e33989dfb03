//! Signing in and out.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use cloakroom_storage::Operator;
use serde::Deserialize;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::Dashboard;
use super::cookie::Cookie;
use super::csrf::{self, Posted};
use super::error::DashboardError;
use super::operator::{SignedIn, begin_session, end_session};
use super::page::Page;
use crate::client_address::client_address;
use crate::{password, secret};

/// How long the form may stay open.
const FORM_SECONDS: i64 = 60 * 60;
const CHECKS_AT_ONCE: usize = 2;
const LONGEST_WAIT: Duration = Duration::from_secs(5);

#[derive(Template)]
#[template(path = "dashboard/sign_in.html")]
struct SignIn {
    csrf: String,
    email: String,
    problem: Option<SignInProblem>,
}

/// What the form says above its fields.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum SignInProblem {
    CsrfRefused,
    RateLimited { seconds: u64 },
    WrongPassword,
}

impl SignInProblem {
    fn status(self) -> StatusCode {
        match self {
            Self::CsrfRefused | Self::WrongPassword => StatusCode::FORBIDDEN,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

/// The form; or the apps, for who is signed in already.
pub(super) async fn show(
    State(dashboard): State<Dashboard>,
    operator: Result<SignedIn, DashboardError>,
    headers: HeaderMap,
) -> Result<Response, DashboardError> {
    match operator {
        Ok(_) => Ok(Redirect::to("/apps").into_response()),
        Err(DashboardError::SignedOut) => Ok(form(&dashboard, &headers, String::new(), None)),
        Err(error) => Err(error),
    }
}

/// The form under a secret of this browser, kept if there is one so that other tabs stay good.
fn form(
    dashboard: &Dashboard,
    headers: &HeaderMap,
    email: String,
    problem: Option<SignInProblem>,
) -> Response {
    let secret = dashboard
        .cookies
        .read(headers, Cookie::SignIn)
        .filter(|secret| secret.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)))
        .map_or_else(|| secret::mint("").0, ToOwned::to_owned);
    let page = SignIn { csrf: csrf::token(&secret), email, problem };
    let cookie = dashboard.cookies.set(Cookie::SignIn, &secret, FORM_SECONDS);
    let status = problem.map_or(StatusCode::OK, SignInProblem::status);
    let mut response = (status, [(header::SET_COOKIE, cookie)], Page(page)).into_response();
    if let Some(SignInProblem::RateLimited { seconds }) = problem {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct SignInForm {
    csrf: String,
    email: String,
    password: String,
}

/// Signs in.
pub(super) async fn sign_in(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    extensions: Extensions,
    form_sent: Result<Form<SignInForm>, FormRejection>,
) -> Result<Response, DashboardError> {
    let Form(SignInForm { csrf, email, password }) = form_sent?;
    let password = Zeroizing::new(password);
    let refused = |problem| Ok(form(&dashboard, &headers, email.clone(), Some(problem)));
    let shown_here = dashboard
        .cookies
        .read(&headers, Cookie::SignIn)
        .is_some_and(|secret| csrf::is_token(secret, &csrf));
    if !shown_here {
        return refused(SignInProblem::CsrfRefused);
    }
    let address = client_address(&headers, &extensions, dashboard.proxy_hops);
    if let Err(seconds) = dashboard.sign_in_limit.count(address, email.trim()) {
        return refused(SignInProblem::RateLimited { seconds });
    }
    let operator = dashboard.operators.by_email(email.trim()).await?;
    let Some(operator) = dashboard.passwords.check(operator, password).await? else {
        return refused(SignInProblem::WrongPassword);
    };
    let cookies = AppendHeaders([
        (header::SET_COOKIE, begin_session(&dashboard, &headers, &operator).await?),
        (header::SET_COOKIE, dashboard.cookies.clear(Cookie::SignIn)),
    ]);
    Ok((cookies, Redirect::to("/apps")).into_response())
}

/// A form without fields.
#[derive(Deserialize)]
pub(super) struct NoFields {}

/// Signs out: ends the session, here and on the server.
pub(super) async fn sign_out(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    _: SignedIn,
    Posted(fields): Posted<NoFields>,
) -> Result<Response, DashboardError> {
    fields.map_err(|_| DashboardError::CsrfRefused)?;
    end_session(&dashboard, &headers).await?;
    let gone = [(header::SET_COOKIE, dashboard.cookies.clear(Cookie::Operator))];
    Ok((gone, Redirect::to("/sign-in")).into_response())
}

/// Checks passwords, so many at once and no more.
pub(super) struct Passwords {
    slots: Arc<Semaphore>,
    of_nobody: String,
}

impl Passwords {
    pub(super) fn new() -> Self {
        let (unknown, _) = secret::mint("");
        let of_nobody = password::hash(&unknown).expect("a short password can be hashed");
        Self { slots: Arc::new(Semaphore::new(CHECKS_AT_ONCE)), of_nobody }
    }

    /// The operator, if the password is right. Takes as long if there is none of this address.
    async fn check(
        &self,
        operator: Option<Operator>,
        password: Zeroizing<String>,
    ) -> Result<Option<Operator>, DashboardError> {
        let slot = Arc::clone(&self.slots).acquire_owned();
        let Ok(Ok(slot)) = tokio::time::timeout(LONGEST_WAIT, slot).await else {
            return Err(DashboardError::Busy);
        };
        let stored = operator.as_ref().map_or(&self.of_nobody, |known| &known.password_hash);
        let stored = stored.clone();
        let check = move || {
            let _slot = slot;
            password::verify(&password, &stored)
        };
        let right = tokio::task::spawn_blocking(check).await;
        Ok(operator.filter(|_| matches!(right, Ok(true))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::test_dashboard::{
        Answer, EMAIL, PASSWORD, TestDashboard, as_operator, form, to,
    };

    fn page(email: &str, problem: Option<SignInProblem>) -> String {
        let csrf = "csrf-token".to_owned();
        SignIn { csrf, email: email.to_owned(), problem }.render().unwrap()
    }

    #[test]
    fn the_form_says_what_was_wrong_and_keeps_the_address() {
        insta::assert_snapshot!("sign_in", page(EMAIL, Some(SignInProblem::WrongPassword)));
        let waiting = |seconds| page(EMAIL, Some(SignInProblem::RateLimited { seconds }));
        assert!(waiting(1).contains("in 1 second."));
        assert!(waiting(6).contains("in 6 seconds."));
        assert!(page(EMAIL, Some(SignInProblem::CsrfRefused)).contains("open for too long"));
        assert!(!page("", None).contains("role=\"alert\""));
    }

    #[test]
    fn the_address_that_comes_back_is_text() {
        let html = page("\"><script>alert(1)</script>", None);
        assert!(!html.contains("<script>"), "{html}");
        assert!(!html.contains("value=\"\">"), "{html}");
    }

    async fn try_from_form(dashboard: &TestDashboard, email: &str, password: &str) -> Answer {
        let shown = dashboard.send(to("/sign-in").body("".into()).unwrap()).await;
        let secret = shown.cookie(Cookie::SignIn).unwrap();
        let token = csrf::token(secret);
        assert!(shown.html.contains(&token), "{}", shown.html);
        let sent = to("/sign-in").header(header::COOKIE, format!("cloakroom_sign_in={secret}"));
        let fields = format!("csrf={token}&email={email}&password={password}").replace(' ', "+");
        dashboard.send(form(sent, fields)).await
    }

    #[tokio::test]
    async fn the_right_password_opens_the_dashboard_until_sign_out() {
        let dashboard = TestDashboard::start().await;
        let answer = try_from_form(&dashboard, "ADA@example.com", PASSWORD).await;
        assert_eq!((answer.status, answer.location.as_str()), (StatusCode::SEE_OTHER, "/apps"));
        let secret = answer.cookie(Cookie::Operator).unwrap().to_owned();
        let with = |path| to(path).header(header::COOKIE, format!("cloakroom_operator={secret}"));
        let apps = dashboard.send(with("/apps").body("".into()).unwrap()).await;
        assert_eq!(apps.status, StatusCode::OK);
        let again = dashboard.send(with("/sign-in").body("".into()).unwrap()).await;
        assert_eq!(again.location, "/apps", "signed in already");

        let without_token = dashboard.send(form(with("/sign-out"), "csrf=".to_owned())).await;
        assert_eq!(without_token.status, StatusCode::FORBIDDEN);
        let token = format!("csrf={}", csrf::token(&secret));
        let out = dashboard.send(form(with("/sign-out"), token)).await;
        assert_eq!((out.status, out.cookie(Cookie::Operator)), (StatusCode::SEE_OTHER, Some("")));
        let apps = dashboard.send(with("/apps").body("".into()).unwrap()).await;
        assert_eq!(apps.location, "/sign-in", "the session has ended on the server too");
    }

    #[tokio::test]
    async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
        let dashboard = TestDashboard::start().await;
        for email in [EMAIL, "nobody@example.com"] {
            let answer = try_from_form(&dashboard, email, "wrong").await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{email}");
            assert!(answer.html.contains("The email address or the password is wrong."));
            assert!(answer.html.contains(&format!("value=\"{email}\"")), "{}", answer.html);
            assert_eq!(answer.cookie(Cookie::Operator), None);
        }
    }

    #[tokio::test]
    async fn a_form_that_was_not_shown_to_this_browser_is_refused() {
        let dashboard = TestDashboard::start().await;
        let fields = format!("csrf={}&email={EMAIL}&password={PASSWORD}", csrf::token("mine"));
        let theirs = to("/sign-in").header(header::COOKIE, "cloakroom_sign_in=theirs");
        for sent in [to("/sign-in"), theirs] {
            let answer = dashboard.send(form(sent, fields.replace(' ', "+"))).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN);
            assert!(answer.html.contains("open for too long"), "{}", answer.html);
            assert_eq!(answer.cookie(Cookie::Operator), None);
        }
    }

    #[tokio::test]
    async fn too_many_tries_wait_even_with_the_right_password() {
        let dashboard = TestDashboard::start().await;
        for _ in 0..10 {
            let answer = try_from_form(&dashboard, EMAIL, "wrong").await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN);
        }
        let answer = try_from_form(&dashboard, EMAIL, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        let wait: i64 = answer.head[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!(answer.html.contains(&format!("Try again in {wait} second")));
        dashboard.clock.advance(wait);
        let answer = try_from_form(&dashboard, EMAIL, PASSWORD).await;
        assert_eq!(answer.location, "/apps");
    }

    #[tokio::test]
    async fn forms_of_other_sites_other_hosts_and_without_end_are_refused() {
        let dashboard = TestDashboard::start().await;
        let cases = [
            (to("/sign-out").header("sec-fetch-site", "cross-site"), StatusCode::FORBIDDEN),
            (to("/sign-out").header("sec-fetch-site", "same-site"), StatusCode::FORBIDDEN),
            (to("/sign-out").header("origin", "http://127.0.0.1:8083"), StatusCode::FORBIDDEN),
            (to("/sign-out").header("origin", "null"), StatusCode::FORBIDDEN),
            (to("/sign-out").header("host", "evil.test"), StatusCode::MISDIRECTED_REQUEST),
            (to("/sign-out").header("sec-fetch-site", "same-origin"), StatusCode::SEE_OTHER),
        ];
        for (place, (sent, expected)) in cases.into_iter().enumerate() {
            let answer = dashboard.send(form(sent, "csrf=x".to_owned())).await;
            assert_eq!(answer.status, expected, "case {place}");
        }
        let long = format!("csrf={}", "x".repeat(20_000));
        let answer = dashboard.send(form(as_operator("/sign-out"), long)).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    }
}
