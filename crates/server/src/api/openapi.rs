//! The OpenAPI 3.1 document, made from the routes themselves.
//!
//! A handler describes its own call with `#[utoipa::path]`. What follows from that is added here:
//! [`headers`] that hold for all, [`examples`] from the types, [`errors`] from the registry.

#[cfg(test)]
mod completeness;
mod errors;
mod examples;
mod headers;
mod media_host;

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use cloakroom_wire::{ErrorEnvelope, Message, MessageData, MessageEntities, NoMeta};
use serde_json::Value;
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, Object, OpenApi as Document, Ref, Required, ResponseBuilder, ServerBuilder,
    Type,
};
use utoipa_axum::router::OpenApiRouter;

use super::Api;

/// What is said of the API as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Cloakroom",
        description = "Private chat media: the REST API. Every answer is JSON, `data` with `meta`, \
                       or `error`. Paths stand under `/v3.0` as well. Media themselves are read \
                       from the secure media host."
    ),
    components(schemas(ErrorEnvelope, Message, MessageData, MessageEntities, NoMeta)),
    tags(
        (name = "sessions", description = "Login, File Access Token, logout."),
        (name = "users", description = "The people of the app."),
        (name = "groups", description = "Groups and who is in them."),
        (name = "messages", description = "Messages and the files they carry."),
        (name = "revocations", description = "Taking things back, with a receipt."),
        (name = "media", description = "Files and presigned URLs."),
        (name = "uploads", description = "Files whose bytes come before their message."),
        (name = "delegated_keys", description = "Keys with which a back end presigns by itself."),
        (name = "ledger", description = "Who read what, and who changed what."),
        (name = "apikeys", description = "Keys of the app's back end."),
        (name = "apps", description = "Apps and their settings."),
        (name = "signing_keys", description = "The key ring; for operators."),
        (name = "webhooks", description = "Where the app's back end is told of what happens."),
    )
)]
struct Whole;

/// The document, ready to be served.
#[derive(Clone)]
pub(super) struct Served(Arc<str>);

impl IntoResponse for Served {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], self.0.to_string()).into_response()
    }
}

/// Splits the routes under `/v3` from what is said of them.
pub(super) fn document(
    origin: &str,
    media_origin: &str,
    versioned: OpenApiRouter<Api>,
) -> (Router<Api>, Served) {
    let (router, mut document) =
        OpenApiRouter::with_openapi(Whole::openapi()).nest("/v3", versioned).split_for_parts();
    document.servers = Some(vec![ServerBuilder::new().url(origin).build()]);
    complete(&mut document);
    let mut document = serde_json::to_value(&document).unwrap_or_default();
    media_host::add(&mut document, media_origin);
    headers::add(&mut document);
    examples::add(&mut document);
    errors::add(&mut document);
    (router, Served(document.to_string().into()))
}

/// Visits every call with its method in lower case and its path.
fn for_each_call(document: &mut Value, mut visit: impl FnMut(&str, &str, &mut Value)) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten() {
        for (method, call) in item.as_object_mut().into_iter().flatten() {
            if matches!(method.as_str(), "get" | "head" | "put" | "post" | "delete" | "patch") {
                visit(method, path, call);
            }
        }
    }
}

/// Adds what holds for every call: the app, the error format, the two ways to say who asks.
fn complete(document: &mut Document) {
    for (name, description) in [
        ("authtoken", "Auth token of a user; `POST users/{uid}/auth_tokens` makes one."),
        ("apikey", "API key of the app's back end, with `onBehalfOf` to ask as a user."),
    ] {
        let value = ApiKeyValue::with_description(name, description);
        if let Some(components) = &mut document.components {
            components
                .security_schemes
                .insert(name.to_owned(), SecurityScheme::ApiKey(ApiKey::Header(value)).into());
        }
    }
    if let Some(components) = &mut document.components {
        let mut operator = Http::new(HttpAuthScheme::Bearer);
        operator.description = Some("Made by `cloakroom operator token`.".to_owned());
        components
            .security_schemes
            .insert("operator".to_owned(), SecurityScheme::Http(operator).into());
    }
    for (path, item) in &mut document.paths.paths {
        let of_an_app = !is_without_app(path);
        operations(item).for_each(|operation| of_every_call(operation, of_an_app));
    }
}

/// Where calls name no app.
const WITHOUT_APP: [&str; 3] = ["/v3/apps", "/v3/signing_keys", "/v3/files/upload/"];

fn is_without_app(path: &str) -> bool {
    WITHOUT_APP.iter().any(|prefix| path.starts_with(prefix))
}

fn of_every_call(operation: &mut Operation, of_an_app: bool) {
    let app = ParameterBuilder::new()
        .name("appid")
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some("The id of the app."))
        .schema(Some(Object::with_type(Type::String)))
        .build();
    if of_an_app {
        operation.parameters.get_or_insert_default().push(app.into());
    }
    let content =
        ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorEnvelope"))).build();
    let failure = ResponseBuilder::new()
        .description("Failed; `error.code` says why.")
        .content("application/json", content)
        .build();
    operation.responses.responses.insert("default".to_owned(), failure.into());
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, head, put, post, delete, patch, .. } = item;
    [get, head, put, post, delete, patch].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::super::versioned;
    use super::*;

    #[test]
    fn every_call_is_described_with_app_errors_and_security() {
        let (_, Served(text)) =
            document("http://127.0.0.1:8081", "http://127.0.0.1:8082", versioned());
        let document: Value = serde_json::from_str(&text).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let paths = document["paths"].as_object().unwrap();
        for path in [
            "/v3/users/{uid}/auth_tokens",
            "/v3/me",
            "/v3/me/fat",
            "/v3/users/{uid}",
            "/v3/groups/{guid}/members",
            "/v3/messages",
            "/v3/users/{uid}/messages",
            "/v3/groups/{guid}/messages",
            "/v3/messages/{id}",
            "/v3/media/presign",
            "/v3/media/{id}/audience",
            "/v3/apikeys/{id}/rotate",
            "/v3/settings/token_based_file_access",
            "/v3/apps",
            "/v3/webhooks/{id}/deliveries/{deliveryId}/replay",
        ] {
            assert!(paths.contains_key(path), "{path} is missing");
        }
        for (path, item) in paths.iter().filter(|(path, _)| path.starts_with("/v3/")) {
            for (method, call) in item.as_object().unwrap() {
                let named = call["parameters"].as_array();
                let app = named.is_some_and(|named| named.iter().any(|p| p["name"] == "appid"));
                assert_eq!(app, !is_without_app(path), "{method} {path}");
                assert!(call["responses"]["default"].is_object(), "{method} {path}");
                assert!(call["security"].is_array(), "{method} {path}");
            }
        }
        let schemas = document["components"]["schemas"].as_object().unwrap();
        assert!(schemas.contains_key("ErrorEnvelope") && schemas.contains_key("Message"));
    }
}
