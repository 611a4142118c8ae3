//! The condition keys that requests have here.
//!
//! A policy that asks for any other key is refused: a key that is never there would make a condition true or false
//! by accident. Sources are the IAM user guide's global condition keys and the service authorization reference.

use super::policy::malformed;
use crate::error::ApiError;

/// Whole keys, in lower case.
const KEYS: [&str; 26] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalservicename",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:tagkeys",
    "aws:userid",
    "events:detail-type",
    "events:source",
    "iam:passedtoservice",
    "iam:permissionsboundary",
    "iam:policyarn",
    "kms:calleraccount",
    "kms:grantisforawsresource",
    "kms:viaservice",
    "lambda:functionarn",
    "s3:dataaccesspointaccount",
    "s3:prefix",
    "sagemaker:taggingaction",
    "sts:externalid",
    "sts:rolesessionname",
];

/// Keys that go on with a name of their own. Objects have no tags here and nobody encrypts logs, so some of them
/// are in no request.
const PREFIXES: [&str; 4] = [
    "aws:principaltag/",
    "aws:requesttag/",
    "kms:encryptioncontext:",
    "s3:existingobjecttag/",
];

/// Refuses a key that no request has here.
///
/// # Errors
/// `MalformedPolicyDocument` names the key.
pub(super) fn check(key: &str) -> Result<(), ApiError> {
    let lower = key.to_ascii_lowercase();
    let known = KEYS.contains(&lower.as_str())
        || PREFIXES
            .iter()
            .any(|prefix| lower.len() > prefix.len() && lower.starts_with(prefix));
    if known {
        Ok(())
    } else {
        Err(malformed(format!("the local IAM has no condition key `{key}`")))
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn keys_are_known_whatever_their_case_and_others_are_refused_by_name() {
        for key in [
            "aws:SourceArn",
            "AWS:sourcearn",
            "kms:EncryptionContext:aws:logs:arn",
        ] {
            assert!(check(key).is_ok(), "{key}");
        }
        for key in ["aws:SourceVpce", "ExternalId", "aws:PrincipalTag/"] {
            let error = check(key).unwrap_err();
            assert!(error.message.contains(key), "{error}");
        }
    }
}
