//! A launch ends, says why, can be undone, and happens once.

use jiff::SignedDuration;
use serde_json::json;
use workbench_local::{ApiError, Method, Service};
use workbench_tests::Stage;

/// More often than a document or a client tries.
const ALWAYS: u32 = 9;

#[tokio::test]
async fn f01_wait_timeout_ends_in_failed() {
    let stage = Stage::new().await;
    stage.workbench.aws.world().faults.provisioning_takes = Some(SignedDuration::from_hours(2));
    let id = stage.launch().await;
    assert_eq!(stage.reach(&id, "FAILED").await, ["PENDING", "FAILED"]);
    let failed = stage.get(&id).await;
    assert_eq!(failed["error"]["type"], "LAUNCH");
    assert!(
        failed["provisionedProductId"]
            .as_str()
            .unwrap()
            .starts_with("pp-")
    );
    stage.settle().await;
    stage.act(&id, "terminate").await;
    stage.reach(&id, "TERMINATED").await;
    assert_eq!(stage.products(), 0);
}

#[tokio::test]
async fn f02_a_refused_provision_product_ends_in_failed_with_the_reason() {
    let stage = Stage::new().await;
    let error = ApiError::new("InvalidParametersException", "no such path");
    stage.refuse(Service::ServiceCatalog, "ProvisionProduct", &error, ALWAYS);
    let id = stage.launch().await;
    assert_eq!(stage.reach(&id, "FAILED").await, ["PENDING", "FAILED"]);
    let failed = stage.get(&id).await;
    assert!(
        failed["error"]["value"]
            .as_str()
            .unwrap()
            .contains("no such path"),
        "{failed}"
    );
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    assert_eq!(stage.status(&id).await, "TERMINATED");
}

#[tokio::test]
async fn f03_failure_text_of_any_content_survives() {
    let nasty = "it said: \"no\\way\"\n\tünïcödé 日本 {{ Launch.RecordId }} ${x} </a> \u{7}".to_owned();
    for text in [nasty.clone(), nasty.repeat(8_000 / nasty.len())] {
        let stage = Stage::new().await;
        stage.workbench.aws.world().faults.provisioning_failure = Some(text.clone());
        let id = stage.launch().await;
        stage.reach(&id, "FAILED").await;
        let shown = stage.get(&id).await;
        assert!(
            shown["error"]["value"].as_str().unwrap().contains(&text),
            "{}",
            shown["error"]
        );
    }
}

#[tokio::test]
async fn f05_failed_is_stored_with_the_product_and_the_reason() {
    let stage = Stage::new().await;
    stage.workbench.aws.world().faults.provisioning_failure = Some("no capacity".into());
    let id = stage.launch().await;
    stage.reach(&id, "FAILED").await;
    let failed = stage.get(&id).await;
    assert!(
        failed["provisionedProductId"]
            .as_str()
            .unwrap()
            .starts_with("pp-")
    );
    assert!(failed["error"]["value"].as_str().unwrap().contains("no capacity"));
}

#[tokio::test]
async fn f06_a_failed_launch_can_be_terminated() {
    let stage = Stage::new().await;
    stage.workbench.aws.world().faults.provisioning_failure = Some("no capacity".into());
    let id = stage.launch().await;
    stage.reach(&id, "FAILED").await;
    assert_eq!(stage.products(), 1);
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    assert_eq!(
        stage.reach(&id, "TERMINATED").await,
        ["TERMINATING", "TERMINATED"]
    );
    assert_eq!(stage.products(), 0);
}

#[tokio::test]
async fn f06_a_product_that_is_gone_already_is_terminated() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let product = stage.get(&id).await["provisionedProductId"].clone();
    // Somebody removes it in the console.
    stage.in_console(
        Service::ServiceCatalog,
        "TerminateProvisionedProduct",
        &json!({ "ProvisionedProductId": product, "TerminateToken": "console" }),
    );
    stage.settle_unheard().await;
    assert_eq!(stage.products(), 0);
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    assert_eq!(
        stage.reach(&id, "TERMINATED").await,
        ["TERMINATING", "TERMINATED"]
    );
}

#[tokio::test]
async fn f06_a_launch_that_was_never_started_can_be_terminated_once_it_is_overdue() {
    let stage = Stage::new().await;
    let error = ApiError::internal("crashed");
    stage.refuse(Service::Ssm, "StartAutomationExecution", &error, ALWAYS);
    let id = stage.launch().await;
    assert_eq!(stage.status(&id).await, "PENDING");
    assert_eq!(stage.act(&id, "terminate").await.status, 400);
    stage.workbench.aws.advance(SignedDuration::from_mins(76));
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    assert_eq!(stage.status(&id).await, "TERMINATED");
}

