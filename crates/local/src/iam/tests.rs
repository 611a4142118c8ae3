use jiff::Timestamp;
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::iam::role_principal;
use crate::world::{Principal, Service, World};

mod policies;

const MAIN: &str = "111122223333";
const HOST: &str = "444455556666";

fn world() -> World {
    let mut world = World::new("us-east-1", Timestamp::from_second(1_700_000_000).unwrap());
    world.add_account(MAIN);
    world.add_account(HOST);
    world
}

fn iam(world: &mut World, account: &str, operation: &str, input: Value) -> Result<Value, ApiError> {
    world.call(&Principal::root(account), Service::Iam, operation, &input)
}

fn create_role(
    world: &mut World,
    account: &str,
    name: &str,
    principal: Value,
    condition: Value,
) -> Principal {
    let trust = json!({"Statement": [{"Effect": "Allow", "Principal": principal,
        "Action": "sts:AssumeRole", "Condition": condition}]});
    let input = json!({"RoleName": name, "AssumeRolePolicyDocument": trust.to_string()});
    iam(world, account, "CreateRole", input).unwrap();
    role_principal(world, &format!("arn:aws:iam::{account}:role/{name}"), "test").unwrap()
}

fn allow(world: &mut World, role: &Principal, name: &str, statement: Value) {
    let key = role.role.clone().unwrap();
    let policy = json!({"Statement": statement}).to_string();
    let input = json!({"RoleName": key.name, "PolicyName": name, "PolicyDocument": policy});
    iam(world, &key.account, "PutRolePolicy", input).unwrap();
}

fn stop(world: &mut World, role: &Principal) -> String {
    let input = json!({"NotebookInstanceName": "n"});
    world
        .call(role, Service::SageMaker, "StopNotebookInstance", &input)
        .unwrap_err()
        .code
}

/// What an allowed StopNotebookInstance answers, as there is no such instance.
const ALLOWED: &str = "ValidationException";
const DENIED: &str = "AccessDeniedException";

fn lambda() -> Value {
    json!({"Service": "lambda.amazonaws.com"})
}

#[test]
fn a_call_that_no_policy_allows_is_refused_and_changes_nothing() {
    let mut world = world();
    let role = create_role(&mut world, HOST, "r", lambda(), json!({}));
    assert_eq!(stop(&mut world, &role), DENIED);
    let resource = format!("arn:aws:sagemaker:us-east-1:{HOST}:notebook-instance/n");
    allow(
        &mut world,
        &role,
        "p",
        json!([{"Effect": "Allow", "Action": "sagemaker:Stop*", "Resource": resource}]),
    );
    assert_eq!(stop(&mut world, &role), ALLOWED);
    let other = world.call(
        &role,
        Service::SageMaker,
        "StopNotebookInstance",
        &json!({"NotebookInstanceName": "m"}),
    );
    assert_eq!(other.unwrap_err().code, DENIED);
}

#[test]
fn a_denial_in_another_policy_outweighs() {
    let mut world = world();
    let role = create_role(&mut world, HOST, "r", lambda(), json!({}));
    allow(
        &mut world,
        &role,
        "a",
        json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]),
    );
    allow(
        &mut world,
        &role,
        "b",
        json!([{"Effect": "Deny", "Action": "sagemaker:*", "Resource": "*"}]),
    );
    assert_eq!(stop(&mut world, &role), DENIED);
}

#[test]
fn a_boundary_limits_what_policies_allow() {
    let mut world = world();
    let document = json!({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}).to_string();
    let policy = iam(
        &mut world,
        HOST,
        "CreatePolicy",
        json!({"PolicyName": "edge", "PolicyDocument": document}),
    )
    .unwrap();
    let trust =
        json!({"Statement": [{"Effect": "Allow", "Principal": lambda(), "Action": "sts:AssumeRole"}]});
    let input = json!({"RoleName": "r", "AssumeRolePolicyDocument": trust.to_string(),
        "PermissionsBoundary": policy["Policy"]["Arn"]});
    iam(&mut world, HOST, "CreateRole", input).unwrap();
    let role = role_principal(&world, &format!("arn:aws:iam::{HOST}:role/r"), "test").unwrap();
    allow(
        &mut world,
        &role,
        "a",
        json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]),
    );
    assert_eq!(stop(&mut world, &role), DENIED);
    let get = json!({"Bucket": "b", "Key": "k"});
    assert_eq!(
        world
            .call(&role, Service::S3, "GetObject", &get)
            .unwrap_err()
            .code,
        "NoSuchBucket"
    );
}

