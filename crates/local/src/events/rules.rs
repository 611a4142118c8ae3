//! Rules, targets and permissions.

use serde_json::{Value, json};

use super::{Bus, Grantee, Pattern, Rule, Target, bus_account, rule_arn};
use crate::error::ApiError;
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
            &read(&["Name", "EventPattern", "State", "Description", "EventBusName"])?,
        ),
        "DescribeRule" => {
            let input = read(&["Name", "EventBusName"])?;
            let name = input.text("Name")?;
            let arn = rule_arn(world, account, name);
            Ok(describe(name, &arn, rule(world, account, &input, "Name")?))
        }
        "ListRules" => {
            let input = read(&["NamePrefix", "EventBusName"])?;
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
            rule(world, account, &input, "Name")?.enabled = operation == "EnableRule";
            Ok(json!({}))
        }
        "DeleteRule" => {
            let input = read(&["Name", "EventBusName"])?;
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
        "PutTargets" => put_targets(world, account, &read(&["Rule", "EventBusName", "Targets"])?),
        "ListTargetsByRule" => {
            let input = read(&["Rule", "EventBusName"])?;
            let rule = rule(world, account, &input, "Rule")?;
            let targets: Vec<Value> = rule
                .targets
                .iter()
                .map(|(id, target)| match &target.role {
                    Some(role) => json!({ "Id": id, "Arn": target.arn, "RoleArn": role }),
                    None => json!({ "Id": id, "Arn": target.arn }),
                })
                .collect();
            Ok(json!({ "Targets": targets }))
        }
        "RemoveTargets" => {
            let input = read(&["Rule", "EventBusName", "Ids"])?;
            let ids = input.texts("Ids")?;
            let rule = rule(world, account, &input, "Rule")?;
            rule.targets.retain(|id, _| !ids.contains(id));
            Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
        }
        "PutPermission" => {
            let input = read(&["EventBusName", "Action", "Principal", "StatementId"])?;
            check_bus(world, account, &input)?;
            if input.text("Action")? != "events:PutEvents" {
                return Err(ApiError::validation("`Action` must be `events:PutEvents`"));
            }
            let grantee = match input.text("Principal")? {
                "*" => Grantee::Everybody,
                id if id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()) => {
                    Grantee::Account(id.to_owned())
                }
                other => {
                    return Err(ApiError::validation(format!(
                        "`Principal` is `{other}`; it must be `*` or an account id of 12 digits"
                    )));
                }
            };
            bus(world, account)
                .permissions
                .insert(input.text("StatementId")?.to_owned(), grantee);
            Ok(json!({}))
        }
        "RemovePermission" => {
            let input = read(&["EventBusName", "StatementId"])?;
            check_bus(world, account, &input)?;
            let id = input.text("StatementId")?;
            bus(world, account)
                .permissions
                .remove(id)
                .map(|_| json!({}))
                .ok_or_else(|| not_found(&format!("statement `{id}`")))
        }
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
    let text = input.text("EventPattern")?;
    let pattern = Pattern::parse(text)?;
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
            pattern_text: text.to_owned(),
            pattern,
            enabled,
            description,
            targets,
        },
    );
    Ok(json!({ "RuleArn": arn }))
}

fn put_targets(world: &mut World, account: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    let mut targets = Vec::new();
    for target in input.list("Targets")? {
        let target = Input::read("PutTargets", target, &["Id", "Arn", "RoleArn"])?;
        let arn = target.text("Arn")?;
        let role = target.optional_text("RoleArn")?.map(str::to_owned);
        check_target(world, account, arn)?;
        targets.push((
            target.text("Id")?.to_owned(),
            Target {
                arn: arn.to_owned(),
                role,
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

/// A target is another account's default bus or a queue.
fn check_target(world: &World, account: &str, arn: &str) -> Result<(), ApiError> {
    match arn.split(':').nth(2) {
        Some("events") => {
            let other = bus_account(world, account, arn)?;
            if other == account {
                return Err(ApiError::validation("a rule's target must not be its own bus"));
            }
            Ok(())
        }
        Some("sqs") => Ok(()),
        _ => Err(ApiError::validation(format!(
            "the local EventBridge has no target `{arn}`; it delivers to buses and queues"
        ))),
    }
}

fn check_bus(world: &World, account: &str, input: &Input<'_>) -> Result<(), ApiError> {
    let name = input.optional_text("EventBusName")?.unwrap_or("default");
    if bus_account(world, account, name)? == account {
        Ok(())
    } else {
        Err(ApiError::access_denied(format!(
            "the bus `{name}` belongs to another account"
        )))
    }
}

fn bus<'a>(world: &'a mut World, account: &str) -> &'a mut Bus {
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
        "EventPattern": rule.pattern_text,
        "State": if rule.enabled { "ENABLED" } else { "DISABLED" },
        "EventBusName": "default",
    });
    if let Some(description) = &rule.description {
        described["Description"] = json!(description);
    }
    described
}

fn not_found(what: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("{what} does not exist on this event bus"),
    )
}
