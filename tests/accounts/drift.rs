//! What happens to instances by nobody's request, and is not heard of, is found by looking through the account.

use jiff::SignedDuration;
use serde_json::{Value, json};
use workbench_local::{ApiError, Service};
use workbench_tests::Stage;

const HOUR: SignedDuration = SignedDuration::from_mins(61);

/// An environment that is COMPLETED, whose account was looked through; its id and its instance's name.
async fn running() -> (Stage, String, Value) {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stage.workbench.check_accounts().await.unwrap();
    let instance = stage.row(&id).await.instance.unwrap().id;
    (stage, id, json!({ "NotebookInstanceName": instance }))
}

/// Somebody in the hosting account does something with the instance, of which nobody hears.
async fn unheard(stage: &Stage, operation: &str, instance: &Value) {
    stage.in_console(Service::SageMaker, operation, instance);
    stage.settle_unheard().await;
}

/// The next looks, and two sweeps after them.
async fn look(stage: &Stage) {
    stage.pass_unheard(HOUR);
    stage.workbench.check_accounts().await.unwrap();
    stage.pass_unheard(SignedDuration::from_mins(3));
    stage.workbench.sweep().await.unwrap();
    stage.workbench.sweep().await.unwrap();
}

#[tokio::test]
async fn an_instance_that_stopped_by_itself_makes_its_environment_stopped_though_no_event_came() {
    let (stage, id, instance) = running().await;
    unheard(&stage, "StopNotebookInstance", &instance).await;
    assert_eq!(stage.status(&id).await, "COMPLETED");
    look(&stage).await;
    assert_eq!(stage.status(&id).await, "STOPPED");
    let timeline = stage
        .workbench
        .cloud
        .table()
        .timeline(stage.row(&id).await.id)
        .await;
    let noticed = timeline.unwrap().into_iter().nth_back(1).unwrap();
    assert_eq!(noticed.cause, "account check");
    assert_eq!(noticed.reason.unwrap(), "its instance is listed as STOPPED");

    unheard(&stage, "StartNotebookInstance", &instance).await;
    look(&stage).await;
    assert_eq!(stage.status(&id).await, "COMPLETED");
}

#[tokio::test]
async fn an_instance_that_somebody_deleted_makes_its_environment_failed_and_it_can_be_terminated() {
    let (stage, id, instance) = running().await;
    unheard(&stage, "StopNotebookInstance", &instance).await;
    unheard(&stage, "DeleteNotebookInstance", &instance).await;
    look(&stage).await;
    assert_eq!(stage.status(&id).await, "FAILED");
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    stage.reach(&id, "TERMINATED").await;
    assert_eq!(stage.products(), 0);
}

#[tokio::test]
async fn a_deletion_that_is_heard_of_is_never_taken_for_the_end_of_the_product() {
    let (stage, id, instance) = running().await;
    stage.in_console(Service::SageMaker, "StopNotebookInstance", &instance);
    stage.reach(&id, "STOPPED").await;
    stage.in_console(Service::SageMaker, "DeleteNotebookInstance", &instance);
    stage.settle().await;
    assert_eq!(stage.status(&id).await, "TERMINATING");
    stage.pass_unheard(SignedDuration::from_mins(3));
    stage.workbench.sweep().await.unwrap();
    assert_eq!(stage.status(&id).await, "FAILED");
    assert_eq!(stage.products(), 1);
}

#[tokio::test]
async fn what_goes_by_nobodys_request_can_be_terminated_and_is() {
    let (stage, id, instance) = running().await;
    stage.in_console(Service::SageMaker, "StopNotebookInstance", &instance);
    stage.reach(&id, "STOPPED").await;
    stage.in_console(Service::SageMaker, "DeleteNotebookInstance", &instance);
    stage.settle().await;
    assert_eq!(stage.status(&id).await, "TERMINATING");
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    stage.reach(&id, "TERMINATED").await;
    assert_eq!(stage.products(), 0);
}

#[tokio::test]
async fn nothing_is_asked_about_while_all_is_as_it_is_said() {
    let (stage, id, _) = running().await;
    let before = stage.row(&id).await;
    stage.workbench.aws.advance(HOUR);
    stage.workbench.check_accounts().await.unwrap();
    assert_eq!(stage.row(&id).await, before);
}

#[tokio::test]
async fn a_list_of_instances_that_is_refused_is_a_finding_and_changes_nothing() {
    let (stage, id, instance) = running().await;
    unheard(&stage, "StopNotebookInstance", &instance).await;
    let before = stage.row(&id).await;
    let denied = ApiError::new("AccessDeniedException", "not authorized");
    stage.refuse(Service::SageMaker, "ListNotebookInstances", &denied, 1);
    stage.pass_unheard(HOUR);
    let summary = stage.workbench.check_accounts().await.unwrap();
    let kinds: Vec<_> = summary.troubled[0]
        .findings
        .iter()
        .map(|finding| finding.kind)
        .collect();
    assert_eq!(json!(kinds), json!(["ORPHANS_NOT_SEEN"]));
    assert_eq!(stage.row(&id).await, before);
}
