//! AWS Key Management Service: keys with their policies and aliases. Nothing is encrypted here; whether somebody may
//! use a key is what counts.

mod aliases;
mod keys;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::ApiError;
use crate::iam::{self, Guard};
use crate::world::{Principal, World};
use keys::{Key, KeyState};

/// Keys by ARN, aliases by their ARN.
#[derive(Clone, Default)]
pub(crate) struct State {
    keys: BTreeMap<String, Key>,
    /// The ARN of each alias's key.
    aliases: BTreeMap<String, String>,
}

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "CreateAlias" | "UpdateAlias" | "DeleteAlias" | "ListAliases" => {
            aliases::handle(world, principal, operation, input)
        }
        _ => keys::handle(world, principal, operation, input),
    }
}

/// The key, or the alias and the key (service authorization reference).
pub(crate) fn resources(
    world: &World,
    principal: &Principal,
    _operation: &str,
    input: &Value,
) -> Vec<String> {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let alias = text("AliasName").map(|name| aliases::arn(world, &principal.account, name));
    let key = text("KeyId").or_else(|| text("TargetKeyId"));
    let aliased = || world.kms.aliases.get(alias.as_ref()?).cloned();
    let key = key
        .map(|name| find(world, &principal.account, name).unwrap_or_else(|| name.to_owned()))
        .or_else(aliased);
    let found: Vec<String> = alias.iter().cloned().chain(key).collect();
    if found.is_empty() {
        vec!["*".to_owned()]
    } else {
        found
    }
}

/// The owner and the policy of the key with this ARN.
pub(crate) fn guard<'a>(world: &'a World, arn: &str) -> Option<Guard<'a>> {
    let key = world.kms.keys.get(arn)?;
    Some(Guard {
        owner: &key.account,
        policy: Some(&key.policy),
        binds_owner: true,
    })
}

/// Refuses a principal who may not take an action with a key by way of another service.
///
/// # Errors
/// `NotFoundException` for an unknown key, `KMSInvalidStateException` for one that is disabled or about to go,
/// `AccessDeniedException` where no policy allows it.
pub(crate) fn check_use(
    world: &World,
    principal: &Principal,
    service: &str,
    action: &str,
    key: &str,
) -> Result<(), ApiError> {
    let arn = find(world, &principal.account, key).ok_or_else(|| not_found(key))?;
    if let Some(key) = world.kms.keys.get(&arn)
        && key.state != KeyState::Enabled
    {
        return Err(key.wrong_state());
    }
    let mut context = iam::principal_context(world, principal);
    context.set("kms:CallerAccount", &principal.account);
    context.set(
        "kms:ViaService",
        &format!("{service}.{}.amazonaws.com", world.region),
    );
    // https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html: a service calls, in the caller's name.
    context.set("kms:GrantIsForAWSResource", "true");
    if iam::decide_with_resource(world, principal, action, &arn, &context) == iam::Decision::Allowed {
        Ok(())
    } else {
        Err(ApiError::access_denied(format!(
            "User: {} is not authorized to perform: {action} on resource: {arn} because no policy allows the \
             {action} action",
            principal.arn
        )))
    }
}

/// The ARN of the key that is named by ARN, id, alias or alias's ARN, if there is one.
fn find(world: &World, account: &str, name: &str) -> Option<String> {
    let arn = match name {
        name if name.starts_with("arn:") => name.to_owned(),
        name if name.starts_with("alias/") => aliases::arn(world, account, name),
        id => keys::arn(world, account, id),
    };
    let arn = world.kms.aliases.get(&arn).cloned().unwrap_or(arn);
    world.kms.keys.contains_key(&arn).then_some(arn)
}

fn not_found(name: &str) -> ApiError {
    ApiError::new("NotFoundException", format!("the key `{name}` does not exist"))
}

#[cfg(test)]
mod tests;
