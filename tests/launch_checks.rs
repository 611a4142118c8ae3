//! Promises W3 and W4: a launch is checked before anything is written, and the path's project counts.

use jiff::Timestamp;
use serde_json::{Value, json};
use workbench_aws::table::{Saved, Updated};
use workbench_core::account::AccountStatus;
use workbench_core::env_type::EnvTypeConfig;
use workbench_local::Method;
use workbench_tests::Stage;

/// Launches with `change` made to the body, and wants a refusal that names `field` and writes nothing.
async fn refused(stage: &Stage, change: impl FnOnce(&mut Value), field: &str) {
    let mut body = stage.launch_body();
    change(&mut body);
    stage.workbench.aws.world().forget_calls();
    let answer = stage.post("/environments", body).await;
    assert_eq!(answer.status, 400, "{field}: {}", answer.body);
    let message = answer.body["message"].as_str().unwrap();
    assert!(message.starts_with(field), "{message}");
    assert_eq!(answer.body["error"], "Bad Request");
    assert_eq!(stage.calls("TransactWriteItems"), 0, "{field}");
    assert_eq!(stage.calls("StartAutomationExecution"), 0, "{field}");
}

async fn config(stage: &Stage) -> EnvTypeConfig {
    let id = stage.offered.env_type_config_id.parse().unwrap();
    stage.workbench.cloud.table().config(id).await.unwrap().unwrap()
}

/// Stores a changed configuration past the API's checks, as an older version might have.
async fn store_config(stage: &Stage, change: impl FnOnce(&mut EnvTypeConfig)) {
    let before = config(stage).await;
    let mut after = before.clone();
    change(&mut after);
    after.rev += 1;
    let updated = stage
        .workbench
        .cloud
        .table()
        .update_config(&before, &after)
        .await
        .unwrap();
    assert_eq!(updated, Updated::Written);
}

#[tokio::test]
async fn w03_ids_must_name_what_exists_and_fit_together() {
    let stage = Stage::new().await;
    let uuid = "00000000-0000-4000-8000-000000000000";
    refused(
        &stage,
        |body| body["envTypeConfigId"] = json!(format!("etc-{uuid}")),
        "envTypeConfigId: ",
    )
    .await;
    refused(
        &stage,
        |body| body["envTypeId"] = json!("et-prod-aaaaaaaaaaaaa,pa-aaaaaaaaaaaaa"),
        "envTypeId: ",
    )
    .await;
    refused(
        &stage,
        |body| body["envType"] = json!("sagemakerExample"),
        "envType: ",
    )
    .await;
    refused(&stage, |body| body["envType"] = json!("unheardOf"), "envType: ").await;
    refused(
        &stage,
        |body| body["datasetIds"] = json!([format!("dataset-{uuid}")]),
        "datasetIds",
    )
    .await;
}

#[tokio::test]
async fn w03_a_configuration_of_another_type_is_refused() {
    let stage = Stage::new().await;
    let ty = workbench_core::registry::environment_type("sagemakerExample").unwrap();
    let other = stage.workbench.offer(ty).await.unwrap();
    refused(
        &stage,
        |body| body["envTypeConfigId"] = json!(other.env_type_config_id),
        "envTypeConfigId: ",
    )
    .await;
}

#[tokio::test]
async fn w03_the_type_must_be_approved() {
    let stage = Stage::new().await;
    let id = stage.offered.env_type_id.parse().unwrap();
    let table = stage.workbench.cloud.table();
    let before = table.env_type(&id).await.unwrap().unwrap();
    let mut after = before.clone();
    after.status = workbench_core::env_type::EnvTypeStatus::NotApproved;
    after.rev += 1;
    assert_eq!(
        table.update_env_type(&before, &after).await.unwrap(),
        Updated::Written
    );
    refused(&stage, |_| (), "envTypeId: ").await;
}

