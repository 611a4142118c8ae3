//! The local AWS as the SDK sees it, and as a plain HTTP client sees it over loopback.
#![expect(
    clippy::unwrap_used,
    reason = "a set-up that fails must fail its test; clippy knows only functions marked as tests"
)]

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ReturnConsumedCapacity,
    ScalarAttributeType,
};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_sagemaker::types::{InstanceType, NotebookInstanceStatus};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use workbench_local::{ApiError, LocalAws, Principal, Service, World};

const MAIN: &str = "111122223333";
const HOST: &str = "444455556666";

fn iam(world: &mut World, account: &str, operation: &str, input: Value) {
    world
        .call(&Principal::root(account), Service::Iam, operation, &input)
        .unwrap();
}

/// A role with one policy that allows everything.
fn create_role(world: &mut World, account: &str, name: &str, principal: Value, condition: Value) {
    let trust = json!({"Statement": [{"Effect": "Allow", "Principal": principal,
        "Action": "sts:AssumeRole", "Condition": condition}]});
    let role = json!({"RoleName": name, "AssumeRolePolicyDocument": trust.to_string()});
    iam(world, account, "CreateRole", role);
    let policy = json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let policy = json!({"RoleName": name, "PolicyName": "all", "PolicyDocument": policy.to_string()});
    iam(world, account, "PutRolePolicy", policy);
}

/// A main account with the role `api`, and a hosting account with the roles `env-mgmt` and `notebook`.
fn aws() -> LocalAws {
    let aws = LocalAws::new("us-east-1", Timestamp::from_second(1_700_000_000).unwrap());
    let mut world = aws.world();
    world.add_account(MAIN);
    world.add_account(HOST);
    create_role(
        &mut world,
        MAIN,
        "api",
        json!({"Service": "lambda.amazonaws.com"}),
        json!({}),
    );
    let api = json!({"AWS": format!("arn:aws:iam::{MAIN}:role/api")});
    let external_id = json!({"StringEquals": {"sts:ExternalId": "workbench"}});
    create_role(&mut world, HOST, "env-mgmt", api, external_id);
    create_role(
        &mut world,
        HOST,
        "notebook",
        json!({"Service": "sagemaker.amazonaws.com"}),
        json!({}),
    );
    drop(world);
    aws
}

fn api_config(aws: &LocalAws) -> aws_config::SdkConfig {
    let role = format!("arn:aws:iam::{MAIN}:role/api");
    let principal = aws.world().role_session(&role, "function").unwrap();
    aws.sdk_config(aws.credentials(&principal))
}

async fn hosting_config(aws: &LocalAws) -> aws_config::SdkConfig {
    let assumed = aws_sdk_sts::Client::new(&api_config(aws))
        .assume_role()
        .role_arn(format!("arn:aws:iam::{HOST}:role/env-mgmt"))
        .role_session_name("Launch")
        .external_id("workbench")
        .send()
        .await
        .unwrap();
    let session = assumed.credentials.unwrap();
    aws.sdk_config(aws_credential_types::Credentials::new(
        session.access_key_id,
        session.secret_access_key,
        Some(session.session_token),
        None,
        "test",
    ))
}

#[tokio::test]
async fn dynamodb_answers_the_sdk_with_capacity_and_typed_errors() {
    let aws = aws();
    let client = aws_sdk_dynamodb::Client::new(&api_config(&aws));
    let key = KeySchemaElement::builder()
        .attribute_name("pk")
        .key_type(KeyType::Hash)
        .build()
        .unwrap();
    let attribute = AttributeDefinition::builder()
        .attribute_name("pk")
        .attribute_type(ScalarAttributeType::S);
    client
        .create_table()
        .table_name("workbench")
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key)
        .attribute_definitions(attribute.build().unwrap())
        .send()
        .await
        .unwrap();
    let put = || {
        client
            .put_item()
            .table_name("workbench")
            .item("pk", AttributeValue::S("a".to_owned()))
            .condition_expression("attribute_not_exists(pk)")
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
    };
    assert_eq!(
        put().await.unwrap().consumed_capacity.unwrap().capacity_units,
        Some(1.0)
    );
    let refused = put().await.unwrap_err().into_service_error();
    assert!(refused.is_conditional_check_failed_exception(), "{refused:?}");
}

#[tokio::test]
async fn an_assumed_role_answers_as_itself_until_it_expires() {
    let aws = aws();
    let client = aws_sdk_sts::Client::new(&hosting_config(&aws).await);
    let identity = client.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account.as_deref(), Some(HOST));
    assert_eq!(
        identity.arn,
        Some(format!("arn:aws:sts::{HOST}:assumed-role/env-mgmt/Launch"))
    );
    aws.advance(SignedDuration::from_hours(1));
    let error = client
        .get_caller_identity()
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(error.meta().code(), Some("ExpiredToken"));
}

#[tokio::test]
async fn a_wrong_external_id_is_refused() {
    let aws = aws();
    let refused = aws_sdk_sts::Client::new(&api_config(&aws))
        .assume_role()
        .role_arn(format!("arn:aws:iam::{HOST}:role/env-mgmt"))
        .role_session_name("Launch")
        .external_id("wrong")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(refused.meta().code(), Some("AccessDenied"));
}

