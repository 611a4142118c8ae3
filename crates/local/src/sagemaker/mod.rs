//! Amazon SageMaker: notebook instances moving through their states, and lifecycle configurations.

mod caller;
mod create;
mod describe;
mod instance;
mod lifecycle_config;

use std::collections::BTreeMap;

use serde_json::{Value, json};

pub(crate) use instance::{uses_security_group, uses_subnet};

use crate::error::ApiError;
use crate::iam;
use crate::input::Input;
use crate::tagging::Tagged;
use crate::world::{Principal, World};
use instance::NotebookInstance;
use lifecycle_config::LifecycleConfig;

/// Instances and configurations by account and name; names of instances differ in more than their case.
#[derive(Clone, Default)]
pub(crate) struct State {
    instances: BTreeMap<(String, String), NotebookInstance>,
    configs: BTreeMap<(String, String), LifecycleConfig>,
}

impl World {
    /// The notebook instances of an account: name and status, as SageMaker names it.
    pub fn notebook_instances(&self, account: &str) -> impl Iterator<Item = (&str, &'static str)> {
        let instances = self.sagemaker.instances.iter();
        instances
            .filter(move |((owner, _), _)| owner == account)
            .map(|(_, instance)| (instance.name.as_str(), instance.status.name()))
    }
}

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "AddTags" => {
            let input = Input::read(operation, input, &["ResourceArn", "Tags"])?;
            let tags = input.tags("Tags")?;
            let instance = tagged_instance(world, principal, &input)?;
            instance.tags.extend(tags);
            Ok(json!({ "Tags": instance::tag_list(&instance.tags) }))
        }
        "DeleteTags" => {
            let input = Input::read(operation, input, &["ResourceArn", "TagKeys"])?;
            let keys = input.texts("TagKeys")?;
            tagged_instance(world, principal, &input)?
                .tags
                .retain(|key, _| !keys.contains(key));
            Ok(json!({}))
        }
        "ListTags" => {
            let input = Input::read(operation, input, &["ResourceArn", "MaxResults", "NextToken"])?;
            Ok(json!({ "Tags": instance::tag_list(&tagged_instance(world, principal, &input)?.tags) }))
        }
        _ if operation.contains("NotebookInstanceLifecycleConfig") => {
            lifecycle_config::handle(world, principal, operation, input)
        }
        _ => instance::handle(world, principal, operation, input),
    }
}

pub(crate) fn resources(world: &World, principal: &Principal, operation: &str, input: &Value) -> Vec<String> {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let arn = |kind: &str, name: &str| requested_arn(world, &principal.account, kind, name);
    if operation.contains("LifecycleConfig") {
        let name = text("NotebookInstanceLifecycleConfigName").unwrap_or("*");
        return vec![arn("notebook-instance-lifecycle-config", name)];
    }
    match (text("NotebookInstanceName"), text("ResourceArn")) {
        (Some(name), _) => vec![arn("notebook-instance", name)],
        (_, Some(arn)) => vec![arn.to_owned()],
        _ => vec!["*".to_owned()],
    }
}

/// The notebook instances of an account, for the tagging API.
pub(crate) fn tagged(world: &World, account: &str) -> Vec<Tagged> {
    let instances = world.sagemaker.instances.iter();
    let own = instances.filter(|((owner, _), _)| owner == account);
    own.map(|(_, instance)| {
        let arn = resource_arn(world, account, "notebook-instance", &instance.name);
        (arn, instance.tags.clone())
    })
    .collect()
}

/// Refuses to create a resource with tags unless the principal may add tags, too (SageMaker developer guide, "Grant
/// permission to add tags when creating SageMaker AI resources").
fn check_tagging(
    world: &World,
    principal: &Principal,
    operation: &str,
    tags: &[(String, String)],
    arn: &str,
) -> Result<(), ApiError> {
    const ACTION: &str = "sagemaker:AddTags";
    let mut context = iam::principal_context(world, principal);
    context.set("sagemaker:TaggingAction", operation);
    context.set_all("aws:TagKeys", tags.iter().map(|(key, _)| key.clone()).collect());
    for (key, value) in tags {
        context.set(&format!("aws:RequestTag/{key}"), value);
    }
    let allowed = || iam::decide(world, principal, ACTION, arn, &context) == iam::Decision::Allowed;
    if tags.is_empty() || allowed() {
        Ok(())
    } else {
        Err(refused(principal, ACTION, arn))
    }
}

/// The refusal of an action that SageMaker asks about by itself.
fn refused(principal: &Principal, action: &str, resource: &str) -> ApiError {
    ApiError::access_denied(format!(
        "User: {} is not authorized to perform: {action} on resource: {resource} because no identity-based policy \
         allows the {action} action",
        principal.arn
    ))
}

/// The ARN that SageMaker gives a resource: the name in it is in lower case, however it was written.
fn resource_arn(world: &World, account: &str, kind: &str, name: &str) -> String {
    requested_arn(world, account, kind, &name.to_lowercase())
}

/// The ARN that policies are asked about: the name in it is as the caller writes it, and IAM tells upper and lower case
/// apart (<https://github.com/awslabs/service-workbench-on-aws/issues/1176>).
fn requested_arn(world: &World, account: &str, kind: &str, name: &str) -> String {
    format!("arn:aws:sagemaker:{}:{account}:{kind}/{name}", world.region)
}

fn tagged_instance<'a>(
    world: &'a mut World,
    principal: &Principal,
    input: &Input<'_>,
) -> Result<&'a mut NotebookInstance, ApiError> {
    let arn = input.text("ResourceArn")?;
    let name = arn.rsplit('/').next().unwrap_or_default();
    let key = (principal.account.clone(), name.to_lowercase());
    let found = arn == resource_arn(world, &principal.account, "notebook-instance", name);
    let instance = world.sagemaker.instances.get_mut(&key).filter(|_| found);
    instance.ok_or_else(|| ApiError::validation(format!("no taggable resource has the ARN `{arn}`")))
}

/// A name of a notebook instance or a configuration.
fn check_name(member: &str, name: &str) -> Result<(), ApiError> {
    let valid = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !name.starts_with('-')
        && !name.ends_with('-');
    if valid && (1..=63).contains(&name.len()) {
        Ok(())
    } else {
        Err(ApiError::validation(format!(
            "Value '{name}' at '{member}' failed to satisfy constraint: it must have 1 to 63 letters, digits or \
             hyphens, none of them first or last"
        )))
    }
}

#[cfg(test)]
mod tests;
