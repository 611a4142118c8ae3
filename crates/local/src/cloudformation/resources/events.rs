//! `AWS::Events::*`: rules with their targets, and who else may put events on the bus.

use serde_json::{Value, json};

use super::{Caller, Change, New, Physical, ResourceType, policy_text};
use crate::world::Service::Events;

const GONE: [&str; 1] = ["ResourceNotFoundException"];

/// `Ref` is the name.
pub(super) struct Rule;

fn ids(targets: &[Value]) -> Vec<Value> {
    targets.iter().map(|target| target["Id"].clone()).collect()
}

impl Rule {
    fn put(caller: &mut Caller<'_>, new: &New, name: &str) -> Result<(), String> {
        let mut request = new.request(&["Description", "EventBusName", "ScheduleExpression", "State"]);
        request.insert("Name".to_owned(), json!(name));
        if let Some(pattern) = new.properties.get("EventPattern") {
            request.insert("EventPattern".to_owned(), json!(policy_text(pattern)));
        }
        caller.call(Events, "PutRule", &Value::Object(request))?;
        if !new.list("Targets").is_empty() {
            let request = json!({ "Rule": name, "Targets": new.list("Targets") });
            caller.call(Events, "PutTargets", &request)?;
        }
        Ok(())
    }
}

impl ResourceType for Rule {
    fn name(&self) -> &'static str {
        "AWS::Events::Rule"
    }

    fn properties(&self) -> &'static [&'static str] {
        &[
            "Description",
            "EventBusName",
            "EventPattern",
            "Name",
            "RoleArn",
            "ScheduleExpression",
            "State",
            "Tags",
            "Targets",
        ]
    }

    fn required(&self) -> &'static [&'static str] {
        &[]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Arn"]
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let name = new.text("Name").map_or_else(|| new.long_name(64), str::to_owned);
        let arn = format!(
            "arn:aws:events:{}:{}:rule/{name}",
            caller.world.region, caller.principal.account
        );
        let mut rule = Physical::new(new, &*name, &[("Arn", &arn)]);
        if let Err(reason) = Self::put(caller, new, &name) {
            self.delete(caller, &mut rule)
                .map_err(|also| format!("{reason}; and the rule stays: {also}"))?;
            return Err(reason);
        }
        Ok(rule)
    }

    fn update(&self, caller: &mut Caller<'_>, old: &Physical, new: &New) -> Result<Change, String> {
        if new.differs(old, &["EventBusName", "Name"]) {
            return Ok(Change::Replace);
        }
        let kept = ids(new.list("Targets"));
        let gone: Vec<Value> = ids(old.list("Targets"));
        let gone: Vec<Value> = gone.into_iter().filter(|id| !kept.contains(id)).collect();
        if !gone.is_empty() {
            caller.call(Events, "RemoveTargets", &json!({ "Rule": old.id, "Ids": gone }))?;
        }
        Self::put(caller, new, &old.id)?;
        Ok(old.changed(new))
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        let targets = ids(physical.list("Targets"));
        if !targets.is_empty() {
            let request = json!({ "Rule": physical.id, "Ids": targets });
            caller.call_unless_gone(Events, "RemoveTargets", &request, &GONE)?;
        }
        caller.call_unless_gone(Events, "DeleteRule", &json!({ "Name": physical.id }), &GONE)?;
        Ok(true)
    }
}

/// One statement of the default bus's policy. `Ref` is a name for it.
pub(super) struct EventBusPolicy;

impl EventBusPolicy {
    /// The statement, beside those of others.
    fn put(caller: &mut Caller<'_>, new: &New) -> Result<(), String> {
        let mut statement = new.properties["Statement"].clone();
        statement["Sid"] = new.properties["StatementId"].clone();
        let bus = caller.call(Events, "DescribeEventBus", &json!({}))?;
        let known: Value = match bus["Policy"].as_str() {
            Some(policy) => serde_json::from_str(policy).map_err(|error| error.to_string())?,
            None => json!({ "Statement": [] }),
        };
        let others = known["Statement"].as_array().into_iter().flatten();
        let mut statements: Vec<&Value> = others.filter(|other| other["Sid"] != statement["Sid"]).collect();
        statements.push(&statement);
        let policy = json!({ "Version": "2012-10-17", "Statement": statements });
        let request = json!({ "Policy": policy.to_string() });
        caller.call(Events, "PutPermission", &request).map(drop)
    }
}

impl ResourceType for EventBusPolicy {
    fn name(&self) -> &'static str {
        "AWS::Events::EventBusPolicy"
    }

    fn properties(&self) -> &'static [&'static str] {
        &["EventBusName", "Statement", "StatementId"]
    }

    fn required(&self) -> &'static [&'static str] {
        &["Statement", "StatementId"]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &[]
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        Self::put(caller, new)?;
        Ok(Physical::new(new, new.long_name(128), &[]))
    }

    fn update(&self, caller: &mut Caller<'_>, old: &Physical, new: &New) -> Result<Change, String> {
        if new.differs(old, &["EventBusName", "StatementId"]) {
            return Ok(Change::Replace);
        }
        Self::put(caller, new)?;
        Ok(old.changed(new))
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        let request = json!({ "StatementId": physical.text("StatementId") });
        caller.call_unless_gone(Events, "RemovePermission", &request, &GONE)?;
        Ok(true)
    }
}
