//! Others are told of each change of status: at least once, in order, and never at the cost of the status itself.

use jiff::SignedDuration;
use serde_json::{Value, json};
use workbench_local::{ApiError, Principal, Service};
use workbench_tests::Stage;

mod outbox;

/// A queue of the main account to which a rule sends what Workbench publishes; its ARN.
fn follow(stage: &Stage) -> String {
    follow_by(
        stage,
        &json!({ "source": ["workbench"], "detail-type": ["Environment Status Change"] }),
    )
}

/// The same with a pattern of one's own.
fn follow_by(stage: &Stage, pattern: &Value) -> String {
    let mut world = stage.workbench.aws.world();
    let account = &stage.workbench.main.account;
    let queue = world.create_queue(account, "followers", None);
    let rule = json!({ "Name": "followers", "EventPattern": pattern.to_string() });
    let targets = json!({ "Rule": "followers", "Targets": [{ "Id": "queue", "Arn": queue }] });
    let root = Principal::root(account);
    world.call(&root, Service::Events, "PutRule", &rule).unwrap();
    world
        .call(&root, Service::Events, "PutTargets", &targets)
        .unwrap();
    queue
}

/// What has come to the queue, in order.
fn told(stage: &Stage, queue: &str) -> Vec<Value> {
    let mut world = stage.workbench.aws.world();
    let messages = world.receive_messages(queue, 1000);
    for message in &messages {
        world.delete_message(queue, &message.id);
    }
    let events = messages
        .iter()
        .map(|message| serde_json::from_str(&message.body).unwrap());
    events.collect()
}

