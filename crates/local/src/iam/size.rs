//! How long policies may be. White space does not count.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>

use super::Role;
use super::policy::Policy;
use crate::error::ApiError;

/// Most characters of a managed policy.
const MANAGED: usize = 6_144;
/// Most characters of all inline policies of a role.
const INLINE: usize = 10_240;

/// Refuses a managed policy that is too long.
///
/// # Errors
/// `LimitExceeded`.
pub(super) fn check_managed(policy: &Policy) -> Result<(), ApiError> {
    within(size(policy), MANAGED, "a managed policy")
}

/// Refuses an inline policy with which a role's are too long; it takes the place of the one with its name.
///
/// # Errors
/// `LimitExceeded`.
pub(super) fn check_inline(role: &Role, name: &str, policy: &Policy) -> Result<(), ApiError> {
    let others = role.inline.iter().filter(|(other, _)| *other != name);
    let all = others.map(|(_, other)| size(other)).sum::<usize>() + size(policy);
    within(all, INLINE, "the inline policies of a role")
}

fn size(policy: &Policy) -> usize {
    policy.text.chars().filter(|c| !c.is_whitespace()).count()
}

fn within(size: usize, most: usize, what: &str) -> Result<(), ApiError> {
    if size <= most {
        Ok(())
    } else {
        Err(limit_exceeded(format!(
            "{what} can have {most} characters, not {size}"
        )))
    }
}

/// `LimitExceeded`.
pub(super) fn limit_exceeded(message: impl Into<String>) -> ApiError {
    ApiError {
        status: 409,
        ..ApiError::new("LimitExceeded", message)
    }
}
