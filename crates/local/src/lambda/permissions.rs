//! Who else may invoke a function: its resource policy, statement by statement.

use serde_json::{Value, json};

use super::functions::{Deployed, find};
use super::{conflict, invalid, not_found};
use crate::error::ApiError;
use crate::iam::{Kind, Policy};
use crate::input::Input;
use crate::world::{Principal, World};

pub(super) fn add(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let known = [
        "FunctionName",
        "StatementId",
        "Action",
        "Principal",
        "SourceArn",
        "SourceAccount",
        "PrincipalOrgID",
    ];
    let input = Input::read("AddPermission", input, &known)?;
    let arn = find(world, principal, &input)?;
    let id = input.text("StatementId")?;
    let statement = statement(&input, &arn)?;
    let function = function(world, &arn)?;
    if function.statements.contains_key(id) {
        return Err(conflict(format!(
            "The statement id ({id}) provided already exists."
        )));
    }
    function.statements.insert(id.to_owned(), statement.clone());
    if let Err(error) = read(function) {
        function.statements.remove(id);
        read(function)?;
        return Err(error);
    }
    Ok(json!({ "Statement": statement.to_string() }))
}

pub(super) fn remove(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let input = Input::read("RemovePermission", input, &["FunctionName", "StatementId"])?;
    let arn = find(world, principal, &input)?;
    let id = input.text("StatementId")?;
    let function = function(world, &arn)?;
    function
        .statements
        .remove(id)
        .ok_or_else(|| not_found(&format!("statement `{id}`")))?;
    read(function)?;
    Ok(json!({}))
}

pub(super) fn get(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let input = Input::read("GetPolicy", input, &["FunctionName"])?;
    let arn = find(world, principal, &input)?;
    let policy = function(world, &arn)?.policy.as_ref();
    let policy = policy.ok_or_else(|| not_found("the function's policy"))?;
    Ok(json!({ "Policy": policy.text }))
}

fn function<'a>(world: &'a mut World, arn: &str) -> Result<&'a mut Deployed, ApiError> {
    world
        .lambda
        .functions
        .get_mut(arn)
        .ok_or_else(|| not_found(&format!("function `{arn}`")))
}

/// Reads the statements anew.
fn read(function: &mut Deployed) -> Result<(), ApiError> {
    let statements: Vec<&Value> = function.statements.values().collect();
    let text = json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements }).to_string();
    function.policy = if statements.is_empty() {
        None
    } else {
        Some(Policy::parse(&text, Kind::Resource).map_err(|error| invalid(error.message))?)
    };
    Ok(())
}

/// <https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html>
fn statement(input: &Input<'_>, function: &str) -> Result<Value, ApiError> {
    let action = input.text("Action")?;
    if !action.starts_with("lambda:") {
        return Err(ApiError::validation(format!(
            "`Action` is `{action}`; it must begin with `lambda:`"
        )));
    }
    let principal = match input.text("Principal")? {
        "*" => json!("*"),
        service if service.contains(".amazonaws.com") => json!({ "Service": service }),
        identity => json!({ "AWS": identity }),
    };
    let mut statement = json!({
        "Sid": input.text("StatementId")?,
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": function,
    });
    for (member, operator, key) in [
        ("SourceArn", "ArnLike", "AWS:SourceArn"),
        ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
    ] {
        if let Some(value) = input.optional_text(member)? {
            statement["Condition"][operator][key] = json!(value);
        }
    }
    Ok(statement)
}
