//! An example beside every JSON body, put together from the examples of the types in it.
//!
//! A type that says `#[schema(example = json!(…))]` is its own example. One that does not is shown
//! by its fields, if each field that must be there has an example.

use serde_json::{Map, Value, json};

use super::for_each_call;

/// Types in types; none of ours goes deeper.
const DEEPEST: u8 = 12;

/// Adds the examples that the document lacks.
pub(super) fn add(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    for_each_call(document, |_, _, call| {
        if let Some(media) = json_of(&mut call["requestBody"]) {
            complete(&schemas, media);
        }
        let Some(answers) = call["responses"].as_object_mut() else { return };
        for (_, answer) in answers.iter_mut().filter(|(status, _)| status.starts_with('2')) {
            if let Some(media) = json_of(answer) {
                complete(&schemas, media);
            }
        }
    });
}

fn json_of(body: &mut Value) -> Option<&mut Map<String, Value>> {
    body.get_mut("content")?.get_mut("application/json")?.as_object_mut()
}

fn complete(schemas: &Value, media: &mut Map<String, Value>) {
    if media.contains_key("example") || media.contains_key("examples") {
        return;
    }
    if let Some(example) = media.get("schema").and_then(|schema| example(schemas, schema, 0)) {
        media.insert("example".to_owned(), example);
    }
}

/// An example of a schema; `None` if one would have to be made up.
fn example(schemas: &Value, schema: &Value, depth: u8) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    let deeper = |schema: &Value| example(schemas, schema, depth + 1);
    if let Some(own) = schema.get("example").or_else(|| schema.get("examples")?.get(0)) {
        return Some(own.clone());
    }
    if let Some(own) = schema.get("const").or_else(|| schema.get("enum")?.get(0)) {
        return Some(own.clone());
    }
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return deeper(schemas.get(name.strip_prefix("#/components/schemas/")?)?);
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let mut whole = Map::new();
        for part in parts {
            whole.extend(deeper(part)?.as_object()?.clone());
        }
        return Some(Value::Object(whole));
    }
    if let Some(choices) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
        return choices.as_array()?.iter().find_map(deeper);
    }
    let is = |kind: &str| match schema.get("type") {
        Some(Value::String(one)) => one == kind,
        Some(Value::Array(many)) => many.iter().any(|one| one == kind),
        _ => false,
    };
    if is("array") {
        return Some(json!([deeper(schema.get("items")?)?]));
    }
    if !is("object") {
        return None;
    }
    let mut whole = Map::new();
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    for (name, field) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        match deeper(field) {
            // A part without content is left out of answers.
            Some(Value::Object(empty))
                if empty.is_empty() && !required.contains(&name.as_str()) => {}
            Some(value) => {
                whole.insert(name.clone(), value);
            }
            None if required.contains(&name.as_str()) => return None,
            None => {}
        }
    }
    Some(Value::Object(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_put_together_and_never_made_up() {
        let schemas = json!({
            "User": {"type": "object", "example": {"uid": "alice"}},
            "Meta": {"type": "object"},
            "Bare": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}},
            "Loop": {"$ref": "#/components/schemas/Loop"},
        });
        let named = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let cases = [
            (named("User"), Some(json!({"uid": "alice"}))),
            (named("Bare"), None),
            (named("Loop"), None),
            (named("Nobody"), None),
            (json!({"type": "array", "items": named("User")}), Some(json!([{"uid": "alice"}]))),
            (
                json!({"type": "object", "required": ["data"], "properties": {
                    "data": named("User"),
                    "meta": {"oneOf": [{"type": "null"}, named("Meta")]},
                    "n": {"type": "integer"}
                }}),
                Some(json!({"data": {"uid": "alice"}})),
            ),
            (
                json!({"allOf": [named("User"), {"type": "object", "properties": {
                    "scope": {"type": "string", "enum": ["admin", "participant"]}}}]}),
                Some(json!({"uid": "alice", "scope": "admin"})),
            ),
            (json!({"type": "string"}), None),
        ];
        for (schema, expected) in cases {
            assert_eq!(example(&schemas, &schema, 0), expected, "{schema}");
        }
    }
}
