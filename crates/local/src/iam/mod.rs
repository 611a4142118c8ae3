//! AWS Identity and Access Management: roles, customer managed policies, and the check that every call passes.

mod authorize;
mod condition;
mod condition_key;
mod managed;
mod operations;
mod pattern;
mod policies;
mod policy;
mod resource_policy;
mod roles;
mod service_role;
mod size;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

pub(crate) use authorize::{allowed, check, decide, decide_with_resource, principal_context, session};
pub(crate) use condition::Context;
pub(crate) use operations::{handle, resources};
pub(crate) use pattern::{Case, matches as matches_wildcard};
pub(crate) use policy::{Decision, Kind, Policy, TrustedPrincipal};
pub(crate) use resource_policy::{Guard, service_may};
pub(crate) use service_role::{Source, assume_for_service, check_pass_role, may_pass_role};

use crate::error::ApiError;
use crate::world::{Principal, RoleKey, World};

/// Roles and policies of all accounts.
#[derive(Clone, Default)]
pub(crate) struct State {
    pub(crate) roles: BTreeMap<RoleKey, Role>,
    /// Customer managed policies by their ARN.
    policies: BTreeMap<String, ManagedPolicy>,
}

/// A role.
#[derive(Clone)]
pub(crate) struct Role {
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) trust: Policy,
    pub(crate) max_session_seconds: i64,
    pub(crate) tags: BTreeMap<String, String>,
    description: Option<String>,
    boundary: Option<String>,
    inline: BTreeMap<String, Policy>,
    attached: BTreeSet<String>,
    created: Timestamp,
}

#[derive(Clone)]
struct ManagedPolicy {
    name: String,
    path: String,
    id: String,
    /// By number, from 1.
    versions: BTreeMap<u32, Version>,
    default_version: u32,
    description: Option<String>,
    tags: BTreeMap<String, String>,
    created: Timestamp,
}

/// A version of a customer managed policy.
#[derive(Clone)]
struct Version {
    document: Policy,
    created: Timestamp,
}

impl State {
    /// The policy with this ARN, customer managed or one of AWS's.
    fn managed(&self, arn: &str) -> Option<&Policy> {
        match self.policies.get(arn) {
            Some(policy) => policy
                .versions
                .get(&policy.default_version)
                .map(|version| &version.document),
            None => managed::by_arn(arn),
        }
    }
}

/// A role's ARN.
pub(crate) fn role_arn(key: &RoleKey, role: &Role) -> String {
    format!("arn:aws:iam::{}:role{}{}", key.account, role.path, key.name)
}

/// The role that an ARN names, which may have a path.
pub(crate) fn role_key(arn: &str) -> Option<RoleKey> {
    let rest = arn.strip_prefix("arn:aws:iam::")?;
    let (account, name) = rest.split_once(":role/")?;
    let name = name.rsplit('/').next()?;
    Some(RoleKey {
        account: account.to_owned(),
        name: name.to_owned(),
    })
}

/// Finds a role by its whole ARN.
///
/// # Errors
/// `NoSuchEntity` if no account has such a role.
pub(crate) fn role<'a>(world: &'a World, arn: &str) -> Result<(RoleKey, &'a Role), ApiError> {
    role_key(arn)
        .and_then(|key| {
            let role = world.iam.roles.get(&key)?;
            (role_arn(&key, role) == arn).then_some((key, role))
        })
        .ok_or_else(|| no_such_entity(format!("the role `{arn}` does not exist")))
}

/// The principal of a new session of a role, without asking its trust policy.
///
/// # Errors
/// `NoSuchEntity` if no account has such a role.
pub(crate) fn role_principal(world: &World, role_arn: &str, name: &str) -> Result<Principal, ApiError> {
    let (key, role) = role(world, role_arn)?;
    Ok(session(key, role, name))
}

/// Whether the role behind a session is still the one that was assumed.
pub(crate) fn is_of_its_role(world: &World, session: &Principal) -> bool {
    let Some(key) = &session.role else { return true };
    let role = world.iam.roles.get(key);
    role.is_some_and(|role| session.user_id.split(':').next() == Some(role.id.as_str()))
}

impl World {
    /// The principal of a session of a role, as a function or an operator has it who is beyond the local AWS.
    ///
    /// # Errors
    /// `NoSuchEntity` if no account has such a role.
    pub fn role_session(&self, role_arn: &str, name: &str) -> Result<Principal, ApiError> {
        role_principal(self, role_arn, name)
    }
}

fn no_such_entity(message: impl Into<String>) -> ApiError {
    ApiError {
        status: 404,
        ..ApiError::new("NoSuchEntity", message)
    }
}

#[cfg(test)]
mod tests;
