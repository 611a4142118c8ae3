//! Who may do what: the check before every call.

use serde_json::Value;

use super::policy::{Decision, Policy};
use super::{Context, Role, resource_policy, role_arn};
use crate::error::ApiError;
use crate::world::{Principal, RoleKey, Service, World};
use crate::{dynamodb, ec2, events, lambda, s3, sts};

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
    let mut needed = match service {
        Service::DynamoDb => dynamodb::actions(world, principal, operation, input),
        Service::Lambda => vec![(lambda::action(operation), resources.to_vec())],
        Service::S3 => vec![(s3::action(operation), resources.to_vec())],
        // A trust policy takes part in the decision, so STS asks for itself.
        Service::Sts => Vec::new(),
        _ => vec![(format!("{}:{operation}", service.prefix()), resources.to_vec())],
    };
    needed.extend(tagging(service, operation, input, resources));
    let context = request_context(world, principal, service, operation, input);
    for (action, resources) in &needed {
        for resource in resources {
            if decide_with_resource(world, principal, action, resource, &context) != Decision::Allowed {
                return Err(denied(principal, service, action, resource));
            }
        }
    }
    Ok(())
}

/// The right to tag, which IAM and EC2 want of whoever makes something with tags (service authorization reference).
fn tagging(
    service: Service,
    operation: &str,
    input: &Value,
    resources: &[String],
) -> Option<(String, Vec<String>)> {
    let has_tags = |of: &Value| of["Tags"].as_array().is_some_and(|tags| !tags.is_empty());
    let specified = input.get("TagSpecifications").and_then(Value::as_array);
    let action = match (service, operation) {
        (Service::Iam, "CreateRole") if has_tags(input) => "iam:TagRole",
        (Service::Iam, "CreatePolicy") if has_tags(input) => "iam:TagPolicy",
        (Service::Ec2, _) if specified.is_some_and(|all| all.iter().any(has_tags)) => "ec2:CreateTags",
        _ => return None,
    };
    // What EC2 is to make has no id yet; what else a request names is not tagged.
    let made = |resource: &&String| service != Service::Ec2 || resource.ends_with("/*");
    let tagged = resources.iter().filter(made).cloned().collect();
    Some((action.to_owned(), tagged))
}

/// Whether the principal may take an action on a resource, by its own policies and the resource's.
pub(crate) fn allowed(world: &World, principal: &Principal, action: &str, resource: &str) -> bool {
    let context = principal_context(world, principal);
    decide_with_resource(world, principal, action, resource, &context) == Decision::Allowed
}

/// The decision of the principal's own policies and, where the resource has one, of the resource's policy.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>
pub(crate) fn decide_with_resource(
    world: &World,
    principal: &Principal,
    action: &str,
    resource: &str,
    context: &Context,
) -> Decision {
    let own = decide(world, principal, action, resource, context);
    match resource_policy::of(world, resource) {
        Some(guard) if own != Decision::Denied => {
            let within_boundary = boundary(world, principal, action, resource, context) == Decision::Allowed;
            let theirs = guard.decide(world, principal, action, resource, context);
            guard.combine(&principal.account, own, theirs, within_boundary)
        }
        _ => own,
    }
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
    match (own, boundary(world, principal, action, resource, context)) {
        (Decision::Denied, _) | (_, Decision::Denied) => Decision::Denied,
        (Decision::Allowed, Decision::Allowed) => Decision::Allowed,
        _ => Decision::Unmentioned,
    }
}

/// What the permissions boundary of the principal's role allows; everything if there is none.
fn boundary(
    world: &World,
    principal: &Principal,
    action: &str,
    resource: &str,
    context: &Context,
) -> Decision {
    let role = principal.role.as_ref().and_then(|key| world.iam.roles.get(key));
    match role.and_then(|role| role.boundary.as_ref()) {
        None => Decision::Allowed,
        Some(arn) => (world.iam.managed(arn)).map_or(Decision::Unmentioned, |policy| {
            policy.decide(action, resource, context)
        }),
    }
}

/// The condition keys that every request has.
pub(crate) fn principal_context(world: &World, principal: &Principal) -> Context {
    let mut context = Context::default();
    context.set("aws:PrincipalAccount", &principal.account);
    if let Some(organization) = world.organizations.get(&principal.account) {
        context.set("aws:PrincipalOrgID", organization);
    }
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

fn request_context(
    world: &World,
    principal: &Principal,
    service: Service,
    operation: &str,
    input: &Value,
) -> Context {
    let mut context = principal_context(world, principal);
    if let (Service::S3, Some(prefix)) = (service, input.get("Prefix").and_then(Value::as_str)) {
        context.set("s3:prefix", prefix);
    }
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
        if let Some(arn) = input.get("PolicyArn").and_then(Value::as_str) {
            context.set("iam:PolicyARN", arn);
        }
        if let Some(arn) = boundary_in_question(world, principal, operation, input) {
            context.set("iam:PermissionsBoundary", &arn);
        }
    }
    if service == Service::Events {
        events::add_context(&mut context, input);
    }
    context
}

/// `iam:PermissionsBoundary`: the boundary that a request sets, else that of the role whose permissions it changes
/// (service authorization reference of IAM).
fn boundary_in_question(
    world: &World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Option<String> {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    match operation {
        "CreateRole" | "PutRolePermissionsBoundary" => text("PermissionsBoundary").map(str::to_owned),
        "AttachRolePolicy"
        | "DeleteRolePermissionsBoundary"
        | "DeleteRolePolicy"
        | "DetachRolePolicy"
        | "PutRolePolicy" => {
            let key = RoleKey {
                account: principal.account.clone(),
                name: text("RoleName")?.to_owned(),
            };
            world.iam.roles.get(&key)?.boundary.clone()
        }
        _ => None,
    }
}

/// The refusal in the service's own name for it.
pub(super) fn denied(principal: &Principal, service: Service, action: &str, resource: &str) -> ApiError {
    let message = format!(
        "User: {} is not authorized to perform: {action} on resource: {resource} because no policy allows \
         the {action} action",
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
