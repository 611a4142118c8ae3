//! Letting an account go.

use axum::http::Method;
use serde_json::json;
use workbench_local::{ApiError, Principal, Service};

use super::{Accounts, number};

#[tokio::test]
async fn an_account_without_dependants_loses_all_that_is_shared_and_is_removed() {
    let accounts = Accounts::open(2).await;
    accounts.cycle().await;
    let path = format!("/awsAccounts/{}", accounts.opened[0].id);
    accounts.workbench.aws.world().forget_calls();
    let gone = accounts.ask(Method::DELETE, &path, None).await;
    assert_eq!(gone.status, 200, "{}", gone.body);
    assert_eq!(
        (&gone.body["status"], &gone.body["findings"]),
        (&json!("REMOVED"), &json!([]))
    );
    let written = accounts.written();
    assert_eq!(written[0], "DeletePortfolioShare");
    assert!(
        written[1..]
            .iter()
            .all(|write| write == "ModifyDocumentPermission")
    );
    let summary = accounts.cycle().await;
    assert_eq!(accounts.written(), Vec::<String>::new());
    assert_eq!(summary.statuses["REMOVED"], 1);
    // Once more changes nothing.
    assert_eq!(accounts.ask(Method::DELETE, &path, None).await.status, 200);
    assert_eq!(accounts.shown(1).await["status"], "CURRENT");
}

#[tokio::test]
async fn an_account_with_dependants_stays_and_they_are_named() {
    let accounts = Accounts::open(1).await;
    accounts.cycle().await;
    let account = &accounts.opened[0].id;
    let center = json!({ "name": "genomics", "accountId": account, "description": "pays" });
    let made = accounts.ask(Method::POST, "/costCenters", Some(center)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let center = made.body["id"].as_str().unwrap();
    let path = format!("/awsAccounts/{account}");
    let refused = accounts.ask(Method::DELETE, &path, None).await;
    assert_eq!(refused.status, 409);
    let message = refused.body["message"].as_str().unwrap();
    assert_eq!(
        message,
        format!("id: the account still has cost centres {center}; delete them first")
    );
    assert_eq!(accounts.shown(0).await["status"], "CURRENT");
    let deleted = accounts
        .ask(Method::DELETE, &format!("/costCenters/{center}"), None)
        .await;
    assert_eq!(deleted.status, 204, "{}", deleted.body);
    assert_eq!(
        accounts.ask(Method::DELETE, &path, None).await.body["status"],
        "REMOVED"
    );
}

#[tokio::test]
async fn what_aws_does_not_take_back_at_once_is_taken_back_at_the_next_check() {
    let accounts = Accounts::open(1).await;
    accounts.cycle().await;
    let busy = ApiError::new("ThrottlingException", "rate exceeded");
    accounts
        .workbench
        .aws
        .world()
        .faults
        .refuse(Service::ServiceCatalog, "DeletePortfolioShare", busy, 3);
    let path = format!("/awsAccounts/{}", accounts.opened[0].id);
    let gone = accounts.ask(Method::DELETE, &path, None).await;
    assert_eq!(gone.body["status"], "REMOVED");
    assert_eq!(gone.body["findings"][0]["kind"], "NOT_SEEN");
    accounts.cycle().await;
    assert_eq!(accounts.written(), ["DeletePortfolioShare"]);
    assert_eq!(accounts.shown(0).await["findings"], json!([]));
}

#[tokio::test]
async fn an_account_that_was_let_go_can_be_registered_anew() {
    let mut accounts = Accounts::open(1).await;
    accounts.cycle().await;
    let opened = accounts.opened[0].clone();
    let path = format!("/awsAccounts/{}", opened.id);
    assert_eq!(accounts.ask(Method::DELETE, &path, None).await.status, 200);
    let again = accounts
        .workbench
        .register_account(&number(0), "again", opened.external_id)
        .await
        .unwrap();
    accounts.opened.push(again);
    accounts.cycle().await;
    assert_eq!(accounts.shown(1).await["status"], "CURRENT");
    // The old one does not take away what the new one has.
    accounts.cycle().await;
    assert_eq!(accounts.written(), Vec::<String>::new());
    let old = accounts.ask(Method::POST, &format!("{path}/check"), None).await;
    assert_eq!(old.status, 409, "{}", old.body);
}

#[tokio::test]
async fn an_account_that_was_let_go_takes_nothing_from_one_that_no_list_shows() {
    let mut accounts = Accounts::open(1).await;
    accounts.cycle().await;
    let opened = accounts.opened[0].clone();
    let busy = ApiError::new("ThrottlingException", "rate exceeded");
    let refuse = |accounts: &Accounts, service, operation: &str| {
        let faults = &mut accounts.workbench.aws.world().faults;
        faults.refuse(service, operation, busy.clone(), 3);
    };
    refuse(&accounts, Service::ServiceCatalog, "DeletePortfolioShare");
    let path = format!("/awsAccounts/{}", opened.id);
    assert_eq!(accounts.ask(Method::DELETE, &path, None).await.status, 200);
    let again = accounts
        .workbench
        .register_account(&number(0), "again", opened.external_id)
        .await
        .unwrap();
    // A row that can not be read is in no list.
    let text = |text: &str| json!({ "S": text });
    let row = json!({
        "pk": text(&format!("ACCOUNT#{}", again.id)), "sk": text("ACCOUNT"), "name": text("half"),
    });
    let root = Principal::root(&accounts.workbench.main.account);
    let put = json!({ "TableName": accounts.workbench.main.table_name(), "Item": row });
    let answer = accounts
        .workbench
        .aws
        .world()
        .call(&root, Service::DynamoDb, "PutItem", &put);
    answer.unwrap();
    accounts.opened.push(again);
    accounts.cycle().await;
    assert_eq!(accounts.written(), Vec::<String>::new());
}

#[tokio::test]
async fn a_cost_centre_shows_its_account_as_it_is_now() {
    let accounts = Accounts::open(1).await;
    let account = &accounts.opened[0].id;
    let center = json!({ "name": "genomics", "accountId": account, "description": "pays" });
    let early = accounts
        .ask(Method::POST, "/costCenters", Some(center.clone()))
        .await;
    assert_eq!(early.status, 400);
    assert!(early.body["message"].as_str().unwrap().contains("is not CURRENT"));
    accounts.cycle().await;
    let made = accounts.ask(Method::POST, "/costCenters", Some(center)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.body["vpcId"], accounts.shown(0).await["vpcId"]);
    assert_eq!(made.body["dependency"], json!(account));
    let path = format!("/costCenters/{}", made.body["id"].as_str().unwrap());
    let renamed = accounts
        .ask(Method::PATCH, &path, Some(json!({ "name": "other" })))
        .await;
    assert_eq!(renamed.body["name"], "other");
    let list = accounts.ask(Method::GET, "/costCenters", None).await;
    let listed = list.body["data"].as_array().unwrap();
    assert!(listed.contains(&renamed.body), "{listed:?}");
    for (path, status) in [
        ("/costCenters/cc-00000000-0000-4000-8000-000000000000", 404),
        ("/costCenters/cc-x", 404),
    ] {
        assert_eq!(accounts.ask(Method::GET, path, None).await.status, status);
    }
    let unknown = json!({
        "name": "genomics",
        "accountId": "acc-00000000-0000-4000-8000-000000000000",
        "description": "pays",
    });
    let refused = accounts.ask(Method::POST, "/costCenters", Some(unknown)).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.body["message"]
            .as_str()
            .unwrap()
            .starts_with("accountId: ")
    );
    assert_eq!(accounts.shown(0).await["costCenter"]["name"], "other");
}
