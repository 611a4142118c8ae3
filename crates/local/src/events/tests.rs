use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::world::{Principal, Service, World};

mod access;

const MAIN: &str = "111122223333";
const HOST: &str = "444455556666";

fn call(world: &mut World, account: &str, operation: &str, input: Value) -> Value {
    world
        .call(&Principal::root(account), Service::Events, operation, &input)
        .unwrap()
}

fn refused(world: &mut World, account: &str, operation: &str, input: Value) -> String {
    world
        .call(&Principal::root(account), Service::Events, operation, &input)
        .unwrap_err()
        .code
}

fn world() -> World {
    let mut world = World::new("us-east-1", Timestamp::from_second(1_653_592_871).unwrap());
    world.add_account(MAIN);
    world.add_account(HOST);
    world
}

fn rule(world: &mut World, account: &str, pattern: Value, target: Value) {
    let input = json!({"Name": "rule", "EventPattern": pattern.to_string()});
    call(world, account, "PutRule", input);
    call(
        world,
        account,
        "PutTargets",
        json!({"Rule": "rule", "Targets": [target]}),
    );
}

fn entry(source: &str, detail: &str) -> Value {
    json!({"Entries": [{"Source": source, "DetailType": "Launch", "Detail": detail}]})
}

fn turn(world: &mut World, seconds: i64) {
    let at = world.now + SignedDuration::from_secs(seconds);
    world.run_until(at);
}

/// Forwards the hosting account's events to the main account's queue; the queue.
fn forwarding(world: &mut World) -> String {
    let trust = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "events.amazonaws.com"}}]});
    let bus = format!("arn:aws:events:us-east-1:{MAIN}:event-bus/default");
    let policy = json!({"Statement": [{"Effect": "Allow", "Action": "events:PutEvents", "Resource": bus}]});
    let root = Principal::root(HOST);
    let role = json!({"RoleName": "forward", "AssumeRolePolicyDocument": trust.to_string()});
    world.call(&root, Service::Iam, "CreateRole", &role).unwrap();
    let policy = json!({"RoleName": "forward", "PolicyName": "put", "PolicyDocument": policy.to_string()});
    world.call(&root, Service::Iam, "PutRolePolicy", &policy).unwrap();
    let target = json!({"Id": "main", "Arn": bus, "RoleArn": format!("arn:aws:iam::{HOST}:role/forward")});
    rule(world, HOST, json!({"account": [HOST]}), target);
    let queue = world.create_queue(MAIN, "status", None);
    rule(
        world,
        MAIN,
        json!({"source": ["automation"]}),
        json!({"Id": "queue", "Arn": queue}),
    );
    queue
}

fn permit(world: &mut World) {
    let input = json!({"Action": "events:PutEvents", "Principal": HOST, "StatementId": "host"});
    call(world, MAIN, "PutPermission", input);
}

#[test]
fn an_event_reaches_the_main_account_with_its_own_account_id_and_time() {
    let mut world = world();
    let queue = forwarding(&mut world);
    permit(&mut world);
    let answer = call(
        &mut world,
        HOST,
        "PutEvents",
        entry("automation", "{\"EnvId\":\"e\"}"),
    );
    let id = answer["Entries"][0]["EventId"].clone();
    assert!(
        world.receive_messages(&queue, 10).is_empty(),
        "delivery takes time"
    );
    turn(&mut world, 5);
    let messages = world.receive_messages(&queue, 10);
    let event: Value = serde_json::from_str(&messages[0].body).unwrap();
    assert_eq!(
        event,
        json!({
            "version": "0", "id": id, "detail-type": "Launch", "source": "automation", "account": HOST,
            "time": "2022-05-26T19:21:11Z", "region": "us-east-1", "resources": [], "detail": {"EnvId": "e"},
        })
    );
}

#[test]
fn a_bus_without_permission_receives_nothing_from_another_account() {
    let mut world = world();
    let queue = forwarding(&mut world);
    call(&mut world, HOST, "PutEvents", entry("automation", "{}"));
    turn(&mut world, 5);
    assert_eq!(world.queue_length(&queue), 0);
    assert!(
        world.undelivered()[0].reason.contains("no permission"),
        "{:?}",
        world.undelivered()
    );
}

#[test]
fn a_target_role_that_may_not_put_events_delivers_nothing() {
    let mut world = world();
    let queue = forwarding(&mut world);
    permit(&mut world);
    let policy = json!({"RoleName": "forward", "PolicyName": "put"});
    world
        .call(&Principal::root(HOST), Service::Iam, "DeleteRolePolicy", &policy)
        .unwrap();
    call(&mut world, HOST, "PutEvents", entry("automation", "{}"));
    turn(&mut world, 5);
    assert_eq!(world.queue_length(&queue), 0);
    assert!(
        world.undelivered()[0].reason.contains("does not allow"),
        "{:?}",
        world.undelivered()
    );
}

#[test]
fn events_are_lost_doubled_and_late_when_that_is_switched_on() {
    let mut world = world();
    let queue = forwarding(&mut world);
    permit(&mut world);
    world.faults.events.drop = 1;
    world.faults.events.duplicate = 1;
    for _ in 0..2 {
        call(&mut world, HOST, "PutEvents", entry("automation", "{}"));
    }
    turn(&mut world, 5);
    assert_eq!(
        world.queue_length(&queue),
        2,
        "the first is lost, the second arrives twice"
    );
    world.faults.events.delay = Some((1, SignedDuration::from_mins(10)));
    call(&mut world, HOST, "PutEvents", entry("automation", "{}"));
    turn(&mut world, 60);
    assert_eq!(world.queue_length(&queue), 2);
    turn(&mut world, 600);
    assert_eq!(world.queue_length(&queue), 3);
}

