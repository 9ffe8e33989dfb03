//! What the document must say of every call. Each complaint names the call and what to add.

use std::collections::BTreeSet;

use cloakroom_wire::ErrorCode;
use serde_json::Value;

use super::super::versioned;
use super::{Served, document, for_each_call};

/// Codes of calls that do not exist yet. The test says when one is answered.
const NOT_YET: &[ErrorCode] = &[];

fn whole() -> Value {
    let (_, Served(text)) = document("http://127.0.0.1:8081", "http://127.0.0.1:8082", versioned());
    serde_json::from_str(&text).unwrap()
}

/// What is missing, a sentence each.
fn gaps(document: &mut Value) -> Vec<String> {
    let mut gaps = Vec::new();
    let tags: BTreeSet<String> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap().to_owned())
        .collect();
    let mut operations = BTreeSet::new();
    for_each_call(document, |method, path, call| {
        let mut miss = |what: String| gaps.push(format!("{method} {path}: {what}"));
        let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
        if text(&call["summary"]).is_empty() && text(&call["description"]).is_empty() {
            miss("begin its doc comment with what it does".to_owned());
        }
        let tag = text(&call["tags"][0]);
        if !tags.contains(&tag) {
            miss(format!("add the tag {tag:?} with a description to `Whole` in openapi.rs"));
        }
        if !operations.insert(text(&call["operationId"])) {
            miss("another call has its operationId: rename the handler".to_owned());
        }
        for parameter in call["parameters"].as_array().into_iter().flatten() {
            if text(&parameter["description"]).is_empty() {
                let name = text(&parameter["name"]);
                miss(format!("say in `params(…)` or the query's doc comments what {name} is"));
            }
        }
        let add = "add `#[schema(example = json!(…))]` to the type";
        for (kind, media) in call["requestBody"]["content"].as_object().into_iter().flatten() {
            if !is_shown(media) {
                miss(format!("the body ({kind}) has no example: {add} {}", media["schema"]));
            }
        }
        let mut succeeds = false;
        for (status, answer) in call["responses"].as_object().into_iter().flatten() {
            let media = &answer["content"]["application/json"];
            succeeds |= status.starts_with('2');
            if status.starts_with('2') && media.is_object() && !is_shown(media) {
                miss(format!("the answer {status} has no example: {add} {}", media["schema"]));
            }
            if status.starts_with(['4', '5']) && !media["examples"].is_object() {
                miss(format!("the answer {status} has no example: use a status of errors.rs"));
            }
        }
        if !succeeds {
            miss("name its success in `responses(…)`".to_owned());
        }
        if path.starts_with("/v3/") && !call["security"].is_array() {
            miss("say in `security(…)` who may ask".to_owned());
        }
    });
    gaps
}

fn is_shown(media: &Value) -> bool {
    media.get("example").is_some() || media.get("examples").is_some()
}

#[test]
fn every_call_has_examples_and_says_what_its_parameters_are() {
    let gaps = gaps(&mut whole());
    assert!(gaps.is_empty(), "the document is not complete:\n{}", gaps.join("\n"));
}

#[test]
fn what_is_missing_is_named() {
    let mut document = whole();
    let call = &mut document["paths"]["/v3/users"]["post"];
    call["requestBody"]["content"]["application/json"]["example"].take();
    call["requestBody"]["content"]["application/json"].as_object_mut().unwrap().remove("example");
    call["tags"] = serde_json::json!(["nobody"]);
    call["parameters"][0]["description"] = "".into();
    let gaps = gaps(&mut document).join("\n");
    for part in [
        "post /v3/users: the body (application/json) has no example",
        "CreateUser",
        "\"nobody\"",
        "params(",
    ] {
        assert!(gaps.contains(part), "{part} in:\n{gaps}");
    }
}

#[test]
fn every_code_is_an_example_of_some_call() {
    let mut document = whole();
    let mut answered = BTreeSet::new();
    for_each_call(&mut document, |_, _, call| {
        for answer in call["responses"].as_object().unwrap().values() {
            let examples = answer["content"]["application/json"]["examples"].as_object();
            answered.extend(examples.into_iter().flatten().map(|(name, _)| name.clone()));
        }
    });
    for &code in ErrorCode::ALL.iter().filter(|code| code.status() != 0) {
        assert_eq!(
            answered.contains(code.as_str()),
            !NOT_YET.contains(&code),
            "{code}: name the calls that answer it in `Facts` of openapi/errors.rs, \
             or take it out of NOT_YET once a call does"
        );
        let example = &document["components"]["examples"][code.as_str()];
        assert_eq!(example["value"]["error"]["code"], code.as_str());
        assert_eq!(example["value"]["error"]["message"], code.meaning());
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(whole: &Value, at: &Value) {
        match at {
            Value::Object(fields) => {
                if let Some(Value::String(to)) = fields.get("$ref") {
                    assert!(whole.pointer(&to[1..]).is_some(), "{to}");
                }
                fields.values().for_each(|field| walk(whole, field));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(whole, item)),
            _ => {}
        }
    }
    let whole = whole();
    walk(&whole, &whole);
}
