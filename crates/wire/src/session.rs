//! Login: auth token, session, own user, settings, File Access Token.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{Secret, User};

/// What a client says about itself: `POST users/{uid}/auth_tokens` and `PUT me`. The official SDK
/// may send more; it is ignored.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"platform": "WEB", "deviceId": "5f0c"}))]
pub struct ClientInfo {
    /// Such as `WEB`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Made by the client, one for each installation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// Versions and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub app_info: Option<Value>,
}

/// `POST users/{uid}/auth_tokens`. The official SDK may send more; it is ignored.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"ttlSeconds": 3600}))]
pub struct CreateAuthToken {
    /// When it ends by itself, in seconds from now: 60 to 31536000 (a year). Never, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<i64>,
    /// As CometChat's API has it; a new token is made whatever it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub force: Option<bool>,
}

/// A login of one user, which is one auth token: an item of `GET users/{uid}/sessions` and of
/// `GET users/{uid}/auth_tokens`. Never the token itself.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "00112233445566778899aabbccddeeff", "createdAt": 1_790_000_000, "sdk": "javascript@4.2.0",
    "lastSeenAt": 1_790_000_300, "ended": false, "current": false
}))]
pub struct Session {
    /// 32 hexadecimal digits.
    pub id: String,
    /// When it began.
    pub created_at: i64,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    /// The SDK that used it last, as it names itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdk: Option<String>,
    /// When it was used last, as far as that was recorded.
    #[serde(default)]
    pub last_seen_at: i64,
    /// Whether it is over, by logout, revocation or time.
    #[serde(default)]
    pub ended: bool,
    /// When it was ended by logout or revocation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
    /// Until when its last File Access Token is good; absent if it never had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fat_expires_at: Option<i64>,
    /// Whether it is the one that asks.
    #[serde(default)]
    pub current: bool,
}

/// The answer to `POST users/{uid}/auth_tokens`: what logs one user in.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"uid": "alice", "authToken": "ckr_at_…", "createdAt": 1_790_000_000}))]
pub struct AuthToken {
    /// Whom it logs in.
    pub uid: String,
    /// Shown once.
    pub auth_token: Secret,
    /// When it was made.
    #[serde(default)]
    pub created_at: i64,
    /// Names it where it is listed and ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

/// The answer to `PUT me`: own user, settings and, if the app protects its media, a FAT.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "uid": "alice", "name": "Alice", "status": "offline", "role": "default",
    "createdAt": 1_790_000_000, "authToken": "ckr_at_…", "fat": "eyJ…",
    "fatExpiresAt": 1_790_086_400, "jwt": "eyJ…", "settings": {
        "CLIENT_API_HOST": "127.0.0.1:8081", "ADMIN_API_HOST": "127.0.0.1:8081",
        "CHAT_API_VERSION": "v3.0", "SECURED_MEDIA_HOST": "http://127.0.0.1:8082/demoapp/media/",
        "CHAT_HOST": "127.0.0.1", "CHAT_WSS_PORT": 8081, "CHAT_WS_PORT": 8081,
        "CHAT_USE_SSL": false, "ANALYTICS_PING_DISABLED": true, "file.size.max": 104_857_600, "file.count.max": 10
    }
}))]
pub struct Me {
    /// The own user.
    #[serde(flatten)]
    pub user: User,
    /// The token that was sent. `GET me` leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_token: Option<Secret>,
    /// The File Access Token, only while Token Based File Access is observed or on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fat: Option<Secret>,
    /// From when on the FAT is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fat_expires_at: Option<i64>,
    /// Opens one socket of the real-time channel within a minute. `GET me` leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwt: Option<Secret>,
    /// Of the app. `GET me` leaves them out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
}

