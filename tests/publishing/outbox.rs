//! What the bus does not take for hours is published all the same once it does: each change, in its order.

use jiff::SignedDuration;
use serde_json::{Value, json};
use workbench_core::publication::StatusChange;
use workbench_local::{ApiError, Method, Principal, Process, Service};
use workbench_tests::{Mortal, Stage};

use super::{follow, told};

/// The bus takes nothing from now on.
fn close_the_bus(stage: &Stage) {
    let error = ApiError::new("AccessDeniedException", "not now");
    stage.refuse(Service::Events, "PutEvents", &error, u32::MAX);
}

fn open_the_bus(stage: &Stage) {
    stage.workbench.aws.world().faults = Default::default();
}

/// What is in the outbox, oldest change of each environment first.
async fn outbox(stage: &Stage) -> Vec<StatusChange> {
    let waiting = stage.workbench.cloud.table().outbox(None).await.unwrap();
    assert_eq!(waiting.next, None);
    waiting.changes
}

async fn pass(stage: &Stage, time: SignedDuration) {
    stage.workbench.run_until(stage.workbench.aws.now() + time).await;
}

/// The changes of an environment that were told, each where it came for the first time.
fn of(told: &[Value], id: &str) -> Vec<(String, String)> {
    let mut seen: Vec<(String, String)> = Vec::new();
    for event in told.iter().filter(|event| event["resources"] == json!([id])) {
        let text = |member: &str| event["detail"][member].as_str().unwrap().to_owned();
        let change = (text("timelineId"), text("newStatus"));
        if !seen.contains(&change) {
            seen.push(change);
        }
    }
    seen
}

/// The changes of an environment's status as its timeline has them, without the first `skipped`.
async fn stored(stage: &Stage, id: &str, skipped: usize) -> Vec<(String, String)> {
    let path = format!("/environments/{id}/events?sort[createdAt]=asc&pageSize=100");
    let timeline = stage.as_admin(Method::GET, &path, None).await.body;
    let entries = timeline["data"].as_array().unwrap().iter();
    let text = |entry: &Value, member: &str| entry[member].as_str().unwrap().to_owned();
    let changes = entries.filter(|entry| entry["from"] != entry["to"]);
    let changes = changes.map(|entry| (text(entry, "id"), text(entry, "to")));
    changes.skip(skipped).collect()
}

/// An environment that runs, of whose changes so far others were told; its id.
async fn running(stage: &Stage, queue: &str) -> String {
    let id = stage.launch_completed().await;
    stage.settle().await;
    told(stage, queue);
    id
}

#[tokio::test]
async fn after_thirteen_hours_without_a_bus_every_change_is_told_in_its_order() {
    let stage = Stage::new().await;
    let queue = follow(&stage);
    let (one, other, late) = (
        running(&stage, &queue).await,
        running(&stage, &queue).await,
        running(&stage, &queue).await,
    );
    close_the_bus(&stage);
    for (id, action, status) in [
        (&one, "stop", "STOPPED"),
        (&other, "stop", "STOPPED"),
        (&one, "start", "COMPLETED"),
    ] {
        assert_eq!(stage.act(id, action).await.status, 204);
        // The stream waits for the bus, the status does not.
        while stage.status(id).await != status {
            pass(&stage, SignedDuration::from_mins(1)).await;
        }
    }
    // The function lives in the last of these hours only: each of them would be the same.
    stage.pass_unheard(SignedDuration::from_hours(10));
    pass(&stage, SignedDuration::from_hours(1)).await;
    assert_eq!(outbox(&stage).await, [], "the stream still has it");
    for _ in 0..2 {
        pass(&stage, SignedDuration::from_hours(1)).await;
        stage.workbench.sweep().await.unwrap();
    }
    assert_eq!(outbox(&stage).await.len(), 6);
    // What comes now joins what waits, and nothing else does.
    assert_eq!(stage.act(&one, "stop").await.status, 204);
    assert_eq!(stage.act(&late, "stop").await.status, 204);
    pass(&stage, SignedDuration::from_mins(10)).await;
    assert_eq!(outbox(&stage).await.len(), 8);
    assert_eq!(told(&stage, &queue), Vec::<Value>::new());
    open_the_bus(&stage);
    pass(&stage, SignedDuration::from_mins(2)).await;
    let first = told(&stage, &queue);
    assert_eq!(of(&first, &one), []);
    assert_eq!(of(&first, &late), stored(&stage, &late, 1).await);
    stage.workbench.sweep().await.unwrap();
    stage.settle().await;
    let second = told(&stage, &queue);
    assert_eq!(of(&second, &one), stored(&stage, &one, 1).await);
    assert_eq!(of(&second, &other), stored(&stage, &other, 1).await);
    assert_eq!(second.len(), 8, "each came once");
    assert_eq!(outbox(&stage).await, []);
    // All is as before.
    stage.act(&other, "start").await;
    stage.reach(&other, "COMPLETED").await;
    stage.settle().await;
    assert_eq!(of(&told(&stage, &queue), &other), stored(&stage, &other, 3).await);
}

