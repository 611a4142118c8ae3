//! What strikes by chance strikes Workbench as it would strike it in AWS, and when it is over all becomes true.

use jiff::SignedDuration;
use workbench_tests::Stage;

fn switch_on(stage: &Stage, faults: &[&str]) {
    let mut world = stage.workbench.aws.world();
    for fault in faults {
        world.faults.switch_on(fault.parse().unwrap());
    }
}

/// No fault strikes any more; the sweep has its minutes.
async fn calm(stage: &Stage) {
    stage.workbench.aws.world().faults.switch_off();
    for _ in 0..15 {
        let minute = stage.workbench.aws.now() + SignedDuration::from_mins(1);
        stage.workbench.run_until(minute).await;
        stage.workbench.sweep().await.unwrap();
    }
}

#[tokio::test]
async fn a_function_that_dies_answers_as_api_gateway_does_and_its_messages_come_again() {
    let stage = Stage::new().await;
    let id = stage.launch().await;
    switch_on(&stage, &["crash=1"]);
    let path = format!("/environments/{id}");
    let token = &stage.workbench.people.researcher.token;
    let answer = stage
        .workbench
        .request(token, axum::http::Method::GET, &path, None)
        .await;
    assert_eq!(
        (answer.status.as_u16(), &answer.body["message"]),
        (502, &"Internal server error".into())
    );
    // Each try of the status function dies, and the message comes back three minutes later.
    let later = stage.workbench.aws.now() + SignedDuration::from_mins(7);
    assert!(stage.workbench.run_until(later).await > 1);
    calm(&stage).await;
    assert_eq!(stage.status(&id).await, "COMPLETED");
    assert_eq!(stage.products(), 1);
}

#[tokio::test]
async fn a_stop_that_is_always_throttled_is_answered_with_503() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    switch_on(&stage, &["throttle=sagemaker:StopNotebookInstance:1"]);
    assert_eq!(stage.act(&id, "stop").await.status, 503);
    calm(&stage).await;
    assert_eq!(stage.status(&id).await, "COMPLETED");
}

#[tokio::test]
async fn every_product_fails_with_the_reason_that_was_given() {
    let stage = Stage::new().await;
    switch_on(&stage, &["fail-provisioning=no room for it"]);
    for _ in 0..2 {
        let id = stage.launch().await;
        stage.reach(&id, "FAILED").await;
        let error = stage.get(&id).await["error"]["value"].to_string();
        assert!(error.contains("no room for it"), "{error}");
    }
}

#[tokio::test]
async fn events_that_are_lost_doubled_late_and_overtaken_change_nothing_in_the_end() {
    for faults in [
        &["drop-events=1"] as &[&str],
        &["duplicate-events=1", "reorder-events=0.7"],
        &["delay-events=0.7", "lose-answers=0.2"],
    ] {
        let stage = Stage::new().await;
        switch_on(&stage, faults);
        let id = stage.launch().await;
        let later = stage.workbench.aws.now() + SignedDuration::from_mins(30);
        let told = stage.workbench.run_until(later).await;
        assert_eq!(told == 0, faults[0] == "drop-events=1", "{faults:?}: {told}");
        calm(&stage).await;
        assert_eq!(stage.status(&id).await, "COMPLETED", "{faults:?}");
        assert_eq!(stage.products(), 1);
    }
}
