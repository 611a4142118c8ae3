//! Groups, and who is in them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::pools::{Group, Pool};
use super::{limit, not_found, pool, token, users};
use crate::error::ApiError;
use crate::input::Input;
use crate::world::World;

pub(super) fn handle(
    world: &mut World,
    account: &str,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let read = |known: &[&str]| Input::read(operation, input, known);
    match operation {
        "CreateGroup" => {
            let input = read(&["Description", "GroupName", "Precedence", "RoleArn", "UserPoolId"])?;
            let name = input.text("GroupName")?;
            let description = input.optional_text("Description")?.unwrap_or_default();
            let pool = pool(world, account, &input)?;
            if pool.groups.contains_key(name) {
                return Err(ApiError::new(
                    "GroupExistsException",
                    "A group with the name already exists.",
                ));
            }
            let group = Group {
                description: description.to_owned(),
                members: BTreeSet::new(),
            };
            let described = describe(pool, name, &group);
            pool.groups.insert(name.to_owned(), group);
            Ok(json!({ "Group": described }))
        }
        "UpdateGroup" => {
            let input = read(&["Description", "GroupName", "Precedence", "RoleArn", "UserPoolId"])?;
            let description = input.optional_text("Description")?.unwrap_or_default();
            group(pool(world, account, &input)?, &input)?.description = description.to_owned();
            Ok(json!({}))
        }
        "DeleteGroup" => {
            let input = read(&["GroupName", "UserPoolId"])?;
            let pool = pool(world, account, &input)?;
            group(pool, &input)?;
            pool.groups.remove(input.text("GroupName")?);
            Ok(json!({}))
        }
        "AdminAddUserToGroup" | "AdminRemoveUserFromGroup" => {
            let input = read(&["GroupName", "UserPoolId", "Username"])?;
            let pool = pool(world, account, &input)?;
            let username = users::user(pool, &input)?.username.clone();
            let members = &mut group(pool, &input)?.members;
            if operation == "AdminAddUserToGroup" {
                members.insert(username);
            } else {
                members.remove(&username);
            }
            Ok(json!({}))
        }
        "AdminListGroupsForUser" => {
            let input = read(&["Limit", "NextToken", "UserPoolId", "Username"])?;
            let (limit, token) = (limit(&input)?, input.optional_text("NextToken")?);
            let pool = pool(world, account, &input)?;
            let username = users::user(pool, &input)?.username.clone();
            let of_user = pool
                .groups
                .iter()
                .filter(|(_, group)| group.members.contains(&username));
            let rows = of_user.map(|(name, group)| (name, describe(pool, name, group)));
            let list = format!("{}\n{username}", pool.id);
            let (groups, next) = token::page(&list, rows, limit, token)?;
            Ok(answer("Groups", groups, next))
        }
        _ => {
            let input = read(&["GroupName", "Limit", "NextToken", "UserPoolId"])?;
            let (limit, token) = (limit(&input)?, input.optional_text("NextToken")?);
            let pool = pool(world, account, &input)?;
            let members = group(pool, &input)?.members.clone();
            let rows = pool
                .users
                .iter()
                .filter(|(username, _)| members.contains(*username));
            let rows = rows.map(|(username, user)| (username, user.describe("Attributes")));
            let list = format!("{}\n{}", pool.id, input.text("GroupName")?);
            let (users, next) = token::page(&list, rows, limit, token)?;
            Ok(answer("Users", users, next))
        }
    }
}

fn answer(rows: &str, page: Vec<Value>, next: Option<String>) -> Value {
    let mut answer = json!({ rows: page });
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    answer
}

fn group<'a>(pool: &'a mut Pool, input: &Input<'_>) -> Result<&'a mut Group, ApiError> {
    let found = pool.groups.get_mut(input.text("GroupName")?);
    found.ok_or_else(|| not_found("Group not found."))
}

fn describe(pool: &Pool, name: &str, group: &Group) -> Value {
    json!({ "GroupName": name, "UserPoolId": pool.id, "Description": group.description })
}
