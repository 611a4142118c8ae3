//! Amazon Cognito: user pools with their users and groups, as an administrator keeps them. Nobody signs in here.
//!
//! <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/Welcome.html>

mod groups;
mod pools;
mod token;
mod users;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::ApiError;
use crate::input::Input;
use crate::world::{Principal, World};
use pools::Pool;

pub(crate) use pools::{OF_CLIENTS, OF_POOLS};

/// The most users or groups that one answer has.
const MOST_ROWS: i64 = 60;

/// User pools by their ids, and sign-in domains by their prefixes.
#[derive(Clone, Default)]
pub(crate) struct State {
    pools: BTreeMap<String, Pool>,
    /// The pool of each domain.
    domains: BTreeMap<String, String>,
}

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let account = principal.account.as_str();
    let answer = match operation {
        "AdminAddUserToGroup"
        | "AdminListGroupsForUser"
        | "AdminRemoveUserFromGroup"
        | "CreateGroup"
        | "DeleteGroup"
        | "ListUsersInGroup"
        | "UpdateGroup" => groups::handle(world, account, operation, input),
        "AdminCreateUser"
        | "AdminDeleteUser"
        | "AdminDisableUser"
        | "AdminEnableUser"
        | "AdminGetUser"
        | "AdminUpdateUserAttributes"
        | "ListUsers" => users::handle(world, account, operation, input),
        _ => pools::handle(world, account, operation, input),
    };
    // Cognito's own name for a member that is missing, unknown or out of range.
    answer.map_err(|error| match error.code.as_str() {
        "ValidationException" => invalid(error.message),
        _ => error,
    })
}

/// The pool; everything, where it is yet to be made (service authorization reference).
pub(crate) fn resources(
    world: &World,
    principal: &Principal,
    _operation: &str,
    input: &Value,
) -> Vec<String> {
    let pool = input.get("UserPoolId").and_then(Value::as_str);
    vec![pool.map_or_else(|| "*".to_owned(), |id| pools::arn(world, &principal.account, id))]
}

/// The pool that a request names.
fn pool<'a>(world: &'a mut World, account: &str, input: &Input<'_>) -> Result<&'a mut Pool, ApiError> {
    let id = input.text("UserPoolId")?;
    let found = world.cognito.pools.get_mut(id);
    found
        .filter(|pool| pool.account == account)
        .ok_or_else(|| not_found(format!("User pool {id} does not exist.")))
}

/// How many rows a request wants.
fn limit(input: &Input<'_>) -> Result<usize, ApiError> {
    let limit = input.integer("Limit", 0..=MOST_ROWS)?.filter(|limit| *limit > 0);
    Ok(usize::try_from(limit.unwrap_or(MOST_ROWS)).unwrap_or_default())
}

/// `ResourceNotFoundException`: the pool or the group is not there.
fn not_found(message: impl Into<String>) -> ApiError {
    ApiError::new("ResourceNotFoundException", message)
}

/// `InvalidParameterException`.
fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterException", message)
}

#[cfg(test)]
mod tests;
