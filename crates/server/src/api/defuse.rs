//! What goes out to clients never makes them send a token to somebody else.
//!
//! The official SDK appends the viewer's File Access Token to any string that contains
//! `SECURED_MEDIA_HOST`. Where such a string is not exactly one of our media URLs in a place for
//! URLs, each occurrence is written `Https:`: the SDK's test is case-sensitive, URLs are not.

use axum::Json;
use cloakroom_token::{AppId, MediaOrigin, MediaUrl};
use serde::Serialize;
use serde_json::Value;

use super::Api;
use super::error::ApiError;

/// Answers with `envelope`, made safe for the clients of `app`.
pub(super) fn answer<T: Serialize>(
    api: &Api,
    app: &AppId,
    envelope: &T,
) -> Result<Json<Value>, ApiError> {
    let mut value = serde_json::to_value(envelope).map_err(ApiError::internal)?;
    Defuser::new(api.access.origin(), app).defuse(&mut value);
    Ok(Json(value))
}

/// Knows the media host of one app.
struct Defuser<'a> {
    origin: &'a MediaOrigin,
    app: &'a AppId,
    host: String,
    disarmed: String,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Place {
    /// Inside what the chat app keeps for itself: no key means anything to us.
    Foreign,
    Text,
    UrlSlot,
}

impl<'a> Defuser<'a> {
    fn new(origin: &'a MediaOrigin, app: &'a AppId) -> Self {
        let host = origin.secured_media_host(app);
        let disarmed = host.replacen('h', "H", 1);
        Self { origin, app, host, disarmed }
    }

    fn defuse(&self, value: &mut Value) {
        self.walk(value, Place::Text);
    }

    fn walk(&self, value: &mut Value, place: Place) {
        match value {
            Value::String(text) => self.text(text, place),
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item, place)),
            Value::Object(fields) => {
                for (key, field) in fields.iter_mut() {
                    self.walk(field, child(place, key));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&self, text: &mut String, place: Place) {
        if text.contains(&self.host) && !(place == Place::UrlSlot && self.is_ours(text)) {
            *text = text.replace(&self.host, &self.disarmed);
        }
    }

    fn is_ours(&self, text: &str) -> bool {
        MediaUrl::parse(self.origin, text)
            .is_ok_and(|url| url.path().app() == self.app && url.to_string() == text)
    }
}

fn child(place: Place, key: &str) -> Place {
    match key {
        _ if place == Place::Foreign => Place::Foreign,
        "metadata" | "customData" => Place::Foreign,
        "avatar" | "icon" | "thumbnails" | "url" => Place::UrlSlot,
        _ => Place::Text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const URL: &str = "https://files.test/demoapp/media/00112233445566778899aabbccddeeff.jpg";
    const OFF: &str = "Https://files.test/demoapp/media/00112233445566778899aabbccddeeff.jpg";

    fn defused(mut value: Value) -> Value {
        let origin = MediaOrigin::parse("https://files.test").unwrap();
        let app = AppId::parse("demoapp").unwrap();
        Defuser::new(&origin, &app).defuse(&mut value);
        value
    }

    #[test]
    fn our_own_urls_in_places_for_urls_stay_as_they_are() {
        let value = json!({
            "avatar": URL, "icon": URL,
            "data": {"url": URL, "attachments": [{"url": URL, "thumbnails": [URL, URL]}],
                "entities": {"sender": {"entity": {"avatar": URL}, "entityType": "user"}}},
        });
        assert_eq!(defused(value.clone()), value);
    }

    #[test]
    fn everything_else_that_names_the_host_is_disarmed() {
        let hostile = format!("https://evil.test/?u={URL}&v={URL}");
        let harmless = format!("https://evil.test/?u={OFF}&v={OFF}");
        let cases = [
            (json!({"avatar": hostile}), json!({"avatar": harmless})),
            (
                json!({"data": {"url": format!("{URL}?x=1")}}),
                json!({"data": {"url": format!("{OFF}?x=1")}}),
            ),
            (json!({"text": format!("see {URL}")}), json!({"text": format!("see {OFF}")})),
            (json!({"metadata": {"avatar": URL}}), json!({"metadata": {"avatar": OFF}})),
            (json!({"customData": [{"url": URL}]}), json!({"customData": [{"url": OFF}]})),
            (json!({"attachments": [{"name": URL}]}), json!({"attachments": [{"name": OFF}]})),
            (
                json!({"name": "https://files.test/demoapp/media/"}),
                json!({"name": "Https://files.test/demoapp/media/"}),
            ),
        ];
        for (value, expected) in cases {
            let got = defused(value);
            assert_eq!(got, expected);
            assert!(!got.to_string().contains("https://files.test/demoapp/media/"), "{got}");
        }
    }

    #[test]
    fn what_does_not_name_the_host_is_left_alone() {
        let value =
            json!({"text": "https://files.test/otherapp/media/x", "avatar": "https://a.b/c"});
        assert_eq!(defused(value.clone()), value);
    }
}
