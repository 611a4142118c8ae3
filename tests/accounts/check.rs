//! What is wrong with one account is told on it, and keeps no other from being right.

use axum::http::Method;
use serde_json::json;
use workbench_aws::accounts::Patience;
use workbench_env_type::yaml;
use workbench_local::{ApiError, Principal, Service};

use super::{Accounts, current, number, state};

#[tokio::test]
async fn f14_one_bad_account_keeps_no_other_from_being_handled() {
    let accounts = Accounts::open(3).await;
    let policy = json!({
        "RoleName": accounts.role("hosting-account-role"),
        "PolicyDocument": json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Deny", "Principal": { "AWS": "*" }, "Action": "sts:AssumeRole" }],
        })
        .to_string(),
    });
    accounts.in_console(0, Service::Iam, "UpdateAssumeRolePolicy", &policy);
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, state("PENDING", &["NOT_LET_IN_YET"]));
    assert_eq!(accounts.state(1).await, current());
    assert_eq!(accounts.state(2).await, current());
}

#[tokio::test]
async fn an_account_that_closes_its_door_is_an_error() {
    let accounts = Accounts::open(1).await;
    accounts.cycle().await;
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{}:root", accounts.workbench.main.account) },
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "sts:ExternalId": "another" } },
        }],
    });
    let policy = json!({
        "RoleName": accounts.role("hosting-account-role"),
        "PolicyDocument": trust.to_string(),
    });
    accounts.in_console(0, Service::Iam, "UpdateAssumeRolePolicy", &policy);
    // Sessions from before last for an hour.
    accounts
        .workbench
        .aws
        .advance(jiff::SignedDuration::from_mins(61));
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, state("ERRORED", &["NOT_LET_IN"]));
    let shown = accounts.shown(0).await;
    assert_eq!(shown["error"]["type"], "NOT_LET_IN");
    assert!(shown["error"]["value"].as_str().unwrap().contains("external id"));
}

#[tokio::test]
async fn a_stack_that_was_made_anew_is_entered_anew_at_once() {
    let accounts = Accounts::open(1).await;
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, current());
    let role = accounts.role("hosting-account-role");
    let get = json!({ "RoleName": role });
    let root = Principal::root(&number(0));
    let call = |operation: &str, input: &serde_json::Value| {
        let world = &mut accounts.workbench.aws.world();
        world.call(&root, Service::Iam, operation, input).unwrap()
    };
    let trust = call("GetRole", &get)["Role"]["AssumeRolePolicyDocument"].clone();
    let attached = call("ListAttachedRolePolicies", &get)["AttachedPolicies"].clone();
    for policy in attached.as_array().unwrap() {
        let policy = json!({ "RoleName": role, "PolicyArn": policy["PolicyArn"] });
        call("DetachRolePolicy", &policy);
    }
    call("DeleteRole", &get);
    // The sessions of the function are of a role that is gone.
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, state("ERRORED", &["NOT_LET_IN"]));
    let create = json!({ "RoleName": role, "AssumeRolePolicyDocument": trust });
    call("CreateRole", &create);
    for policy in attached.as_array().unwrap() {
        let policy = json!({ "RoleName": role, "PolicyArn": policy["PolicyArn"] });
        call("AttachRolePolicy", &policy);
    }
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, current());
}

#[tokio::test]
async fn f15_a_stack_that_goes_is_an_error_with_its_status() {
    let accounts = Accounts::open(1).await;
    let stack = json!({ "StackName": "workbench-local-hosting-account" });
    accounts.in_console(0, Service::CloudFormation, "DeleteStack", &stack);
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, state("ERRORED", &["STACK_FAILED"]));
    let error = accounts.shown(0).await["error"]["value"].clone();
    assert!(error.as_str().unwrap().contains("DELETE_IN_PROGRESS"), "{error}");
}