/// The statuses of published events, each with the one before.
fn statuses(events: &[Value]) -> Vec<(&str, &str)> {
    events
        .iter()
        .map(|event| &event["detail"])
        .map(|detail| {
            (
                detail["oldStatus"].as_str().unwrap_or(""),
                detail["newStatus"].as_str().unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn a_life_is_published_in_order() {
    let stage = Stage::new().await;
    let queue = follow(&stage);
    let id = stage.launch_completed().await;
    for (action, status) in [
        ("stop", "STOPPED"),
        ("start", "COMPLETED"),
        ("terminate", "TERMINATED"),
    ] {
        assert_eq!(stage.act(&id, action).await.status, 204, "{action}");
        stage.reach(&id, status).await;
    }
    stage.settle().await;
    let told = told(&stage, &queue);
    assert_eq!(
        statuses(&told),
        [
            ("", "PENDING"),
            ("PENDING", "COMPLETED"),
            ("COMPLETED", "STOPPING"),
            ("STOPPING", "STOPPED"),
            ("STOPPED", "STARTING"),
            ("STARTING", "COMPLETED"),
            ("COMPLETED", "TERMINATING"),
            ("TERMINATING", "TERMINATED"),
        ]
    );
    // Each names its entry in the timeline, and those sort as things came.
    let path = format!("/environments/{id}/events?sort[createdAt]=asc");
    let timeline = stage
        .as_admin(workbench_local::Method::GET, &path, None)
        .await
        .body;
    let entries = timeline["data"].as_array().unwrap();
    let ids: Vec<&str> = told
        .iter()
        .map(|event| event["detail"]["timelineId"].as_str().unwrap())
        .collect();
    assert!(ids.is_sorted(), "{ids:?}");
    for event in &told {
        let detail = &event["detail"];
        let entry = entries
            .iter()
            .find(|entry| entry["id"] == detail["timelineId"])
            .unwrap();
        assert_eq!(entry["to"], detail["newStatus"]);
        assert_eq!(detail["environmentId"], id.as_str());
        assert_eq!(detail["projectId"], stage.workbench.project_id.to_string());
        assert_eq!(
            detail["owner"],
            stage.workbench.people.researcher.user_id.to_string()
        );
    }
    // Nothing of it comes back to the status function.
    assert_eq!(
        stage
            .workbench
            .aws
            .world()
            .queue_length(&stage.workbench.main.queue),
        0
    );
    assert_eq!(
        stage
            .workbench
            .aws
            .world()
            .queue_length(&stage.workbench.main.dead_letters),
        0
    );
}

#[tokio::test]
async fn a_failure_is_published_with_its_reason() {
    let stage = Stage::new().await;
    let queue = follow(&stage);
    let refusal = ApiError::new("InvalidParametersException", "no such \"path\"");
    stage.refuse(Service::ServiceCatalog, "ProvisionProduct", &refusal, 9);
    let id = stage.launch().await;
    stage.reach(&id, "FAILED").await;
    stage.settle().await;
    let told = told(&stage, &queue);
    let failed = told.last().unwrap();
    assert_eq!(statuses(&told), [("", "PENDING"), ("PENDING", "FAILED")]);
    let reason = failed["detail"]["reason"].as_str().unwrap();
    assert!(reason.contains("no such \"path\""), "{reason}");
    assert_eq!(failed["resources"], json!([id]));
}

#[tokio::test]
async fn what_the_bus_does_not_take_is_published_later_and_holds_up_no_status() {
    let stage = Stage::new().await;
    let queue = follow(&stage);
    let id = stage.launch_completed().await;
    stage.settle().await;
    told(&stage, &queue);
    let error = ApiError::new("AccessDeniedException", "not now");
    stage.refuse(Service::Events, "PutEvents", &error, 4);
    stage.act(&id, "stop").await;
    assert_eq!(stage.reach(&id, "STOPPED").await, ["STOPPING", "STOPPED"]);
    stage.settle().await;
    assert_eq!(
        statuses(&told(&stage, &queue)),
        [("COMPLETED", "STOPPING"), ("STOPPING", "STOPPED")]
    );
}

#[tokio::test]
async fn whoever_dies_between_storing_and_publishing_loses_nothing() {
    let stage = Stage::new().await;
    let queue = follow(&stage);
    let id = stage.launch_completed().await;
    stage.settle().await;
    told(&stage, &queue);
    // The API has stored the change; no function lives to tell of it for an hour.
    assert_eq!(stage.act(&id, "stop").await.status, 204);
    stage.pass_unheard(SignedDuration::from_hours(1));
    assert_eq!(told(&stage, &queue), Vec::<Value>::new());
    // The next one tells, and does not hear that the bus has taken it.
    stage.lose_answer(Service::Events, "PutEvents", 3);
    stage.workbench.deliver_events().await;
    stage.settle().await;
    let told = told(&stage, &queue);
    let mut statuses = statuses(&told);
    assert!(statuses.len() > 1, "{statuses:?}");
    statuses.dedup();
    assert_eq!(statuses, [("COMPLETED", "STOPPING")]);
    let mut ids: Vec<&Value> = told.iter().map(|event| &event["detail"]["timelineId"]).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
}

#[tokio::test]
async fn nobody_else_can_publish_in_the_name_of_workbench_from_a_hosting_account() {
    let stage = Stage::new().await;
    let root = Principal::root(&stage.workbench.hosting.account);
    let bus = format!(
        "arn:aws:events:us-east-1:{}:event-bus/default",
        stage.workbench.main.account
    );
    let put = |source: &str| {
        let entry = json!({ "Source": source, "DetailType": "Environment Status Change", "Detail": "{}", "EventBusName": bus });
        let mut world = stage.workbench.aws.world();
        world.call(
            &root,
            Service::Events,
            "PutEvents",
            &json!({ "Entries": [entry] }),
        )
    };
    put("automation").unwrap();
    assert!(put("workbench").is_err());
}

#[tokio::test]
async fn the_rule_that_the_guide_shows_hears_of_failures_and_of_nothing_else() {
    let guide = include_str!("../../docs/operating.md");
    let (_, rest) = guide.split_once("# mail-failures.cfn.yaml\n").unwrap();
    let (template, _) = rest.split_once("```").unwrap();
    let template = workbench_env_type::yaml::to_json(template).unwrap();
    let pattern = &template["Resources"]["Rule"]["Properties"]["EventPattern"];
    let stage = Stage::new().await;
    let queue = follow_by(&stage, pattern);
    let lives = stage.launch_completed().await;
    stage.refuse(
        Service::ServiceCatalog,
        "ProvisionProduct",
        &ApiError::new("InvalidParametersException", "no such path"),
        9,
    );
    let fails = stage.launch().await;
    stage.reach(&fails, "FAILED").await;
    stage.act(&lives, "stop").await;
    stage.settle().await;
    let told = told(&stage, &queue);
    assert_eq!(statuses(&told), [("PENDING", "FAILED")]);
    assert_eq!(told[0]["detail"]["environmentId"], fails.as_str());
}
