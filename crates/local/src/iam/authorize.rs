//! Who may do what: the check before every call, trust policies and PassRole.

use serde_json::Value;

use super::policy::{Decision, Policy, TrustedPrincipal};
use super::{Context, Role, role, role_arn};
use crate::error::ApiError;
use crate::world::{Principal, RoleKey, Service, World};
use crate::{dynamodb, ec2, events, s3, sts};

/// The principal of a session of a role.
pub(crate) fn session(key: RoleKey, role: &Role, name: &str) -> Principal {
    Principal {
        account: key.account.clone(),
        arn: format!("arn:aws:sts::{}:assumed-role/{}/{name}", key.account, key.name),
        user_id: format!("{}:{name}", role.id),
        role: Some(key),
    }
}

/// Refuses the call unless the principal's policies allow it on each of its resources.
///
/// # Errors
/// `AccessDeniedException`, or the service's own name for it.
pub(crate) fn check(
    world: &World,
    principal: &Principal,
    service: Service,
    operation: &str,
    input: &Value,
    resources: &[String],
) -> Result<(), ApiError> {
    let needed = match service {
        Service::DynamoDb => dynamodb::actions(world, principal, operation, input),
        Service::S3 => vec![(s3::action(operation).to_owned(), resources.to_vec())],
        // A trust policy takes part in the decision, so STS asks for itself.
        Service::Sts => Vec::new(),
        _ => vec![(format!("{}:{operation}", service.prefix()), resources.to_vec())],
    };
    let context = request_context(world, principal, service, input);
    for (action, resources) in &needed {
        for resource in resources {
            if decide(world, principal, action, resource, &context) != Decision::Allowed {
                return Err(denied(principal, service, action, resource));
            }
        }
    }
    Ok(())
}

/// Whether the principal's policies allow an IAM action on a resource.
pub(crate) fn allowed(world: &World, principal: &Principal, action: &str, resource: &str) -> bool {
    let context = principal_context(world, principal);
    decide(world, principal, action, resource, &context) == Decision::Allowed
}

/// The decision of the principal's own policies: denials first, then what both the policies and the permissions
/// boundary allow.
pub(crate) fn decide(
    world: &World,
    principal: &Principal,
    action: &str,
    resource: &str,
    context: &Context,
) -> Decision {
    let Some(key) = &principal.role else {
        return Decision::Allowed;
    };
    // A session outlives its role, but not with any rights.
    let Some(role) = world.iam.roles.get(key) else {
        return Decision::Denied;
    };
    let decide = |policy: &Policy| policy.decide(action, resource, context);
    let attached = role.attached.iter().filter_map(|arn| world.iam.managed(arn));
    let own = role
        .inline
        .values()
        .chain(attached)
        .map(decide)
        .fold(Decision::Unmentioned, Decision::and);
    let boundary = match &role.boundary {
        None => Decision::Allowed,
        Some(arn) => world.iam.managed(arn).map_or(Decision::Unmentioned, decide),
    };
    match (own, boundary) {
        (Decision::Denied, _) | (_, Decision::Denied) => Decision::Denied,
        (Decision::Allowed, Decision::Allowed) => Decision::Allowed,
        _ => Decision::Unmentioned,
    }
}

/// The condition keys that every request has.
pub(crate) fn principal_context(world: &World, principal: &Principal) -> Context {
    let mut context = Context::default();
    context.set("aws:PrincipalAccount", &principal.account);
    context.set("aws:RequestedRegion", &world.region);
    context.set("aws:SecureTransport", "true");
    context.set("aws:SourceIp", "127.0.0.1");
    context.set("aws:userid", &principal.user_id);
    let key = principal.role.as_ref();
    match key.and_then(|key| world.iam.roles.get(key).map(|role| (key, role))) {
        None => context.set("aws:PrincipalArn", &principal.arn),
        Some((key, role)) => {
            context.set("aws:PrincipalArn", &role_arn(key, role));
            for (tag, value) in &role.tags {
                context.set(&format!("aws:PrincipalTag/{tag}"), value);
            }
        }
    }
    context
}

