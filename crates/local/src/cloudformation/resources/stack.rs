//! `AWS::CloudFormation::Stack`: a stack within a stack. `Ref` is its ARN.

use serde_json::{Value, json};

use super::{Caller, Change, New, Physical, ResourceType, answered, reason};
use crate::cloudformation::stack::{Ended, ended};
use crate::scalar::scalar_text;
use crate::world::Service::CloudFormation;

pub(super) struct NestedStack;

/// Stands for an update that is none.
const UNCHANGED: &str = "unchanged";

fn request(new: &New, name: &str) -> Value {
    let parameters = new.properties.get("Parameters").and_then(Value::as_object);
    let parameters: Vec<Value> = parameters
        .into_iter()
        .flatten()
        .map(|(key, value)| {
            let list = value
                .as_array()
                .map(|items| items.iter().filter_map(scalar_text).collect::<Vec<_>>().join(","));
            json!({ "ParameterKey": key, "ParameterValue": list.or_else(|| scalar_text(value)) })
        })
        .collect();
    json!({
        "StackName": name,
        "TemplateURL": new.properties["TemplateURL"],
        "Parameters": parameters,
        "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    })
}

impl ResourceType for NestedStack {
    fn name(&self) -> &'static str {
        "AWS::CloudFormation::Stack"
    }

    fn properties(&self) -> &'static [&'static str] {
        &[
            "NotificationARNs",
            "Parameters",
            "Tags",
            "TemplateURL",
            "TimeoutInMinutes",
        ]
    }

    fn required(&self) -> &'static [&'static str] {
        &["TemplateURL"]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &[]
    }

    fn has_attribute(&self, attribute: &str) -> bool {
        attribute.starts_with("Outputs.")
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let answer = caller.call(CloudFormation, "CreateStack", &request(new, &new.long_name(128)))?;
        Ok(Physical::new(new, answered(&answer, "/StackId"), &[]))
    }

    fn is_ready(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        if physical.pending.take().is_some() {
            return Ok(true);
        }
        match ended(caller.world, &physical.id) {
            None => Ok(false),
            Some(Ended::Done(outputs)) => {
                physical.attributes = outputs
                    .into_iter()
                    .map(|output| (format!("Outputs.{}", output.key), Value::from(output.value)))
                    .collect();
                Ok(true)
            }
            Some(Ended::Failed(reason)) => Err(format!("embedded stack {}: {reason}", physical.id)),
            Some(Ended::Deleted) => Err(format!("embedded stack {} was deleted", physical.id)),
        }
    }

    fn update(&self, caller: &mut Caller<'_>, old: &Physical, new: &New) -> Result<Change, String> {
        let mut changed = Physical {
            properties: new.properties.clone(),
            ..old.clone()
        };
        match caller.try_call(CloudFormation, "UpdateStack", &request(new, &old.id)) {
            Ok(_) => {}
            // A stack that went back by itself is already what it is to be again.
            Err(error) if error.message.starts_with("No updates") => {
                changed.pending = Some(UNCHANGED.to_owned());
            }
            Err(error) => return Err(reason(CloudFormation, &error)),
        }
        Ok(Change::InPlace(changed))
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        if physical.pending.is_none() {
            caller.call(
                CloudFormation,
                "DeleteStack",
                &json!({ "StackName": physical.id }),
            )?;
            physical.pending = Some(physical.id.clone());
        }
        match ended(caller.world, &physical.id) {
            None => Ok(false),
            Some(Ended::Failed(reason)) => Err(reason),
            Some(Ended::Deleted | Ended::Done(_)) => Ok(true),
        }
    }
}
