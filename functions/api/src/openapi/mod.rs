//! The API's description: OpenAPI 3.1, made from the routes and the wire types.
//!
//! Routes and types say what is theirs. What is the same everywhere is added here: the ids of paths, how to sign in,
//! the refusals, and the seed guide's bodies as examples.

use std::sync::LazyLock;

use serde_json::{Value, json};
use workbench_core::page::SortKey;

use crate::idempotency::IDEMPOTENCY_KEY;
use crate::{accounts, cost_centers, env_types, environments, projects, router};
use parameters::{path_parameters, selection_parameters, sort_parameter};

mod parameters;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let (_, document) = &*router::PARTS;
    let mut document = serde_json::to_value(document).unwrap_or_default();
    describe(&mut document);
    document
});

/// The description of every route, as JSON.
#[must_use]
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// The seed guide's requests.
const EXAMPLES: [(&str, &str); 3] = [
    (
        "/environmentTypes",
        include_str!("../../tests/bodies/seed-environment-type.json"),
    ),
    (
        "/environmentTypes/{envTypeId}/configurations",
        include_str!("../../tests/bodies/seed-configuration.json"),
    ),
    (
        "/environments",
        include_str!("../../tests/bodies/seed-environment.json"),
    ),
];

/// The lists that can be filtered and sorted.
const SELECTIONS: [(&str, &[SortKey]); 5] = [
    ("/awsAccounts", &accounts::list::KEYS),
    ("/costCenters", &cost_centers::list::KEYS),
    ("/projects", &projects::list::KEYS),
    ("/environmentTypes", &env_types::list::KEYS),
    ("/environments", &environments::list::KEYS),
];

/// What may be answered instead of a result: status, name, and when.
const REFUSALS: [(&str, &str, &str); 9] = [
    (
        "400",
        "BadRequest",
        "The request is not as described; the message names the field",
    ),
    (
        "401",
        "Unauthorized",
        "No valid access token came with the request",
    ),
    (
        "403",
        "Forbidden",
        "The caller has no role that allows the request; the message says who may, or what to ask for",
    ),
    ("404", "NotFound", "What the path names does not exist"),
    (
        "409",
        "Conflict",
        "What the path names is in a state that forbids it, or is being changed by others",
    ),
    ("429", "TooManyRequests", "Too many requests; try again"),
    (
        "500",
        "InternalServerError",
        "A failure of Workbench; the message has the request's id",
    ),
    (
        "502",
        "BadGateway",
        "An AWS service refused what the request needs",
    ),
    (
        "503",
        "ServiceUnavailable",
        "An AWS service is busy; try again after `Retry-After` seconds",
    ),
];

/// Refusals of requests with a body.
const OF_BODIES: [(&str, &str, &str); 1] = [("413", "PayloadTooLarge", "The body is larger than 100 kB")];

/// Refusals of requests that may have an Idempotency-Key.
const OF_KEYS: [(&str, &str, &str); 1] = [(
    "422",
    "UnprocessableEntity",
    "The Idempotency-Key was used with another body",
)];

fn describe(document: &mut Value) {
    document["openapi"] = "3.1.0".into();
    document["info"] = json!({
        "title": "Workbench",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Environments for researchers: launched from approved recipes, in the right account.",
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    });
    document["security"] = json!([{ "AccessToken": [] }]);
    document["tags"] = [
        "hosting accounts",
        "cost centres",
        "environment types",
        "configurations",
        "projects",
        "users",
        "environments",
    ]
    .map(|name| json!({ "name": name }))
    .into();
    document["components"]["securitySchemes"] = json!({
        "AccessToken": {
            "type": "http",
            "scheme": "bearer",
            "description": "Cognito's access token, alone or after `Bearer `",
        },
    });
    document["components"]["schemas"]["Problem"] = json!({
        "type": "object",
        "required": ["error", "message"],
        "properties": {
            "error": { "type": "string", "examples": ["Bad Request"] },
            "message": { "type": "string", "examples": ["name: Required"] },
        },
    });
    let responses = REFUSALS
        .iter()
        .chain(&OF_BODIES)
        .chain(&OF_KEYS)
        .map(|(_, name, when)| {
            let content =
                json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
            (
                (*name).to_owned(),
                json!({ "description": when, "content": content }),
            )
        });
    document["components"]["responses"] = Value::Object(responses.collect());
    for change in changes(document) {
        document["components"]["schemas"][change]["minProperties"] = 1.into();
    }
    let Some(paths) = document["paths"].as_object_mut() else {
        return;
    };
    for (path, item) in paths {
        let Some(operations) = item.as_object_mut() else {
            continue;
        };
        for (method, operation) in operations {
            describe_operation(path, method, operation);
        }
    }
}

