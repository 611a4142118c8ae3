//! Lifecycle configurations: scripts that an instance runs when it is created or started.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{check_name, check_tagging, requested_arn, resource_arn};
use crate::error::ApiError;
use crate::input::Input;
use crate::world::{Principal, World};

const NAME: &str = "NotebookInstanceLifecycleConfigName";
const KIND: &str = "notebook-instance-lifecycle-config";
const SCRIPTS: [&str; 2] = ["OnCreate", "OnStart"];

#[derive(Clone)]
pub(super) struct LifecycleConfig {
    name: String,
    on_create: Vec<String>,
    on_start: Vec<String>,
    created: Timestamp,
}

pub(super) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let account = principal.account.as_str();
    match operation {
        "CreateNotebookInstanceLifecycleConfig" => {
            let input = Input::read(operation, input, &[NAME, SCRIPTS[0], SCRIPTS[1], "Tags"])?;
            create(world, principal, &input)
        }
        "DescribeNotebookInstanceLifecycleConfig" => {
            let input = Input::read(operation, input, &[NAME])?;
            let name = input.text(NAME)?;
            let config = world
                .sagemaker
                .configs
                .get(&key(account, name))
                .ok_or_else(|| missing(name))?;
            let scripts = |scripts: &[String]| -> Vec<Value> {
                scripts
                    .iter()
                    .map(|content| json!({ "Content": content }))
                    .collect()
            };
            Ok(json!({
                "NotebookInstanceLifecycleConfigArn": arn(world, account, name),
                NAME: config.name,
                "OnCreate": scripts(&config.on_create),
                "OnStart": scripts(&config.on_start),
                "CreationTime": config.created.as_second(),
                "LastModifiedTime": config.created.as_second(),
            }))
        }
        "DeleteNotebookInstanceLifecycleConfig" => {
            let input = Input::read(operation, input, &[NAME])?;
            let name = input.text(NAME)?;
            let used = world.sagemaker.instances.iter().any(|((owner, _), instance)| {
                owner == account && instance.lifecycle_config.as_deref() == Some(name)
            });
            if used {
                return Err(ApiError::validation(format!(
                    "the notebook instance lifecycle config `{name}` is used by a notebook instance"
                )));
            }
            world
                .sagemaker
                .configs
                .remove(&key(account, name))
                .ok_or_else(|| missing(name))?;
            Ok(json!({}))
        }
        _ => Err(ApiError::unknown_operation("sagemaker", operation)),
    }
}

/// Whether the account has a configuration with this name.
pub(super) fn exists(world: &World, account: &str, name: &str) -> bool {
    world.sagemaker.configs.contains_key(&key(account, name))
}

fn create(world: &mut World, principal: &Principal, input: &Input<'_>) -> Result<Value, ApiError> {
    let account = principal.account.as_str();
    let name = input.text(NAME)?;
    check_name(NAME, name)?;
    let requested = requested_arn(world, account, KIND, name);
    let operation = "CreateNotebookInstanceLifecycleConfig";
    check_tagging(world, principal, operation, &input.tags("Tags")?, &requested)?;
    let mut scripts = Vec::new();
    for member in SCRIPTS {
        let hooks = input.list(member)?;
        if hooks.len() > 1 {
            return Err(ApiError::validation(format!(
                "`{member}` must have at most one script"
            )));
        }
        let contents: Vec<String> = hooks
            .iter()
            .map(|hook| read_script(member, hook))
            .collect::<Result<_, _>>()?;
        scripts.push(contents);
    }
    if exists(world, account, name) {
        return Err(ApiError::validation(format!(
            "a notebook instance lifecycle config with the name `{name}` already exists"
        )));
    }
    let on_start = scripts.pop().unwrap_or_default();
    let on_create = scripts.pop().unwrap_or_default();
    let config = LifecycleConfig {
        name: name.to_owned(),
        on_create,
        on_start,
        created: world.now,
    };
    world.sagemaker.configs.insert(key(account, name), config);
    Ok(json!({ "NotebookInstanceLifecycleConfigArn": arn(world, account, name) }))
}

fn read_script(member: &str, hook: &Value) -> Result<String, ApiError> {
    let content = Input::read(member, hook, &["Content"])?.text("Content")?;
    let valid = (1..=16384).contains(&content.len()) && STANDARD.decode(content).is_ok();
    if valid {
        Ok(content.to_owned())
    } else {
        Err(ApiError::validation(format!(
            "the script of `{member}` must be base64 of 1 to 16384 characters"
        )))
    }
}

fn key(account: &str, name: &str) -> (String, String) {
    (account.to_owned(), name.to_owned())
}

fn arn(world: &World, account: &str, name: &str) -> String {
    resource_arn(world, account, KIND, name)
}

fn missing(name: &str) -> ApiError {
    ApiError::validation(format!(
        "the notebook instance lifecycle config `{name}` does not exist"
    ))
}
