//! Which bucket policies S3 takes for public.

use serde_json::Value;

/// With fixed values of one of these, a statement for everybody is not public; with others it may be what it likes.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>, "The meaning of public".
const NOT_PUBLIC: [&str; 10] = [
    "aws:PrincipalOrgID",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIp",
    "aws:SourceOwner",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "s3:DataAccessPointAccount",
    "s3:DataAccessPointArn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// The operators that hold a key to its values.
const HOLDING: [&str; 6] = [
    "ArnEquals",
    "ArnLike",
    "IpAddress",
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
];

/// Whether a policy, which is valid, allows anything to everybody.
pub(super) fn is_public(policy: &str) -> bool {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    let statements = match &policy["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        one => std::slice::from_ref(one),
    };
    statements.iter().any(|statement| {
        let allows = statement["Effect"] == "Allow" && is_for_everybody(&statement["Principal"]);
        allows && !is_held(&statement["Condition"])
    })
}

fn is_for_everybody(principal: &Value) -> bool {
    let named = match principal {
        Value::Object(kinds) => kinds.get("AWS").unwrap_or(&Value::Null),
        all => all,
    };
    texts(named).any(|name| name == "*")
}

fn is_held(condition: &Value) -> bool {
    let operators = condition.as_object().into_iter().flatten();
    let keys = operators
        .filter(|(operator, _)| HOLDING.contains(&operator.as_str()))
        .flat_map(|(_, keys)| keys.as_object().into_iter().flatten());
    keys.into_iter().any(|(key, values)| {
        NOT_PUBLIC.iter().any(|known| known.eq_ignore_ascii_case(key))
            && texts(values).all(|value| !value.contains(['*', '?', '$']))
    })
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let values = match value {
        Value::Array(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    };
    values.iter().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn public(principal: Value, condition: Value) -> bool {
        let statement = json!({ "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::bucket/*", "Condition": condition });
        is_public(&json!({ "Statement": [statement] }).to_string())
    }

    #[test]
    fn a_statement_for_everybody_is_public_unless_fixed_values_of_the_documented_keys_hold_it() {
        let organization = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-abcdefghij" } });
        assert!(!public(json!({ "AWS": "*" }), organization));
        assert!(public(json!("*"), json!({})));
        let any = json!({ "StringLike": { "aws:PrincipalOrgID": "o-*" } });
        assert!(public(json!({ "AWS": ["*"] }), any));
        let accounts = json!({ "StringEquals": { "aws:PrincipalAccount": ["111122223333"] } });
        assert!(public(json!({ "AWS": "*" }), accounts));
    }

    #[test]
    fn accounts_by_their_numbers_are_not_public() {
        assert!(!public(
            json!({ "AWS": ["111122223333", "444455556666"] }),
            json!({})
        ));
        assert!(!public(
            json!({ "Service": "logging.s3.amazonaws.com" }),
            json!({})
        ));
    }

    #[test]
    fn a_denial_makes_nothing_public() {
        let deny = json!({ "Statement": { "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": "*" } });
        assert!(!is_public(&deny.to_string()));
    }
}