/// Runs the status function in a process that dies before it makes more than `calls` calls; its answer, if it got so far.
async fn dying(stage: &Stage, payload: &Value, calls: usize) -> Option<Value> {
    let mortal = Mortal::after(calls);
    let cloud = stage.workbench.status_process(&mortal.process).await.unwrap();
    let payload = serde_json::from_value(payload.clone()).unwrap();
    let done = mortal
        .run(Box::pin(workbench_status::invoke(&cloud, payload)))
        .await?;
    Some(serde_json::to_value(done.response).unwrap())
}

#[tokio::test]
async fn whoever_dies_while_setting_aside_loses_nothing() {
    let mut deaths = 0;
    for calls in 0.. {
        let stage = Stage::new().await;
        let queue = follow(&stage);
        let (one, other) = (running(&stage, &queue).await, running(&stage, &queue).await);
        for id in [&one, &other] {
            stage.act(id, "stop").await;
        }
        stage.pass_unheard(SignedDuration::from_mins(10));
        stage.workbench.sweep().await.unwrap();
        assert_eq!(stage.status(&one).await, "STOPPED");
        // No function lives for half a day; the first one that does finds no bus, and may die.
        stage.pass_unheard(SignedDuration::from_hours(13));
        close_the_bus(&stage);
        let mut invocations = stage.workbench.aws.world().take_invocations();
        let invocation = invocations.pop().unwrap();
        assert!(invocations.is_empty());
        let answer = dying(&stage, &invocation.payload, calls).await;
        let lived = answer.is_some();
        let answer = answer.ok_or_else(|| "it died".to_owned());
        stage.workbench.aws.world().end_invocation(invocation, answer);
        pass(&stage, SignedDuration::from_mins(5)).await;
        assert_eq!(outbox(&stage).await.len(), 4);
        // The stream has forgotten all of it, the outbox nothing.
        stage.pass_unheard(SignedDuration::from_hours(30 * 24));
        open_the_bus(&stage);
        stage.workbench.sweep().await.unwrap();
        stage.settle().await;
        let told = told(&stage, &queue);
        for id in [&one, &other] {
            assert_eq!(of(&told, id), stored(&stage, id, 1).await, "{calls} calls");
        }
        assert_eq!(outbox(&stage).await, []);
        if lived {
            break;
        }
        deaths += 1;
    }
    assert_eq!(deaths, 3, "after asking the outbox, the bus and the outbox again");
}

#[tokio::test]
async fn a_sweep_that_dies_between_publishing_and_taking_out_publishes_again() {
    let stage = Stage::new().await;
    let queue = follow(&stage);
    let ids = [running(&stage, &queue).await, running(&stage, &queue).await];
    let sweep = json!({ "task": "repair" });
    let mut twice = 0;
    for calls in 0..100 {
        let mut waiting = Vec::new();
        for id in &ids {
            let row = stage.row(id).await;
            let change = StatusChange::between(None, &row).unwrap();
            let numbered = |number: u32| StatusChange {
                timeline_id: format!("{number:020}"),
                ..change.clone()
            };
            waiting.extend([1, 2, 3].map(|part| numbered(10 * calls + part)));
        }
        stage.workbench.cloud.table().set_aside(&waiting).await.unwrap();
        let lived = dying(&stage, &sweep, calls.try_into().unwrap()).await.is_some();
        stage.workbench.sweep().await.unwrap();
        stage.settle().await;
        let told = told(&stage, &queue);
        twice += usize::from(told.len() > waiting.len());
        for id in &ids {
            let of_it = waiting
                .iter()
                .filter(|change| change.environment_id.to_string() == *id);
            let expected = of_it.map(|change| (change.timeline_id.clone(), "COMPLETED".to_owned()));
            assert_eq!(of(&told, id), expected.collect::<Vec<_>>(), "{calls} calls");
        }
        assert_eq!(outbox(&stage).await, []);
        if lived {
            break;
        }
    }
    assert!(twice >= 3, "after each request to the bus: {twice}");
}

#[tokio::test]
async fn a_row_that_can_not_be_read_holds_up_nothing_and_is_told_of() {
    let stage = Stage::new().await;
    let queue = follow(&stage);
    let id = running(&stage, &queue).await;
    let change = StatusChange::between(None, &stage.row(&id).await).unwrap();
    let table = stage.workbench.cloud.table();
    table.set_aside(&[change]).await.unwrap();
    let item = json!({
        "pk": { "S": "OUTBOX" }, "sk": { "S": format!("CHANGE#{id}#00000000000000000000") }, "newStatus": { "S": "?" },
    });
    let input = json!({ "TableName": stage.workbench.main.namespace, "Item": item });
    let root = Principal::root(&stage.workbench.main.account);
    stage
        .workbench
        .aws
        .world()
        .call(&root, Service::DynamoDb, "PutItem", &input)
        .unwrap();
    let cloud = stage.workbench.status_process(&Process::default()).await.unwrap();
    let counts = workbench_status::sweep(&cloud).await.publications;
    assert_eq!(counts, [("published", 1), ("unreadable", 1)].into());
    stage.settle().await;
    assert_eq!(told(&stage, &queue).len(), 1);
}
