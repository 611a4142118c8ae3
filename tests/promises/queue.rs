//! What AWS has no room for waits for its turn, and is neither lost nor doubled.

use std::sync::Arc;

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use workbench_local::{ApiError, Service};
use workbench_tests::Stage;

pub(super) fn no_room() -> ApiError {
    ApiError::new(
        "AutomationExecutionLimitExceededException",
        "100 automations run already",
    )
}

/// The next starts of automations find no room.
pub(super) fn fill(stage: &Stage, times: u32) {
    stage.refuse(Service::Ssm, "StartAutomationExecution", &no_room(), times);
}

/// A sweep in which so many automations find room, and no more.
pub(super) async fn sweep_with_room(stage: &Stage, room: u32) {
    let before = stage.calls("StartAutomationExecution");
    stage.workbench.aws.world().faults.automations_left = Some(room);
    stage.workbench.sweep().await.unwrap();
    stage.workbench.aws.world().faults.automations_left = None;
    assert_eq!(stage.calls("StartAutomationExecution"), before + room as usize);
}

/// A project like the first, with the same members and the same configuration.
async fn second_project(stage: &Stage) -> Value {
    let first = stage.workbench.project_id;
    let shown = stage
        .as_admin(Method::GET, &format!("/projects/{first}"), None)
        .await;
    let body =
        json!({ "name": "second", "description": "second", "costCenterId": shown.body["costCenterId"] });
    let made = stage.as_admin(Method::POST, "/projects", Some(body)).await;
    let id = made.body["id"].as_str().unwrap().to_owned();
    let user = stage.workbench.people.researcher.user_id;
    let path = format!("/projects/{id}/users/{user}/relationships");
    let role = json!({ "role": "Researcher" });
    assert!(
        stage
            .as_admin(Method::POST, &path, Some(role))
            .await
            .status
            .is_success()
    );
    let (ty, config) = (&stage.offered.env_type_id, &stage.offered.env_type_config_id);
    let path = format!("/projects/{id}/environmentTypes/{ty}/configurations/{config}/relationships");
    assert!(stage.as_admin(Method::PUT, &path, None).await.status.is_success());
    made.body["id"].clone()
}

/// Turns the time, and delivers no event yet.
pub(super) fn pass(stage: &Stage, time: SignedDuration) {
    let until = stage.workbench.aws.now() + time;
    stage.workbench.aws.world().run_until(until);
}

/// A minute with its events, and then the sweep.
pub(super) async fn minute(stage: &Stage) -> Vec<(&'static str, u32)> {
    let until = stage.workbench.aws.now() + SignedDuration::from_mins(1);
    stage.workbench.run_until(until).await;
    stage.workbench.sweep().await.unwrap().into_iter().collect()
}

pub(super) fn is_queued(environment: &Value) -> bool {
    environment["queued"]["reason"]
        .as_str()
        .is_some_and(|reason| reason.contains("AutomationExecutionLimitExceededException"))
}

#[tokio::test]
async fn three_hundred_launches_at_once_make_three_hundred_environments_and_products() {
    let stage = Arc::new(Stage::new().await);
    let mut launches = JoinSet::new();
    for _ in 0..300 {
        let stage = Arc::clone(&stage);
        launches.spawn(async move { stage.launch().await });
    }
    let ids = launches.join_all().await;
    let mut queued = 0;
    for id in &ids {
        let shown = stage.get(id).await;
        assert_eq!(shown["status"], "PENDING");
        queued += usize::from(is_queued(&shown));
    }
    assert_eq!(queued, 200, "Systems Manager runs 100 at once");

    for _ in 0..60 {
        minute(&stage).await;
        let waiting = stage.calls("StartAutomationExecution");
        if waiting == 300 {
            break;
        }
    }
    stage.settle().await;
    for id in &ids {
        assert_eq!(stage.status(id).await, "COMPLETED");
    }
    assert_eq!(stage.calls("StartAutomationExecution"), 300);
    assert_eq!(stage.calls("ProvisionProduct"), 300);
    assert_eq!(stage.products(), 300);
}

