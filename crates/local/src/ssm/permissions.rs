//! Documents shared with other accounts.

use serde::Deserialize;
use serde_json::{Value, json};

use super::store::own;
use crate::error::ApiError;
use crate::request::parse;
use crate::world::{Principal, World};

/// Most account ids in one ModifyDocumentPermission.
const MAX_ACCOUNTS: usize = 20;

/// Largest page of DescribeDocumentPermission (API reference).
const MAX_RESULTS: usize = 200;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ModifyDocumentPermission {
    name: String,
    permission_type: String,
    #[serde(default)]
    account_ids_to_add: Vec<String>,
    #[serde(default)]
    account_ids_to_remove: Vec<String>,
}

pub(super) fn modify(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: ModifyDocumentPermission = parse("ModifyDocumentPermission", input)?;
    check_permission_type(&request.permission_type)?;
    for (member, accounts) in [
        ("AccountIdsToAdd", &request.account_ids_to_add),
        ("AccountIdsToRemove", &request.account_ids_to_remove),
    ] {
        if accounts.len() > MAX_ACCOUNTS {
            return Err(ApiError::validation(format!(
                "{member} has {} ids; at most {MAX_ACCOUNTS} are allowed",
                accounts.len()
            )));
        }
        let valid = |account: &String| account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        if let Some(account) = accounts.iter().find(|account| !valid(account)) {
            return Err(ApiError::validation(format!(
                "{member}: `{account}` must be an account id of 12 digits"
            )));
        }
    }
    let stored = own(world, principal, &request.name)?;
    stored.shared_with.extend(request.account_ids_to_add);
    for account in request.account_ids_to_remove {
        stored.shared_with.remove(&account);
    }
    Ok(json!({}))
}

fn check_permission_type(kind: &str) -> Result<(), ApiError> {
    if kind == "Share" {
        return Ok(());
    }
    Err(ApiError::new(
        "InvalidPermissionType",
        format!("PermissionType `{kind}` must be `Share`"),
    ))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeDocumentPermission {
    name: String,
    permission_type: String,
    max_results: Option<usize>,
    next_token: Option<String>,
}

pub(super) fn describe(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: DescribeDocumentPermission = parse("DescribeDocumentPermission", input)?;
    check_permission_type(&request.permission_type)?;
    let size = request.max_results.unwrap_or(MAX_RESULTS);
    if size > MAX_RESULTS {
        return Err(ApiError::validation(format!(
            "MaxResults is {size}; it must be from 0 to {MAX_RESULTS}"
        )));
    }
    let after = request.next_token.unwrap_or_default();
    let stored = own(world, principal, &request.name)?;
    let mut accounts = stored
        .shared_with
        .iter()
        .filter(|account| **account > after)
        .peekable();
    // No size is no limit.
    let size = if size == 0 { MAX_RESULTS } else { size };
    let page: Vec<&String> = accounts.by_ref().take(size).collect();
    let sharing: Vec<_> = page
        .iter()
        .map(|account| json!({ "AccountId": account, "SharedDocumentVersion": "$DEFAULT" }))
        .collect();
    let mut answer = json!({ "AccountIds": page, "AccountSharingInfoList": sharing });
    // The token is the last account of the page.
    if let (Some(_), Some(last)) = (accounts.peek(), page.last()) {
        answer["NextToken"] = json!(last);
    }
    Ok(answer)
}