/// The bodies of PATCH: they change something.
fn changes(document: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let schema = |(_, item): (&String, &Value)| {
        let body = &item["patch"]["requestBody"]["content"]["application/json"]["schema"];
        body["$ref"].as_str()?.rsplit('/').next().map(str::to_owned)
    };
    paths.filter_map(schema).collect()
}

fn describe_operation(path: &str, method: &str, operation: &mut Value) {
    operation["operationId"] = operation_id(path, method).into();
    let has_body = operation.get("requestBody").is_some();
    let bodies: &[_] = if has_body { &OF_BODIES } else { &[] };
    let mut own = operation["parameters"].as_array().into_iter().flatten();
    let keyed = own.any(|parameter| parameter["name"] == IDEMPOTENCY_KEY);
    let keys: &[_] = if keyed { &OF_KEYS } else { &[] };
    for (status, name, _) in REFUSALS.iter().chain(bodies).chain(keys) {
        operation["responses"][*status] = json!({ "$ref": format!("#/components/responses/{name}") });
    }
    let mut parameters: Vec<Value> = path_parameters(path).collect();
    parameters.extend(operation["parameters"].as_array().into_iter().flatten().cloned());
    if let Some((_, keys)) = SELECTIONS
        .iter()
        .find(|(list, _)| *list == path && method == "get")
    {
        parameters.extend(selection_parameters(keys));
    }
    if path.ends_with("/environments/{id}/events") {
        parameters.push(sort_parameter(&[SortKey::CreatedAt]));
    }
    for parameter in &mut parameters {
        without_null(&mut parameter["schema"]);
    }
    if has_body {
        without_null(&mut operation["requestBody"]["content"]["application/json"]["schema"]);
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    let below_project = path.strip_prefix("/projects/{projectId}").unwrap_or(path);
    if let Some((_, example)) = EXAMPLES
        .iter()
        .find(|(of, _)| *of == below_project && method == "post")
    {
        let example = serde_json::from_str(example).unwrap_or_default();
        operation["requestBody"]["content"]["application/json"]["example"] = example;
    }
}

/// `get /projects/{projectId}/environments` becomes `getProjectsProjectIdEnvironments`.
fn operation_id(path: &str, method: &str) -> String {
    let words = path
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        format!("{}{rest}", first.to_uppercase())
    };
    words.fold(method.to_owned(), |id, word| id + &capital(word))
}

/// A parameter or a body that may be left out is not null.
fn without_null(schema: &mut Value) {
    if let Some(types) = schema["type"].as_array().cloned() {
        let rest: Vec<Value> = types.into_iter().filter(|kind| kind != "null").collect();
        schema["type"] = match rest.as_slice() {
            [one] => one.clone(),
            _ => rest.into(),
        };
    }
    if let Some(schemas) = schema["oneOf"].as_array().cloned() {
        let mut rest = schemas.into_iter().filter(|schema| schema["type"] != "null");
        if let (Some(one), None) = (rest.next(), rest.next()) {
            *schema = one;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn operations() -> impl Iterator<Item = (&'static String, &'static String, &'static Value)> {
        let paths = document()["paths"].as_object().unwrap();
        let of_path = |(path, item): (&'static String, &'static Value)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| (path, method, operation))
        };
        paths.iter().flat_map(of_path)
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_a_summary_and_its_answers() {
        let mut names = BTreeSet::new();
        for (path, method, operation) in operations() {
            assert!(
                names.insert(operation["operationId"].as_str().unwrap()),
                "{method} {path}"
            );
            assert!(operation["summary"].is_string(), "{method} {path}");
            let answers = operation["responses"].as_object().unwrap();
            assert!(
                answers.keys().any(|status| status.starts_with('2')),
                "{method} {path}"
            );
            assert!(answers.contains_key("403"), "{method} {path}");
        }
        assert!(names.len() > 30, "{names:?}");
    }

    #[test]
    fn every_id_of_a_path_is_described() {
        for (path, method, operation) in operations() {
            let described = operation["parameters"]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default();
            let in_path = described
                .iter()
                .filter(|parameter| parameter["in"] == "path")
                .count();
            assert_eq!(in_path, path.matches('{').count(), "{method} {path}");
        }
    }

    #[test]
    fn what_is_referred_to_is_there() {
        fn references<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
            match value {
                Value::Object(map) => {
                    if let Some(Value::String(target)) = map.get("$ref") {
                        found.insert(target);
                    }
                    map.values().for_each(|value| references(value, found));
                }
                Value::Array(list) => list.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        let mut found = BTreeSet::new();
        references(document(), &mut found);
        assert!(!found.is_empty());
        for target in found {
            let pointer = target.strip_prefix('#').unwrap();
            assert!(document().pointer(pointer).is_some(), "{target}");
        }
    }

    #[test]
    fn the_seed_guides_bodies_are_the_examples() {
        let post = &document()["paths"]["/environments"]["post"];
        let example = &post["requestBody"]["content"]["application/json"]["example"];
        assert_eq!(example["envType"], "sagemakerExample");
    }
}
