//! Aliases of keys.

use serde_json::{Value, json};

use super::{find, not_found};
use crate::error::ApiError;
use crate::input::Input;
use crate::world::{Principal, World};

pub(super) fn arn(world: &World, account: &str, name: &str) -> String {
    format!("arn:aws:kms:{}:{account}:{name}", world.region)
}

pub(super) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let account = principal.account.as_str();
    match operation {
        "CreateAlias" | "UpdateAlias" => {
            let input = Input::read(operation, input, &["AliasName", "TargetKeyId"])?;
            let name = input.text("AliasName")?;
            let alias = named(world, account, name)?;
            let target = input.text("TargetKeyId")?;
            let own = arn(world, account, "key/");
            let key = find(world, account, target).filter(|key| key.starts_with(&own));
            let key = key.ok_or_else(|| not_found(target))?;
            match (operation, world.kms.aliases.contains_key(&alias)) {
                ("CreateAlias", true) => {
                    let message = format!("an alias with the name `{name}` already exists");
                    return Err(ApiError::new("AlreadyExistsException", message));
                }
                ("UpdateAlias", false) => return Err(no_alias(name)),
                _ => {}
            }
            world.kms.aliases.insert(alias, key);
            Ok(json!({}))
        }
        "DeleteAlias" => {
            let input = Input::read(operation, input, &["AliasName"])?;
            let name = input.text("AliasName")?;
            let removed = world.kms.aliases.remove(&arn(world, account, name));
            removed.map(|_| json!({})).ok_or_else(|| no_alias(name))
        }
        _ => {
            let input = Input::read(operation, input, &["KeyId", "Limit"])?;
            let key = input.optional_text("KeyId")?;
            let key = match key {
                Some(name) => Some(find(world, account, name).ok_or_else(|| not_found(name))?),
                None => None,
            };
            let own = arn(world, account, "alias/");
            let listed: Vec<Value> = (world.kms.aliases.iter())
                .filter(|(alias, target)| {
                    alias.starts_with(&own) && key.as_ref().is_none_or(|key| key == *target)
                })
                .map(|(alias, target)| {
                    json!({
                        "AliasName": alias.rsplit(':').next(),
                        "AliasArn": alias,
                        "TargetKeyId": target.rsplit('/').next(),
                    })
                })
                .collect();
            Ok(json!({ "Aliases": listed, "Truncated": false }))
        }
    }
}

/// The ARN of an alias with a name that customers may give.
fn named(world: &World, account: &str, name: &str) -> Result<String, ApiError> {
    let rest = name.strip_prefix("alias/").unwrap_or_default();
    let valid = rest
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "/_-".contains(c));
    if !valid || rest.is_empty() || name.len() > 256 || rest.starts_with("aws/") {
        return Err(ApiError::new(
            "InvalidAliasNameException",
            format!(
                "`{name}` must be `alias/` and letters, digits or characters of `/_-`, not `alias/aws/…`"
            ),
        ));
    }
    Ok(arn(world, account, name))
}

fn no_alias(name: &str) -> ApiError {
    ApiError::new("NotFoundException", format!("the alias `{name}` does not exist"))
}