#[tokio::test]
async fn a_notebook_is_created_described_and_opened_through_the_sdk() {
    let aws = aws();
    let client = aws_sdk_sagemaker::Client::new(&hosting_config(&aws).await);
    client
        .create_notebook_instance()
        .notebook_instance_name("Basic")
        .instance_type(InstanceType::MlT3Medium)
        .role_arn(format!("arn:aws:iam::{HOST}:role/notebook"))
        .send()
        .await
        .unwrap();
    let early = client
        .create_presigned_notebook_instance_url()
        .notebook_instance_name("Basic")
        .send()
        .await;
    assert_eq!(
        early.unwrap_err().into_service_error().meta().code(),
        Some("ValidationException")
    );
    aws.advance(SignedDuration::from_mins(10));
    let described = client
        .describe_notebook_instance()
        .notebook_instance_name("Basic")
        .send()
        .await
        .unwrap();
    assert_eq!(
        described.notebook_instance_status,
        Some(NotebookInstanceStatus::InService)
    );
    assert_eq!(described.last_modified_time.unwrap().secs(), 1_700_000_210);
    let link = client
        .create_presigned_notebook_instance_url()
        .notebook_instance_name("Basic")
        .send()
        .await;
    assert!(
        link.unwrap()
            .authorized_url
            .unwrap()
            .starts_with("https://basic.notebook.us-east-1")
    );
}

#[tokio::test]
async fn events_put_through_the_sdk_reach_the_bus() {
    let aws = aws();
    let entry = PutEventsRequestEntry::builder()
        .source("automation")
        .detail_type("Launch")
        .detail("{}");
    let bad = PutEventsRequestEntry::builder()
        .source("automation")
        .detail_type("Launch")
        .detail("no");
    let answer = aws_sdk_eventbridge::Client::new(&hosting_config(&aws).await)
        .put_events()
        .entries(entry.build())
        .entries(bad.build())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.failed_entry_count, 1);
    assert_eq!(answer.entries()[1].error_code.as_deref(), Some("MalformedDetail"));
    aws.advance(SignedDuration::from_secs(5));
    assert_eq!(aws.world().events(HOST).count(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_retried_and_both_calls_are_counted() {
    let aws = aws();
    let client = aws_sdk_sts::Client::new(&api_config(&aws));
    aws.world()
        .faults
        .lose_answer(Service::Sts, "GetCallerIdentity", 1);
    client.get_caller_identity().send().await.unwrap();
    let refused = ApiError::new("ValidationError", "no");
    aws.world()
        .faults
        .refuse(Service::Sts, "GetCallerIdentity", refused, 1);
    client.get_caller_identity().send().await.unwrap_err();
    let world = aws.world();
    let errors: Vec<Option<&str>> = world
        .calls()
        .iter()
        .filter(|call| call.operation == "GetCallerIdentity")
        .map(|call| call.error.as_deref())
        .collect();
    assert_eq!(errors, [Some("ConnectionLost"), None, Some("ValidationError")]);
}

/// Sends one signed request over loopback; status line and body of the answer.
async fn post(port: u16, key_id: &str, service: &str, target: &str, body: &str) -> (String, String) {
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{target}\
         Authorization: AWS4-HMAC-SHA256 Credential={key_id}/20231114/us-east-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=00\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

#[tokio::test]
async fn the_same_is_served_over_loopback_http() {
    let aws = aws();
    let principal = aws
        .world()
        .role_session(&format!("arn:aws:iam::{MAIN}:role/api"), "cli")
        .unwrap();
    let key = aws.credentials(&principal);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = aws.clone();
    tokio::spawn(async move { server.serve(listener).await });

    let form = "Action=GetCallerIdentity&Version=2011-06-15";
    let (status, body) = post(port, key.access_key_id(), "sts", "", form).await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(
        body.contains(&format!("<Arn>arn:aws:sts::{MAIN}:assumed-role/api/cli</Arn>")),
        "{body}"
    );

    let target = "X-Amz-Target: SageMaker.ListNotebookInstances\r\n";
    let (status, body) = post(port, key.access_key_id(), "sagemaker", target, "{}").await;
    assert_eq!(
        (status.as_str(), body.as_str()),
        ("HTTP/1.1 200 OK", "{\"NotebookInstances\":[]}")
    );

    let (status, body) = post(port, "AKIAUNKNOWN", "sagemaker", target, "{}").await;
    assert_eq!(status, "HTTP/1.1 400 Bad Request");
    assert!(body.contains("UnrecognizedClientException"), "{body}");
    let (status, body) = post(port, "AKIAUNKNOWN", "sts", "", form).await;
    assert_eq!(status, "HTTP/1.1 403 Forbidden");
    assert!(body.contains("<Code>InvalidClientTokenId</Code>"), "{body}");

    let unknown = "Action=ListUsers&Version=2010-05-08";
    let (status, body) = post(port, key.access_key_id(), "iam", "", unknown).await;
    assert_eq!(status, "HTTP/1.1 400 Bad Request");
    assert!(
        body.contains("UnknownOperationException") && body.contains("ListUsers"),
        "{body}"
    );
}
