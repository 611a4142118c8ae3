//! What a document has given up may still come to something: AWS is asked until it says what the status says.

use jiff::SignedDuration;
use workbench_local::{ApiError, Service};
use workbench_tests::Stage;

/// Some minutes without any event, with a sweep each.
async fn sweep_for(stage: &Stage, minutes: i64) {
    for _ in 0..minutes {
        stage.pass_unheard(SignedDuration::from_mins(1));
        stage.workbench.sweep().await.unwrap();
    }
}

#[tokio::test]
async fn w02_a_launch_that_succeeds_after_its_document_gave_up_is_completed() {
    let stage = Stage::new().await;
    // The document waits for an hour.
    stage.workbench.aws.world().faults.provisioning_takes = Some(SignedDuration::from_mins(100));
    let id = stage.launch().await;
    let until = stage.workbench.aws.now() + SignedDuration::from_mins(70);
    stage.workbench.run_until(until).await;
    assert_eq!(stage.status(&id).await, "FAILED");
    sweep_for(&stage, 90).await;
    assert_eq!(stage.status(&id).await, "COMPLETED");
    assert!(stage.row(&id).await.instance.is_some());
    assert_eq!(stage.row(&id).await.look_at(), None, "nothing is left to ask");
}

#[tokio::test]
async fn w02_a_failed_launch_is_confirmed_once_and_then_left_alone() {
    let stage = Stage::new().await;
    let refusal = ApiError::new("ResourceLimitExceeded", "no ml.t3.medium is left");
    stage.refuse(Service::SageMaker, "CreateNotebookInstance", &refusal, 1);
    let id = stage.launch().await;
    stage.reach(&id, "FAILED").await;
    sweep_for(&stage, 4).await;
    assert_eq!(stage.status(&id).await, "FAILED");
    assert_eq!(stage.row(&id).await.look_at(), None);
}

#[tokio::test]
async fn w02_a_terminate_that_was_refused_leaves_the_status_that_the_instance_has() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let refusal = ApiError::new("AccessDeniedException", "no");
    stage.refuse(Service::Ssm, "StartAutomationExecution", &refusal, 1);
    assert_eq!(stage.act(&id, "terminate").await.status, 502);
    assert_eq!(stage.status(&id).await, "COMPLETED");
    assert!(
        stage.row(&id).await.look_at().is_some(),
        "its reports were not applied"
    );
    sweep_for(&stage, 3).await;
    assert_eq!(stage.status(&id).await, "COMPLETED");
    assert_eq!(stage.row(&id).await.look_at(), None);
}
