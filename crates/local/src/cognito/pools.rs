//! User pools, their clients and sign-in domains.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::users::User;
use super::{invalid, not_found, pool};
use crate::error::ApiError;
use crate::input::Input;
use crate::request::epoch_seconds;
use crate::world::World;

/// Settings of a pool that can be changed.
pub(crate) const OF_POOLS: [&str; 10] = [
    "AccountRecoverySetting",
    "AdminCreateUserConfig",
    "AutoVerifiedAttributes",
    "DeletionProtection",
    "MfaConfiguration",
    "Policies",
    "UserAttributeUpdateSettings",
    "UserPoolAddOns",
    "UserPoolTags",
    "UserPoolTier",
];

/// Settings of a pool that are for good.
const FIXED: [&str; 4] = [
    "PoolName",
    "Schema",
    "UsernameAttributes",
    "UsernameConfiguration",
];

/// Settings of a client.
pub(crate) const OF_CLIENTS: [&str; 17] = [
    "AccessTokenValidity",
    "AllowedOAuthFlows",
    "AllowedOAuthFlowsUserPoolClient",
    "AllowedOAuthScopes",
    "CallbackURLs",
    "ClientName",
    "DefaultRedirectURI",
    "EnableTokenRevocation",
    "ExplicitAuthFlows",
    "IdTokenValidity",
    "LogoutURLs",
    "PreventUserExistenceErrors",
    "ReadAttributes",
    "RefreshTokenValidity",
    "SupportedIdentityProviders",
    "TokenValidityUnits",
    "WriteAttributes",
];

/// A user pool.
#[derive(Clone)]
pub(super) struct Pool {
    pub(super) account: String,
    pub(super) id: String,
    settings: Map<String, Value>,
    clients: BTreeMap<String, Map<String, Value>>,
    domain: Option<String>,
    /// By their names.
    pub(super) groups: BTreeMap<String, Group>,
    /// By their usernames.
    pub(super) users: BTreeMap<String, User>,
    created: Timestamp,
}

/// A group of users.
#[derive(Clone)]
pub(super) struct Group {
    pub(super) description: String,
    /// Usernames.
    pub(super) members: BTreeSet<String>,
}

impl Pool {
    /// Whether users sign in with their email addresses, and have names that Cognito makes.
    pub(super) fn names_are_emails(&self) -> bool {
        let attributes = self.settings.get("UsernameAttributes").and_then(Value::as_array);
        attributes.is_some_and(|attributes| attributes.iter().any(|name| name == "email"))
    }

    /// A name or an address as two of them are compared.
    pub(super) fn folded(&self, name: &str) -> String {
        let sensitive = self
            .settings
            .get("UsernameConfiguration")
            .map(|how| &how["CaseSensitive"]);
        match sensitive {
            Some(Value::Bool(false)) => name.to_lowercase(),
            _ => name.to_owned(),
        }
    }

    fn describe(&self, world_arn: String) -> Value {
        let mut described = json!({
            "Id": self.id,
            "Name": self.settings.get("PoolName"),
            "Arn": world_arn,
            "Domain": self.domain,
            "EstimatedNumberOfUsers": self.users.len(),
            "CreationDate": epoch_seconds(self.created),
        });
        for (name, value) in &self.settings {
            if name != "PoolName" {
                described[name] = value.clone();
            }
        }
        described
    }
}

pub(super) fn arn(world: &World, account: &str, id: &str) -> String {
    format!("arn:aws:cognito-idp:{}:{account}:userpool/{id}", world.region)
}

