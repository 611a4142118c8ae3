//! An Idempotency-Key makes a repeated POST or PUT the same request.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, header};
use serde_json::{Value, json};
use workbench_local::{Answer, ApiError, Person, Service};
use workbench_tests::Stage;

async fn keyed(stage: &Stage, person: &Person, method: Method, path: &str, body: Value, key: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, &person.token)
        .header("Idempotency-Key", HeaderValue::from_str(key).unwrap())
        .body(Body::from(body.to_string()))
        .unwrap();
    stage.workbench.send(request).await
}

async fn admin(stage: &Stage, method: Method, path: &str, body: Value, key: &str) -> Answer {
    keyed(stage, &stage.workbench.people.it_admin, method, path, body, key).await
}

/// A PUT without a body by the researcher; the status of the answer.
async fn put(stage: &Stage, path: &str, key: &str) -> u16 {
    let researcher = &stage.workbench.people.researcher;
    let answer = keyed(stage, researcher, Method::PUT, path, json!({}), key).await;
    answer.status.as_u16()
}

async fn cost_center(stage: &Stage) -> Value {
    let accounts = stage.as_admin(Method::GET, "/awsAccounts", None).await;
    let id = &accounts.body["data"][0]["id"];
    json!({ "name": "again", "description": "made once", "accountId": id })
}

async fn cost_centers(stage: &Stage) -> usize {
    let listed = stage.as_admin(Method::GET, "/costCenters", None).await;
    let rows = listed.body["data"].as_array().unwrap();
    rows.iter().filter(|row| row["name"] == "again").count()
}

#[tokio::test]
async fn a_repeated_post_is_done_once_and_answered_alike() {
    let stage = Stage::new().await;
    let body = cost_center(&stage).await;
    let first = admin(&stage, Method::POST, "/costCenters", body.clone(), "one").await;
    assert_eq!(first.status, 201, "{}", first.body);
    let again = admin(&stage, Method::POST, "/costCenters", body.clone(), "one").await;
    assert_eq!(again.status, 201);
    assert_eq!(again.body, first.body);
    assert_eq!(cost_centers(&stage).await, 1);
    let other = admin(&stage, Method::POST, "/costCenters", body, "two").await;
    assert_ne!(other.body["id"], first.body["id"]);
    assert_eq!(cost_centers(&stage).await, 2);
}

#[tokio::test]
async fn the_same_key_with_another_request_is_422_and_changes_nothing() {
    let stage = Stage::new().await;
    let body = cost_center(&stage).await;
    admin(&stage, Method::POST, "/costCenters", body.clone(), "one").await;
    let mut changed = body.clone();
    changed["description"] = "another".into();
    for (path, body) in [("/costCenters", changed), ("/projects", body)] {
        let answer = admin(&stage, Method::POST, path, body, "one").await;
        assert_eq!(answer.status, 422, "{}", answer.body);
        assert_eq!(answer.body["error"], "Unprocessable Entity");
    }
    assert_eq!(cost_centers(&stage).await, 1);
}

#[tokio::test]
async fn a_key_of_a_launch_is_a_key_of_all_else_too() {
    let stage = Stage::new().await;
    let launched = stage
        .post_with_key("/environments", stage.launch_body(), "one")
        .await;
    assert_eq!(launched.status, 201);
    let id = launched.body["id"].as_str().unwrap();
    assert_eq!(
        put(&stage, &format!("/environments/{id}/terminate"), "one").await,
        422
    );
    stage.reach(id, "COMPLETED").await;
    assert_eq!(put(&stage, &format!("/environments/{id}/stop"), "two").await, 204);
    let launch = stage
        .post_with_key("/environments", stage.launch_body(), "two")
        .await;
    assert_eq!(launch.status, 422, "{}", launch.body);
    assert_eq!(stage.products(), 1);
}

#[tokio::test]
async fn keys_of_two_users_are_two_keys() {
    let stage = Stage::new().await;
    let launched = stage.launch_completed().await;
    let path = format!("/environments/{launched}/stop");
    assert_eq!(put(&stage, &path, "one").await, 204);
    let made = admin(
        &stage,
        Method::POST,
        "/costCenters",
        cost_center(&stage).await,
        "one",
    )
    .await;
    assert_eq!(made.status, 201, "{}", made.body);
}

#[tokio::test]
async fn a_repeated_stop_is_answered_though_the_environment_runs_again() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let (stop, start) = (
        format!("/environments/{id}/stop"),
        format!("/environments/{id}/start"),
    );
    assert_eq!(put(&stage, &stop, "stop").await, 204);
    stage.reach(&id, "STOPPED").await;
    assert_eq!(put(&stage, &start, "start").await, 204);
    stage.reach(&id, "COMPLETED").await;
    assert_eq!(put(&stage, &stop, "stop").await, 204);
    assert_eq!(stage.status(&id).await, "COMPLETED", "it was asked for once");
}