#[tokio::test]
async fn w03_the_configuration_must_be_associated_with_the_project() {
    let stage = Stage::new().await;
    let configurations = format!("/environmentTypes/{}/configurations", stage.offered.env_type_id);
    let body = json!({
        "type": stage.offered.type_name,
        "name": "small",
        "description": "only for some",
        "params": config(&stage).await.params,
    });
    let made = stage.as_admin(Method::POST, &configurations, Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.body["id"].as_str().unwrap().to_owned();
    refused(
        &stage,
        |body| body["envTypeConfigId"] = json!(id),
        "envTypeConfigId: ",
    )
    .await;

    let relationship = format!(
        "/projects/{}{configurations}/{id}/relationships",
        stage.workbench.project_id
    );
    assert_eq!(stage.as_admin(Method::PUT, &relationship, None).await.status, 204);
    let mut launch = stage.launch_body();
    launch["envTypeConfigId"] = json!(id);
    assert_eq!(stage.post("/environments", launch).await.status, 201);
    assert_eq!(
        stage
            .as_admin(Method::DELETE, &format!("{configurations}/{id}"), None)
            .await
            .status,
        409
    );
}

#[tokio::test]
async fn w03_parameters_must_be_complete_and_allowed() {
    let stage = Stage::new().await;
    let all = config(&stage).await.params;
    store_config(&stage, |config| {
        config.params.retain(|param| param.key != "InstanceType");
    })
    .await;
    refused(&stage, |_| (), "envTypeConfigId: ").await;
    store_config(&stage, |config| {
        config.params = all;
        for param in &mut config.params {
            if param.key == "CIDR" {
                param.value = "everywhere".into();
            }
        }
    })
    .await;
    refused(&stage, |_| (), "envTypeConfigId: ").await;
}

#[tokio::test]
async fn w03_the_account_must_take_launches_even_if_the_project_remembers_that_it_does() {
    let stage = Stage::new().await;
    let table = stage.workbench.cloud.table();
    let project = table.project(stage.workbench.project_id).await.unwrap().unwrap();
    let mut account = project.account.clone();
    account.status = AccountStatus::Errored;
    account.rev += 1;
    table.put_account(&account).await.unwrap();

    let answer = stage.post("/environments", stage.launch_body()).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(
        answer.body["message"].as_str().unwrap().contains("ERRORED"),
        "{}",
        answer.body
    );
    let listed = stage.as_admin(Method::GET, "/environments", None).await;
    assert_eq!(listed.body, json!({ "data": [] }));

    // What could be launched before an update of Workbench still can.
    account.status = AccountStatus::NeedsUpdate;
    account.subnet_id = "subnet-0123456789abcdef0".into();
    account.rev += 1;
    table.put_account(&account).await.unwrap();
    let launched = stage.post("/environments", stage.launch_body()).await;
    assert_eq!(launched.status, 201, "{}", launched.body);
    let row = stage.row(launched.body["id"].as_str().unwrap()).await;
    assert_eq!(row.home.account.subnet_id, account.subnet_id);
    let refreshed = table.project(stage.workbench.project_id).await.unwrap().unwrap();
    assert_eq!(refreshed.account, account);
}

#[tokio::test]
async fn w03_an_account_that_has_become_current_takes_launches_whatever_the_project_remembers() {
    let stage = Stage::new().await;
    let table = stage.workbench.cloud.table();
    let before = table.project(stage.workbench.project_id).await.unwrap().unwrap();
    let mut project = before.clone();
    project.account.status = AccountStatus::Pending;
    project.rev += 1;
    assert_eq!(
        table.update_project(&before, &project).await.unwrap(),
        Saved::Written
    );
    let launched = stage.post("/environments", stage.launch_body()).await;
    assert_eq!(launched.status, 201, "{}", launched.body);
    let refreshed = table.project(project.id).await.unwrap().unwrap();
    assert_eq!(refreshed.account.status, AccountStatus::Current);
}

#[tokio::test]
async fn w03_keys_of_the_account_are_not_told_to_whoever_launches() {
    let stage = Stage::new().await;
    let table = stage.workbench.cloud.table();
    let before = table.project(stage.workbench.project_id).await.unwrap().unwrap();
    let mut project = before.clone();
    project.account.encryption_key_arn = "arn:aws:kms:us-east-1:444455556666:alias/secret".into();
    project.account.rev += 1;
    project.rev += 1;
    table.put_account(&project.account).await.unwrap();
    assert_eq!(
        table.update_project(&before, &project).await.unwrap(),
        Saved::Written
    );
    let refused = stage.post("/environments", stage.launch_body()).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    let text = refused.body.to_string();
    assert!(
        text.contains("EncryptionKeyArn") && !text.contains("alias/secret"),
        "{text}"
    );
}

#[tokio::test]
async fn w03_a_deleted_project_takes_no_launches() {
    let stage = Stage::new().await;
    let table = stage.workbench.cloud.table();
    let project = table.project(stage.workbench.project_id).await.unwrap().unwrap();
    let deleted = table
        .delete_project(&project, Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    assert_eq!(deleted, Updated::Written);
    refused(&stage, |_| (), "projectId: ").await;
}

#[tokio::test]
async fn w04_the_paths_project_decides() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let project = stage.workbench.project_id;
    let other = "proj-00000000-0000-4000-8000-000000000000";
    let mine = format!("/projects/{project}/environments");

    let mut body = stage.launch_body();
    body["projectId"] = json!(other);
    let launched = stage.post(&mine, body).await;
    assert_eq!(launched.status, 400);
    assert!(
        launched.body["message"]
            .as_str()
            .unwrap()
            .starts_with("projectId: "),
        "{}",
        launched.body
    );
    for path in [
        format!("{mine}?projectId={other}"),
        format!("{mine}/{id}?projectId={other}"),
    ] {
        assert_eq!(stage.call(Method::GET, &path, None).await.status, 400, "{path}");
    }
    let elsewhere = format!("/projects/{other}/environments/{id}");
    assert_eq!(stage.call(Method::GET, &elsewhere, None).await.status, 403);
    assert_eq!(stage.as_admin(Method::GET, &elsewhere, None).await.status, 404);
    assert_eq!(
        stage
            .as_admin(Method::PUT, &format!("{elsewhere}/stop"), None)
            .await
            .status,
        404
    );
    assert_eq!(stage.status(&id).await, "COMPLETED");
}
