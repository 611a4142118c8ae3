//! Rules and their targets.

use serde_json::{Value, json};

use super::{Bus, Pattern, Rule, Schedule, Target, bus_account, permission, rule_arn, schedule};
use crate::error::ApiError;
use crate::iam;
use crate::input::Input;
use crate::world::{Principal, World};

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html>
const MOST_TARGETS: usize = 5;

pub(super) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let read = |known: &[&str]| Input::read(operation, input, known);
    let account = principal.account.as_str();
    match operation {
        "PutRule" => put_rule(
            world,
            account,
            &read(&[
                "Name",
                "EventPattern",
                "ScheduleExpression",
                "State",
                "Description",
                "EventBusName",
                "Tags",
            ])?,
        ),
        "DescribeRule" => {
            let input = read(&["Name", "EventBusName"])?;
            let name = input.text("Name")?;
            let arn = rule_arn(world, account, name);
            Ok(describe(name, &arn, rule(world, account, &input, "Name")?))
        }
        "ListRules" => {
            let input = read(&["NamePrefix", "EventBusName", "Limit"])?;
            let prefix = input.optional_text("NamePrefix")?.unwrap_or_default();
            check_bus(world, account, &input)?;
            let rules: Vec<Value> = (world.events.buses.get(account).into_iter())
                .flat_map(|bus| &bus.rules)
                .filter(|(name, _)| name.starts_with(prefix))
                .map(|(name, rule)| describe(name, &rule_arn(world, account, name), rule))
                .collect();
            Ok(json!({ "Rules": rules }))
        }
        "EnableRule" | "DisableRule" => {
            let input = read(&["Name", "EventBusName"])?;
            let name = input.text("Name")?;
            rule(world, account, &input, "Name")?.enabled = operation == "EnableRule";
            schedule::arm(world, account, name);
            Ok(json!({}))
        }
        "DeleteRule" => {
            let input = read(&["Name", "EventBusName", "Force"])?;
            let name = input.text("Name")?;
            check_bus(world, account, &input)?;
            let rules = &mut bus(world, account).rules;
            if rules.get(name).is_some_and(|rule| !rule.targets.is_empty()) {
                return Err(ApiError::validation(
                    "Rule can't be deleted since it has targets.",
                ));
            }
            rules.remove(name);
            Ok(json!({}))
        }
        "PutTargets" => put_targets(world, principal, &read(&["Rule", "EventBusName", "Targets"])?),
        "ListTargetsByRule" => {
            let input = read(&["Rule", "EventBusName", "Limit"])?;
            let rule = rule(world, account, &input, "Rule")?;
            let targets: Vec<Value> = rule
                .targets
                .iter()
                .map(|(id, target)| describe_target(id, target))
                .collect();
            Ok(json!({ "Targets": targets }))
        }
        "RemoveTargets" => {
            let input = read(&["Rule", "EventBusName", "Ids", "Force"])?;
            let ids = input.texts("Ids")?;
            let rule = rule(world, account, &input, "Rule")?;
            rule.targets.retain(|id, _| !ids.contains(id));
            Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
        }
        "PutPermission" => permission::put(world, account, input),
        "RemovePermission" => permission::remove(world, account, input),
        "DescribeEventBus" => permission::describe_bus(world, account, input),
        _ => Err(ApiError::unknown_operation("events", operation)),
    }
}

fn put_rule(world: &mut World, account: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    check_bus(world, account, input)?;
    let name = input.text("Name")?;
    let valid = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    if !valid || !(1..=64).contains(&name.len()) {
        return Err(ApiError::validation(format!(
            "`Name` is `{name}`; it must have 1 to 64 letters, digits or characters of `._-`"
        )));
    }
    let pattern = input.optional_text("EventPattern")?;
    let pattern = pattern
        .map(|text| Pattern::parse(text).map(|pattern| (text.to_owned(), pattern)))
        .transpose()?;
    let schedule = input.optional_text("ScheduleExpression")?.map(Schedule::parse);
    let schedule = schedule.transpose()?;
    if pattern.is_none() && schedule.is_none() {
        return Err(ApiError::validation(
            "Parameter(s) EventPattern or ScheduleExpression must be specified.",
        ));
    }
    input.tags("Tags")?;
    let enabled = match input.optional_text("State")? {
        None | Some("ENABLED") => true,
        Some("DISABLED") => false,
        Some(other) => {
            return Err(ApiError::validation(format!(
                "`State` is `{other}`; it must be `ENABLED` or `DISABLED`"
            )));
        }
    };
    let description = input.optional_text("Description")?.map(str::to_owned);
    let arn = rule_arn(world, account, name);
    let rules = &mut bus(world, account).rules;
    let targets = rules.remove(name).map(|rule| rule.targets).unwrap_or_default();
    rules.insert(
        name.to_owned(),
        Rule {
            pattern,
            schedule,
            armed: 0,
            enabled,
            description,
            targets,
        },
    );
    schedule::arm(world, account, name);
    Ok(json!({ "RuleArn": arn }))
}

