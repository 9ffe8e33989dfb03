//! Which errors a call may answer, from the registry of codes: by who asks, what stands in path,
//! query and body, and where the call lies.

use axum::http::StatusCode;
use cloakroom_wire::{Created, ErrorCode, ErrorDetails, ErrorEnvelope, Reason};
use serde_json::{Value, json};

use super::for_each_call;
use super::media_host;

/// Adds an example of each code, and to every call the codes it may answer, by status.
pub(super) fn add(document: &mut Value) {
    for &code in ErrorCode::ALL.iter().filter(|code| code.status() != 0) {
        let value = serde_json::to_value(envelope(code)).unwrap_or_default();
        document["components"]["examples"][code.as_str()] =
            json!({"summary": code.meaning(), "value": value});
    }
    for_each_call(document, |method, path, call| {
        let facts = Facts::of(method, path, call);
        let codes = ErrorCode::ALL.iter().filter(|code| code.status() != 0);
        for &code in codes.filter(|code| facts.may_answer(**code)) {
            add_to(&mut call["responses"][code.status().to_string()], code);
        }
    });
}

/// The code as it is answered.
fn envelope(code: ErrorCode) -> ErrorEnvelope {
    if let Some(&reason) = Reason::ALL.iter().find(|reason| reason.code() == code) {
        return ErrorEnvelope::refused(reason, code.meaning());
    }
    let mut envelope = ErrorEnvelope::new(code, code.meaning());
    if code == ErrorCode::AlreadyCreated {
        envelope.error.details = Some(ErrorDetails::Created(Created { id: "key_5f0c".to_owned() }));
    }
    envelope
}

fn add_to(answer: &mut Value, code: ErrorCode) {
    if answer.get("description").is_none() {
        let status = StatusCode::from_u16(code.status()).ok();
        let reason = status.and_then(|status| status.canonical_reason()).unwrap_or("Failed");
        answer["description"] = json!(format!("{reason}; `error.code` says why."));
    }
    let media = &mut answer["content"]["application/json"];
    if media.get("schema").is_none() {
        media["schema"] = json!({"$ref": "#/components/schemas/ErrorEnvelope"});
    }
    let name = code.as_str();
    media["examples"][name] = json!({"$ref": format!("#/components/examples/{name}")});
}

/// What is known of a call.
struct Facts<'a> {
    method: &'a str,
    /// Without the version.
    path: &'a str,
    schemes: Vec<String>,
    in_query: Vec<String>,
    takes_app: bool,
    takes_json: bool,
    takes_files: bool,
}

impl<'a> Facts<'a> {
    fn of(method: &'a str, path: &'a str, call: &Value) -> Self {
        let security = call["security"].as_array().into_iter().flatten();
        let parameters = call["parameters"].as_array().into_iter().flatten();
        let named = |place: &str| -> Vec<String> {
            let there = parameters.clone().filter(|parameter| parameter["in"] == place);
            there.filter_map(|parameter| parameter["name"].as_str()).map(str::to_owned).collect()
        };
        let content = &call["requestBody"]["content"];
        Self {
            method,
            path: path.strip_prefix("/v3").unwrap_or(path),
            schemes: security
                .filter_map(Value::as_object)
                .flat_map(|one| one.keys().cloned())
                .collect(),
            in_query: named("query"),
            takes_app: named("header").iter().any(|name| name == "appid"),
            takes_json: content.get("application/json").is_some(),
            takes_files: content.get("multipart/form-data").is_some(),
        }
    }

    fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && self.path == path
    }

    /// Whether the path names one thing of those under a folder.
    fn names(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.contains(&format!("/{folder}/{{")))
    }

    fn has(&self, scheme: &str) -> bool {
        self.schemes.iter().any(|one| one.contains(scheme))
    }

    fn writes(&self) -> bool {
        !matches!(self.method, "get" | "head")
    }

    /// Whether the call takes or changes a message.
    fn sends(&self) -> bool {
        self.path.starts_with("/messages") && matches!(self.method, "post" | "put")
    }

    /// Whether the call announces an upload.
    fn announces(&self) -> bool {
        matches!(self.path, "/files/upload-url" | "/files/tus")
    }

    /// Whether the call speaks tus.
    fn is_tus(&self) -> bool {
        self.path.starts_with("/files/tus")
    }

    /// One arm for codes that are answered for the same cause. A code that stands in no arm is
    /// answered by no call of the API.
    fn may_answer(&self, code: ErrorCode) -> bool {
        if self.path == media_host::PATH {
            return media_host::may_answer(code);
        }
        match code {
            ErrorCode::Busy
            | ErrorCode::Internal
            | ErrorCode::MethodNotAllowed
            | ErrorCode::MisdirectedRequest
            | ErrorCode::RateLimited => true,
            ErrorCode::RouteNotFound => self.path.contains('{'),
            ErrorCode::NoAuth => !self.schemes.is_empty(),
            ErrorCode::AppNotFound => self.takes_app,
            ErrorCode::AuthTokenNotFound => self.has("authtoken"),
            ErrorCode::ApiKeyNotFound | ErrorCode::ApiKeyFromBrowser => self.has("apikey"),
            ErrorCode::ScopeRequired => self.has("apikey") && !self.path.ends_with("/auth_tokens"),
            ErrorCode::ClientLoginOff => self.path.ends_with("/auth_tokens") && self.writes(),
            ErrorCode::OperatorTokenNotFound => self.has("operator"),
            ErrorCode::UserDeactivated => {
                self.has("apikey") && (self.has("authtoken") || self.path.ends_with("/auth_tokens"))
            }
            ErrorCode::BadRequest => {
                self.takes_json
                    || self.takes_files
                    || !self.in_query.is_empty()
                    || self.method == "post"
            }
            ErrorCode::InvalidJson | ErrorCode::BodyTooLarge => self.takes_json,
            ErrorCode::UnknownField => self.takes_json || self.pages(),
            ErrorCode::CursorInvalid => self.pages(),
            ErrorCode::AlreadyCreated | ErrorCode::IdempotencyMismatch => self.method == "post",
            ErrorCode::StoreFull => self.writes(),
            ErrorCode::FileSizeExceeded
            | ErrorCode::FileEmpty
            | ErrorCode::StorageQuotaExceeded => self.takes_files || self.announces(),
            ErrorCode::FileTypeRefused
            | ErrorCode::FileTooComplex
            | ErrorCode::HashMismatch
            | ErrorCode::UploadTruncated => {
                self.takes_files || self.is_tus() && self.writes() && self.method != "delete"
            }
            ErrorCode::FileCountExceeded => self.sends() || self.path == "/files/upload-url",
            ErrorCode::TooManyUploads => {
                self.announces() || self.sends() || self.names(&["tus", "upload"])
            }
            ErrorCode::UploadNotFound => self.names(&["files", "tus", "upload"]),
            ErrorCode::UploadExpired => {
                self.names(&["files", "tus", "upload"]) && self.method != "get"
            }
            ErrorCode::UploadOffset | ErrorCode::ChecksumMismatch | ErrorCode::TooManyParts => {
                self.is_tus() && matches!(self.method, "patch" | "post")
            }
            ErrorCode::TusVersion => self.is_tus(),
            ErrorCode::FileInfected | ErrorCode::FileUnscannable => self.is("get", "/files/{id}"),
            ErrorCode::NotReady | ErrorCode::ForeignUrl | ErrorCode::AttachmentForbidden => {
                self.sends()
            }
            ErrorCode::InvalidUrl => {
                self.sends() || self.path == "/media/presign" || self.is("post", "/me/events")
            }
            ErrorCode::TooManyUrls => {
                self.path == "/media/presign" || self.is("post", "/me/events")
            }
            ErrorCode::UidAlreadyExists => self.is("post", "/users"),
            ErrorCode::GuidAlreadyExists => self.is("post", "/groups"),
            ErrorCode::AppAlreadyExists => self.is("post", "/apps"),
            _ => self.may_miss(code),
        }
    }

    /// The codes of things that are not there, or not for this caller.
    fn may_miss(&self, code: ErrorCode) -> bool {
        if self.is("post", "/revocations") {
            return matches!(
                code,
                ErrorCode::ApiKeyIdNotFound
                    | ErrorCode::DelegatedKeyNotFound
                    | ErrorCode::FileNotFound
                    | ErrorCode::GuidNotFound
                    | ErrorCode::MessageIdNotFound
                    | ErrorCode::NotPermitted
                    | ErrorCode::SessionNotFound
                    | ErrorCode::SigningKeyNotFound
                    | ErrorCode::UidNotFound
            );
        }
        match code {
            ErrorCode::UidNotFound | ErrorCode::SessionNotFound
                if self.path.ends_with("/explain") =>
            {
                true
            }
            ErrorCode::UidNotFound => {
                self.path.contains("{uid}")
                    || self.sends()
                    || self.announces()
                    || self.is("post", "/groups")
            }
            ErrorCode::GuidNotFound => {
                self.path.contains("{guid}") || self.sends() || self.announces()
            }
            ErrorCode::MessageIdNotFound => self.names(&["messages"]),
            ErrorCode::FileNotFound => self.names(&["media"]),
            ErrorCode::SessionNotFound => self.names(&["sessions", "auth_tokens"]),
            ErrorCode::ApiKeyIdNotFound => self.names(&["apikeys", "api_keys", "keys"]),
            ErrorCode::SigningKeyNotFound => self.names(&["signing_keys", "signingkeys"]),
            ErrorCode::DelegatedKeyNotFound => self.names(&["delegated_keys"]),
            ErrorCode::ReceiptNotFound => self.names(&["revocations", "receipts"]),
            ErrorCode::WebhookNotFound => self.names(&["webhooks"]),
            ErrorCode::WebhookTargetRefused => {
                self.path.starts_with("/webhooks") && self.takes_json
            }
            ErrorCode::StepNotAllowed => self.path.contains("settings") && self.writes(),
            ErrorCode::NotAMember => {
                self.path.starts_with("/groups/{guid}/")
                    || self.is("post", "/messages")
                    || self.announces()
            }
            ErrorCode::Banned => self.path.contains("bannedusers") || self.adds_members(),
            ErrorCode::TooManyMembers => self.adds_members() || self.is("post", "/groups"),
            ErrorCode::NotPermitted => {
                self.path == "/media/presign"
                    || self.names(&["groups", "messages"]) && self.writes()
            }
            _ => false,
        }
    }

    /// Whether it is a list that goes on by a cursor of ours.
    fn pages(&self) -> bool {
        self.in_query.iter().any(|name| name == "cursor")
    }

    fn adds_members(&self) -> bool {
        self.path == "/groups/{guid}/members" && matches!(self.method, "post" | "put")
    }
}
