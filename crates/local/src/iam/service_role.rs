//! Roles that AWS services take: which service a role trusts, for whose resources, and who may hand it over.

use super::authorize::{denied, session};
use super::policy::{Decision, TrustedPrincipal};
use super::{Context, Role, decide, principal_context, role};
use crate::error::ApiError;
use crate::world::{Principal, Service, World};

/// For which resource a service acts: what `aws:SourceAccount` and `aws:SourceArn` say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    /// Account of the resource.
    pub(crate) account: &'a str,
    /// ARN of the resource.
    pub(crate) arn: &'a str,
}

impl Source<'_> {
    /// The condition keys of a request that a service makes for this resource.
    pub(super) fn context(self, world: &World, service: &str) -> Context {
        let mut context = Context::default();
        context.set("aws:PrincipalIsAWSService", "true");
        context.set("aws:PrincipalServiceName", service);
        context.set("aws:RequestedRegion", &world.region);
        context.set("aws:SecureTransport", "true");
        context.set("aws:SourceAccount", self.account);
        context.set("aws:SourceArn", self.arn);
        context
    }
}

/// A session of a role for an AWS service, if the role trusts it.
///
/// # Errors
/// `NoSuchEntity` for an unknown role, `AccessDenied` for one that does not trust the service, or not for this source.
pub(crate) fn assume_for_service(
    world: &World,
    arn: &str,
    service: &str,
    name: &str,
    source: Source<'_>,
) -> Result<Principal, ApiError> {
    let (key, role) = role(world, arn)?;
    if trusts_service(world, role, service, source) {
        Ok(session(key, role, name))
    } else {
        Err(ApiError::new(
            "AccessDenied",
            format!(
                "the role `{arn}` does not trust `{service}` acting for `{}`",
                source.arn
            ),
        ))
    }
}

fn trusts_service(world: &World, role: &Role, service: &str, source: Source<'_>) -> bool {
    let is_service = |principal: &TrustedPrincipal| match principal {
        TrustedPrincipal::Service(name) => name == service,
        TrustedPrincipal::Anyone => true,
        TrustedPrincipal::Account(_) | TrustedPrincipal::Arn(_) => false,
    };
    let context = source.context(world, service);
    role.trust.decide_trust("sts:AssumeRole", &context, is_service) == Decision::Allowed
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
    source: Source<'_>,
) -> Result<(), ApiError> {
    may_pass_role(world, principal, arn, service)?;
    match role(world, arn) {
        Ok((key, role))
            if key.account == principal.account && trusts_service(world, role, service, source) =>
        {
            Ok(())
        }
        _ => Err(ApiError::validation(format!(
            "could not assume role `{arn}`: it must exist in account {} and trust `{service}`",
            principal.account
        ))),
    }
}

/// Refuses to hand a role to a service unless the principal may pass it. Whether the service may take it shows later.
///
/// # Errors
/// `AccessDeniedException` without `iam:PassRole`.
pub(crate) fn may_pass_role(
    world: &World,
    principal: &Principal,
    arn: &str,
    service: &str,
) -> Result<(), ApiError> {
    let mut context = principal_context(world, principal);
    context.set("iam:PassedToService", service);
    if decide(world, principal, "iam:PassRole", arn, &context) == Decision::Allowed {
        Ok(())
    } else {
        Err(denied(principal, Service::SageMaker, "iam:PassRole", arn))
    }
}
