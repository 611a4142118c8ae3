//! Reasons in AWS's words, without what is not for researchers.

use workbench_core::caller::Caller;

/// Shown in place of an ARN.
const MASK: &str = "[hidden]";

/// Services whose ARNs name roles, sessions and keys.
const HIDDEN: [&str; 3] = ["iam", "sts", "kms"];

/// The reason as `caller` may see it: whole for IT admins alone.
pub(super) fn for_caller(reason: String, caller: &Caller) -> String {
    if caller.it_admin {
        reason
    } else {
        without_roles_and_keys(&reason)
    }
}

/// The text with each ARN of a role, a session or a key replaced.
fn without_roles_and_keys(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("arn:") {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| !in_arn(c)).unwrap_or(from.len());
        let (arn, after) = from.split_at(end);
        shown.push_str(before);
        let hidden = arn
            .split(':')
            .nth(2)
            .is_some_and(|service| HIDDEN.contains(&service));
        shown.push_str(if hidden { MASK } else { arn });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

fn in_arn(c: char) -> bool {
    c.is_ascii_alphanumeric() || ":/_+=,.@-*".contains(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn roles_sessions_and_keys_are_hidden_and_the_rest_stays() {
        assert_eq!(
            without_roles_and_keys(
                "User: arn:aws:sts::111111111111:assumed-role/x-env-mgmt/Launch-1 is not authorized to use \
                 \"arn:aws-cn:kms:cn-north-1:111111111111:key/k\" on arn:aws:sagemaker:us-east-1:1:notebook/n, ünser"
            ),
            "User: [hidden] is not authorized to use \"[hidden]\" on arn:aws:sagemaker:us-east-1:1:notebook/n, ünser"
        );
        assert_eq!(without_roles_and_keys("arn:"), "arn:");
    }

    proptest! {
        #[test]
        fn a_text_without_arns_is_unchanged(text in "[^n]{0,80}") {
            prop_assert_eq!(without_roles_and_keys(&text), text);
        }

        #[test]
        fn no_role_is_ever_shown(before in ".{0,20}", role in "[a-z/-]{1,20}", after in ".{0,20}") {
            let shown = without_roles_and_keys(&format!("{before} arn:aws:iam::1:role/{role}XY {after}"));
            let shown = shown.contains("iam::1:role");
            prop_assert!(!shown);
        }
    }
}
