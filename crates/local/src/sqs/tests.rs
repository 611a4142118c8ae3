use jiff::Timestamp;
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::world::{Principal, Service, World};

const MAIN: &str = "111122223333";
const HOST: &str = "444455556666";

fn world() -> World {
    let mut world = World::new("us-east-1", Timestamp::from_second(1_700_000_000).unwrap());
    world.add_account(MAIN);
    world.add_account(HOST);
    world
}

fn call(world: &mut World, account: &str, operation: &str, input: Value) -> Result<Value, ApiError> {
    world.call(&Principal::root(account), Service::Sqs, operation, &input)
}

fn create(world: &mut World, name: &str, attributes: Value) -> Result<String, ApiError> {
    let input = json!({ "QueueName": name, "Attributes": attributes });
    call(world, MAIN, "CreateQueue", input).map(|made| made["QueueUrl"].as_str().unwrap().to_owned())
}

fn arn(name: &str) -> String {
    format!("arn:aws:sqs:us-east-1:{MAIN}:{name}")
}

#[test]
fn a_queue_is_made_once_and_found_by_its_attributes() {
    let mut world = world();
    let url = create(&mut world, "status", json!({ "VisibilityTimeout": "180" })).unwrap();
    assert_eq!(url, format!("https://sqs.us-east-1.amazonaws.com/{MAIN}/status"));
    assert_eq!(
        create(&mut world, "status", json!({ "VisibilityTimeout": "180" })),
        Ok(url.clone())
    );
    let other = create(&mut world, "status", json!({ "VisibilityTimeout": "60" })).unwrap_err();
    assert_eq!(other.code, "QueueNameExists");
    let input = json!({ "QueueUrl": url, "AttributeNames": ["QueueArn", "VisibilityTimeout"] });
    let described = call(&mut world, MAIN, "GetQueueAttributes", input).unwrap();
    assert_eq!(
        described["Attributes"],
        json!({ "QueueArn": arn("status"), "VisibilityTimeout": "180" })
    );
    call(&mut world, MAIN, "DeleteQueue", json!({ "QueueUrl": url })).unwrap();
    let gone = call(&mut world, MAIN, "DeleteQueue", json!({ "QueueUrl": url })).unwrap_err();
    assert_eq!(gone.code, "QueueDoesNotExist");
}

#[test]
fn an_attribute_that_is_not_known_or_out_of_range_is_refused_by_name() {
    let mut world = world();
    for (attributes, code, name) in [
        (
            json!({ "FifoQueue": "true" }),
            "InvalidAttributeName",
            "FifoQueue",
        ),
        (
            json!({ "VisibilityTimeout": "43201" }),
            "InvalidAttributeValue",
            "VisibilityTimeout",
        ),
        (
            json!({ "Policy": "{\"Statement\": []}" }),
            "InvalidAttributeValue",
            "Policy",
        ),
        (
            json!({ "RedrivePolicy": json!({ "deadLetterTargetArn": arn("none"), "maxReceiveCount": 5 }).to_string() }),
            "InvalidAttributeValue",
            "RedrivePolicy",
        ),
    ] {
        let error = create(&mut world, "status", attributes).unwrap_err();
        assert_eq!(error.code, code);
        assert!(error.message.contains(name), "{error}");
    }
}

#[test]
fn a_dead_letter_queue_takes_letters_of_the_queues_that_it_names_only() {
    let mut world = world();
    let allow = json!({ "redrivePermission": "byQueue", "sourceQueueArns": [arn("status")] });
    create(
        &mut world,
        "dead",
        json!({ "RedriveAllowPolicy": allow.to_string() }),
    )
    .unwrap();
    let redrive = json!({ "deadLetterTargetArn": arn("dead"), "maxReceiveCount": "1" }).to_string();
    let url = create(
        &mut world,
        "status",
        json!({ "RedrivePolicy": redrive, "VisibilityTimeout": "0" }),
    )
    .unwrap();
    assert!(create(&mut world, "other", json!({ "RedrivePolicy": redrive })).is_err());
    let message = json!({ "QueueUrl": url, "MessageBody": "{}" });
    call(&mut world, MAIN, "SendMessage", message).unwrap();
    for received in [1, 0] {
        let answer = call(&mut world, MAIN, "ReceiveMessage", json!({ "QueueUrl": url })).unwrap();
        assert_eq!(answer["Messages"].as_array().unwrap().len(), received);
    }
    assert_eq!(world.queue_length(&arn("dead")), 1);
    let redrive = json!({ "SourceArn": arn("dead"), "DestinationArn": arn("status") });
    call(&mut world, MAIN, "StartMessageMoveTask", redrive).unwrap();
    assert_eq!(
        (
            world.queue_length(&arn("status")),
            world.queue_length(&arn("dead"))
        ),
        (1, 0)
    );
    let moves = call(
        &mut world,
        MAIN,
        "ListMessageMoveTasks",
        json!({ "SourceArn": arn("dead") }),
    )
    .unwrap();
    assert_eq!(moves["Results"][0]["ApproximateNumberOfMessagesMoved"], 1);
    let no_dead_letters = json!({ "SourceArn": arn("status"), "DestinationArn": arn("dead") });
    let refused = call(&mut world, MAIN, "StartMessageMoveTask", no_dead_letters).unwrap_err();
    assert_eq!(refused.code, "InvalidParameterValueException");
}

#[test]
fn a_message_is_deleted_by_the_handle_of_its_last_receive() {
    let mut world = world();
    let url = create(&mut world, "status", json!({ "VisibilityTimeout": "0" })).unwrap();
    call(
        &mut world,
        MAIN,
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "hello" }),
    )
    .unwrap();
    let mut receive = || {
        let answer = call(&mut world, MAIN, "ReceiveMessage", json!({ "QueueUrl": url })).unwrap();
        answer["Messages"][0]["ReceiptHandle"].clone()
    };
    let (first, second) = (receive(), receive());
    let delete = |handle: Value| json!({ "QueueUrl": url, "ReceiptHandle": handle });
    let error = call(&mut world, MAIN, "DeleteMessage", delete(first)).unwrap_err();
    assert_eq!(error.code, "ReceiptHandleIsInvalid");
    call(&mut world, MAIN, "DeleteMessage", delete(second)).unwrap();
    assert_eq!(world.queue_length(&arn("status")), 0);
}

#[test]
fn another_account_sends_only_where_the_queues_policy_lets_it() {
    let mut world = world();
    let url = create(&mut world, "status", json!({})).unwrap();
    let message = json!({ "QueueUrl": url, "MessageBody": "{}" });
    let refused = call(&mut world, HOST, "SendMessage", message.clone()).unwrap_err();
    assert_eq!(refused.code, "AccessDeniedException");
    let policy = json!({ "Statement": [{ "Effect": "Allow", "Principal": { "AWS": HOST },
        "Action": "sqs:SendMessage", "Resource": arn("status") }] });
    let input = json!({ "QueueUrl": url, "Attributes": { "Policy": policy.to_string() } });
    call(&mut world, MAIN, "SetQueueAttributes", input).unwrap();
    call(&mut world, HOST, "SendMessage", message).unwrap();
    let delete = call(&mut world, HOST, "DeleteQueue", json!({ "QueueUrl": url }));
    assert_eq!(delete.unwrap_err().code, "AccessDeniedException");
}