#[tokio::test]
async fn a_launch_without_room_is_queued_with_the_reason_until_it_begins() {
    let stage = Stage::new().await;
    fill(&stage, 1);
    let id = stage.launch().await;
    let shown = stage.get(&id).await;
    assert!(is_queued(&shown), "{shown}");
    assert_eq!(shown["queued"]["since"], shown["createdAt"]);
    assert_eq!(minute(&stage).await, [("begun", 1)]);
    let begun = stage.get(&id).await;
    assert_eq!(begun["queued"], Value::Null, "{begun}");
    stage.reach(&id, "COMPLETED").await;
    assert_eq!(stage.products(), 1);
}

#[tokio::test]
async fn who_comes_later_does_not_overtake_those_that_wait() {
    let stage = Stage::new().await;
    fill(&stage, 1);
    let first = stage.launch().await;
    pass(&stage, SignedDuration::from_secs(2));
    let second = stage.launch().await;
    assert!(
        is_queued(&stage.get(&second).await),
        "there is room, but the first waits"
    );
    assert_eq!(stage.calls("StartAutomationExecution"), 0);

    // There is room for one: it is the first.
    pass(&stage, SignedDuration::from_mins(1));
    sweep_with_room(&stage, 1).await;
    assert!(!is_queued(&stage.get(&first).await));
    assert!(is_queued(&stage.get(&second).await));
    assert_eq!(minute(&stage).await, [("begun", 1)]);
    // Nobody waits any more, as the next sweep knows: then others begin at once.
    minute(&stage).await;
    pass(&stage, SignedDuration::from_secs(10));
    let third = stage.launch().await;
    assert!(!is_queued(&stage.get(&third).await));
    stage.settle().await;
    assert_eq!(stage.products(), 3);
}

#[tokio::test]
async fn projects_take_turns_though_somebody_terminates_in_between() {
    let stage = Stage::new().await;
    let running = stage.launch_completed().await;
    let other = second_project(&stage).await;
    fill(&stage, 1);
    let mut ids = Vec::new();
    for project in [None, None, Some(&other)] {
        let mut body = stage.launch_body();
        if let Some(project) = project {
            body["projectId"] = project.clone();
        }
        ids.push(
            stage.post("/environments", body).await.body["id"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
        pass(&stage, SignedDuration::from_secs(2));
    }
    pass(&stage, SignedDuration::from_mins(1));
    sweep_with_room(&stage, 1).await;
    // Its terminate finds no room either, and says so in the account's queue.
    fill(&stage, 1);
    assert_eq!(stage.act(&running, "terminate").await.status, 204);
    pass(&stage, SignedDuration::from_mins(1));
    sweep_with_room(&stage, 1).await;
    let mut begun = Vec::new();
    for id in &ids {
        begun.push(stage.row(id).await.execution.is_some());
    }
    assert_eq!(
        begun,
        [true, false, true],
        "the second turn is the other project's"
    );
}

#[tokio::test]
async fn a_terminate_without_room_is_accepted_and_done_later() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    fill(&stage, 2);
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    let shown = stage.get(&id).await;
    assert_eq!(shown["status"], "TERMINATING");
    assert!(is_queued(&shown), "{shown}");
    assert_eq!(minute(&stage).await, [("waiting", 1)]);
    assert_eq!(minute(&stage).await, [("begun", 1)]);
    stage.reach(&id, "TERMINATED").await;
    assert_eq!(stage.products(), 0);
}

#[tokio::test]
async fn a_launch_that_is_refused_at_its_turn_has_failed_with_the_reason() {
    let stage = Stage::new().await;
    fill(&stage, 1);
    let id = stage.launch().await;
    let denied = ApiError::new("AccessDeniedException", "not allowed any more");
    stage.refuse(Service::Ssm, "StartAutomationExecution", &denied, 1);
    minute(&stage).await;
    let shown = stage.get(&id).await;
    assert_eq!(shown["status"], "FAILED");
    assert_eq!(shown["queued"], Value::Null);
    assert!(
        shown["error"]["value"]
            .as_str()
            .unwrap()
            .contains("not allowed any more"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_launch_that_gets_no_turn_in_a_day_has_failed() {
    let stage = Stage::new().await;
    fill(&stage, 10_000);
    let id = stage.launch().await;
    let mut hours = 0;
    while stage.status(&id).await == "PENDING" {
        stage.pass_unheard(SignedDuration::from_hours(1));
        stage.workbench.sweep().await.unwrap();
        hours += 1;
    }
    assert_eq!(hours, 25);
    assert_eq!(stage.status(&id).await, "FAILED");
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    assert_eq!(stage.status(&id).await, "TERMINATED");
}
