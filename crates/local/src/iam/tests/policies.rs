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
fn policies_have_a_longest_length_in_which_white_space_does_not_count() {
    let mut world = world();
    create_role(&mut world, HOST, "r", lambda(), json!({}));
    // A document of this many characters, and some white space.
    let document = |characters: usize| {
        let with = |action: &str| {
            json!({"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}).to_string()
        };
        let rest = characters - with("").len();
        let text = with(&format!("s3:{}", "A".repeat(rest - 3)));
        text.replacen('{', "{  \n", 1)
    };
    let managed =
        |name: &str, characters: usize| json!({"PolicyName": name, "PolicyDocument": document(characters)});
    iam(&mut world, HOST, "CreatePolicy", managed("m", 6_144)).unwrap();
    let version = json!({
        "PolicyArn": format!("arn:aws:iam::{HOST}:policy/m"), "PolicyDocument": document(6_145),
    });
    for (operation, input) in [
        ("CreatePolicy", managed("longer", 6_145)),
        ("CreatePolicyVersion", version),
    ] {
        let refused = iam(&mut world, HOST, operation, input).unwrap_err();
        assert_eq!(refused.code, "LimitExceeded", "{operation}");
    }
    let mut put = |name: &str, characters: usize| {
        let input = json!({"RoleName": "r", "PolicyName": name, "PolicyDocument": document(characters)});
        iam(&mut world, HOST, "PutRolePolicy", input).map_err(|error| error.code)
    };
    put("a", 10_000).unwrap();
    assert_eq!(put("b", 241), Err("LimitExceeded".to_owned()));
    put("b", 240).unwrap();
    // A policy takes the place of the one with its name.
    put("a", 10_000).unwrap();
}

#[test]
fn whoever_makes_something_with_tags_must_be_allowed_to_tag() {
    let mut world = world();
    let maker = create_role(&mut world, HOST, "maker", lambda(), json!({}));
    let (vpc, _) = world.create_network(HOST);
    let tags = json!([{"Key": "Env", "Value": "1"}]);
    let document = json!({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}).to_string();
    let trust =
        json!({"Statement": [{"Effect": "Allow", "Principal": lambda(), "Action": "sts:AssumeRole"}]});
    for (service, operation, tag, mut input, member, tags) in [
        (
            Service::Iam,
            "CreateRole",
            "iam:TagRole",
            json!({"RoleName": "new", "AssumeRolePolicyDocument": trust.to_string()}),
            "Tags",
            tags.clone(),
        ),
        (
            Service::Iam,
            "CreatePolicy",
            "iam:TagPolicy",
            json!({"PolicyName": "new", "PolicyDocument": document}),
            "Tags",
            tags.clone(),
        ),
        (
            Service::Ec2,
            "CreateSecurityGroup",
            "ec2:CreateTags",
            json!({"GroupName": "new", "Description": "d", "VpcId": vpc}),
            "TagSpecifications",
            json!([{"ResourceType": "security-group", "Tags": tags}]),
        ),
    ] {
        let create = format!("{}:{operation}", service.prefix());
        let right = |actions: &[&str]| json!([{"Effect": "Allow", "Action": actions, "Resource": "*"}]);
        input[member] = tags;
        allow(&mut world, &maker, "p", right(&[&create]));
        let refused = world.call(&maker, service, operation, &input).unwrap_err();
        assert!(refused.message.contains(tag), "{operation}: {refused}");
        allow(&mut world, &maker, "p", right(&[&create, tag]));
        world.call(&maker, service, operation, &input).unwrap();
    }
    // Without tags, the right to make it is enough.
    allow(
        &mut world,
        &maker,
        "p",
        json!([{"Effect": "Allow", "Action": "iam:CreateRole", "Resource": "*"}]),
    );
    let plain = json!({"RoleName": "plain", "AssumeRolePolicyDocument": trust.to_string()});
    world.call(&maker, Service::Iam, "CreateRole", &plain).unwrap();
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
