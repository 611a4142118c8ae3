//! A target for each request body.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, RefUnwindSafe};

use bolero::check;
use jiff::Timestamp;
use jsonschema::Validator;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use workbench_core::Error;
use workbench_core::id::ProjectId;
use workbench_fuzz::{Described, Edited};

use crate::body::{Body, Nothing};
use crate::{accounts, configurations, cost_centers, document, env_types, environments, projects, users};

/// A refusal that no schema can describe: what is given must not be given twice.
const TWICE: &str = "is given twice";

/// Reads what is nearly a body of the type, checks it as its handler does, and holds both against the description.
fn target<T>(check: impl Fn(T) -> Result<(), Error> + RefUnwindSafe)
where
    T: DeserializeOwned + Debug + ToSchema,
{
    let name = T::name();
    let schema = &document()["components"]["schemas"][name.as_ref()];
    assert!(schema.is_object(), "{name} is not described");
    // A validator keeps nothing of what it was asked.
    let described = AssertUnwindSafe(described(schema));
    check!()
        .with_generator(Described::by(schema, document()))
        .for_each(|body| {
            let bytes = body.to_string();
            let outcome = Body::from(bytes.as_bytes()).read::<T>().and_then(|read| {
                reads_the_same_in_another_order(&read, body);
                check(read)
            });
            match outcome {
                Ok(()) => assert!(
                    described.is_valid(body) || names_no_installed_type(body),
                    "is accepted but not described: {body}"
                ),
                Err(refusal) => {
                    let refusal = refusal.to_string();
                    names_a_place(&refusal, body, schema);
                    assert!(
                        !described.is_valid(body) || refusal.contains(TWICE),
                        "is described but refused: {refusal}: {body}"
                    );
                }
            }
        });
}

/// Whether a type is installed is checked later, against the table.
fn names_no_installed_type(body: &Value) -> bool {
    let name = ["type", "envType"].iter().find_map(|field| body[field].as_str());
    name.is_some_and(|name| workbench_core::registry::environment_type(name).is_none())
}

fn described(schema: &Value) -> Validator {
    let whole = json!({ "allOf": [schema], "components": document()["components"] });
    jsonschema::validator_for(&whole).unwrap()
}

/// Neither the order of keys nor white space counts.
fn reads_the_same_in_another_order<T: DeserializeOwned + Debug>(read: &T, body: &Value) {
    let text = serde_json::to_string_pretty(&reversed(body)).unwrap();
    let again: T = Body::from(text.as_bytes()).read().unwrap();
    assert_eq!(format!("{read:?}"), format!("{again:?}"));
}

fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let turned = map
                .iter()
                .rev()
                .map(|(key, value)| (key.clone(), reversed(value)));
            Value::Object(turned.collect::<Map<_, _>>())
        }
        Value::Array(list) => list.iter().map(reversed).collect(),
        other => other.clone(),
    }
}

/// A refusal begins with the body, or with a field that is there or should be.
fn names_a_place(refusal: &str, body: &Value, schema: &Value) {
    let (place, problem) = refusal.split_once(": ").unwrap_or_default();
    assert!(!problem.is_empty(), "{refusal}");
    let field = place.split('.').next().unwrap_or_default();
    let known = field == "body" || !schema["properties"][field].is_null();
    // Long keys are shortened in refusals.
    let keys = body.as_object().into_iter().flatten().map(|(key, _)| key);
    let given = keys
        .map(|key| key.chars().take(80).collect::<String>())
        .any(|key| refusal.starts_with(&key));
    assert!(known || given, "{refusal}: {body}");
}

fn no_check<T>(_: T) -> Result<(), Error> {
    Ok(())
}

/// That a body names the path's project is not for a schema.
fn differs(refusal: Error) -> Result<(), Error> {
    if refusal
        .to_string()
        .starts_with("projectId: differs from the path's")
    {
        Ok(())
    } else {
        Err(refusal)
    }
}

fn path_project() -> ProjectId {
    "proj-b590a734-5adc-4a43-a24b-edf3795b812d".parse().unwrap()
}

