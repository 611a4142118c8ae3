//! Customer managed policies, boundaries and condition keys.

use serde_json::{Value, json};

use super::{ALLOWED, DENIED, HOST, MAIN, allow, create_role, iam, lambda, stop, world};
use crate::world::Service;

#[test]
fn a_policy_has_versions_of_which_the_default_counts() {
    let mut world = world();
    let role = create_role(&mut world, HOST, "r", lambda(), json!({}));
    let document = |action: &str| {
        json!({"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}).to_string()
    };
    let policy = json!({"PolicyName": "m", "PolicyDocument": document("sagemaker:Start*")});
    iam(&mut world, HOST, "CreatePolicy", policy).unwrap();
    let arn = format!("arn:aws:iam::{HOST}:policy/m");
    let attach = json!({"RoleName": "r", "PolicyArn": arn});
    iam(&mut world, HOST, "AttachRolePolicy", attach).unwrap();
    assert_eq!(stop(&mut world, &role), DENIED);
    let version =
        json!({"PolicyArn": arn, "PolicyDocument": document("sagemaker:Stop*"), "SetAsDefault": true});
    iam(&mut world, HOST, "CreatePolicyVersion", version).unwrap();
    assert_eq!(stop(&mut world, &role), ALLOWED);
    let second = json!({"PolicyArn": arn, "VersionId": "v2"});
    let refused = iam(&mut world, HOST, "DeletePolicyVersion", second).unwrap_err();
    assert_eq!(refused.code, "DeleteConflict");
    let first = json!({"PolicyArn": arn, "VersionId": "v1"});
    iam(&mut world, HOST, "DeletePolicyVersion", first.clone()).unwrap();
    let gone = iam(&mut world, HOST, "GetPolicyVersion", first).unwrap_err();
    assert_eq!(gone.code, "NoSuchEntity");
}

#[test]
fn another_accounts_policy_is_neither_attached_nor_deleted() {
    let mut world = world();
    create_role(&mut world, MAIN, "r", lambda(), json!({}));
    let document = json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}).to_string();
    let policy = json!({"PolicyName": "m", "PolicyDocument": document});
    iam(&mut world, HOST, "CreatePolicy", policy).unwrap();
    let arn = format!("arn:aws:iam::{HOST}:policy/m");
    for (operation, input) in [
        ("AttachRolePolicy", json!({"RoleName": "r", "PolicyArn": arn})),
        ("DeletePolicy", json!({"PolicyArn": arn})),
    ] {
        assert_eq!(
            iam(&mut world, MAIN, operation, input).unwrap_err().code,
            "NoSuchEntity",
            "{operation}"
        );
    }
    iam(&mut world, HOST, "DeletePolicy", json!({"PolicyArn": arn})).unwrap();
}

#[test]
fn permissions_are_written_only_into_roles_with_the_boundary_that_the_policy_names() {
    let mut world = world();
    let writer = create_role(&mut world, HOST, "writer", lambda(), json!({}));
    let boundary = format!("arn:aws:iam::{HOST}:policy/boundary");
    let document = json!({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}).to_string();
    let policy = json!({"PolicyName": "boundary", "PolicyDocument": document});
    iam(&mut world, HOST, "CreatePolicy", policy).unwrap();
    allow(
        &mut world,
        &writer,
        "p",
        json!([{"Effect": "Allow", "Resource": "*",
            "Action": ["iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePermissionsBoundary"],
            "Condition": {"StringEquals": {"iam:PermissionsBoundary": boundary}}}]),
    );
    create_role(&mut world, HOST, "free", lambda(), json!({}));
    let trust =
        json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": lambda()}]});
    let role = json!({"RoleName": "bound", "AssumeRolePolicyDocument": trust.to_string()});
    let mut call = |operation: &str, input: &Value| {
        let answer = world.call(&writer, Service::Iam, operation, input);
        answer.map(|_| ()).map_err(|error| error.code)
    };
    let denied = Err("AccessDenied".to_owned());
    assert_eq!(call("CreateRole", &role), denied);
    let mut bound = role.clone();
    bound["PermissionsBoundary"] = json!(boundary);
    assert_eq!(call("CreateRole", &bound), Ok(()));
    for (name, expected) in [("free", denied), ("bound", Ok(()))] {
        let put = json!({"RoleName": name, "PolicyName": "q", "PolicyDocument": document});
        assert_eq!(call("PutRolePolicy", &put), expected, "{name}");
    }
}

#[test]
fn a_condition_key_that_no_request_has_is_refused_by_name() {
    let mut world = world();
    create_role(&mut world, HOST, "r", lambda(), json!({}));
    let policy = json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:Weather": "fine"}}}]});
    let input = json!({"RoleName": "r", "PolicyName": "p", "PolicyDocument": policy.to_string()});
    let error = iam(&mut world, HOST, "PutRolePolicy", input).unwrap_err();
    assert_eq!(error.code, "MalformedPolicyDocument");
    assert!(error.message.contains("aws:Weather"), "{error}");
}
