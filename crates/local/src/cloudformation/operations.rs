//! The operations that change stacks.

use serde::Deserialize;
use serde_json::{Value, json};

use super::change::{self, Wanted};
use super::deletion;
use super::parameters::scalar_text;
use super::stack::find;
use crate::error::ApiError;
use crate::request::parse;
use crate::world::{Principal, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateStack {
    stack_name: String,
    template_body: Option<String>,
    #[serde(rename = "TemplateURL")]
    template_url: Option<String>,
    #[serde(default)]
    parameters: Vec<ParameterValue>,
    #[serde(default)]
    tags: Vec<Tag>,
    /// Every template here may make IAM resources; AWS wants to be told.
    #[serde(rename = "Capabilities")]
    _capabilities: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ParameterValue {
    parameter_key: String,
    parameter_value: Option<String>,
    #[serde(default)]
    use_previous_value: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tag {
    key: String,
    value: String,
}

pub(super) fn create(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: CreateStack = parse("CreateStack", input)?;
    let valid_name = request.stack_name.starts_with(|c: char| c.is_ascii_alphabetic())
        && request
            .stack_name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-')
        && request.stack_name.len() <= 128;
    if !valid_name {
        return Err(ApiError::new(
            "ValidationError",
            format!(
                "StackName `{}` must be a letter and then at most 127 letters, digits and `-`",
                request.stack_name
            ),
        ));
    }
    let template = template(world, request.template_body, request.template_url)?;
    let parameters = request.parameters.into_iter();
    let wanted = Wanted {
        name: request.stack_name,
        template,
        parameters: parameters
            .filter_map(|given| Some((given.parameter_key, given.parameter_value?)))
            .collect(),
        tags: request.tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
    };
    let id = change::create(world, principal, wanted)?;
    Ok(json!({ "StackId": id }))
}

fn template(world: &World, body: Option<String>, url: Option<String>) -> Result<String, ApiError> {
    match (body, url) {
        (Some(body), None) => Ok(body),
        (None, Some(url)) => crate::s3::object(world, &url)
            .ok_or_else(|| ApiError::new("ValidationError", format!("no template at TemplateURL `{url}`"))),
        _ => Err(ApiError::new(
            "ValidationError",
            "either TemplateBody or TemplateURL must be given",
        )),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct UpdateStack {
    stack_name: String,
    template_body: Option<String>,
    #[serde(rename = "TemplateURL")]
    template_url: Option<String>,
    #[serde(default)]
    use_previous_template: bool,
    #[serde(default)]
    parameters: Vec<ParameterValue>,
    #[serde(default)]
    tags: Option<Vec<Tag>>,
    #[serde(rename = "Capabilities")]
    _capabilities: Option<Vec<String>>,
}

pub(super) fn update(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: UpdateStack = parse("UpdateStack", input)?;
    let stack =
        find(world, &principal.account, &request.stack_name).ok_or_else(|| missing(&request.stack_name))?;
    let id = stack.id.clone();
    let previous = |name: &str| {
        let value = stack.plan.parameters.get(name)?;
        let list = value.as_array().map(|items| items.iter().filter_map(scalar_text));
        list.map(|items| items.collect::<Vec<_>>().join(","))
            .or_else(|| scalar_text(value))
    };
    let parameters = request.parameters.into_iter().filter_map(|given| {
        let value = if given.use_previous_value {
            previous(&given.parameter_key)
        } else {
            given.parameter_value
        };
        Some((given.parameter_key, value?))
    });
    let tags = request
        .tags
        .map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value)).collect());
    let wanted = Wanted {
        name: stack.name.clone(),
        parameters: parameters.collect(),
        template: if request.use_previous_template {
            stack.plan.text.to_string()
        } else {
            template(world, request.template_body, request.template_url)?
        },
        tags: tags.unwrap_or_else(|| stack.tags.clone()),
    };
    change::update(world, principal, &id, wanted)?;
    Ok(json!({ "StackId": id }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Named {
    pub(super) stack_name: String,
}

pub(super) fn missing(name: &str) -> ApiError {
    ApiError::new("ValidationError", format!("stack with id {name} does not exist"))
}

/// Deleting a stack that does not exist succeeds.
pub(super) fn delete(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: Named = parse("DeleteStack", input)?;
    let found = find(world, &principal.account, &request.stack_name).map(|stack| stack.id.clone());
    if let Some(id) = found {
        deletion::delete(world, principal, &id)?;
    }
    Ok(json!({}))
}
