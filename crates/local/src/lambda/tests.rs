use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::LocalAws;
use crate::error::ApiError;
use crate::world::{Principal, Service, World};

mod streams;

const MAIN: &str = "111122223333";
const NAME: &str = "status";

fn call(world: &mut World, service: Service, operation: &str, input: Value) -> Result<Value, ApiError> {
    world.call(&Principal::root(MAIN), service, operation, &input)
}

fn lambda(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
    call(world, Service::Lambda, operation, input)
}

fn role(world: &mut World, name: &str, service: &str) -> String {
    let trust = json!({ "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": service } }] });
    let input = json!({ "RoleName": name, "AssumeRolePolicyDocument": trust.to_string() });
    call(world, Service::Iam, "CreateRole", input).unwrap();
    format!("arn:aws:iam::{MAIN}:role/{name}")
}

fn allow(world: &mut World, role: &str, actions: Value) {
    let policy = json!({ "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }] });
    let input = json!({ "RoleName": role, "PolicyName": "p", "PolicyDocument": policy.to_string() });
    call(world, Service::Iam, "PutRolePolicy", input).unwrap();
}

/// The function `status`, whose role may do nothing yet.
fn aws() -> LocalAws {
    let aws = LocalAws::new("us-east-1", Timestamp::from_second(1_700_000_000).unwrap());
    let mut world = aws.world();
    world.add_account(MAIN);
    let role = role(&mut world, "function", "lambda.amazonaws.com");
    let function = json!({ "FunctionName": NAME, "Role": role, "Timeout": 30, "Handler": "bootstrap",
        "Runtime": "provided.al2023", "Environment": { "Variables": { "TABLE_NAME": "t" } } });
    lambda(&mut world, "CreateFunction", function).unwrap();
    drop(world);
    aws
}

fn arn() -> String {
    format!("arn:aws:lambda:us-east-1:{MAIN}:function:{NAME}")
}

/// What a handler was given so far; it answers with what `answer` makes of it.
fn record(
    aws: &LocalAws,
    answer: impl Fn(&Value) -> Result<Value, String> + Send + Sync + 'static,
) -> Arc<Mutex<Vec<Value>>> {
    let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
    let given = Arc::clone(&seen);
    aws.handle_function(NAME, move |event| {
        given.lock().unwrap().push(event.clone());
        std::future::ready(answer(&event))
    });
    seen
}

/// A queue with a message, mapped to the function.
fn feed(aws: &LocalAws) -> String {
    let mut world = aws.world();
    let attributes = json!({ "VisibilityTimeout": "180" });
    let queue = json!({ "QueueName": "q", "Attributes": attributes });
    let made = call(&mut world, Service::Sqs, "CreateQueue", queue).unwrap();
    let message = json!({ "QueueUrl": made["QueueUrl"], "MessageBody": "{}" });
    call(&mut world, Service::Sqs, "SendMessage", message).unwrap();
    let queue = format!("arn:aws:sqs:us-east-1:{MAIN}:q");
    let mapping = json!({ "EventSourceArn": queue, "FunctionName": NAME, "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": { "MaximumConcurrency": 10 } });
    let refused = lambda(&mut world, "CreateEventSourceMapping", mapping.clone()).unwrap_err();
    assert!(refused.message.contains("ReceiveMessage"), "{refused}");
    allow(
        &mut world,
        "function",
        json!([
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes"
        ]),
    );
    lambda(&mut world, "CreateEventSourceMapping", mapping.clone()).unwrap();
    let doubled = lambda(&mut world, "CreateEventSourceMapping", mapping).unwrap_err();
    assert_eq!(doubled.code, "ResourceConflictException");
    queue
}

#[test]
fn a_function_is_configured_described_and_deleted() {
    let aws = aws();
    let mut world = aws.world();
    let named = json!({ "FunctionName": NAME });
    let described = lambda(&mut world, "GetFunctionConfiguration", named.clone()).unwrap();
    assert_eq!(described["FunctionArn"], json!(arn()));
    assert_eq!(described["Environment"]["Variables"]["TABLE_NAME"], "t");
    assert_eq!(world.functions(MAIN).next().unwrap().timeout_seconds, 30);
    let update = json!({ "FunctionName": arn(), "Timeout": 60 });
    lambda(&mut world, "UpdateFunctionConfiguration", update).unwrap();
    assert_eq!(world.functions(MAIN).next().unwrap().timeout_seconds, 60);
    lambda(&mut world, "DeleteFunction", named.clone()).unwrap();
    let gone = lambda(&mut world, "DeleteFunction", named).unwrap_err();
    assert_eq!(gone.code, "ResourceNotFoundException");
}

#[test]
fn a_role_that_does_not_trust_lambda_and_an_unknown_member_are_refused() {
    let aws = aws();
    let mut world = aws.world();
    let role = role(&mut world, "other", "events.amazonaws.com");
    let function = json!({ "FunctionName": "f", "Role": role });
    let refused = lambda(&mut world, "CreateFunction", function).unwrap_err();
    assert_eq!(refused.code, "InvalidParameterValueException");
    let function = json!({ "FunctionName": "f", "Role": role, "Layers": [] });
    let refused = lambda(&mut world, "CreateFunction", function).unwrap_err();
    assert!(refused.message.contains("Layers"), "{refused}");
}

#[tokio::test]
async fn messages_reach_the_function_and_are_gone_when_it_is_done() {
    let aws = aws();
    let queue = feed(&aws);
    let seen = record(&aws, |_| Ok(json!({ "batchItemFailures": [] })));
    assert_eq!(aws.run_functions().await, 1);
    let event = seen.lock().unwrap()[0].clone();
    assert_eq!(event["Records"][0]["body"], "{}");
    assert_eq!(event["Records"][0]["eventSource"], "aws:sqs");
    assert_eq!(aws.world().queue_length(&queue), 0);
}

#[tokio::test]
async fn a_message_that_failed_comes_again_after_the_visibility_timeout() {
    let aws = aws();
    let queue = feed(&aws);
    let seen = record(&aws, |event| {
        let id = &event["Records"][0]["messageId"];
        Ok(json!({ "batchItemFailures": [{ "itemIdentifier": id }] }))
    });
    assert_eq!(aws.run_functions().await, 1);
    assert_eq!(aws.world().queue_length(&queue), 1);
    let started = aws.now();
    assert_eq!(
        aws.advance_to_next(),
        Some(started + SignedDuration::from_secs(180))
    );
    assert_eq!(aws.run_functions().await, 1);
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn an_event_is_tried_three_times_and_then_kept_as_failed() {
    let aws = aws();
    let seen = record(&aws, |_| Err("no".to_owned()));
    let invoke = json!({ "FunctionName": NAME, "InvocationType": "Event", "Payload": "{\"a\":1}" });
    lambda(&mut aws.world(), "Invoke", invoke).unwrap();
    for _ in 0..5 {
        aws.run_functions().await;
        aws.advance(SignedDuration::from_mins(2));
    }
    assert_eq!(*seen.lock().unwrap(), vec![json!({ "a": 1 }); 3]);
    let world = aws.world();
    let failed = &world.failed_invocations()[0];
    assert_eq!(
        (failed.error.as_str(), &failed.payload),
        ("no", &json!({ "a": 1 }))
    );
}

#[tokio::test]
async fn a_schedule_invokes_the_function_as_long_as_the_rule_exists_and_the_policy_allows_it() {
    let aws = aws();
    let seen = record(&aws, |_| Ok(Value::Null));
    let rule = json!({ "Name": "r", "ScheduleExpression": "rate(5 minutes)" });
    let rule = call(&mut aws.world(), Service::Events, "PutRule", rule).unwrap()["RuleArn"].clone();
    let targets = json!({ "Rule": "r", "Targets": [{ "Id": "f", "Arn": arn() }] });
    call(&mut aws.world(), Service::Events, "PutTargets", targets).unwrap();
    aws.advance(SignedDuration::from_mins(5));
    assert_eq!(aws.run_functions().await, 0);
    assert!(
        aws.world().undelivered()[0]
            .reason
            .contains("lambda:InvokeFunction")
    );
    let permission = json!({ "FunctionName": NAME, "StatementId": "s", "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com", "SourceArn": rule });
    lambda(&mut aws.world(), "AddPermission", permission).unwrap();
    aws.advance(SignedDuration::from_mins(10));
    assert_eq!(aws.run_functions().await, 2);
    assert_eq!(seen.lock().unwrap()[0]["resources"][0], rule);
    let remove = json!({ "Rule": "r", "Ids": ["f"] });
    call(&mut aws.world(), Service::Events, "RemoveTargets", remove).unwrap();
    call(
        &mut aws.world(),
        Service::Events,
        "DeleteRule",
        json!({ "Name": "r" }),
    )
    .unwrap();
    aws.advance(SignedDuration::from_mins(10));
    assert_eq!(aws.run_functions().await, 0);
    assert_eq!(aws.world().next_due(), None);
}
