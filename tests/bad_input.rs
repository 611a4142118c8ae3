//! Bad input gets a 4xx that names the field or the rule; nothing is written, nothing is called.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use workbench_local::{Answer, Method};
use workbench_tests::Stage;

async fn raw(stage: &Stage, token: Option<&str>, method: &str, path: &str, body: impl Into<Body>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, token);
    }
    stage.workbench.send(request.body(body.into()).unwrap()).await
}

fn assert_refused(answer: &Answer, status: u16, hint: &str) {
    assert_eq!(answer.status, status, "{hint}: {}", answer.body);
    assert!(answer.body["error"].is_string(), "{hint}: {}", answer.body);
    let message = answer.body["message"].as_str().unwrap_or_default();
    assert!(message.contains(hint), "`{hint}` is not in `{message}`");
}

fn nothing_written(stage: &Stage) {
    let world = stage.workbench.aws.world();
    let written: Vec<_> = world
        .calls()
        .iter()
        .filter(|call| {
            call.external && !matches!(call.operation.as_str(), "GetItem" | "BatchGetItem" | "Query")
        })
        .map(|call| call.operation.as_str())
        .collect();
    assert!(written.is_empty(), "{written:?}");
}

#[tokio::test]
async fn a_token_is_needed() {
    let stage = Stage::new().await;
    let token = &stage.workbench.people.researcher.token;
    for wrong in [None, Some("nonsense"), Some("Bearer nonsense")] {
        assert_refused(
            &raw(&stage, wrong, "GET", "/environmentTypes", Body::empty()).await,
            401,
            "Authorization",
        );
    }
    for right in [token.clone(), format!("Bearer {token}")] {
        assert_eq!(
            raw(&stage, Some(&right), "GET", "/environmentTypes", Body::empty())
                .await
                .status,
            200
        );
    }
}

#[tokio::test]
async fn malformed_bodies_are_refused() {
    let stage = Stage::new().await;
    let bearer = stage.workbench.people.researcher.token.as_str();
    let token = Some(bearer);
    let with = |change: fn(&mut Value)| {
        let mut body = stage.launch_body();
        change(&mut body);
        body.to_string()
    };
    stage.workbench.aws.world().forget_calls();
    for (body, hint) in [
        ("{".to_owned(), "JSON"),
        ("[]".to_owned(), ""),
        (String::new(), ""),
        (with(|body| body["colour"] = json!("red")), "colour"),
        (with(|body| body["name"] = json!("a b")), "name"),
        (with(|body| body["name"] = json!(7)), "name"),
        (with(|body| body["description"] = json!("")), "description"),
        (with(|body| body["projectId"] = json!("proj-1")), "projectId"),
        (
            with(|body| drop(body.as_object_mut().unwrap().remove("envTypeId"))),
            "envTypeId",
        ),
        (with(|body| body["datasetIds"] = json!("all")), "datasetIds"),
    ] {
        assert_refused(
            &raw(&stage, token, "POST", "/environments", body).await,
            400,
            hint,
        );
    }
    let key = Request::post("/environments")
        .header(header::AUTHORIZATION, bearer)
        .header("Idempotency-Key", "k".repeat(300))
        .body(Body::from(stage.launch_body().to_string()))
        .unwrap();
    assert_refused(&stage.workbench.send(key).await, 400, "Idempotency-Key");
    nothing_written(&stage);
}

#[tokio::test]
async fn a_body_over_100_kb_is_too_large() {
    let stage = Stage::new().await;
    let token = Some(stage.workbench.people.researcher.token.as_str());
    let mut body = stage.launch_body();
    body["description"] = json!("x".repeat(100 * 1024));
    assert_refused(
        &raw(&stage, token, "POST", "/environments", body.to_string()).await,
        413,
        "",
    );
}

#[tokio::test]
async fn ids_pages_and_routes_are_checked() {
    let stage = Stage::new().await;
    let token = Some(stage.workbench.people.it_admin.token.as_str());
    let unknown = "env-00000000-0000-4000-8000-000000000000";
    for (method, path, status, hint) in [
        ("GET", "/environments/env-1".to_owned(), 400, "Invalid ID"),
        ("GET", format!("/environments/{unknown}"), 404, unknown),
        ("PUT", format!("/environments/{unknown}/stop"), 404, unknown),
        ("GET", "/environments?pageSize=0".into(), 400, "pageSize"),
        ("GET", "/environments?pageSize=ten".into(), 400, "pageSize"),
        (
            "GET",
            "/environments?paginationToken=x".into(),
            400,
            "paginationToken",
        ),
        ("GET", "/environments?colour=red".into(), 400, "colour"),
        ("GET", "/nowhere".into(), 404, ""),
        ("DELETE", "/environments".into(), 405, ""),
        ("GET", "/environmentTypes/et-1".into(), 400, "Invalid ID"),
        (
            "GET",
            "/environmentTypes/et-prod-aaaaaaaaaaaaa,pa-aaaaaaaaaaaaa".into(),
            404,
            "does not exist",
        ),
    ] {
        assert_refused(
            &raw(&stage, token, method, &path, Body::empty()).await,
            status,
            hint,
        );
    }
}

#[tokio::test]
async fn configurations_are_checked_against_the_documents_patterns() {
    let stage = Stage::new().await;
    let path = format!("/environmentTypes/{}/configurations", stage.offered.env_type_id);
    let body = |key: &str, value: &str| {
        let mut params = vec![
            json!({ "key": "InstanceType", "value": "ml.t3.medium" }),
            json!({ "key": "AutoStopIdleTimeInMinutes", "value": "0" }),
            json!({ "key": "CIDR", "value": "10.0.0.0/19" }),
        ];
        params.retain(|param| param["key"] != key);
        params.push(json!({ "key": key, "value": value }));
        json!({ "type": "sagemakerNotebook", "name": "x", "description": "x", "params": params })
    };
    let count = |answer: Answer| answer.body["data"].as_array().unwrap().len();
    let before = count(stage.as_admin(Method::GET, &path, None).await);
    for (key, value) in [
        ("InstanceType", "large"),
        ("CIDR", "everywhere"),
        ("AutoStopIdleTimeInMinutes", "-1"),
        ("Colour", "red"),
    ] {
        let answer = stage.as_admin(Method::POST, &path, Some(body(key, value))).await;
        assert_refused(&answer, 400, key);
    }
    assert_eq!(count(stage.as_admin(Method::GET, &path, None).await), before);
}

#[tokio::test]
async fn roles_are_kept_apart() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let researcher = |method: Method, path: String| {
        let stage = &stage;
        async move { stage.call(method, &path, None).await.status.as_u16() }
    };
    assert_eq!(researcher(Method::GET, "/environments".into()).await, 403);
    let configurations = format!("/environmentTypes/{}/configurations", stage.offered.env_type_id);
    assert_eq!(researcher(Method::GET, configurations).await, 403);
    let approve = stage
        .call(
            Method::PATCH,
            &format!("/environmentTypes/{}", stage.offered.env_type_id),
            Some(json!({ "name": "x" })),
        )
        .await;
    assert_refused(&approve, 403, "");
    assert_eq!(approve.body["error"], "User is not authorized");
    let admin = stage
        .as_admin(Method::POST, "/environments", Some(stage.launch_body()))
        .await;
    assert_eq!(admin.status, 403);
    let connect = stage
        .as_admin(Method::GET, &format!("/environments/{id}/connections"), None)
        .await;
    assert_eq!(connect.status, 403);
    assert_eq!(
        stage
            .as_admin(Method::PUT, &format!("/environments/{id}/stop"), None)
            .await
            .status,
        204
    );
}
