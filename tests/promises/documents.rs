//! Every way through a document ends in one event, and where it can not, AWS's own notice takes its place.

use serde_json::Value;
use workbench_core::registry::environment_types;
use workbench_local::{ApiError, Service};
use workbench_tests::Stage;

/// More often than a document tries.
const ALWAYS: u32 = 1000;

/// The statuses that documents have told of an environment.
fn told(stage: &Stage, id: &str) -> Vec<String> {
    let world = stage.workbench.aws.world();
    let told = world
        .events(&stage.workbench.main.account)
        .filter(|event| event.event["source"] == "automation" && event.event["detail"]["EnvId"] == id);
    told.map(|event| event.event["detail"]["Status"].as_str().unwrap().to_owned())
        .collect()
}

fn mend(stage: &Stage) {
    stage.workbench.aws.world().faults = Default::default();
}

#[tokio::test]
async fn f01_whatever_call_of_a_document_is_refused_it_ends_in_one_event() {
    for ty in environment_types() {
        for operation in ["ProvisionProduct", "DescribeProvisionedProduct"] {
            let stage = Stage::with(ty.name).await;
            let error = ApiError::new("InvalidParametersException", "no");
            stage.refuse(Service::ServiceCatalog, operation, &error, ALWAYS);
            let id = stage.launch().await;
            assert_eq!(stage.reach(&id, "FAILED").await, ["PENDING", "FAILED"]);
            stage.settle().await;
            assert_eq!(told(&stage, &id), ["FAILED"], "{} {operation}", ty.name);
        }
        for operation in ["TerminateProvisionedProduct", "DescribeRecord"] {
            let stage = Stage::with(ty.name).await;
            let id = stage.launch_completed().await;
            stage.act(&id, "stop").await;
            stage.reach(&id, "STOPPED").await;
            let error = ApiError::new("InvalidParametersException", "no");
            stage.refuse(Service::ServiceCatalog, operation, &error, ALWAYS);
            stage.act(&id, "terminate").await;
            stage.reach(&id, "TERMINATING_FAILED").await;
            stage.settle().await;
            let told = told(&stage, &id);
            assert_eq!(
                told,
                ["COMPLETED", "TERMINATING_FAILED"],
                "{} {operation}",
                ty.name
            );
            mend(&stage);
            stage.act(&id, "terminate").await;
            stage.reach(&id, "TERMINATED").await;
        }
    }
}

#[tokio::test]
async fn f02_a_provision_product_that_is_refused_in_any_way_is_one_event() {
    for code in [
        "InvalidParametersException",
        "ResourceNotFoundException",
        "ThrottlingException",
        "AccessDeniedException",
    ] {
        let stage = Stage::new().await;
        let error = ApiError::new(code, "refused for a test");
        stage.refuse(Service::ServiceCatalog, "ProvisionProduct", &error, ALWAYS);
        let id = stage.launch().await;
        stage.reach(&id, "FAILED").await;
        stage.settle().await;
        assert_eq!(told(&stage, &id), ["FAILED"], "{code}");
        let reason = stage.get(&id).await["error"]["value"].clone();
        assert!(
            reason.as_str().unwrap().contains("refused for a test"),
            "{reason}"
        );
    }
}

#[tokio::test]
async fn f04_an_automation_that_can_not_tell_its_end_is_told_of_by_systems_manager() {
    let stage = Stage::new().await;
    let error = ApiError::new("AccessDeniedException", "no bus today");
    stage.refuse(Service::Events, "PutEvents", &error, ALWAYS);
    let refusal = ApiError::new("InvalidParametersException", "no such path");
    stage.refuse(Service::ServiceCatalog, "ProvisionProduct", &refusal, ALWAYS);
    let id = stage.launch().await;
    assert_eq!(stage.reach(&id, "FAILED").await, ["PENDING", "FAILED"]);
    assert_eq!(told(&stage, &id), Vec::<String>::new());
    let world = stage.workbench.aws.world();
    let mut notices = world.events(&stage.workbench.main.account);
    let of_automation = |event: &Value| event["source"] == "aws.ssm" && event["detail"]["Status"] == "Failed";
    assert!(notices.any(|notice| of_automation(&notice.event)));
}