/// A test of each body, and the names under which the bodies are described.
macro_rules! targets {
    ($($test:ident: $body:ty = $check:expr;)*) => {
        $(
            #[test]
            fn $test() {
                target::<$body>($check);
            }
        )*

        fn names() -> BTreeSet<Cow<'static, str>> {
            [$(<$body>::name()),*].into()
        }
    };
}

targets! {
    new_environment: environments::launch::NewEnvironment =
        |new| new.of(Some(path_project()), None).map(drop).or_else(differs);
    new_environment_type: env_types::create::NewEnvType = |new| new.at(Timestamp::UNIX_EPOCH).map(drop);
    environment_type_change: env_types::update::EnvTypeChange = |change| change.check();
    new_configuration: configurations::create::NewConfig = no_check;
    configuration_change: configurations::update::ConfigChange = |change| change.check();
    new_project: projects::create::NewProject = no_check;
    project_change: projects::update::ProjectChange = |change| change.check();
    new_role: projects::members::NewRole = no_check;
    new_user: users::create::Invited = no_check;
    user_change: users::update::Change = |change| change.check().map(drop);
    new_account: accounts::create::NewAccount = |new| new.registration().map(drop);
    account_change: accounts::update::Change = |change| change.check().map(drop);
    onboarding_links: accounts::template_urls::Wanted = |wanted| wanted.check().map(drop);
    account_check: Nothing = no_check;
    new_cost_center: cost_centers::create::NewCostCenter = no_check;
    cost_center_change: cost_centers::update::Change = |change| change.check();
}

#[test]
fn every_body_that_is_described_has_a_target() {
    let targets = names();
    let paths = document()["paths"].as_object().unwrap().iter();
    for (path, operations) in paths {
        for (method, operation) in operations.as_object().unwrap() {
            let Some(body) = operation.get("requestBody") else {
                continue;
            };
            let types = references(body);
            assert!(!types.is_empty(), "{method} {path}: {body}");
            for ty in types {
                let name = ty.trim_start_matches("#/components/schemas/");
                assert!(targets.contains(name), "{method} {path}: {name} has no target");
            }
        }
    }
}

/// What a description refers to.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| match value.as_str() {
                Some(text) if key == "$ref" => vec![text],
                _ => references(value),
            })
            .collect(),
        Value::Array(list) => list.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn bodies_that_repeat_the_paths_project() {
    let path = path_project();
    let schema = json!({ "type": "object", "properties": {
        "projectId": { "type": "string", "examples": ["proj-b590a734-5adc-4a43-a24b-edf3795b812d"] },
    } });
    check!()
        .with_generator(Described::by(&schema, &schema))
        .for_each(|body| {
            let empty = *body == json!({});
            let same = [json!(path.to_string()), Value::Null]
                .map(|id| json!({ "projectId": id }))
                .contains(body);
            for (project, accepted) in [(None, empty), (Some(path), empty || same)] {
                match Body::from(body).same_project(project) {
                    Ok(()) => assert!(accepted, "{body}"),
                    Err(refusal) => {
                        assert!(!accepted, "{refusal}: {body}");
                        names_a_place(&refusal.to_string(), body, &schema);
                    }
                }
            }
        });
}

/// What is read of the bytes of any body.
fn read_all(bytes: &[u8]) {
    let body = Body::from(bytes);
    let _ = body.read::<environments::launch::NewEnvironment>();
    let _ = body.read::<env_types::create::NewEnvType>();
    let _ = body.read::<env_types::update::EnvTypeChange>();
    let _ = body.read::<configurations::create::NewConfig>();
    let _ = body.read::<projects::create::NewProject>();
    let _ = body.read_optional::<Nothing>();
}

#[test]
fn bytes() {
    check!().for_each(read_all);
}

#[test]
fn texts_that_are_nearly_json() {
    let examples = [
        include_str!("../../tests/bodies/seed-environment.json"),
        include_str!("../../tests/bodies/seed-environment-type.json"),
        include_str!("../../tests/bodies/seed-configuration.json"),
    ];
    check!()
        .with_generator(Edited::of(&examples))
        .for_each(|text| read_all(text.as_bytes()));
}
