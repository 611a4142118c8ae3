//! Deploying a packaged template, and reading what the stack has.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cloudformation::{self, Ended, Resource};
use crate::functions::{FunctionError, Functions};
use crate::package::{Deployment, PackageError};
use crate::{ApiError, LocalAws, Principal, Service};

/// Why a template is not deployed.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// It can not be packaged.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// The local AWS refuses it.
    #[error(transparent)]
    Refused(#[from] ApiError),
    /// A resource failed, and the stack was rolled back.
    #[error("stack `{stack}` failed: {reason}")]
    Failed {
        /// The stack's name.
        stack: String,
        /// What failed first.
        reason: String,
    },
    /// A function that the stack calls can not run.
    #[error(transparent)]
    Function(#[from] FunctionError),
    /// The stack has not what an installation must have.
    #[error("stack `{stack}` has no {what}")]
    Missing {
        /// The stack's id.
        stack: String,
        /// What is missing.
        what: String,
    },
}

/// What is deployed, and where.
pub(crate) struct Order<'a> {
    pub(crate) account: &'a str,
    pub(crate) stack: &'a str,
    /// The template's path in the deployment.
    pub(crate) template: &'a str,
    pub(crate) parameters: &'a [(&'a str, &'a str)],
}

/// A stack that is there.
#[derive(Debug, Clone)]
pub(crate) struct Stack {
    pub(crate) id: String,
    outputs: BTreeMap<String, String>,
    resources: Vec<Resource>,
}

/// Creates or updates a stack and lets the simulated time pass until it is complete. An update that would change
/// nothing is no error, as `sam deploy --no-fail-on-empty-changeset` has it.
pub(crate) async fn deploy(
    aws: &LocalAws,
    functions: &mut Functions,
    deployment: &Deployment,
    order: &Order<'_>,
) -> Result<Stack, DeployError> {
    let id = {
        let mut world = aws.world();
        world.add_account(order.account);
        let url = deployment.upload(&mut world, order.template)?;
        let root = Principal::root(order.account);
        let parameters = order.parameters.iter();
        let parameters: Vec<Value> = parameters
            .map(|(key, value)| json!({ "ParameterKey": key, "ParameterValue": value }))
            .collect();
        let request = json!({
            "StackName": order.stack,
            "TemplateURL": url,
            "Parameters": parameters,
            "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        });
        let named = json!({ "StackName": order.stack });
        let known = world.call(&root, Service::CloudFormation, "DescribeStacks", &named);
        let operation = if known.is_ok() {
            "UpdateStack"
        } else {
            "CreateStack"
        };
        match world.call(&root, Service::CloudFormation, operation, &request) {
            Ok(answer) => text(&answer, "/StackId"),
            Err(error) if error.message.starts_with("No updates") => {
                drop(world);
                return read(aws, order.account, &text(&known?, "/Stacks/0/StackId"));
            }
            Err(error) => return Err(error.into()),
        }
    };
    loop {
        functions.attach().await?;
        functions.run().await;
        let ended = cloudformation::ended(&aws.world(), &id);
        match ended {
            None => {
                aws.advance_to_next();
            }
            Some(Ended::Done(_)) => return read(aws, order.account, &id),
            Some(Ended::Failed(reason)) => {
                return Err(DeployError::Failed {
                    stack: order.stack.to_owned(),
                    reason,
                });
            }
            Some(Ended::Deleted) => {
                return Err(DeployError::Failed {
                    stack: order.stack.to_owned(),
                    reason: "it was deleted".to_owned(),
                });
            }
        }
    }
}

/// What a stack has.
pub(crate) fn read(aws: &LocalAws, account: &str, id: &str) -> Result<Stack, DeployError> {
    let mut world = aws.world();
    let root = Principal::root(account);
    let named = json!({ "StackName": id });
    let shown = world.call(&root, Service::CloudFormation, "DescribeStacks", &named)?;
    let outputs = shown.pointer("/Stacks/0/Outputs").and_then(Value::as_array);
    let outputs = outputs.into_iter().flatten();
    Ok(Stack {
        id: id.to_owned(),
        outputs: outputs
            .map(|output| (text(output, "/OutputKey"), text(output, "/OutputValue")))
            .collect(),
        resources: cloudformation::resources_of(&world, id),
    })
}

impl Stack {
    /// An output.
    pub(crate) fn output(&self, key: &str) -> Result<String, DeployError> {
        let found = self.outputs.get(key).cloned();
        found.ok_or_else(|| self.missing(format!("output `{key}`")))
    }

    /// The resources of a type.
    pub(crate) fn of_type<'a>(&'a self, type_name: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources
            .iter()
            .filter(move |resource| resource.type_name == type_name)
    }

    /// Every resource.
    pub(crate) fn resources(&self) -> &[Resource] {
        &self.resources
    }

    pub(crate) fn missing(&self, what: String) -> DeployError {
        DeployError::Missing {
            stack: self.id.clone(),
            what,
        }
    }
}

/// A text of an answer; the local AWS always gives it.
pub(crate) fn text(answer: &Value, pointer: &str) -> String {
    answer
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
