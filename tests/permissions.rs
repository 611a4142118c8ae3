//! What the functions really call, against the IAM actions that they declare. `workbench env-type check` compares
//! what they declare with the roles of the templates.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::json;
use workbench_aws::{accounts, hosting, table};
use workbench_core::compute::COMPUTES;
use workbench_local::{ApiError, Call, Method, Service};
use workbench_tests::Stage;

/// The actions that are declared for who makes a call, if it is a function or one that it has become.
fn declared(call: &Call) -> Option<Vec<&'static str>> {
    let role = call.principal.split('/').nth(1)?;
    match role.rsplit_once('-')?.1 {
        "api" => Some(workbench_api::ACTIONS.concat()),
        "status" => Some(workbench_status::ACTIONS.concat()),
        "account" => Some(workbench_account::ACTIONS.concat()),
        // <namespace>-hosting-account-role
        "role" => {
            let lists = COMPUTES.iter().flat_map(|compute| compute.list_calls);
            Some(accounts::ENTERED_ACTIONS.iter().chain(lists).copied().collect())
        }
        "mgmt" => {
            let drivers = COMPUTES.iter().flat_map(|compute| compute.driver_calls);
            Some(
                hosting::ENTERED_ACTIONS
                    .concat()
                    .into_iter()
                    .chain(drivers.copied())
                    .collect(),
            )
        }
        _ => None,
    }
}

/// The IAM action behind a call. The parts of a transaction are not in the log; each has a `Put`.
fn action(call: &Call) -> String {
    match (call.service, call.operation.as_str()) {
        (Service::DynamoDb, "TransactWriteItems") => table::PUT.concat(),
        (service, operation) => format!("{}:{operation}", service.prefix()),
    }
}

/// Lives of environments: one with all that can be asked of it, one that no event tells of, and one that fails.
async fn lives(stage: &Stage) {
    let id = stage.launch_completed().await;
    let connections = format!("/environments/{id}/connections");
    assert_eq!(stage.call(Method::GET, &connections, None).await.status, 200);
    for path in ["/environments", "/environmentTypes"] {
        let answer = stage.as_admin(Method::GET, path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
    for (action, status) in [
        ("stop", "STOPPED"),
        ("start", "COMPLETED"),
        ("terminate", "TERMINATED"),
    ] {
        assert_eq!(stage.act(&id, action).await.status, 204, "{action}");
        stage.reach(&id, status).await;
    }
    let unheard = stage.launch().await;
    stage.pass_unheard(SignedDuration::from_mins(11));
    stage.workbench.sweep().await.unwrap();
    stage.reach(&unheard, "COMPLETED").await;
    let refusal = ApiError::new("InvalidParametersException", "no such path");
    stage.refuse(Service::ServiceCatalog, "ProvisionProduct", &refusal, 9);
    let failing = stage.launch().await;
    stage.reach(&failing, "FAILED").await;
    stage.act(&failing, "terminate").await;
    stage.reach(&failing, "TERMINATED").await;
    stage
        .workbench
        .open_account("700000000001", "host")
        .await
        .unwrap();
    stage.workbench.aws.advance(SignedDuration::from_mins(30));
    stage.workbench.check_accounts().await.unwrap();
    life_of_a_user(stage).await;
}

/// All that can be done with a user.
async fn life_of_a_user(stage: &Stage) {
    let body = json!({ "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com" });
    let made = stage.as_admin(Method::POST, "/users", Some(body)).await;
    let user = format!("/users/{}", made.body["id"].as_str().unwrap());
    for (method, path, body) in [
        (Method::GET, "/users", None),
        (Method::GET, user.as_str(), None),
        (
            Method::PATCH,
            &user,
            Some(json!({ "lastName": "King", "status": "ACTIVE" })),
        ),
        (Method::PATCH, &user, Some(json!({ "status": "INACTIVE" }))),
        (Method::DELETE, &format!("{user}/purge"), None),
    ] {
        let answer = stage.as_admin(method.clone(), path, body).await;
        assert!(answer.status.is_success(), "{method} {path}: {}", answer.body);
    }
}

#[tokio::test]
async fn every_call_of_a_life_is_declared() {
    let stage = Stage::new().await;
    lives(&stage).await;
    let world = stage.workbench.aws.world();
    let mut seen: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut undeclared = BTreeSet::new();
    for call in world.calls().iter().filter(|call| call.external) {
        let Some(declared) = declared(call) else { continue };
        let action = action(call);
        let role = call.principal.split('/').nth(1).unwrap_or_default();
        if !declared.contains(&action.as_str()) {
            undeclared.insert(format!("{role}: {action}"));
        }
        seen.insert((role.rsplit('-').next().unwrap_or_default(), action));
    }
    assert!(undeclared.is_empty(), "{undeclared:#?}");
    for (role, action) in [
        ("api", "sts:AssumeRole"),
        ("status", "dynamodb:GetItem"),
        ("status", "dynamodb:Query"),
        ("account", "ssm:ModifyDocumentPermission"),
        ("api", "s3:PutObject"),
        ("api", "cognito-idp:AdminCreateUser"),
        ("api", "cognito-idp:AdminDeleteUser"),
        ("api", "cognito-idp:ListUsersInGroup"),
        ("role", "servicecatalog:AssociatePrincipalWithPortfolio"),
        ("mgmt", "ssm:StartAutomationExecution"),
        ("mgmt", "sagemaker:StartNotebookInstance"),
        ("mgmt", "servicecatalog:DescribeRecord"),
    ] {
        assert!(
            seen.contains(&(role, action.to_owned())),
            "{role}: {action}: {seen:#?}"
        );
    }
}