#[test]
fn attached_policies_count_and_stop_counting_when_detached() {
    let mut world = world();
    let role = create_role(&mut world, HOST, "r", lambda(), json!({}));
    let document =
        json!({"Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}]}).to_string();
    let policy = iam(
        &mut world,
        HOST,
        "CreatePolicy",
        json!({"PolicyName": "p", "PolicyDocument": document}),
    )
    .unwrap();
    let attachment = json!({"RoleName": "r", "PolicyArn": policy["Policy"]["Arn"]});
    iam(&mut world, HOST, "AttachRolePolicy", attachment.clone()).unwrap();
    assert_eq!(stop(&mut world, &role), ALLOWED);
    iam(&mut world, HOST, "DetachRolePolicy", attachment).unwrap();
    assert_eq!(stop(&mut world, &role), DENIED);
}

#[test]
fn a_role_and_a_policy_in_use_cannot_be_deleted() {
    let mut world = world();
    let role = create_role(&mut world, HOST, "r", lambda(), json!({}));
    allow(
        &mut world,
        &role,
        "p",
        json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]),
    );
    let name = json!({"RoleName": "r"});
    assert_eq!(
        iam(&mut world, HOST, "DeleteRole", name.clone())
            .unwrap_err()
            .code,
        "DeleteConflict"
    );
    iam(
        &mut world,
        HOST,
        "DeleteRolePolicy",
        json!({"RoleName": "r", "PolicyName": "p"}),
    )
    .unwrap();
    let document = json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}).to_string();
    iam(
        &mut world,
        HOST,
        "CreatePolicy",
        json!({"PolicyName": "m", "PolicyDocument": document}),
    )
    .unwrap();
    let arn = format!("arn:aws:iam::{HOST}:policy/m");
    let attachment = json!({"RoleName": "r", "PolicyArn": arn});
    iam(&mut world, HOST, "AttachRolePolicy", attachment.clone()).unwrap();
    assert_eq!(
        iam(&mut world, HOST, "DeleteRole", name.clone())
            .unwrap_err()
            .code,
        "DeleteConflict"
    );
    let policy = json!({"PolicyArn": arn});
    assert_eq!(
        iam(&mut world, HOST, "DeletePolicy", policy.clone())
            .unwrap_err()
            .code,
        "DeleteConflict"
    );
    iam(&mut world, HOST, "DetachRolePolicy", attachment).unwrap();
    iam(&mut world, HOST, "DeletePolicy", policy).unwrap();
    iam(&mut world, HOST, "DeleteRole", name.clone()).unwrap();
    assert_eq!(
        iam(&mut world, HOST, "GetRole", name).unwrap_err().code,
        "NoSuchEntity"
    );
}

#[test]
fn a_malformed_policy_is_refused_when_it_is_put() {
    let mut world = world();
    create_role(&mut world, HOST, "r", lambda(), json!({}));
    let document =
        json!({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "my-notebook"}]}).to_string();
    let input = json!({"RoleName": "r", "PolicyName": "p", "PolicyDocument": document});
    let error = iam(&mut world, HOST, "PutRolePolicy", input).unwrap_err();
    assert_eq!(error.code, "MalformedPolicyDocument");
    assert!(error.message.contains("`my-notebook`"), "{error}");
}

#[test]
fn a_role_that_trusts_a_role_that_does_not_exist_is_refused() {
    let mut world = world();
    let trust = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": format!("arn:aws:iam::{MAIN}:role/none")}}]});
    let input = json!({"RoleName": "r", "AssumeRolePolicyDocument": trust.to_string()});
    let error = iam(&mut world, HOST, "CreateRole", input).unwrap_err();
    assert_eq!(error.code, "MalformedPolicyDocument");
}

fn assume(world: &mut World, caller: &Principal, external_id: Option<&str>) -> Result<Value, ApiError> {
    let mut input =
        json!({"RoleArn": format!("arn:aws:iam::{HOST}:role/env-mgmt"), "RoleSessionName": "Launch-1"});
    if let Some(external_id) = external_id {
        input["ExternalId"] = json!(external_id);
    }
    world.call(caller, Service::Sts, "AssumeRole", &input)
}

