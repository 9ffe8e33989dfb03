//! Headers that belong to many calls.

use serde_json::{Value, json};

use super::for_each_call;

/// Adds `onBehalfOf` where an API key asks, and `Idempotency-Key` to what makes things.
pub(super) fn add(document: &mut Value) {
    for_each_call(document, |method, _, call| {
        let security = call["security"].as_array().into_iter().flatten();
        let schemes: Vec<&String> =
            security.filter_map(Value::as_object).flat_map(|one| one.keys()).collect();
        let as_key = schemes.iter().any(|scheme| *scheme == "apikey");
        let as_user = schemes.iter().any(|scheme| *scheme == "authtoken");
        let mut add = |name: &str, description: &str| {
            let header = json!({"name": name, "in": "header", "description": description,
                "schema": {"type": "string"}});
            if let Some(parameters) = call["parameters"].as_array_mut() {
                parameters.push(header);
            }
        };
        if as_key && as_user {
            add("onBehalfOf", "Beside an `apikey`: the uid of the user in whose name it asks.");
        }
        if method == "post" {
            add(
                "Idempotency-Key",
                "1 to 255 visible ASCII characters, new for each call: the call sent again with \
                 it within 24 hours is done once. Not with an upload, which has its `muid`.",
            );
        }
    });
}
