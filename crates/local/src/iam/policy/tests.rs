use serde_json::json;

use super::*;

fn identity(statement: Value) -> Result<Policy, ApiError> {
    Policy::parse(
        &json!({"Version": "2012-10-17", "Statement": [statement]}).to_string(),
        Kind::Identity,
    )
}

fn decide(statement: Value, action: &str, resource: &str) -> Decision {
    identity(statement)
        .unwrap()
        .decide(action, resource, &Context::default())
}

#[test]
fn an_action_is_matched_with_wildcards_whatever_its_case() {
    let statement = json!({"Effect": "Allow", "Action": "sagemaker:Start*", "Resource": "*"});
    assert_eq!(
        decide(statement.clone(), "sagemaker:StartNotebookInstance", "arn:x"),
        Decision::Allowed
    );
    assert_eq!(
        decide(statement.clone(), "SageMaker:startnotebookinstance", "arn:x"),
        Decision::Allowed
    );
    assert_eq!(
        decide(statement, "sagemaker:StopNotebookInstance", "arn:x"),
        Decision::Unmentioned
    );
}

#[test]
fn a_resource_is_matched_with_wildcards_and_its_case_counts() {
    let statement = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::data/*"});
    assert_eq!(
        decide(statement.clone(), "s3:GetObject", "arn:aws:s3:::data/a"),
        Decision::Allowed
    );
    assert_eq!(
        decide(statement, "s3:GetObject", "arn:aws:s3:::Data/a"),
        Decision::Unmentioned
    );
}

#[test]
fn not_action_and_not_resource_match_the_rest() {
    let statement = json!({"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::secret/*"});
    assert_eq!(
        decide(statement.clone(), "s3:GetObject", "arn:aws:s3:::data/a"),
        Decision::Allowed
    );
    assert_eq!(
        decide(statement.clone(), "iam:GetRole", "arn:aws:s3:::data/a"),
        Decision::Unmentioned
    );
    assert_eq!(
        decide(statement, "s3:GetObject", "arn:aws:s3:::secret/a"),
        Decision::Unmentioned
    );
}

#[test]
fn a_denial_outweighs_an_allowance() {
    let text = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"},
    ]})
    .to_string();
    let policy = Policy::parse(&text, Kind::Identity).unwrap();
    assert_eq!(
        policy.decide("s3:DeleteObject", "arn:x", &Context::default()),
        Decision::Denied
    );
    assert_eq!(
        policy.decide("s3:GetObject", "arn:x", &Context::default()),
        Decision::Allowed
    );
}

#[test]
fn malformed_documents_are_refused_by_what_is_wrong() {
    let cases = [
        (
            json!({"Effect": "Maybe", "Action": "s3:*", "Resource": "*"}),
            "`Effect`",
        ),
        (json!({"Effect": "Allow", "Resource": "*"}), "`Action`"),
        (json!({"Effect": "Allow", "Action": "s3:*"}), "`Resource`"),
        (
            json!({"Effect": "Allow", "Action": "GetObject", "Resource": "*"}),
            "`GetObject`",
        ),
        (
            json!({"Effect": "Allow", "Action": "s3:*", "Resource": "bucket"}),
            "`bucket`",
        ),
        (
            json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Colour": 1}),
            "`Colour`",
        ),
        (
            json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": "*"}),
            "`Principal`",
        ),
        (
            json!({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:MoonPhase}"}),
            "aws:MoonPhase",
        ),
        (
            json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*",
                   "Condition": {"StringAlmost": {"aws:PrincipalArn": "x"}}}),
            "`StringAlmost`",
        ),
    ];
    for (statement, named) in cases {
        let error = identity(statement).unwrap_err();
        assert_eq!(error.code, "MalformedPolicyDocument");
        assert!(error.message.contains(named), "{error}");
    }
}

#[test]
fn a_trust_policy_needs_a_principal_that_can_exist() {
    let parse = |principal: Value| {
        let statement = json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
        Policy::parse(&json!({"Statement": statement}).to_string(), Kind::Trust)
    };
    assert!(parse(json!({"AWS": "arn:aws:iam::111122223333:root"})).is_ok());
    assert!(parse(json!({"Service": "events.amazonaws.com"})).is_ok());
    assert!(
        parse(json!({"AWS": "everyone"}))
            .unwrap_err()
            .message
            .contains("everyone")
    );
    assert!(
        parse(json!({"Federated": "idp"}))
            .unwrap_err()
            .message
            .contains("`Federated`")
    );
}
