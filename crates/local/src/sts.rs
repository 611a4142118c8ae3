//! AWS Security Token Service: AssumeRole and GetCallerIdentity, and the access keys that requests are signed with.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::iam::{self, Decision, TrustedPrincipal};
use crate::input::Input;
use crate::world::{Principal, World};

/// How STS, IAM, S3 and CloudFormation name a refused call.
pub(crate) const ACCESS_DENIED: &str = "AccessDenied";

/// Access keys by their id.
#[derive(Clone, Default)]
pub(crate) struct State {
    keys: BTreeMap<String, AccessKey>,
}

#[derive(Clone)]
struct AccessKey {
    principal: Principal,
    /// Token and expiry of a session; a long-lived key has none.
    session: Option<(String, Timestamp)>,
}

/// Why a request's access key was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyError {
    Unknown,
    Expired,
}

/// A long-lived access key for a principal: its id and secret.
pub(crate) fn issue_key(world: &mut World, principal: &Principal) -> (String, String) {
    let id = world.new_id("AKIA", 16).to_ascii_uppercase();
    let secret = world.new_id("", 40);
    world.sts.keys.insert(
        id.clone(),
        AccessKey {
            principal: principal.clone(),
            session: None,
        },
    );
    (id, secret)
}

/// The principal behind an access key.
pub(crate) fn authenticate(world: &World, key_id: &str, token: Option<&str>) -> Result<Principal, KeyError> {
    let key = world.sts.keys.get(key_id).ok_or(KeyError::Unknown)?;
    match &key.session {
        None => Ok(key.principal.clone()),
        Some((expected, _)) if token != Some(expected.as_str()) => Err(KeyError::Unknown),
        Some((_, expires)) if world.now >= *expires => Err(KeyError::Expired),
        // A role that was made anew under the name of one that was deleted is another.
        Some(_) if !iam::is_of_its_role(world, &key.principal) => Err(KeyError::Unknown),
        Some(_) => Ok(key.principal.clone()),
    }
}

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "AssumeRole" => assume_role(world, principal, input),
        "GetCallerIdentity" => {
            Input::read(operation, input, &[])?;
            Ok(json!({ "UserId": principal.user_id, "Account": principal.account, "Arn": principal.arn }))
        }
        _ => Err(ApiError::unknown_operation("sts", operation)),
    }
}

pub(crate) fn resources(
    _world: &World,
    _principal: &Principal,
    _operation: &str,
    input: &Value,
) -> Vec<String> {
    vec![
        input
            .get("RoleArn")
            .and_then(Value::as_str)
            .unwrap_or("*")
            .to_owned(),
    ]
}

fn assume_role(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let input = Input::read(
        "AssumeRole",
        input,
        &["RoleArn", "RoleSessionName", "DurationSeconds", "ExternalId"],
    )?;
    let arn = input.text("RoleArn")?;
    let name = input.text("RoleSessionName")?;
    if !(2..=64).contains(&name.len())
        || !name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_=,.@-".contains(c))
    {
        return Err(ApiError::new(
            "ValidationError",
            format!(
                "`RoleSessionName` is `{name}`; it must have 2 to 64 letters, digits or characters of `_=,.@-`"
            ),
        ));
    }
    let external_id = input.optional_text("ExternalId")?;
    let refused = || ApiError {
        status: 403,
        ..ApiError::new(
            ACCESS_DENIED,
            format!(
                "User: {} is not authorized to perform: sts:AssumeRole on resource: {arn}",
                principal.arn
            ),
        )
    };
    // AWS does not tell a role that is missing from one that does not trust the caller.
    let (key, role) = iam::role(world, arn).map_err(|_| refused())?;
    if principal.role.is_none() || !may_assume(world, principal, role, arn, name, external_id) {
        return Err(refused());
    }
    let seconds = input.integer("DurationSeconds", 900..=43200)?.unwrap_or(3600);
    // A role that is assumed by a role's session cannot be held for more than an hour ("role chaining").
    let longest = role.max_session_seconds.min(3600);
    if seconds > longest {
        return Err(ApiError::new(
            "ValidationError",
            format!("`DurationSeconds` is {seconds}; this session can last at most {longest} seconds"),
        ));
    }
    let session = iam::session(key, role, name);
    let expires = world
        .now
        .saturating_add(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MAX);
    let id = world.new_id("ASIA", 16).to_ascii_uppercase();
    let secret = world.new_id("", 40);
    let token = world.new_id("", 96);
    let answer = json!({
        "Credentials": {
            "AccessKeyId": id,
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": expires.as_second(),
        },
        "AssumedRoleUser": { "AssumedRoleId": session.user_id, "Arn": session.arn },
    });
    world.sts.keys.insert(
        id,
        AccessKey {
            principal: session,
            session: Some((token, expires)),
        },
    );
    Ok(answer)
}

/// The trust policy must allow the caller; the caller's own policies must as well, unless the trust policy names
/// the caller itself and both are of the same account.
fn may_assume(
    world: &World,
    caller: &Principal,
    role: &iam::Role,
    arn: &str,
    session_name: &str,
    external_id: Option<&str>,
) -> bool {
    let mut context = iam::principal_context(world, caller);
    context.set("sts:RoleSessionName", session_name);
    if let Some(external_id) = external_id {
        context.set("sts:ExternalId", external_id);
    }
    let caller_role = caller
        .role
        .as_ref()
        .and_then(|key| Some(iam::role_arn(key, world.iam.roles.get(key)?)));
    let is_caller_itself = |trusted: &TrustedPrincipal| match trusted {
        TrustedPrincipal::Arn(arn) => Some(arn) == caller_role.as_ref() || *arn == caller.arn,
        _ => false,
    };
    let is_caller = |trusted: &TrustedPrincipal| match trusted {
        TrustedPrincipal::Anyone => true,
        TrustedPrincipal::Account(account) => *account == caller.account,
        TrustedPrincipal::Arn(_) => is_caller_itself(trusted),
        TrustedPrincipal::Service(_) => false,
    };
    if role.trust.decide_trust("sts:AssumeRole", &context, is_caller) != Decision::Allowed {
        return false;
    }
    let named = role
        .trust
        .decide_trust("sts:AssumeRole", &context, is_caller_itself)
        == Decision::Allowed;
    let same_account = iam::role_key(arn).is_some_and(|key| key.account == caller.account);
    match iam::decide(world, caller, "sts:AssumeRole", arn, &context) {
        Decision::Allowed => true,
        Decision::Unmentioned => named && same_account,
        Decision::Denied => false,
    }
}