/// Settings of the app that a client needs. The odd key names are those the official SDK reads.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(example = json!({
    "CLIENT_API_HOST": "127.0.0.1:8081", "ADMIN_API_HOST": "127.0.0.1:8081",
    "CHAT_API_VERSION": "v3.0", "SECURED_MEDIA_HOST": "http://127.0.0.1:8082/demoapp/media/",
    "CHAT_HOST": "127.0.0.1", "CHAT_WSS_PORT": 8081, "CHAT_WS_PORT": 8081, "CHAT_USE_SSL": false,
    "ANALYTICS_PING_DISABLED": true, "file.size.max": 104_857_600, "file.count.max": 10
}))]
pub struct Settings {
    /// Host of the calls with an auth token: `host[:port][/prefix]`, no scheme.
    pub client_api_host: String,
    /// Host of the calls with an API key: `host[:port][/prefix]`, no scheme.
    pub admin_api_host: String,
    /// First segment of every path, `v3.0`.
    pub chat_api_version: String,
    /// `{media origin}/{app id}/media/`, only while Token Based File Access is observed or on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secured_media_host: Option<String>,
    /// Host of the real-time channel, no scheme and no port: the official SDK opens
    /// `wss://{CHAT_HOST}:{CHAT_WSS_PORT}/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_host: Option<String>,
    /// Its port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_wss_port: Option<u16>,
    /// The same port, by the name for a channel without TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_ws_port: Option<u16>,
    /// Whether it is reached by TLS, as the API is.
    #[serde(default, rename = "CHAT_USE_SSL", skip_serializing_if = "Option::is_none")]
    pub chat_use_tls: Option<bool>,
    /// Always true: we take no telemetry.
    #[serde(default = "yes")]
    pub analytics_ping_disabled: bool,
    /// Largest file of a message, in bytes.
    #[serde(rename = "file.size.max")]
    pub file_size_max: u64,
    /// Most files of one message.
    #[serde(rename = "file.count.max")]
    pub file_count_max: u32,
}

/// The answer to `POST me/fat`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"fat": "eyJ…", "fatExpiresAt": 1_790_000_000}))]
pub struct FatAnswer {
    /// `null` while Token Based File Access is off.
    pub fat: Option<Secret>,
    /// From when on the FAT is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fat_expires_at: Option<i64>,
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn me() -> Value {
        json!({
            "uid": "alice", "name": "Alice", "status": "offline", "role": "default", "createdAt": 7,
            "authToken": "ckr_at_1", "fat": "eyJ.a.b", "fatExpiresAt": 99,
            "jwt": "eyJ.c.d",
            "settings": {
                "CLIENT_API_HOST": "h:1", "ADMIN_API_HOST": "h:1", "CHAT_API_VERSION": "v3.0",
                "SECURED_MEDIA_HOST": "http://m:2/demoapp/media/", "ANALYTICS_PING_DISABLED": true,
                "CHAT_HOST": "h", "CHAT_WSS_PORT": 1, "CHAT_WS_PORT": 1, "CHAT_USE_SSL": false,
                "file.size.max": 104_857_600, "file.count.max": 10
            }
        })
    }

    #[test]
    fn put_me_has_the_keys_that_the_official_sdk_reads() {
        let read: Me = serde_json::from_value(me()).unwrap();
        assert_eq!(read.user.uid, "alice");
        assert_eq!(serde_json::to_value(read).unwrap(), me());
    }

    #[test]
    fn with_the_switch_off_neither_fat_nor_media_host_is_a_key() {
        let mut read: Me = serde_json::from_value(me()).unwrap();
        (read.fat, read.fat_expires_at) = (None, None);
        let mut settings = read.settings.take().unwrap();
        settings.secured_media_host = None;
        read.settings = Some(settings);
        let text = serde_json::to_string(&read).unwrap();
        assert!(!text.contains("fat") && !text.contains("SECURED"), "{text}");
    }

    #[test]
    fn debug_shows_no_token() {
        let read: Me = serde_json::from_value(me()).unwrap();
        let shown = format!("{read:?}");
        assert!(!shown.contains("ckr_at_1") && !shown.contains("eyJ"), "{shown}");
    }

    #[test]
    fn a_renewed_fat_is_null_when_the_switch_is_off() {
        let off = FatAnswer { fat: None, fat_expires_at: None };
        assert_eq!(serde_json::to_value(&off).unwrap(), json!({"fat": null}));
        let on = FatAnswer { fat: Some(Secret::new("t")), fat_expires_at: Some(9) };
        assert_eq!(serde_json::to_value(&on).unwrap(), json!({"fat": "t", "fatExpiresAt": 9}));
    }

    #[test]
    fn an_auth_token_has_the_documented_shape() {
        let json = json!({"uid": "alice", "authToken": "ckr_at_1", "createdAt": 7});
        let read: AuthToken = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), json);
    }

    #[test]
    fn what_the_official_sdk_says_about_itself_is_read() {
        let body = json!({"platform": "WEB", "deviceId": "d", "appInfo": {"version": "v4.2.0"},
            "more": 1});
        let read: ClientInfo = serde_json::from_value(body).unwrap();
        assert_eq!(read.platform.as_deref(), Some("WEB"));
        assert!(serde_json::from_str::<ClientInfo>("{}").is_ok());
        let body = json!({"platform": "WEB", "force": true, "ttlSeconds": 60});
        let read: CreateAuthToken = serde_json::from_value(body).unwrap();
        assert_eq!(read.ttl_seconds, Some(60));
    }
}