#[tokio::test]
async fn another_path_is_another_request_below_projects_too() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let path = |project: &str| format!("/projects/{project}/environments/{id}/stop");
    let own = path(&stage.workbench.project_id.to_string());
    assert_eq!(put(&stage, &own, "one").await, 204);
    assert_eq!(put(&stage, &own, "one").await, 204);
    let other = path("proj-00000000-0000-4000-8000-000000000000");
    assert_eq!(put(&stage, &other, "one").await, 422);
    assert_eq!(put(&stage, &format!("/environments/{id}/stop"), "one").await, 422);
}

#[tokio::test]
async fn a_method_that_a_route_does_not_have_is_405_whatever_the_key() {
    let stage = Stage::new().await;
    let body = cost_center(&stage).await;
    let made = admin(&stage, Method::POST, "/costCenters", body.clone(), "one").await;
    assert_eq!(made.status, 201);
    for (method, path) in [
        (Method::PUT, "/costCenters"),
        (Method::PUT, "/environments"),
        (
            Method::POST,
            "/environments/env-00000000-0000-4000-8000-000000000000/stop",
        ),
    ] {
        let answer = admin(&stage, method.clone(), path, body.clone(), "one").await;
        assert_eq!(answer.status, 405, "{method} {path}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let stage = Stage::new().await;
    let mut wrong = cost_center(&stage).await;
    wrong["name"] = Value::Null;
    assert_eq!(
        admin(&stage, Method::POST, "/costCenters", wrong, "one")
            .await
            .status,
        400
    );
    let right = admin(
        &stage,
        Method::POST,
        "/costCenters",
        cost_center(&stage).await,
        "one",
    )
    .await;
    assert_eq!(right.status, 201, "{}", right.body);
    let nobody = keyed(
        &stage,
        &stage.workbench.people.researcher,
        Method::POST,
        "/costCenters",
        cost_center(&stage).await,
        "mine",
    )
    .await;
    assert_eq!(nobody.status, 403);
    assert_eq!(cost_centers(&stage).await, 1);
}

#[tokio::test]
async fn w06_a_request_that_was_cut_off_after_its_write_makes_the_same_again() {
    let stage = Stage::new().await;
    let body = cost_center(&stage).await;
    // What the answer has to tell can not be read once the cost centre is made.
    stage.refuse(Service::DynamoDb, "GetItem", &ApiError::internal("crashed"), 3);
    let cut_off = admin(&stage, Method::POST, "/costCenters", body.clone(), "one").await;
    assert_eq!(cut_off.status, 503, "{}", cut_off.body);
    assert_eq!(cost_centers(&stage).await, 1);
    let again = admin(&stage, Method::POST, "/costCenters", body.clone(), "one").await;
    assert_eq!(again.status, 201, "{}", again.body);
    assert_eq!(cost_centers(&stage).await, 1);
    let once_more = admin(&stage, Method::POST, "/costCenters", body, "one").await;
    assert_eq!(once_more.status, 201);
    assert_eq!(once_more.body, again.body);
}

#[tokio::test]
async fn the_same_request_at_the_same_time_is_told_to_wait_until_the_first_has_died() {
    let stage = Stage::new().await;
    let body = cost_center(&stage).await;
    // The request is written down, and nobody hears so: the function has died, as far as anybody knows.
    stage.lose_answer(Service::DynamoDb, "TransactWriteItems", 3);
    let died = admin(&stage, Method::POST, "/costCenters", body.clone(), "one").await;
    assert_eq!(died.status, 503);
    let waits = admin(&stage, Method::POST, "/costCenters", body.clone(), "one").await;
    assert_eq!(waits.status, 409, "{}", waits.body);
    assert!(waits.body["message"].as_str().unwrap().contains("is under way"));
    stage.pass_unheard(jiff::SignedDuration::from_secs(31));
    let again = admin(&stage, Method::POST, "/costCenters", body, "one").await;
    assert_eq!(again.status, 201, "{}", again.body);
    assert_eq!(cost_centers(&stage).await, 1);
}

#[tokio::test]
async fn a_key_must_be_one_visible_text() {
    let stage = Stage::new().await;
    let long = "k".repeat(256);
    for key in ["a b", "", &long] {
        let answer = admin(
            &stage,
            Method::POST,
            "/costCenters",
            cost_center(&stage).await,
            key,
        )
        .await;
        assert_eq!(answer.status, 400, "{key}: {}", answer.body);
        assert!(
            answer.body["message"]
                .as_str()
                .unwrap()
                .starts_with("Idempotency-Key: ")
        );
    }
    assert_eq!(cost_centers(&stage).await, 0);
}
