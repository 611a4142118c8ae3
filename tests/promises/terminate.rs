//! A terminate goes one way, as often as it takes.

use jiff::SignedDuration;
use serde_json::{Value, json};
use workbench_local::{ApiError, Principal, Service};
use workbench_tests::Stage;

#[tokio::test]
async fn f12_a_refused_terminate_ends_in_terminating_failed_and_works_again() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let error = ApiError::new("ValidationException", "under change");
    // As often as the document tries.
    stage.refuse(Service::ServiceCatalog, "TerminateProvisionedProduct", &error, 3);
    stage.act(&id, "terminate").await;
    assert_eq!(
        stage.reach(&id, "TERMINATING_FAILED").await,
        ["TERMINATING", "TERMINATING_FAILED"]
    );
    let failed = stage.get(&id).await;
    assert_eq!(failed["error"]["type"], "TERMINATE");
    assert!(
        failed["error"]["value"]
            .as_str()
            .unwrap()
            .contains("under change"),
        "{failed}"
    );
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    stage.reach(&id, "TERMINATED").await;
    assert_eq!(stage.get(&id).await.get("error"), None);
}

/// The names of the policies by which the environment gets at data and files; nothing if its role is gone.
fn access(stage: &Stage, role: &str) -> Option<Vec<String>> {
    let root = Principal::root(&stage.workbench.hosting.account);
    let named = json!({ "RoleName": role });
    let mut world = stage.workbench.aws.world();
    let policies = world.call(&root, Service::Iam, "ListRolePolicies", &named).ok()?;
    let names = policies["PolicyNames"].as_array().unwrap().iter();
    let names = names.map(|name| name.as_str().unwrap().to_owned());
    // That the notebook may stop itself is no access.
    Some(names.filter(|name| !name.ends_with("-stop")).collect())
}

/// The notebook, while there is one.
fn notebook(stage: &Stage, name: &str) -> Option<Value> {
    let root = Principal::root(&stage.workbench.hosting.account);
    let named = json!({ "NotebookInstanceName": name });
    let mut world = stage.workbench.aws.world();
    world
        .call(&root, Service::SageMaker, "DescribeNotebookInstance", &named)
        .ok()
}

#[tokio::test]
async fn f13_access_goes_with_the_product_and_not_before() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let name = stage.get(&id).await["instanceId"].as_str().unwrap().to_owned();
    let role = notebook(&stage, &name).unwrap()["RoleArn"].clone();
    let role = role.as_str().unwrap().rsplit('/').next().unwrap();
    let before = access(&stage, role).unwrap();
    assert!(before.len() > 1, "{before:?}");
    // The product stays: so does all access.
    let error = ApiError::new("ValidationException", "under change");
    stage.refuse(Service::ServiceCatalog, "TerminateProvisionedProduct", &error, 3);
    stage.act(&id, "terminate").await;
    stage.reach(&id, "TERMINATING_FAILED").await;
    assert_eq!(access(&stage, role).as_ref(), Some(&before));
    stage.workbench.aws.world().forget_calls();
    stage.act(&id, "terminate").await;
    let limit = stage.workbench.aws.now() + SignedDuration::from_hours(1);
    while notebook(&stage, &name).is_some() {
        assert_eq!(access(&stage, role).as_ref(), Some(&before));
        stage.workbench.step(limit).await.unwrap();
    }
    stage.reach(&id, "TERMINATED").await;
    assert_eq!(access(&stage, role), None);
    // Nobody but the product's stack has taken it.
    let world = stage.workbench.aws.world();
    let mut of_functions = world.calls().iter().filter(|call| call.external);
    assert!(!of_functions.any(|call| [Service::Iam, Service::S3].contains(&call.service)));
}

#[tokio::test]
async fn w01_a_running_notebook_that_is_terminated_is_terminating_until_it_is_gone() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stage.act(&id, "terminate").await;
    let limit = stage.workbench.aws.now() + SignedDuration::from_hours(1);
    let mut stopped_meanwhile = false;
    while stage.status(&id).await != "TERMINATED" {
        assert_eq!(stage.status(&id).await, "TERMINATING");
        assert_eq!(stage.act(&id, "start").await.status, 409);
        assert_eq!(stage.act(&id, "stop").await.status, 409);
        assert!(stage.workbench.step(limit).await.is_some());
        let world = stage.workbench.aws.world();
        stopped_meanwhile |= world
            .events(&stage.workbench.main.account)
            .any(|event| event.event["detail"]["NotebookInstanceStatus"] == "Stopped");
    }
    assert!(
        stopped_meanwhile,
        "the notebook ran, so it had to be stopped first"
    );
}
