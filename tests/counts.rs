//! AWS calls per operation: counted, because each costs time and money.

use serde_json::Value;
use workbench_tests::Stage;

/// The calls that the functions made since the log was last emptied.
fn made(stage: &Stage) -> Vec<String> {
    let world = stage.workbench.aws.world();
    world
        .calls()
        .iter()
        .filter(|call| call.external)
        .map(|call| call.operation.clone())
        .collect()
}

fn forget(stage: &Stage) {
    stage.workbench.aws.world().forget_calls();
}

#[tokio::test]
async fn a_launch_makes_seven_calls_and_six_with_cached_credentials() {
    let stage = Stage::new().await;
    forget(&stage);
    stage.launch().await;
    assert_eq!(
        made(&stage),
        [
            "BatchGetItem",
            "TransactWriteItems",
            "GetItem",
            "AssumeRole",
            "ListLaunchPaths",
            "StartAutomationExecution",
            "TransactWriteItems"
        ]
    );
    forget(&stage);
    stage.launch().await;
    assert_eq!(made(&stage).len(), 6, "{:?}", made(&stage));
}

#[tokio::test]
async fn a_status_event_makes_four_calls_when_a_launch_ends_and_two_else() {
    let stage = Stage::new().await;
    let id = stage.launch().await;
    let events = stage.settle_unheard().await;
    for event in &events {
        forget(&stage);
        stage.workbench.report(event).await;
        let made = made(&stage);
        let limit = if event["source"] == "automation" { 4 } else { 2 };
        assert!(made.len() <= limit, "{event}: {made:?}");
    }
    assert_eq!(stage.status(&id).await, "COMPLETED");
    for (action, status) in [
        ("stop", "STOPPED"),
        ("start", "COMPLETED"),
        ("terminate", "TERMINATED"),
    ] {
        stage.act(&id, action).await;
        let events: Vec<Value> = stage.settle_unheard().await;
        assert!(!events.is_empty());
        for event in &events {
            forget(&stage);
            stage.workbench.report(event).await;
            assert!(made(&stage).len() <= 2, "{event}: {:?}", made(&stage));
        }
        assert_eq!(stage.status(&id).await, status);
    }
}

#[tokio::test]
async fn reading_an_environment_makes_two_calls_at_most() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    forget(&stage);
    stage.get(&id).await;
    assert!(made(&stage).len() <= 2, "{:?}", made(&stage));
    forget(&stage);
    let path = format!("/projects/{}/environments/{id}", stage.workbench.project_id);
    stage.call(workbench_local::Method::GET, &path, None).await;
    assert_eq!(made(&stage).len(), 1, "{:?}", made(&stage));
}