#[tokio::test]
async fn f11_one_request_one_product_wherever_an_answer_is_lost() {
    for (service, operation) in [
        (Service::DynamoDb, "TransactWriteItems"),
        (Service::DynamoDb, "BatchGetItem"),
        (Service::Sts, "AssumeRole"),
        (Service::ServiceCatalog, "ListLaunchPaths"),
        (Service::Ssm, "StartAutomationExecution"),
    ] {
        for times in [1, 3] {
            let stage = Stage::new().await;
            stage.lose_answer(service, operation, times);
            let first = stage
                .post_with_key("/environments", stage.launch_body(), "once")
                .await;
            let again = stage
                .post_with_key("/environments", stage.launch_body(), "once")
                .await;
            let context = format!(
                "{operation} lost {times} times: {} then {}",
                first.status, again.status
            );
            assert_eq!(again.status, 201, "{context}");
            let id = again.body["id"].as_str().unwrap();
            if first.status == 201 {
                assert_eq!(first.body["id"], id, "{context}");
            }
            stage.reach(id, "COMPLETED").await;
            stage.settle().await;
            assert_eq!(stage.products(), 1, "{context}");
            let list = stage.as_admin(Method::GET, "/environments", None).await;
            assert_eq!(list.body["data"].as_array().unwrap().len(), 1, "{context}");
        }
    }
}

#[tokio::test]
async fn f11_a_document_that_repeats_its_call_provisions_once() {
    let stage = Stage::new().await;
    stage.lose_answer(Service::ServiceCatalog, "ProvisionProduct", 2);
    let id = stage.launch_completed().await;
    assert_eq!(stage.products(), 1);
    stage.lose_answer(Service::ServiceCatalog, "TerminateProvisionedProduct", 2);
    stage.act(&id, "terminate").await;
    stage.reach(&id, "TERMINATED").await;
    assert_eq!(stage.products(), 0);
}

#[tokio::test]
async fn f11_a_product_that_nobody_was_told_about_is_not_left_behind() {
    let stage = Stage::new().await;
    // As often as the document tries: it gives up, though there is a product.
    stage.lose_answer(Service::ServiceCatalog, "ProvisionProduct", 3);
    let id = stage.launch().await;
    stage.reach(&id, "FAILED").await;
    assert_eq!(stage.get(&id).await["provisionedProductId"], "");
    stage.settle().await;
    assert_eq!(stage.products(), 1);
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    assert_eq!(
        stage.reach(&id, "TERMINATED").await,
        ["TERMINATING", "TERMINATED"]
    );
    assert_eq!(stage.products(), 0);
}

#[tokio::test]
async fn f11_a_launch_that_is_repeated_does_not_fail_what_is_under_way() {
    let stage = Stage::new().await;
    stage.lose_answer(Service::Ssm, "StartAutomationExecution", 3);
    let launch = stage.launch_body();
    let first = stage.post_with_key("/environments", launch.clone(), "once").await;
    assert_eq!(
        (first.status.as_u16(), &first.body["status"]),
        (201, &json!("PENDING"))
    );
    let error = ApiError::new("InvalidParametersException", "no such path");
    stage.refuse(Service::ServiceCatalog, "ListLaunchPaths", &error, 1);
    let again = stage.post_with_key("/environments", launch, "once").await;
    assert_eq!(again.body["status"], "PENDING", "{}", again.body);
    stage.reach(first.body["id"].as_str().unwrap(), "COMPLETED").await;
    assert_eq!(stage.products(), 1);
}

#[tokio::test]
async fn f11_a_key_belongs_to_one_request() {
    let stage = Stage::new().await;
    let first = stage
        .post_with_key("/environments", stage.launch_body(), "k1")
        .await;
    assert_eq!(first.status, 201);
    let mut other = stage.launch_body();
    other["name"] = json!("another");
    assert_eq!(
        stage
            .post_with_key("/environments", other.clone(), "k1")
            .await
            .status,
        422
    );
    let second = stage.post_with_key("/environments", other, "k2").await;
    assert_eq!(second.status, 201);
    assert_ne!(first.body["id"], second.body["id"]);
}
