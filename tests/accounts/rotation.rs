//! An external id that is changed while environments run: they keep the account as it was at their launch.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::json;
use workbench_local::Service;
use workbench_tests::Stage;

const OTHER: &str = "workbench-another";

#[tokio::test]
async fn f06_environments_of_before_are_reached_by_the_accounts_external_id_of_now() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let (_, role) = stage.workbench.hosting.env_mgmt_role.rsplit_once('/').unwrap();
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{}:root", stage.workbench.main.account) },
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "sts:ExternalId": OTHER } },
        }],
    });
    let policy = json!({ "RoleName": role, "PolicyDocument": trust.to_string() });
    stage.in_console(Service::Iam, "UpdateAssumeRolePolicy", &policy);
    // Sessions from before last for an hour.
    stage.pass_unheard(SignedDuration::from_mins(61));
    let refused = stage.act(&id, "stop").await;
    assert_eq!(refused.status, 502, "{}", refused.body);

    let accounts = stage.as_admin(Method::GET, "/awsAccounts", None).await;
    let account = format!(
        "/awsAccounts/{}",
        accounts.body["data"][0]["id"].as_str().unwrap()
    );
    let changed = stage
        .as_admin(Method::PATCH, &account, Some(json!({ "externalId": OTHER })))
        .await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(stage.act(&id, "stop").await.status, 204);
    stage.reach(&id, "STOPPED").await;
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    stage.reach(&id, "TERMINATED").await;
    assert_eq!(stage.products(), 0);
}