#[test]
fn a_role_of_another_account_needs_trust_external_id_and_the_callers_own_right() {
    let mut world = world();
    let caller = create_role(&mut world, MAIN, "api", lambda(), json!({}));
    let stranger = create_role(&mut world, MAIN, "other", lambda(), json!({}));
    let api = json!({"AWS": format!("arn:aws:iam::{MAIN}:role/api")});
    create_role(
        &mut world,
        HOST,
        "env-mgmt",
        api,
        json!({"StringEquals": {"sts:ExternalId": "workbench"}}),
    );
    let right = json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]);
    assert_eq!(
        assume(&mut world, &caller, Some("workbench")).unwrap_err().code,
        "AccessDenied"
    );
    allow(&mut world, &caller, "assume", right.clone());
    allow(&mut world, &stranger, "assume", right);
    assert_eq!(
        assume(&mut world, &caller, None).unwrap_err().code,
        "AccessDenied"
    );
    assert_eq!(
        assume(&mut world, &caller, Some("wrong")).unwrap_err().code,
        "AccessDenied"
    );
    assert_eq!(
        assume(&mut world, &stranger, Some("workbench")).unwrap_err().code,
        "AccessDenied"
    );
    let answer = assume(&mut world, &caller, Some("workbench")).unwrap();
    assert_eq!(
        answer["AssumedRoleUser"]["Arn"],
        format!("arn:aws:sts::{HOST}:assumed-role/env-mgmt/Launch-1")
    );
    assert_eq!(answer["Credentials"]["Expiration"], 1_700_003_600);
}

#[test]
fn in_one_account_trust_that_names_the_caller_is_enough() {
    let mut world = world();
    let caller = create_role(&mut world, HOST, "api", lambda(), json!({}));
    let api = json!({"AWS": format!("arn:aws:iam::{HOST}:role/api")});
    create_role(&mut world, HOST, "env-mgmt", api, json!({}));
    assert!(assume(&mut world, &caller, None).is_ok());
    allow(
        &mut world,
        &caller,
        "no",
        json!([{"Effect": "Deny", "Action": "sts:*", "Resource": "*"}]),
    );
    assert_eq!(
        assume(&mut world, &caller, None).unwrap_err().code,
        "AccessDenied"
    );
}

#[test]
fn trust_in_a_whole_account_leaves_the_right_to_the_callers_policies() {
    let mut world = world();
    let caller = create_role(&mut world, HOST, "api", lambda(), json!({}));
    create_role(&mut world, HOST, "env-mgmt", json!({"AWS": HOST}), json!({}));
    assert_eq!(
        assume(&mut world, &caller, None).unwrap_err().code,
        "AccessDenied"
    );
    allow(
        &mut world,
        &caller,
        "a",
        json!([{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}]),
    );
    assert!(assume(&mut world, &caller, None).is_ok());
}

#[test]
fn a_session_from_a_session_lasts_an_hour_at_most() {
    let mut world = world();
    let caller = create_role(&mut world, HOST, "api", lambda(), json!({}));
    create_role(
        &mut world,
        HOST,
        "env-mgmt",
        json!({"AWS": format!("arn:aws:iam::{HOST}:role/api")}),
        json!({}),
    );
    let input = json!({"RoleArn": format!("arn:aws:iam::{HOST}:role/env-mgmt"), "RoleSessionName": "long",
        "DurationSeconds": 7200});
    let error = world
        .call(&caller, Service::Sts, "AssumeRole", &input)
        .unwrap_err();
    assert_eq!(error.code, "ValidationError");
}

#[test]
fn dynamodb_is_checked_on_the_table_the_index_and_the_parts_of_a_transaction() {
    let mut world = world();
    let role = create_role(&mut world, MAIN, "api", lambda(), json!({}));
    let table = format!("arn:aws:dynamodb:us-east-1:{MAIN}:table/table");
    let actions = ["dynamodb:Query", "dynamodb:PutItem"];
    allow(
        &mut world,
        &role,
        "t",
        json!([{"Effect": "Allow", "Action": actions, "Resource": table}]),
    );
    let code = |world: &mut World, operation: &str, input: Value| {
        world
            .call(&role, Service::DynamoDb, operation, &input)
            .unwrap_err()
            .code
    };
    let put = json!({"Put": {"TableName": "table", "Item": {"pk": {"S": "a"}}}});
    let delete = json!({"Delete": {"TableName": "table", "Key": {"pk": {"S": "a"}}}});
    let missing = "ResourceNotFoundException";
    let query = json!({"TableName": "table", "KeyConditionExpression": "pk = :a",
        "ExpressionAttributeValues": {":a": {"S": "a"}}});
    assert_eq!(code(&mut world, "Query", query.clone()), missing);
    let mut index = query;
    index["IndexName"] = json!("i");
    assert_eq!(code(&mut world, "Query", index), DENIED);
    assert_eq!(
        code(&mut world, "TransactWriteItems", json!({"TransactItems": [put]})),
        missing
    );
    assert_eq!(
        code(
            &mut world,
            "TransactWriteItems",
            json!({"TransactItems": [put, delete]})
        ),
        DENIED
    );
}