fn request_context(world: &World, principal: &Principal, service: Service, input: &Value) -> Context {
    let mut context = principal_context(world, principal);
    let tags: Vec<(&str, &str)> = input
        .get("Tags")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|tag| Some((tag.get("Key")?.as_str()?, tag.get("Value")?.as_str()?)))
        .collect();
    for (key, value) in &tags {
        context.set(&format!("aws:RequestTag/{key}"), value);
    }
    if !tags.is_empty() {
        context.set_all(
            "aws:TagKeys",
            tags.iter().map(|(key, _)| (*key).to_owned()).collect(),
        );
    }
    if service == Service::Iam {
        for (member, key) in [
            ("PermissionsBoundary", "iam:PermissionsBoundary"),
            ("PolicyArn", "iam:PolicyARN"),
        ] {
            if let Some(value) = input.get(member).and_then(Value::as_str) {
                context.set(key, value);
            }
        }
    }
    if service == Service::Events {
        events::add_context(&mut context, input);
    }
    context
}

/// The refusal in the service's own name for it.
fn denied(principal: &Principal, service: Service, action: &str, resource: &str) -> ApiError {
    let message = format!(
        "User: {} is not authorized to perform: {action} on resource: {resource} because no identity-based policy \
         allows the {action} action",
        principal.arn
    );
    match service {
        Service::Ec2 => ApiError {
            status: 403,
            ..ApiError::new(ec2::UNAUTHORIZED, message)
        },
        Service::S3 | Service::Sts | Service::Iam | Service::CloudFormation => ApiError {
            status: 403,
            ..ApiError::new(sts::ACCESS_DENIED, message)
        },
        _ => ApiError::access_denied(message),
    }
}

/// A session of a role for an AWS service, if the role trusts it.
///
/// # Errors
/// `NoSuchEntity` for an unknown role, `AccessDenied` for one that does not trust the service.
pub(crate) fn assume_for_service(
    world: &World,
    arn: &str,
    service: &str,
    name: &str,
) -> Result<Principal, ApiError> {
    let (key, role) = role(world, arn)?;
    if trusts_service(role, service) {
        Ok(session(key, role, name))
    } else {
        Err(ApiError::new(
            "AccessDenied",
            format!("the role `{arn}` does not trust `{service}`"),
        ))
    }
}

fn trusts_service(role: &Role, service: &str) -> bool {
    let is_service = |principal: &TrustedPrincipal| match principal {
        TrustedPrincipal::Service(name) => name == service,
        TrustedPrincipal::Anyone => true,
        TrustedPrincipal::Account(_) | TrustedPrincipal::Arn(_) => false,
    };
    role.trust
        .decide_trust("sts:AssumeRole", &Context::default(), is_service)
        == Decision::Allowed
}

/// Refuses to hand a role to a service unless the principal may pass it and the service may take it.
///
/// # Errors
/// `AccessDeniedException` without `iam:PassRole`; `ValidationException` if the role is missing, belongs to another
/// account or does not trust the service.
pub(crate) fn check_pass_role(
    world: &World,
    principal: &Principal,
    arn: &str,
    service: &str,
) -> Result<(), ApiError> {
    let mut context = principal_context(world, principal);
    context.set("iam:PassedToService", service);
    if decide(world, principal, "iam:PassRole", arn, &context) != Decision::Allowed {
        return Err(denied(principal, Service::SageMaker, "iam:PassRole", arn));
    }
    match role(world, arn) {
        Ok((key, role)) if key.account == principal.account && trusts_service(role, service) => Ok(()),
        _ => Err(ApiError::validation(format!(
            "could not assume role `{arn}`: it must exist in account {} and trust `{service}`",
            principal.account
        ))),
    }
}