#[tokio::test]
async fn f21_a_share_that_can_not_be_accepted_is_told_on_the_account() {
    let accounts = Accounts::open(1).await;
    let denied = ApiError::access_denied("an organization's policy denies it");
    accounts
        .workbench
        .aws
        .world()
        .faults
        .refuse(Service::ServiceCatalog, "AcceptPortfolioShare", denied, 1);
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, state("ERRORED", &["MEND_REFUSED"]));
    let error = accounts.shown(0).await["error"]["value"].clone();
    assert!(
        error
            .as_str()
            .unwrap()
            .starts_with("the portfolio is not accepted in the account: AcceptPortfolioShare: AccessDenied"),
        "{error}"
    );
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, current());
    assert_eq!(
        accounts.written(),
        ["AcceptPortfolioShare", "AssociatePrincipalWithPortfolio"]
    );
}

#[tokio::test]
async fn a_fault_of_the_main_account_s_lists_makes_no_account_an_error() {
    let accounts = Accounts::open(1).await;
    let refuse = |service, operation: &str, error, times| {
        let faults = &mut accounts.workbench.aws.world().faults;
        faults.refuse(service, operation, error, times);
    };
    let not_there = ApiError::new("InvalidDocument", "there is no such document");
    refuse(Service::Ssm, "DescribeDocumentPermission", not_there, 1);
    accounts.cycle().await;
    // All but the one document is shared; the account waits for it.
    assert_eq!(accounts.state(0).await, state("PENDING", &["NOT_SEEN"]));
    assert!(
        accounts
            .written()
            .contains(&"ModifyDocumentPermission".to_owned())
    );
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, current());
    let denied = ApiError::access_denied("a policy of the organization denies it");
    refuse(Service::Ssm, "DescribeDocumentPermission", denied, 1);
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, state("CURRENT", &["MAIN_REFUSED"]));
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, current());
}

#[tokio::test]
async fn a_portfolio_that_is_being_shared_is_shared_and_accepted_at_the_next_check() {
    let accounts = Accounts::open(1).await;
    for (operation, code) in [
        ("CreatePortfolioShare", "InvalidStateException"),
        ("AcceptPortfolioShare", "ResourceNotFoundException"),
        ("AssociatePrincipalWithPortfolio", "ResourceNotFoundException"),
    ] {
        let error = ApiError::new(code, "not now");
        let faults = &mut accounts.workbench.aws.world().faults;
        faults.refuse(Service::ServiceCatalog, operation, error, 1);
    }
    for _ in 0..3 {
        accounts.cycle().await;
        assert_eq!(accounts.state(0).await, state("PENDING", &["NOT_SEEN"]));
    }
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, current());
}

#[test]
fn a_check_ends_within_the_time_of_the_function_that_makes_it() {
    let template = yaml::to_json(include_str!("../../template.yaml")).unwrap();
    for (function, patience) in [
        ("ApiFunction", Patience::REQUEST),
        ("AccountFunction", Patience::RUN),
    ] {
        let limit = &template["Resources"][function]["Properties"]["Timeout"];
        assert!(patience.looks < patience.all);
        // With time left to begin, and to record.
        assert!(
            patience.all.as_secs() + 10 < limit.as_u64().unwrap(),
            "{function}"
        );
    }
}

#[tokio::test]
async fn what_is_known_when_the_time_is_up_is_recorded() {
    let accounts = Accounts::open(2).await;
    let late = accounts.late_cycle().await;
    assert_eq!(accounts.written(), Vec::<String>::new());
    assert_eq!(late.statuses["PENDING"], 2);
    for index in [0, 1] {
        let (status, kinds) = accounts.state(index).await;
        assert_eq!(status, "PENDING");
        assert!(!kinds.is_empty() && kinds.iter().all(|kind| kind == "NOT_SEEN"));
    }
    accounts.cycle().await;
    assert_eq!(
        (accounts.state(0).await, accounts.state(1).await),
        (current(), current())
    );
    accounts.late_cycle().await;
    assert_eq!(accounts.state(0).await.0, "CURRENT");
}

