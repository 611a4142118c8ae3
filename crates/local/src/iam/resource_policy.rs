//! The policies of buckets, queues, buses, keys and functions, and how they go together with those of the caller.

use super::policy::{Decision, Policy, TrustedPrincipal};
use super::service_role::Source;
use super::{Context, role_arn};
use crate::world::{Principal, World};
use crate::{events, kms, lambda, s3, sqs};

/// A resource with an owner and a policy of its own.
pub(crate) struct Guard<'a> {
    /// Account that owns the resource.
    pub(crate) owner: &'a str,
    /// Its policy, if it has one.
    pub(crate) policy: Option<&'a Policy>,
    /// Whether the owner's identities need the policy's leave, too, as for KMS keys.
    pub(crate) binds_owner: bool,
}

/// What a resource's policy says about a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Theirs {
    /// Statements for everybody or for the principal itself.
    by_name: Decision,
    /// These and statements for the principal's whole account.
    by_account: Decision,
}

/// The owner and the policy of the resource with this ARN, if it is of a kind that has policies and it exists.
pub(super) fn of<'a>(world: &'a World, arn: &str) -> Option<Guard<'a>> {
    match arn.split(':').nth(2)? {
        "events" => events::guard(world, arn),
        "kms" => kms::guard(world, arn),
        "lambda" => lambda::guard(world, arn),
        "s3" => s3::guard(world, arn),
        "sqs" => sqs::guard(world, arn),
        _ => None,
    }
}

impl Guard<'_> {
    /// What the resource's policy says about the principal's request.
    pub(super) fn decide(
        &self,
        world: &World,
        principal: &Principal,
        action: &str,
        resource: &str,
        context: &Context,
    ) -> Theirs {
        let role = principal
            .role
            .as_ref()
            .and_then(|key| Some(role_arn(key, world.iam.roles.get(key)?)));
        let is_named = |trusted: &TrustedPrincipal| match trusted {
            TrustedPrincipal::Anyone => true,
            TrustedPrincipal::Arn(arn) => Some(arn) == role.as_ref() || *arn == principal.arn,
            TrustedPrincipal::Account(_) | TrustedPrincipal::Service(_) => false,
        };
        let is_account = |trusted: &TrustedPrincipal| match trusted {
            TrustedPrincipal::Account(account) => *account == principal.account,
            _ => is_named(trusted),
        };
        let Some(policy) = self.policy else {
            return Theirs {
                by_name: Decision::Unmentioned,
                by_account: Decision::Unmentioned,
            };
        };
        Theirs {
            by_name: policy.decide_for(action, resource, context, is_named),
            by_account: policy.decide_for(action, resource, context, is_account),
        }
    }

    /// In one account, either side is enough; across accounts, both must allow. A statement for an account leaves
    /// the right to that account's own policies, and a statement for a principal is held in by its boundary.
    pub(super) fn combine(
        &self,
        account: &str,
        own: Decision,
        theirs: Theirs,
        within_boundary: bool,
    ) -> Decision {
        let allowed = match (own, theirs.by_account) {
            (Decision::Denied, _) | (_, Decision::Denied) => return Decision::Denied,
            (_, theirs) if account != self.owner => own == Decision::Allowed && theirs == Decision::Allowed,
            (own, by_account) => {
                let named = theirs.by_name == Decision::Allowed && within_boundary;
                let by_own =
                    own == Decision::Allowed && (!self.binds_owner || by_account == Decision::Allowed);
                named || by_own
            }
        };
        if allowed {
            Decision::Allowed
        } else {
            Decision::Unmentioned
        }
    }
}

/// Whether a resource's policy lets an AWS service take an action on it for a resource of somebody's.
pub(crate) fn service_may(
    world: &World,
    service: &str,
    source: Source<'_>,
    action: &str,
    resource: &str,
) -> bool {
    let is_service = |trusted: &TrustedPrincipal| match trusted {
        TrustedPrincipal::Service(name) => name == service,
        TrustedPrincipal::Anyone => true,
        TrustedPrincipal::Account(_) | TrustedPrincipal::Arn(_) => false,
    };
    let context = source.context(world, service);
    of(world, resource)
        .and_then(|guard| guard.policy)
        .is_some_and(|policy| policy.decide_for(action, resource, &context, is_service) == Decision::Allowed)
}
