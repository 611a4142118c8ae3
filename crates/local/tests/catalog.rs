//! The catalog function on the local AWS: invoked like CloudFormation does, with a presigned URL for its answer.
#![expect(
    clippy::unwrap_used,
    reason = "a set-up that fails must fail its test; clippy knows only functions marked as tests"
)]

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use workbench_aws::{CatalogSettings, Clock};
use workbench_catalog::Catalog;
use workbench_core::registry::environment_types;
use workbench_local::{LocalAws, Method, Principal, Service, World};

const MAIN: &str = "111122223333";
const FUNCTION: &str = "wb-catalog";
const ANSWERS: &str = "cloudformation-custom-resource-response-useast1";

fn call(world: &mut World, service: Service, operation: &str, input: &Value) -> Value {
    world
        .call(&Principal::root(MAIN), service, operation, input)
        .unwrap()
}

/// A bucket under a key, and the function with the role that the template gives it.
fn deploy(world: &mut World) -> String {
    world.add_account(MAIN);
    world.create_bucket(ANSWERS);
    let key = call(world, Service::Kms, "CreateKey", &json!({}))["KeyMetadata"]["Arn"].clone();
    call(
        world,
        Service::S3,
        "CreateBucket",
        &json!({ "Bucket": "wb-artifacts" }),
    );
    let default = json!({ "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key });
    let rule = json!({ "ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": true });
    let encryption =
        json!({ "Bucket": "wb-artifacts", "ServerSideEncryptionConfiguration": { "Rules": [rule] } });
    call(world, Service::S3, "PutBucketEncryption", &encryption);
    let trust = json!({ "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "lambda.amazonaws.com" } }] });
    let role = json!({ "RoleName": "catalog", "AssumeRolePolicyDocument": trust.to_string() });
    call(world, Service::Iam, "CreateRole", &role);
    let policy = json!({ "Statement": [
        { "Effect": "Allow", "Action": "s3:PutObject", "Resource": [
            "arn:aws:s3:::wb-artifacts/environment-files/*",
            "arn:aws:s3:::wb-artifacts/service-catalog-cfn-templates/*",
        ] },
        { "Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": key,
          "Condition": { "StringEquals": { "kms:ViaService": "s3.us-east-1.amazonaws.com" } } },
    ] });
    let policy = json!({ "RoleName": "catalog", "PolicyName": "p", "PolicyDocument": policy.to_string() });
    call(world, Service::Iam, "PutRolePolicy", &policy);
    let role = format!("arn:aws:iam::{MAIN}:role/catalog");
    let function = json!({ "FunctionName": FUNCTION, "Role": role, "Timeout": 120, "Environment": {
        "Variables": { "TABLE_NAME": "wb", "ARTIFACT_BUCKET": "wb-artifacts" } } });
    call(world, Service::Lambda, "CreateFunction", &function);
    role
}

/// Lets the local function do what the real one does.
fn run(aws: &LocalAws, role: &str) {
    let principal = aws.world().role_session(role, FUNCTION).unwrap();
    let config = aws.sdk_config(aws.credentials(&principal));
    let clock = {
        let aws = aws.clone();
        Clock::new(move || aws.now())
    };
    aws.handle_function(FUNCTION, move |event| {
        let settings = CatalogSettings {
            table_name: "wb".to_owned(),
            artifact_bucket: "wb-artifacts".to_owned(),
            region: "us-east-1".to_owned(),
        };
        let catalog = Catalog::new(&config, settings, clock.clone());
        async move {
            let answer = workbench_catalog::handle(&catalog, &event).await;
            answer.map(|_| Value::Null).map_err(|error| error.to_string())
        }
    });
}

/// Asks for a package's template with this hash; the answer that was put.
async fn ask(aws: &LocalAws, content_hash: &str) -> Value {
    let url = aws.world().presigned_url(
        &Principal::root(MAIN),
        &Method::PUT,
        ANSWERS,
        "answer",
        SignedDuration::from_hours(2),
    );
    let event = json!({
        "RequestType": "Create", "ResponseURL": url, "StackId": "s", "RequestId": "r",
        "LogicalResourceId": "Template", "ResourceType": "Custom::ProductTemplate",
        "ResourceProperties": { "EnvironmentType": environment_types()[0].name, "ContentHash": content_hash },
    });
    let invoke = json!({ "FunctionName": FUNCTION, "InvocationType": "Event", "Payload": event.to_string() });
    call(&mut aws.world(), Service::Lambda, "Invoke", &invoke);
    assert_eq!(aws.run_functions().await, 1);
    serde_json::from_slice(aws.world().object(ANSWERS, "answer").unwrap()).unwrap()
}

#[tokio::test]
async fn the_catalog_function_publishes_a_template_and_answers() {
    let aws = LocalAws::new("us-east-1", Timestamp::from_second(1_700_000_000).unwrap());
    let role = deploy(&mut aws.world());
    run(&aws, &role);
    let ty = &environment_types()[0];
    let answer = ask(&aws, ty.template_hash).await;
    assert_eq!(answer["Status"], "SUCCESS", "{answer}");
    let key = answer["PhysicalResourceId"].as_str().unwrap();
    assert_eq!(
        aws.world().object("wb-artifacts", key),
        Some(ty.template.as_bytes())
    );
}

#[tokio::test]
async fn without_the_key_the_catalog_function_says_that_it_failed() {
    let aws = LocalAws::new("us-east-1", Timestamp::from_second(1_700_000_000).unwrap());
    let role = deploy(&mut aws.world());
    run(&aws, &role);
    let policy = json!({ "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] });
    let policy = json!({ "RoleName": "catalog", "PolicyName": "p", "PolicyDocument": policy.to_string() });
    call(&mut aws.world(), Service::Iam, "PutRolePolicy", &policy);
    let answer = ask(&aws, environment_types()[0].template_hash).await;
    assert_eq!(answer["Status"], "FAILED");
    assert!(
        answer["Reason"].as_str().unwrap().contains("kms:GenerateDataKey"),
        "{answer}"
    );
}
