//! The one call of the secure media host: it lies elsewhere, and answers bytes.

use cloakroom_wire::{ErrorCode, Reason};
use serde_json::{Value, json};

/// Its path, at an origin of its own.
pub(super) const PATH: &str = "/{appId}/media/{file}";

/// Adds the call; `origin` is that of the secure media host.
pub(super) fn add(document: &mut Value, origin: &str) {
    let in_path = |name: &str, description: &str, example: &str| {
        json!({"name": name, "in": "path", "required": true, "description": description,
            "schema": {"type": "string"}, "example": example})
    };
    let schemes = &mut document["components"]["securitySchemes"];
    schemes["fat"] = json!({"type": "apiKey", "in": "query", "name": "fat",
        "description": "File Access Token, also as the header `fat` or as `Authorization: Bearer`. \
            A presigned URL carries its own credential instead."});
    document["paths"][PATH] = json!({
        "servers": [{"url": origin}],
        "get": {
            "tags": ["secure media host"],
            "operationId": "get_media",
            "summary": "Gives the bytes of a file, after a live check of who asks.",
            "description": "Ranges and conditions as in RFC 9110; `HEAD` too.",
            "parameters": [
                in_path("appId", "The id of the app.", "myapp"),
                in_path("file", "Id and extension of the file, as its media URL has them.",
                    "00112233445566778899aabbccddeeff.jpg"),
                {"name": "Disposition", "in": "query",
                    "description": "`attachment` asks for a download.",
                    "schema": {"type": "string", "enum": ["attachment"]}},
                {"name": "Range", "in": "header", "description": "A part of the file.",
                    "schema": {"type": "string"}}
            ],
            "responses": {
                "200": {"description": "The file.", "content": {"*/*": {}}},
                "206": {"description": "The part that was asked for.", "content": {"*/*": {}}},
                "304": {"description": "What the caller has is still good."}
            },
            "security": [{"fat": []}]
        }
    });
    let tag = json!({"name": "secure media host",
        "description": "Where media are read. On an origin of its own."});
    if let Some(tags) = document["tags"].as_array_mut() {
        tags.push(tag);
    }
}

/// Whether the secure media host answers it.
pub(super) fn may_answer(code: ErrorCode) -> bool {
    Reason::ALL.iter().any(|reason| reason.code() == code)
        || matches!(
            code,
            ErrorCode::Busy
                | ErrorCode::Internal
                | ErrorCode::MethodNotAllowed
                | ErrorCode::MisdirectedRequest
                | ErrorCode::RangeNotSatisfiable
                | ErrorCode::RateLimited
        )
}
