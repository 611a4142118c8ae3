//! The life of an environment through the API, with the shipped files.

use serde_json::json;
use workbench_core::registry::environment_types;
use workbench_local::{Method, Service};
use workbench_tests::Stage;

#[tokio::test]
async fn every_type_lives_its_whole_life() {
    for ty in environment_types() {
        let stage = Stage::with(ty.name).await;
        let id = stage.launch().await;
        assert_eq!(
            stage.reach(&id, "COMPLETED").await,
            ["PENDING", "COMPLETED"],
            "{}",
            ty.name
        );

        let connection = stage
            .call(Method::GET, &format!("/environments/{id}/connections"), None)
            .await;
        assert_eq!(connection.status, 200);
        let url = connection.body["authCredResponse"]["url"].as_str().unwrap();
        assert!(url.starts_with("https://"), "{url}");
        let instruction = connection.body["instructionResponse"].as_str().unwrap();
        let placeholder = instruction.split_once('#').unwrap().1;
        let link: serde_json::Value = serde_json::from_str(placeholder).unwrap();
        assert_eq!(
            link,
            json!({ "type": "link", "hrefKey": "url", "text": "Sagemaker URL" })
        );

        assert_eq!(stage.act(&id, "stop").await.status, 204);
        assert_eq!(stage.reach(&id, "STOPPED").await, ["STOPPING", "STOPPED"]);
        assert_eq!(stage.act(&id, "start").await.status, 204);
        assert_eq!(stage.reach(&id, "COMPLETED").await, ["STARTING", "COMPLETED"]);
        assert_eq!(stage.act(&id, "terminate").await.status, 204);
        assert_eq!(
            stage.reach(&id, "TERMINATED").await,
            ["TERMINATING", "TERMINATED"]
        );
        assert_eq!(stage.products(), 0);
    }
}

#[tokio::test]
async fn a_terminated_environment_is_kept_as_a_record_and_hidden_from_lists() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let list = format!("/projects/{}/environments", stage.workbench.project_id);
    let listed = stage.call(Method::GET, &list, None).await.body;
    assert_eq!(listed["data"][0]["id"], id.as_str());
    stage.act(&id, "terminate").await;
    stage.reach(&id, "TERMINATED").await;
    assert_eq!(
        stage.call(Method::GET, &list, None).await.body,
        json!({ "data": [] })
    );
    assert_eq!(stage.status(&id).await, "TERMINATED");
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    assert_eq!(stage.act(&id, "start").await.status, 409);
}

#[tokio::test]
async fn actions_that_the_status_forbids_are_refused_and_change_nothing() {
    let stage = Stage::new().await;
    let id = stage.launch().await;
    for (action, status) in [("start", 204), ("stop", 409), ("terminate", 400)] {
        assert_eq!(
            stage.act(&id, action).await.status,
            status,
            "{action} while PENDING"
        );
    }
    let connections = format!("/environments/{id}/connections");
    assert_eq!(stage.call(Method::GET, &connections, None).await.status, 409);
    assert_eq!(stage.status(&id).await, "PENDING");
    stage.reach(&id, "COMPLETED").await;
    assert_eq!(stage.act(&id, "start").await.status, 204);
    assert_eq!(stage.status(&id).await, "COMPLETED");
}

#[tokio::test]
async fn the_instance_its_role_and_the_product_are_stored() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let row = stage.row(&id).await;
    let instance = row.instance.unwrap();
    assert!(
        instance.id.as_str().starts_with("BasicNotebookInstance-"),
        "{}",
        instance.id
    );
    assert!(
        instance.arn.contains(":notebook-instance/basicnotebookinstance-"),
        "{}",
        instance.arn
    );
    assert!(
        instance.role_arn.contains("-sagemaker-notebook-role"),
        "{}",
        instance.role_arn
    );
    let account = stage.workbench.hosting.account.parse().unwrap();
    let owner = stage
        .workbench
        .cloud
        .table()
        .instance_owner(&account, &instance.id)
        .await
        .unwrap();
    assert_eq!(owner.unwrap().to_string(), id);
    let shown = stage.get(&id).await;
    assert_eq!(shown["instanceId"], instance.id.as_str());
    assert!(shown["provisionedProductId"].as_str().unwrap().starts_with("pp-"));
}

#[tokio::test]
async fn a_notebook_may_stop_itself_by_either_case_of_its_name_and_no_other_one() {
    let stage = Stage::new().await;
    let (id, other) = (stage.launch_completed().await, stage.launch_completed().await);
    let (own, other) = (stage.row(&id).await.instance, stage.row(&other).await.instance);
    let (own, other) = (own.unwrap(), other.unwrap());
    let call = |operation: &str, name: &str| {
        let mut world = stage.workbench.aws.world();
        let notebook = world.role_session(&own.role_arn, "SageMaker").unwrap();
        let input = json!({ "NotebookInstanceName": name });
        world.call(&notebook, Service::SageMaker, operation, &input)
    };
    let refused = call("StopNotebookInstance", other.id.as_str()).unwrap_err();
    assert_eq!(refused.code, "AccessDeniedException");
    let refused = call("StartNotebookInstance", own.id.as_str()).unwrap_err();
    assert_eq!(refused.code, "AccessDeniedException");
    call("DescribeNotebookInstance", &own.id.as_str().to_lowercase()).unwrap();
    // As files/auto_stop.py calls.
    call("StopNotebookInstance", own.id.as_str()).unwrap();
    stage.reach(&id, "STOPPED").await;
}

#[tokio::test]
async fn researchers_see_no_roles_keys_or_external_ids() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let shown = stage.get(&id).await.to_string();
    for secret in ["arn:aws:iam", "arn:aws:kms", &stage.workbench.hosting.external_id] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    let admin = stage
        .as_admin(Method::GET, &format!("/environments/{id}"), None)
        .await;
    assert_eq!(
        admin.body["PROJ"]["envMgmtRoleArn"],
        stage.workbench.hosting.env_mgmt_role.as_str()
    );
}