fn put_targets(world: &mut World, principal: &Principal, input: &Input<'_>) -> Result<Value, ApiError> {
    let account = principal.account.as_str();
    let mut targets = Vec::new();
    for target in input.list("Targets")? {
        let target = Input::read("PutTargets", target, &["Id", "Arn", "RoleArn", "Input"])?;
        let arn = target.text("Arn")?;
        let role = target.optional_text("RoleArn")?.map(str::to_owned);
        check_target(world, account, arn)?;
        if let Some(role) = &role {
            iam::may_pass_role(world, principal, role, "events.amazonaws.com")?;
        }
        let constant = target.optional_text("Input")?;
        if constant.is_some_and(|text| serde_json::from_str::<Value>(text).is_err()) {
            return Err(ApiError::validation("`Input` of a target must be JSON"));
        }
        targets.push((
            target.text("Id")?.to_owned(),
            Target {
                arn: arn.to_owned(),
                role,
                input: constant.map(str::to_owned),
            },
        ));
    }
    let rule = rule(world, account, input, "Rule")?;
    let added = targets
        .iter()
        .filter(|(id, _)| !rule.targets.contains_key(id))
        .count();
    if rule.targets.len() + added > MOST_TARGETS {
        let message = format!("a rule can have {MOST_TARGETS} targets");
        return Err(ApiError::new("LimitExceededException", message));
    }
    rule.targets.extend(targets);
    Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
}

/// A target is another account's default bus, a queue or a function.
fn check_target(world: &World, account: &str, arn: &str) -> Result<(), ApiError> {
    match arn.split(':').nth(2) {
        Some("events") => {
            let other = bus_account(world, account, arn)?;
            if other == account {
                return Err(ApiError::validation("a rule's target must not be its own bus"));
            }
            Ok(())
        }
        Some("sqs" | "lambda") => Ok(()),
        _ => Err(ApiError::validation(format!(
            "the local EventBridge has no target `{arn}`; it delivers to buses, queues and functions"
        ))),
    }
}

/// Refuses a bus that is not the account's own.
pub(super) fn check_bus(world: &World, account: &str, input: &Input<'_>) -> Result<(), ApiError> {
    check_own(
        world,
        account,
        input.optional_text("EventBusName")?.unwrap_or("default"),
    )
}

pub(super) fn check_own(world: &World, account: &str, name: &str) -> Result<(), ApiError> {
    if bus_account(world, account, name)? == account {
        Ok(())
    } else {
        Err(ApiError::access_denied(format!(
            "the bus `{name}` belongs to another account"
        )))
    }
}

pub(super) fn bus<'a>(world: &'a mut World, account: &str) -> &'a mut Bus {
    world.events.buses.entry(account.to_owned()).or_default()
}

fn rule<'a>(
    world: &'a mut World,
    account: &str,
    input: &Input<'_>,
    member: &str,
) -> Result<&'a mut Rule, ApiError> {
    check_bus(world, account, input)?;
    let name = input.text(member)?;
    bus(world, account)
        .rules
        .get_mut(name)
        .ok_or_else(|| not_found(&format!("rule `{name}`")))
}

fn describe(name: &str, arn: &str, rule: &Rule) -> Value {
    let mut described = json!({
        "Name": name,
        "Arn": arn,
        "State": if rule.enabled { "ENABLED" } else { "DISABLED" },
        "EventBusName": "default",
    });
    if let Some((text, _)) = &rule.pattern {
        described["EventPattern"] = json!(text);
    }
    if let Some(schedule) = &rule.schedule {
        described["ScheduleExpression"] = json!(schedule.text);
    }
    if let Some(description) = &rule.description {
        described["Description"] = json!(description);
    }
    described
}

fn describe_target(id: &str, target: &Target) -> Value {
    let mut described = json!({ "Id": id, "Arn": target.arn });
    if let Some(role) = &target.role {
        described["RoleArn"] = json!(role);
    }
    if let Some(input) = &target.input {
        described["Input"] = json!(input);
    }
    described
}

pub(super) fn not_found(what: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("{what} does not exist on this event bus"),
    )
}