#[test]
fn an_event_that_no_enabled_rule_matches_stays_on_its_bus() {
    let mut world = world();
    let queue = forwarding(&mut world);
    permit(&mut world);
    call(&mut world, MAIN, "PutEvents", entry("other", "{}"));
    call(&mut world, MAIN, "DisableRule", json!({"Name": "rule"}));
    call(&mut world, MAIN, "PutEvents", entry("automation", "{}"));
    turn(&mut world, 5);
    assert_eq!((world.queue_length(&queue), world.events(MAIN).count()), (0, 2));
}

#[test]
fn each_bad_entry_is_refused_and_the_good_ones_are_taken() {
    let mut world = world();
    let good = json!({"Source": "s", "DetailType": "d", "Detail": "{}"});
    let cases = [
        (
            json!({"Source": "s", "DetailType": "d", "Detail": "[1]"}),
            "MalformedDetail",
        ),
        (
            json!({"Source": "s", "DetailType": "d", "Detail": "{\"a\": }"}),
            "MalformedDetail",
        ),
        (json!({"Source": "s", "DetailType": "d"}), "InvalidArgument"),
        (json!({"DetailType": "d", "Detail": "{}"}), "InvalidArgument"),
        (
            json!({"Source": "s", "DetailType": "", "Detail": "{}"}),
            "InvalidArgument",
        ),
        (
            json!({"Source": "aws.ec2", "DetailType": "d", "Detail": "{}"}),
            "NotAuthorizedForSourceException",
        ),
    ];
    for (bad, code) in cases {
        let answer = call(&mut world, HOST, "PutEvents", json!({"Entries": [bad, good]}));
        assert_eq!(answer["FailedEntryCount"], 1, "{bad}");
        assert_eq!(answer["Entries"][0]["ErrorCode"], code, "{bad}");
        assert!(answer["Entries"][1]["EventId"].is_string());
    }
}

#[test]
fn too_many_entries_and_too_many_bytes_are_refused() {
    let mut world = world();
    let good = json!({"Source": "s", "DetailType": "d", "Detail": "{}"});
    let eleven = json!({"Entries": vec![good; 11]});
    assert_eq!(
        refused(&mut world, HOST, "PutEvents", eleven),
        "ValidationException"
    );
    let large = entry("s", &json!({"text": "a".repeat(300_000)}).to_string());
    assert_eq!(
        refused(&mut world, HOST, "PutEvents", large),
        "ValidationException"
    );
}

#[test]
fn a_rule_is_described_listed_and_deleted_only_without_targets() {
    let mut world = world();
    let queue = world.create_queue(MAIN, "status", None);
    rule(
        &mut world,
        MAIN,
        json!({"source": ["a"]}),
        json!({"Id": "queue", "Arn": queue}),
    );
    let described = call(&mut world, MAIN, "DescribeRule", json!({"Name": "rule"}));
    assert_eq!(described["EventPattern"], "{\"source\":[\"a\"]}");
    assert_eq!(
        call(&mut world, MAIN, "ListRules", json!({}))["Rules"][0]["Name"],
        "rule"
    );
    assert_eq!(
        refused(&mut world, MAIN, "DeleteRule", json!({"Name": "rule"})),
        "ValidationException"
    );
    call(
        &mut world,
        MAIN,
        "RemoveTargets",
        json!({"Rule": "rule", "Ids": ["queue"]}),
    );
    call(&mut world, MAIN, "DeleteRule", json!({"Name": "rule"}));
    assert_eq!(
        refused(&mut world, MAIN, "DescribeRule", json!({"Name": "rule"})),
        "ResourceNotFoundException"
    );
}

#[test]
fn what_a_rule_cannot_be_is_refused() {
    let mut world = world();
    let unknown = json!({"Name": "r", "EventPattern": "{\"source\":[{\"sounds-like\":\"a\"}]}"});
    assert_eq!(
        refused(&mut world, MAIN, "PutRule", unknown),
        "InvalidEventPatternException"
    );
    for neither in [
        json!({"Name": "r"}),
        json!({"Name": "r", "ScheduleExpression": "cron(0 12 * * ? *)"}),
    ] {
        assert_eq!(
            refused(&mut world, MAIN, "PutRule", neither),
            "ValidationException"
        );
    }
    call(
        &mut world,
        MAIN,
        "PutRule",
        json!({"Name": "r", "EventPattern": "{\"source\":[\"a\"]}"}),
    );
    let step = json!({"Id": "f", "Arn": "arn:aws:states:us-east-1:1:stateMachine:s"});
    let transformed = json!({"Id": "q", "Arn": "arn:aws:sqs:us-east-1:1:q", "InputTransformer": {}});
    for target in [step, transformed] {
        let targets = json!({"Rule": "r", "Targets": [target]});
        assert_eq!(
            refused(&mut world, MAIN, "PutTargets", targets),
            "ValidationException"
        );
    }
}
