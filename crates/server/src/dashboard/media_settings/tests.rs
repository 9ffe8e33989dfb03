//! The settings page and its forms.

use axum::http::Request;

use super::*;
use crate::dashboard::csrf;
use crate::dashboard::test_dashboard::{SESSION, TestDashboard, app_id, as_operator, form, to};

const SETTINGS: &str = "/apps/demoapp/chats/settings";
const ADVANCE: &str = "/apps/demoapp/settings/token-based-file-access";
const TTL: &str = "/apps/demoapp/settings/presign-ttl";
const CLIENT_LOGIN: &str = "/apps/demoapp/settings/client-login-by-auth-key";

fn page(state: TokenBasedFileAccess) -> MediaSettings {
    let state = FileAccess(state);
    MediaSettings {
        operator: SignedIn { email: "ada@example.com".to_owned(), csrf: "csrf-token".to_owned() },
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
        observed: None,
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
    assert_eq!((confirmed.status, confirmed.location.as_str()), (StatusCode::SEE_OTHER, SETTINGS));
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
        assert_eq!((answer.status, answer.location.as_str()), (StatusCode::SEE_OTHER, "/sign-in"));
    }
    assert_eq!(dashboard.app().await.token_based_file_access, TokenBasedFileAccess::Off);
}

#[tokio::test]
async fn who_would_lose_media_is_shown_before_the_step_is_taken() {
    let dashboard = TestDashboard::start().await;
    assert!(
        !dashboard.get(SETTINGS).await.html.contains("live sessions"),
        "off has nothing to say"
    );
    dashboard.post(ADVANCE, "confirm=demoapp&to=observe").await;
    let quiet = dashboard.get(SETTINGS).await.html;
    assert!(quiet.contains("Nothing would have been refused in the last 7 days."), "{quiet}");
    let now = dashboard.clock.now();
    let seen = cloakroom_storage::Observed {
        reason: "fat_missing".to_owned(),
        path: "/demoapp/media/*.jpg".to_owned(),
        client: "<old>@1.0".to_owned(),
        count: 97,
        first_at: now,
        last_at: now,
    };
    dashboard.db.observations().add(&app_id(), &seen).await.unwrap();
    let html = dashboard.get(SETTINGS).await.html;
    for part in ["97", "carries no credential", "/demoapp/media/*.jpg", "<b>0 of 0</b>"] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(!html.contains("<old>"), "what a client calls itself is text");
    dashboard.post(ADVANCE, "confirm=demoapp&to=on").await;
    assert!(!dashboard.get(SETTINGS).await.html.contains("live sessions"));
}
