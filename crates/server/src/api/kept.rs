//! What is kept of an answer to a call with an `Idempotency-Key`: never a secret.

use axum::http::StatusCode;
use cloakroom_storage::KeptAnswer;
use serde_json::Value;

use super::shown_once::Made;

/// Of a larger answer only the status and the id are kept.
const MOST_ANSWER_BYTES: usize = 64 * 1024;
/// How the secrets begin that an answer may hold. A handler that forgot to mark such an answer
/// still has none of it kept.
const SECRETS: [&str; 4] = ["\"ckr_", "\"whsec_", "\"eyJ", "Signature="];

/// What is kept of an answer; `None` if the next attempt is to do the call.
pub(super) fn kept(
    status: StatusCode,
    made: Option<&Made>,
    transient: bool,
    body: &[u8],
) -> Option<KeptAnswer> {
    let passes = status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::UNAUTHORIZED);
    if passes || transient {
        return None;
    }
    let status = u32::from(status.as_u16());
    if let Some(made) = made {
        return Some(KeptAnswer { status, body: None, created_id: Some(made.id.clone()) });
    }
    if body.len() > MOST_ANSWER_BYTES || holds_a_secret(body) {
        let answer: Option<Value> = serde_json::from_slice(body).ok();
        let id = answer.as_ref().and_then(|answer| answer.pointer("/data/id")?.as_str());
        return Some(KeptAnswer { status, body: None, created_id: id.map(str::to_owned) });
    }
    Some(KeptAnswer { status, body: Some(body.to_vec()), created_id: None })
}

fn holds_a_secret(body: &[u8]) -> bool {
    std::str::from_utf8(body).map_or(true, |text| SECRETS.iter().any(|begin| text.contains(begin)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_passing_failures_are_not_kept() {
        let id = |id: &str| Some(id.to_owned());
        let bodiless = |created_id| Some((None, created_id));
        let made = Made { id: "s1".to_owned() };
        let large = format!(r#"{{"data":{{"id":"7","x":"{}"}}}}"#, "x".repeat(MOST_ANSWER_BYTES));
        let plain = r#"{"data":{"id":"7"}}"#;
        let cases = [
            (200, None, false, plain, Some((id(plain), None))),
            (409, None, false, "{}", Some((id("{}"), None))),
            (200, Some(&made), false, plain, bodiless(id("s1"))),
            (200, None, false, r#"{"data":{"id":"7","key":"ckr_key_x"}}"#, bodiless(id("7"))),
            (200, None, false, r#"{"data":"whsec_x"}"#, bodiless(None)),
            (200, None, false, &large, bodiless(id("7"))),
            (200, None, true, plain, None),
            (401, None, false, "{}", None),
            (429, None, false, "{}", None),
            (500, None, false, "{}", None),
            (503, Some(&made), false, "{}", None),
        ];
        for (status, made, transient, body, expected) in cases {
            let status = StatusCode::from_u16(status).unwrap();
            let got = kept(status, made, transient, body.as_bytes()).map(|answer| {
                assert_eq!(answer.status, u32::from(status.as_u16()));
                (answer.body.map(|body| String::from_utf8(body).unwrap()), answer.created_id)
            });
            assert_eq!(got, expected, "{status} {}", &body[..body.len().min(40)]);
        }
    }
}
