//! Who may put events where, and rules that fire by the clock.

use serde_json::{Value, json};

use super::{HOST, MAIN, call, entry, forwarding, permit, refused, rule, turn, world};
use crate::world::{Principal, Service};

/// The bus policy that lets an organization's accounts in.
fn organization_policy() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "workbench-hosting-accounts", "Effect": "Allow", "Principal": "*", "Action": "events:PutEvents",
        "Resource": format!("arn:aws:events:us-east-1:{MAIN}:event-bus/default"),
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
    }]})
}

#[test]
fn a_bus_lets_in_the_accounts_of_its_organization_and_nobody_else() {
    let mut world = world();
    let queue = forwarding(&mut world);
    let policy = organization_policy().to_string();
    call(&mut world, MAIN, "PutPermission", json!({"Policy": policy}));
    for (organization, length) in [("o-zzzzzzzzzz", 0), ("o-a1b2c3d4e5", 1)] {
        world.join_organization(HOST, organization);
        call(&mut world, HOST, "PutEvents", entry("automation", "{}"));
        turn(&mut world, 5);
        assert_eq!(world.queue_length(&queue), length);
    }
    let described = call(&mut world, MAIN, "DescribeEventBus", json!({}));
    let text = described["Policy"].as_str().unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(text).unwrap(),
        organization_policy()
    );
}

#[test]
fn a_bus_may_take_events_of_some_sources_only_whether_they_are_put_or_forwarded() {
    let mut world = world();
    let queue = forwarding(&mut world);
    let mut policy = organization_policy();
    policy["Statement"][0]["Condition"] = json!({
        "StringEquals": {"aws:PrincipalAccount": [HOST]},
        "ForAllValues:StringEquals": {"events:source": ["automation"]},
    });
    call(
        &mut world,
        MAIN,
        "PutPermission",
        json!({"Policy": policy.to_string()}),
    );
    call(&mut world, HOST, "PutEvents", entry("other", "{}"));
    call(&mut world, HOST, "PutEvents", entry("automation", "{}"));
    turn(&mut world, 5);
    assert_eq!(world.queue_length(&queue), 1);
    let undelivered: Vec<_> = world
        .events
        .undelivered
        .iter()
        .map(|event| &event.reason)
        .collect();
    assert_eq!(undelivered.len(), 1, "{undelivered:?}");
    assert!(undelivered[0].contains("has no permission"), "{undelivered:?}");
    let bus = format!("arn:aws:events:us-east-1:{MAIN}:event-bus/default");
    let mut mixed = entry("automation", "{}");
    let mut other = entry("other", "{}")["Entries"][0].take();
    other["EventBusName"] = json!(bus);
    mixed["Entries"][0]["EventBusName"] = json!(bus);
    call(&mut world, HOST, "PutEvents", mixed.clone());
    mixed["Entries"].as_array_mut().unwrap().push(other);
    assert_eq!(
        refused(&mut world, HOST, "PutEvents", mixed),
        "AccessDeniedException"
    );
}

#[test]
fn a_call_on_another_accounts_bus_needs_its_policy() {
    let mut world = world();
    let mut event = entry("automation", "{}");
    event["Entries"][0]["EventBusName"] = json!(format!("arn:aws:events:us-east-1:{MAIN}:event-bus/default"));
    assert_eq!(
        refused(&mut world, HOST, "PutEvents", event.clone()),
        "AccessDeniedException"
    );
    permit(&mut world);
    assert_eq!(
        call(&mut world, HOST, "PutEvents", event.clone())["FailedEntryCount"],
        0
    );
    call(
        &mut world,
        MAIN,
        "RemovePermission",
        json!({"StatementId": "host"}),
    );
    assert_eq!(
        refused(&mut world, HOST, "PutEvents", event),
        "AccessDeniedException"
    );
}

#[test]
fn a_permission_with_an_unknown_condition_is_refused_by_name() {
    let mut world = world();
    let mut policy = organization_policy();
    policy["Statement"][0]["Condition"] = json!({"StringEquals": {"aws:Weather": "fine"}});
    let input = json!({"Policy": policy.to_string()});
    let error = world
        .call(&Principal::root(MAIN), Service::Events, "PutPermission", &input)
        .unwrap_err();
    assert!(error.message.contains("aws:Weather"), "{error}");
}

#[test]
fn a_role_that_forwards_for_one_rule_does_not_forward_for_another() {
    let mut world = world();
    let queue = forwarding(&mut world);
    permit(&mut world);
    for (rule, length) in [("other", 0), ("rule", 1)] {
        let trust = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "events.amazonaws.com"},
        "Condition": {
            "StringEquals": {"aws:SourceAccount": HOST},
            "ArnEquals": {"aws:SourceArn": format!("arn:aws:events:us-east-1:{HOST}:rule/{rule}")},
        }}]});
        let input = json!({"RoleName": "forward", "PolicyDocument": trust.to_string()});
        world
            .call(
                &Principal::root(HOST),
                Service::Iam,
                "UpdateAssumeRolePolicy",
                &input,
            )
            .unwrap();
        call(&mut world, HOST, "PutEvents", entry("automation", "{}"));
        turn(&mut world, 5);
        assert_eq!(world.queue_length(&queue), length, "{rule}");
    }
}

#[test]
fn a_queue_takes_events_of_the_rule_that_its_policy_names() {
    let mut world = world();
    let queue = world.create_queue(MAIN, "status", None);
    let target = json!({"Id": "queue", "Arn": queue});
    rule(&mut world, MAIN, json!({"source": ["automation"]}), target);
    for (name, length) in [("other", 0), ("rule", 1)] {
        let policy = json!({"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue,
            "Principal": {"Service": "events.amazonaws.com"},
            "Condition": {"ArnEquals": {"aws:SourceArn": format!("arn:aws:events:us-east-1:{MAIN}:rule/{name}")}}}]});
        let url = format!("https://sqs.us-east-1.amazonaws.com/{MAIN}/status");
        let input = json!({"QueueUrl": url, "Attributes": {"Policy": policy.to_string()}});
        world
            .call(&Principal::root(MAIN), Service::Sqs, "SetQueueAttributes", &input)
            .unwrap();
        call(&mut world, MAIN, "PutEvents", entry("automation", "{}"));
        turn(&mut world, 5);
        assert_eq!(world.queue_length(&queue), length, "{name}");
    }
}

#[test]
fn a_disabled_schedule_starts_anew_when_it_is_enabled() {
    let mut world = world();
    let queue = world.create_queue(MAIN, "status", None);
    let schedule = json!({"Name": "rule", "ScheduleExpression": "rate(5 minutes)"});
    call(&mut world, MAIN, "PutRule", schedule);
    let targets = json!({"Rule": "rule", "Targets": [{"Id": "q", "Arn": queue, "Input": "{\"tick\":1}"}]});
    call(&mut world, MAIN, "PutTargets", targets);
    turn(&mut world, 240);
    call(&mut world, MAIN, "DisableRule", json!({"Name": "rule"}));
    turn(&mut world, 600);
    assert_eq!(world.queue_length(&queue), 0);
    call(&mut world, MAIN, "EnableRule", json!({"Name": "rule"}));
    turn(&mut world, 299);
    assert_eq!(world.queue_length(&queue), 0);
    turn(&mut world, 301);
    let messages = world.receive_messages(&queue, 10);
    assert_eq!((messages.len(), messages[0].body.as_str()), (2, "{\"tick\":1}"));
}
