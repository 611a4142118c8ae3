//! Parameters of paths and queries: the ids of paths, and how lists are filtered and sorted.

use serde_json::{Map, Value, json};
use utoipa::PartialSchema;
use workbench_core::page::SortKey;

use crate::schema;

/// The ids of a path.
pub(super) fn path_parameters(path: &str) -> impl Iterator<Item = Value> {
    let names = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| {
        let schema = match name {
            "projectId" => schema::ProjectId::schema(),
            "envTypeId" => schema::EnvTypeId::schema(),
            "envTypeConfigId" => schema::EnvTypeConfigId::schema(),
            "userId" => schema::UserId::schema(),
            "accountId" => schema::AccountId::schema(),
            "costCenterId" => schema::CostCenterId::schema(),
            // The only thing whose id the routes call just that.
            _ => schema::EnvironmentId::schema(),
        };
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    })
}

/// `filter[name][eq]=x`, `filter[name][between][value1]=x` and `sort[name]=asc`.
///
/// OpenAPI knows objects of one level in queries, so each property has its own parameters.
pub(super) fn selection_parameters(keys: &[SortKey]) -> Vec<Value> {
    let value = json!({
        "type": "string",
        "minLength": 1,
        "maxLength": 128,
        // No control characters.
        "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
    });
    let filters = keys.iter().flat_map(|key| {
        let name = format!("filter[{}]", key.label());
        let mut single = object(value.clone(), &["eq", "lt", "lte", "gt", "gte", "begins"]);
        single["maxProperties"] = 1.into();
        let mut range = object(value.clone(), &["value1", "value2"]);
        range["required"] = json!(["value1", "value2"]);
        [
            in_brackets(
                name.clone(),
                "Rows of which this is so; a list takes one filter",
                single,
            ),
            in_brackets(
                format!("{name}[between]"),
                "The same, from value1 to value2",
                range,
            ),
        ]
    });
    filters.chain([sort_parameter(keys)]).collect()
}

/// `sort[name]=asc`.
pub(super) fn sort_parameter(keys: &[SortKey]) -> Value {
    let names: Vec<&str> = keys.iter().map(|key| key.label()).collect();
    let mut sort = object(json!({ "type": "string", "enum": ["asc", "desc"] }), &names);
    sort["maxProperties"] = 1.into();
    let when = "One property, that of the filter if there is one";
    in_brackets("sort".to_owned(), when, sort)
}

/// An object of these properties, all alike.
fn object(schema: Value, names: &[&str]) -> Value {
    let properties = names.iter().map(|name| ((*name).to_owned(), schema.clone()));
    json!({
        "type": "object",
        "properties": Map::from_iter(properties),
        "additionalProperties": false,
    })
}

/// A parameter whose properties stand in brackets.
fn in_brackets(name: String, description: &str, schema: Value) -> Value {
    json!({
        "name": name,
        "in": "query",
        "description": description,
        "style": "deepObject",
        "explode": true,
        "schema": schema,
    })
}
