//! The OpenAPI 3.1 document, made from the routes themselves.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use cloakroom_wire::ErrorEnvelope;
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
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
    components(schemas(ErrorEnvelope)),
    tags(
        (name = "sessions", description = "Login, File Access Token, logout."),
        (name = "users", description = "The people of the app."),
        (name = "groups", description = "Groups and who is in them."),
        (name = "messages", description = "Messages and the files they carry."),
        (name = "media", description = "Presigned URLs."),
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
pub(super) fn document(origin: &str, versioned: OpenApiRouter<Api>) -> (Router<Api>, Served) {
    let (router, mut document) =
        OpenApiRouter::with_openapi(Whole::openapi()).nest("/v3", versioned).split_for_parts();
    document.servers = Some(vec![ServerBuilder::new().url(origin).build()]);
    complete(&mut document);
    let text = document.to_json().unwrap_or_default();
    (router, Served(text.into()))
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
    document.paths.paths.values_mut().flat_map(operations).for_each(of_every_call);
}

fn of_every_call(operation: &mut Operation) {
    let app = ParameterBuilder::new()
        .name("appid")
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some("The id of the app."))
        .schema(Some(Object::with_type(Type::String)))
        .build();
    operation.parameters.get_or_insert_default().push(app.into());
    let content =
        ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorEnvelope"))).build();
    let failure = ResponseBuilder::new()
        .description("Failed; `error.code` says why.")
        .content("application/json", content)
        .build();
    operation.responses.responses.insert("default".to_owned(), failure.into());
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::versioned;
    use super::*;

    #[test]
    fn every_call_is_described_with_app_errors_and_security() {
        let (_, Served(text)) = document("http://127.0.0.1:8081", versioned());
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
            "/v3/webhooks/{id}/deliveries/{deliveryId}/replay",
        ] {
            assert!(paths.contains_key(path), "{path} is missing");
        }
        for (path, item) in paths {
            for (method, call) in item.as_object().unwrap() {
                let app = call["parameters"].as_array().unwrap().iter();
                assert!(app.clone().any(|p| p["name"] == "appid"), "{method} {path}");
                assert!(call["responses"]["default"].is_object(), "{method} {path}");
                assert!(call["security"].is_array(), "{method} {path}");
            }
        }
        let schemas = document["components"]["schemas"].as_object().unwrap();
        assert!(schemas.contains_key("ErrorEnvelope") && schemas.contains_key("Message"));
    }
}
