//! The policy of a bus: who else may put events on it.

use serde_json::{Value, json};

use super::{Bus, bus_arn, rules};
use crate::error::ApiError;
use crate::iam::{Kind, Policy};
use crate::input::Input;
use crate::world::World;

/// Largest policy of a bus, in bytes (EventBridge quotas).
const MOST_BYTES: usize = 10 * 1024;

/// PutPermission: one statement by its members, or a whole policy.
pub(super) fn put(world: &mut World, account: &str, input: &Value) -> Result<Value, ApiError> {
    let input = Input::read(
        "PutPermission",
        input,
        &[
            "EventBusName",
            "Action",
            "Principal",
            "StatementId",
            "Condition",
            "Policy",
        ],
    )?;
    rules::check_bus(world, account, &input)?;
    let statements = match input.optional_text("Policy")? {
        Some(text) => {
            let members = ["Action", "Principal", "StatementId", "Condition"];
            if members.iter().any(|member| input.value(member).is_some()) {
                return Err(ApiError::validation(
                    "`Policy` takes the place of `StatementId`, `Action`, `Principal` and `Condition`",
                ));
            }
            whole(text)?
        }
        None => {
            let statement = statement(&input, &bus_arn(world, account))?;
            let mut statements = rules::bus(world, account).statements.clone();
            statements.retain(|known| known["Sid"] != statement["Sid"]);
            statements.push(statement);
            statements
        }
    };
    set(rules::bus(world, account), statements)
}

pub(super) fn remove(world: &mut World, account: &str, input: &Value) -> Result<Value, ApiError> {
    let input = Input::read(
        "RemovePermission",
        input,
        &["EventBusName", "StatementId", "RemoveAllPermissions"],
    )?;
    rules::check_bus(world, account, &input)?;
    let bus = rules::bus(world, account);
    if input.flag("RemoveAllPermissions")?.unwrap_or_default() {
        return set(bus, Vec::new());
    }
    let id = input.text("StatementId")?;
    let mut statements = bus.statements.clone();
    statements.retain(|known| known["Sid"] != id);
    if statements.len() == bus.statements.len() {
        return Err(rules::not_found(&format!("statement `{id}`")));
    }
    set(bus, statements)
}

pub(super) fn describe_bus(world: &mut World, account: &str, input: &Value) -> Result<Value, ApiError> {
    let name = Input::read("DescribeEventBus", input, &["Name"])?.optional_text("Name")?;
    rules::check_own(world, account, name.unwrap_or("default"))?;
    let arn = bus_arn(world, account);
    let mut described = json!({ "Name": "default", "Arn": arn });
    if let Some(policy) = &rules::bus(world, account).policy {
        described["Policy"] = json!(policy.text);
    }
    Ok(described)
}

fn set(bus: &mut Bus, statements: Vec<Value>) -> Result<Value, ApiError> {
    let policy = if statements.is_empty() {
        None
    } else {
        let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        if text.len() > MOST_BYTES {
            return Err(ApiError::new(
                "PolicyLengthExceededException",
                format!("the policy has {} bytes; a bus can have {MOST_BYTES}", text.len()),
            ));
        }
        Some(Policy::parse(&text, Kind::Resource).map_err(|error| ApiError::validation(error.message))?)
    };
    bus.statements = statements;
    bus.policy = policy;
    Ok(json!({}))
}

/// The statements of a policy's text.
fn whole(text: &str) -> Result<Vec<Value>, ApiError> {
    let policy: Value = serde_json::from_str(text)
        .map_err(|error| ApiError::validation(format!("`Policy` is not JSON: {error}")))?;
    Policy::parse(text, Kind::Resource).map_err(|error| ApiError::validation(error.message))?;
    Ok(match &policy["Statement"] {
        Value::Array(statements) => statements.clone(),
        one => vec![one.clone()],
    })
}

/// The statement that the members of a PutPermission stand for.
fn statement(input: &Input<'_>, bus: &str) -> Result<Value, ApiError> {
    if input.text("Action")? != "events:PutEvents" {
        return Err(ApiError::validation("`Action` must be `events:PutEvents`"));
    }
    let principal = match input.text("Principal")? {
        "*" => json!("*"),
        id if id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()) => {
            json!({ "AWS": format!("arn:aws:iam::{id}:root") })
        }
        other => {
            return Err(ApiError::validation(format!(
                "`Principal` is `{other}`; it must be `*` or an account id of 12 digits"
            )));
        }
    };
    let mut statement = json!({
        "Sid": input.text("StatementId")?,
        "Effect": "Allow",
        "Principal": principal,
        "Action": "events:PutEvents",
        "Resource": bus,
    });
    if let Some(condition) = input.value("Condition") {
        let condition = Input::read("Condition", condition, &["Type", "Key", "Value"])?;
        let (operator, key) = (condition.text("Type")?, condition.text("Key")?);
        if (operator, key) != ("StringEquals", "aws:PrincipalOrgID") {
            return Err(ApiError::validation(format!(
                "`Condition` is `{operator}` on `{key}`; it must be `StringEquals` on `aws:PrincipalOrgID`"
            )));
        }
        statement["Condition"] = json!({ operator: { key: condition.text("Value")? } });
    }
    Ok(statement)
}