#[tokio::test]
async fn an_account_that_aws_refuses_keeps_no_other_off_a_list_and_a_full_list_is_not_tried_one_by_one() {
    let accounts = Accounts::open(2).await;
    let refuse = |code: &str, times| {
        let faults = &mut accounts.workbench.aws.world().faults;
        let error = ApiError::new(code, "not this");
        faults.refuse(Service::Ssm, "ModifyDocumentPermission", error, times);
    };
    let documents = accounts.workbench.main.products.len() * 2;
    refuse("DocumentPermissionLimit", u32::try_from(documents).unwrap());
    accounts.cycle().await;
    assert!(
        !accounts
            .written()
            .contains(&"ModifyDocumentPermission".to_owned())
    );
    let shown = accounts.shown(0).await;
    assert_eq!(shown["findings"][0]["kind"], "MEND_REFUSED");
    assert_eq!(
        shown["findings"][0]["mend"],
        "raise the quota in the main account"
    );
    // The batch, and then the first of its accounts alone.
    refuse("ValidationException", 2);
    accounts.cycle().await;
    let states = [accounts.state(0).await.0, accounts.state(1).await.0];
    assert!(states.contains(&"CURRENT".to_owned()) && states.contains(&"ERRORED".to_owned()));
}

#[tokio::test]
async fn a_throttled_call_is_told_and_tried_again_at_the_next_check() {
    let accounts = Accounts::open(1).await;
    let busy = ApiError::new("Throttling", "rate exceeded");
    let faults = |times| {
        let faults = &mut accounts.workbench.aws.world().faults;
        faults.refuse(Service::CloudFormation, "DescribeStacks", busy.clone(), times);
    };
    // As often as the SDK tries, for this account and for the one that is there from the start.
    faults(6);
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, state("PENDING", &["NOT_SEEN"]));
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, current());
}

#[tokio::test]
async fn a_role_that_may_not_see_its_stack_is_told() {
    let accounts = Accounts::open(1).await;
    accounts.disarm(0, "hosting-account-role", "hosting-account-boundary");
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, state("ERRORED", &["MAY_NOT_SEE"]));
}

#[tokio::test]
async fn a_check_on_demand_mends_the_account_and_answers_its_findings() {
    let accounts = Accounts::open(2).await;
    let check = format!("/awsAccounts/{}/check", accounts.opened[0].id);
    let checked = accounts.ask(Method::POST, &check, None).await;
    assert_eq!(checked.status, 200, "{}", checked.body);
    assert_eq!(
        (&checked.body["status"], &checked.body["findings"]),
        (&json!("CURRENT"), &json!([]))
    );
    assert_eq!(accounts.state(1).await, state("PENDING", &[]));
    let once_more = accounts.ask(Method::POST, &check, Some(json!({}))).await;
    assert_eq!(once_more.body["status"], "CURRENT");
    let wrong = accounts
        .ask(Method::POST, &check, Some(json!({ "force": true })))
        .await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test]
async fn w09_a_row_that_can_not_be_read_breaks_no_list_and_no_run() {
    let accounts = Accounts::open(2).await;
    let id = "acc-00000000-0000-4000-8000-000000000000";
    let text = |text: &str| json!({ "S": text });
    let row = json!({
        "pk": text(&format!("ACCOUNT#{id}")),
        "sk": text("ACCOUNT"),
        "allPk": text("ACCOUNT#0"),
        "allSk": text(&format!("2026-11-24T10:00:00.000Z#{id}")),
        "name": text("half"),
    });
    let root = Principal::root(&accounts.workbench.main.account);
    let put = json!({ "TableName": accounts.workbench.main.table_name(), "Item": row });
    let answer = accounts
        .workbench
        .aws
        .world()
        .call(&root, Service::DynamoDb, "PutItem", &put);
    answer.unwrap();
    assert_eq!(accounts.cycle().await.unreadable, 1);
    assert_eq!(accounts.state(0).await, current());
    assert_eq!(accounts.state(1).await, current());
    let list = accounts.ask(Method::GET, "/awsAccounts?pageSize=100", None).await;
    assert_eq!(list.status, 200, "{}", list.body);
    let listed = list.body["data"].as_array().unwrap();
    assert!(listed.iter().any(|account| account["awsAccountId"] == number(0)));
}