pub(super) fn handle(
    world: &mut World,
    account: &str,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let read = |known: &[&str]| Input::read(operation, input, known);
    match operation {
        "CreateUserPool" => {
            let input = read(&[OF_POOLS.as_slice(), &FIXED].concat())?;
            let name = input.text("PoolName")?;
            if name.is_empty() || name.len() > 128 {
                return Err(invalid("the pool's name must have 1 to 128 characters"));
            }
            let id = world.new_id("", 9);
            let id = format!("{}_{id}", world.region);
            let pool = Pool {
                account: account.to_owned(),
                id: id.clone(),
                settings: given(&input, &[OF_POOLS.as_slice(), &FIXED].concat()),
                clients: BTreeMap::new(),
                domain: None,
                groups: BTreeMap::new(),
                users: BTreeMap::new(),
                created: world.now,
            };
            let described = pool.describe(arn(world, account, &id));
            world.cognito.pools.insert(id, pool);
            Ok(json!({ "UserPool": described }))
        }
        "DescribeUserPool" => {
            let input = read(&["UserPoolId"])?;
            let arn = arn(world, account, input.text("UserPoolId")?);
            Ok(json!({ "UserPool": pool(world, account, &input)?.describe(arn) }))
        }
        "UpdateUserPool" => {
            let input = read(&[OF_POOLS.as_slice(), &["UserPoolId"]].concat())?;
            let pool = pool(world, account, &input)?;
            // What is left out goes back to its default.
            pool.settings.retain(|name, _| FIXED.contains(&name.as_str()));
            pool.settings.extend(given(&input, &OF_POOLS));
            Ok(json!({}))
        }
        "DeleteUserPool" => delete(world, account, &read(&["UserPoolId"])?),
        "CreateUserPoolDomain" | "DeleteUserPoolDomain" => {
            domain(world, account, operation, &read(&["Domain", "UserPoolId"])?)
        }
        "CreateUserPoolClient" => {
            let input = read(&[OF_CLIENTS.as_slice(), &["GenerateSecret", "UserPoolId"]].concat())?;
            input.text("ClientName")?;
            let id = world.new_id("", 26);
            let pool = pool(world, account, &input)?;
            pool.clients.insert(id.clone(), given(&input, &OF_CLIENTS));
            Ok(json!({ "UserPoolClient": { "ClientId": id, "UserPoolId": pool.id } }))
        }
        "UpdateUserPoolClient" => {
            let input = read(&[OF_CLIENTS.as_slice(), &["ClientId", "UserPoolId"]].concat())?;
            *client(world, account, &input)? = given(&input, &OF_CLIENTS);
            Ok(json!({}))
        }
        "DescribeUserPoolClient" => {
            let input = read(&["ClientId", "UserPoolId"])?;
            let mut described = Value::Object(client(world, account, &input)?.clone());
            described["ClientId"] = json!(input.text("ClientId")?);
            Ok(json!({ "UserPoolClient": described }))
        }
        "DeleteUserPoolClient" => {
            let input = read(&["ClientId", "UserPoolId"])?;
            client(world, account, &input)?;
            pool(world, account, &input)?
                .clients
                .remove(input.text("ClientId")?);
            Ok(json!({}))
        }
        _ => Err(ApiError::unknown_operation("cognito-idp", operation)),
    }
}

fn given(input: &Input<'_>, names: &[&str]) -> Map<String, Value> {
    let given = names.iter().filter_map(|name| Some((*name, input.value(name)?)));
    given
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
}

fn client<'a>(
    world: &'a mut World,
    account: &str,
    input: &Input<'_>,
) -> Result<&'a mut Map<String, Value>, ApiError> {
    let id = input.text("ClientId")?;
    let found = pool(world, account, input)?.clients.get_mut(id);
    found.ok_or_else(|| not_found(format!("User pool client {id} does not exist.")))
}

fn delete(world: &mut World, account: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    let pool = pool(world, account, input)?;
    if pool
        .settings
        .get("DeletionProtection")
        .is_some_and(|state| state == "ACTIVE")
    {
        return Err(invalid(
            "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be \
             inactivated first.",
        ));
    }
    if pool.domain.is_some() {
        return Err(invalid(
            "User pool cannot be deleted. It has a domain configured that should be deleted first.",
        ));
    }
    let id = pool.id.clone();
    world.cognito.pools.remove(&id);
    Ok(json!({}))
}

fn domain(world: &mut World, account: &str, operation: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    let domain = input.text("Domain")?;
    let id = pool(world, account, input)?.id.clone();
    let taken = world.cognito.domains.get(domain);
    if operation == "DeleteUserPoolDomain" {
        if taken != Some(&id) {
            return Err(invalid(format!("No such domain or user pool: {domain}")));
        }
        world.cognito.domains.remove(domain);
        pool(world, account, input)?.domain = None;
        return Ok(json!({}));
    }
    let form = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let reserved = ["aws", "amazon", "cognito"]
        .iter()
        .any(|word| domain.contains(word));
    if domain.is_empty() || domain.len() > 63 || !domain.chars().all(form) || reserved {
        return Err(invalid(format!("`{domain}` can not be a domain's prefix")));
    }
    if taken.is_some() {
        return Err(invalid("Domain already associated with another user pool."));
    }
    let pool = pool(world, account, input)?;
    if pool.domain.is_some() {
        return Err(invalid("The user pool already has a domain."));
    }
    pool.domain = Some(domain.to_owned());
    world.cognito.domains.insert(domain.to_owned(), id);
    Ok(json!({}))
}
