//! Holds answers against the API's own description.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Value, json};
use workbench_api::document;
use workbench_local::{Answer, Method};

/// The schemas of answers that were needed so far, by where they are in the description.
static SCHEMAS: LazyLock<Mutex<HashMap<String, Validator>>> = LazyLock::new(Mutex::default);

/// Fails the test if the description does not have this answer. Paths that no route has are not described.
pub(crate) fn check(method: &Method, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap_or_default();
    let Some(route) = route(path) else { return };
    let operation = &document()["paths"][route][method.as_str().to_lowercase()];
    if operation.is_null() {
        return;
    }
    let status = answer.status.as_str();
    let described = &operation["responses"][status];
    assert!(
        !described.is_null(),
        "{method} {route} may not answer {status}: {}",
        answer.body
    );
    let schema = followed(described)["content"]["application/json"]["schema"].clone();
    if schema.is_null() {
        assert!(
            answer.body.is_null(),
            "{method} {route} {status} has no body: {}",
            answer.body
        );
        return;
    }
    let mut schemas = SCHEMAS.lock().expect("a test that failed has said so");
    let validator = schemas
        .entry(format!("{method} {route} {status}"))
        .or_insert_with(|| {
            let whole = json!({
                "allOf": [schema],
                // What the description does not name, the API does not answer.
                "unevaluatedProperties": false,
                "components": document()["components"],
            });
            jsonschema::validator_for(&whole).expect("a schema that can be used")
        });
    let faults: Vec<String> = validator
        .iter_errors(&answer.body)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(
        faults.is_empty(),
        "{method} {route} {status} is not as described: {faults:#?}\n{:#}",
        answer.body
    );
}

/// The path of the description that a request's path is one of.
fn route(path: &str) -> Option<&'static str> {
    let paths = document()["paths"].as_object()?;
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |route: &str| {
        let wanted: Vec<&str> = route.split('/').collect();
        wanted.len() == parts.len()
            && wanted
                .iter()
                .zip(&parts)
                .all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
    };
    paths.keys().map(String::as_str).find(|route| fits(route))
}

fn followed(value: &'static Value) -> &'static Value {
    let target = value["$ref"].as_str().and_then(|target| target.strip_prefix('#'));
    target
        .and_then(|target| document().pointer(target))
        .unwrap_or(value)
}
