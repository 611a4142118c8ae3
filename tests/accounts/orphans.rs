//! What is left over in an account is told on it, and never touched: W6.

use std::collections::BTreeSet;

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use workbench_local::{ApiError, Principal, Service, Summary};
use workbench_tests::Stage;

use super::{Accounts, current, state};

const HOUR: SignedDuration = SignedDuration::from_mins(61);

/// Longer than the tagging API lists what is gone.
const LONG: SignedDuration = SignedDuration::from_mins(6 * 60 + 30);

/// The operations that make away with something.
const REMOVES: [&str; 5] = [
    "DeleteNotebookInstance",
    "DeleteStack",
    "DeleteTags",
    "StartAutomationExecution",
    "TerminateProvisionedProduct",
];

/// A run of the account function, which must not remove anything.
async fn check(stage: &Stage) -> Summary {
    stage.workbench.aws.world().forget_calls();
    let summary = stage.workbench.check_accounts().await.unwrap();
    for operation in REMOVES {
        assert_eq!(stage.calls(operation), 0, "{operation}");
    }
    summary
}

/// The hosting account as the IT admin sees it.
async fn account(stage: &Stage) -> Value {
    let list = stage
        .as_admin(Method::GET, "/awsAccounts?pageSize=100", None)
        .await;
    let accounts = list.body["data"].as_array().unwrap();
    let number = stage.workbench.hosting.account.as_str();
    let found = accounts.iter().find(|account| account["awsAccountId"] == number);
    found.unwrap().clone()
}

/// Kinds and reasons of its findings.
async fn findings(stage: &Stage) -> Vec<(String, String)> {
    let account = account(stage).await;
    assert_eq!(account["status"], "CURRENT", "{account:#}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = account["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| (text(&finding["kind"]), text(&finding["reason"])))
        .collect()
}

async fn kinds(stage: &Stage) -> Vec<String> {
    findings(stage).await.into_iter().map(|(kind, _)| kind).collect()
}

/// Takes an environment's row away, as nobody should.
fn forget_row(stage: &Stage, id: &str) {
    let root = Principal::root(&stage.workbench.main.account);
    let key = json!({ "pk": { "S": format!("ENV#{id}") }, "sk": { "S": "ENV" } });
    let delete = json!({ "TableName": stage.workbench.main.table_name(), "Key": key });
    let mut world = stage.workbench.aws.world();
    world
        .call(&root, Service::DynamoDb, "DeleteItem", &delete)
        .unwrap();
}

/// Removes a product past Workbench, of which nobody hears.
async fn remove_product(stage: &Stage, product: &str) {
    let input = json!({ "ProvisionedProductId": product });
    stage.in_console(Service::ServiceCatalog, "TerminateProvisionedProduct", &input);
    stage.settle_unheard().await;
    assert_eq!(stage.products(), 0);
}

async fn product(stage: &Stage, id: &str) -> String {
    stage.row(id).await.product.unwrap().to_string()
}

#[tokio::test]
async fn w06_a_product_without_an_environment_is_told_and_counted_until_somebody_removes_it() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let product = product(&stage, &id).await;
    check(&stage).await;
    assert_eq!(kinds(&stage).await, Vec::<String>::new());

    forget_row(&stage, &id);
    stage.workbench.aws.advance(HOUR);
    let summary = check(&stage).await;
    let found = findings(&stage).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    let (kind, reason) = &found[0];
    assert_eq!(kind, "ORPHANED_RESOURCES");
    assert!(
        reason.starts_with(&format!("there is no environment {id}")),
        "{reason}"
    );
    assert!(
        reason.contains(&product) && !reason.contains(":role/"),
        "{reason}"
    );
    // The product, its stack, its notebook and the notebook's security group.
    assert_eq!((summary.orphaned, summary.vanished), (4, 0));
    assert_eq!(stage.products(), 1);

    // Once it is known, it is told without being looked for again.
    stage.workbench.aws.advance(SignedDuration::from_mins(5));
    assert_eq!(check(&stage).await.orphaned, 4);
    assert_eq!((stage.calls("GetResources"), kinds(&stage).await.len()), (0, 1));
    // And it keeps nobody from launching.
    stage.launch_completed().await;

    let input = json!({ "ProvisionedProductId": product });
    stage.in_console(Service::ServiceCatalog, "TerminateProvisionedProduct", &input);
    stage.settle().await;
    stage.workbench.aws.advance(HOUR);
    assert_eq!(check(&stage).await.orphaned, 0);
    assert_eq!(kinds(&stage).await, Vec::<String>::new());
}

#[tokio::test]
async fn w06_an_instance_that_has_outlived_its_product_is_told_once_no_list_can_be_late() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stage.act(&id, "terminate").await;
    stage.reach(&id, "TERMINATED").await;
    let trust = json!({ "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "sagemaker.amazonaws.com" } }] });
    let role = json!({ "RoleName": "left", "AssumeRolePolicyDocument": trust.to_string() });
    stage.in_console(Service::Iam, "CreateRole", &role);
    let number = &stage.workbench.hosting.account;
    let notebook = json!({ "NotebookInstanceName": "left", "InstanceType": "ml.t3.medium",
        "RoleArn": format!("arn:aws:iam::{number}:role/left"),
        "Tags": [{ "Key": "Env", "Value": id }] });
    stage.in_console(Service::SageMaker, "CreateNotebookInstance", &notebook);
    stage.settle().await;
    assert_eq!(check(&stage).await.orphaned, 0);
    stage.workbench.aws.advance(LONG);
    assert_eq!(check(&stage).await.orphaned, 1);
    let found = findings(&stage).await;
    assert!(
        found[0]
            .1
            .starts_with(&format!("environment {id} is TERMINATED since 2026-11-24T")),
        "{found:?}"
    );
    assert!(found[0].1.ends_with(":notebook-instance/left"), "{found:?}");
    // Whoever needs it takes the tag off.
    let arn = format!("arn:aws:sagemaker:us-east-1:{number}:notebook-instance/left");
    let untag = json!({ "ResourceArn": arn, "TagKeys": ["Env"] });
    stage.in_console(Service::SageMaker, "DeleteTags", &untag);
    stage.workbench.aws.advance(HOUR);
    stage.workbench.check_accounts().await.unwrap();
    assert_eq!(kinds(&stage).await, Vec::<String>::new());
}

#[tokio::test]
async fn w06_an_environment_whose_product_somebody_removed_is_told_and_true_within_two_sweeps() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let product = product(&stage, &id).await;
    remove_product(&stage, &product).await;
    assert_eq!(stage.status(&id).await, "COMPLETED");
    let summary = check(&stage).await;
    assert_eq!((summary.orphaned, summary.vanished), (0, 1));
    let reason = format!("environment {id} is COMPLETED, and its product {product} does not exist");
    assert_eq!(findings(&stage).await, [("PRODUCT_VANISHED".to_owned(), reason)]);
    let noticed = stage
        .workbench
        .cloud
        .table()
        .timeline(stage.row(&id).await.id)
        .await;
    let noticed = noticed.unwrap().pop().unwrap();
    assert_eq!(noticed.cause, "account check");
    assert!(noticed.reason.unwrap().contains(&product));
    // Whoever checks at once is told the same.
    let again = format!(
        "/awsAccounts/{}/check",
        account(&stage).await["id"].as_str().unwrap()
    );
    let again = stage.as_admin(Method::POST, &again, None).await;
    assert_eq!(again.body["findings"][0]["kind"], "PRODUCT_VANISHED");

    stage.pass_unheard(SignedDuration::from_mins(3));
    stage.workbench.sweep().await.unwrap();
    stage.workbench.sweep().await.unwrap();
    assert_eq!(stage.status(&id).await, "TERMINATED");
    stage.workbench.aws.advance(HOUR);
    assert_eq!(check(&stage).await.vanished, 0);
    assert_eq!(kinds(&stage).await, Vec::<String>::new());
}

#[tokio::test]
async fn w06_what_is_noticed_again_is_asked_about_again_and_told_once_in_the_timeline() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let product = product(&stage, &id).await;
    remove_product(&stage, &product).await;
    check(&stage).await;
    // AWS does not answer the sweep.
    let busy = ApiError::new("ThrottlingException", "rate exceeded");
    stage.refuse(Service::SageMaker, "DescribeNotebookInstance", &busy, 1000);
    stage.pass_unheard(HOUR);
    stage.workbench.sweep().await.unwrap();
    check(&stage).await;
    assert!(stage.row(&id).await.look_at().is_some());
    let entries = stage
        .workbench
        .cloud
        .table()
        .timeline(stage.row(&id).await.id)
        .await;
    let noticed = entries
        .unwrap()
        .into_iter()
        .filter(|entry| entry.cause == "account check");
    assert_eq!(noticed.count(), 1);
}

#[tokio::test]
async fn w06_nothing_is_told_while_launches_and_terminates_are_under_way() {
    let stage = Stage::new().await;
    let check = format!(
        "/awsAccounts/{}/check",
        account(&stage).await["id"].as_str().unwrap()
    );
    let id = stage.launch().await;
    let limit = stage.workbench.aws.now() + SignedDuration::from_hours(5);
    let mut seen = BTreeSet::new();
    let mut terminated = false;
    loop {
        let checked = stage.as_admin(Method::POST, &check, None).await;
        assert_eq!(checked.body["findings"], json!([]), "{:#}", checked.body);
        let status = stage.status(&id).await;
        if status == "COMPLETED" && !terminated {
            terminated = true;
            assert_eq!(stage.act(&id, "terminate").await.status, 204);
        }
        seen.insert(status);
        if stage.workbench.step(limit).await.is_none() {
            break;
        }
    }
    let all = ["COMPLETED", "PENDING", "TERMINATED", "TERMINATING"].map(str::to_owned);
    assert_eq!(seen, BTreeSet::from(all));
}

#[tokio::test]
async fn what_is_left_over_is_found_on_every_page_and_told_with_a_bound() {
    let stage = Stage::new().await;
    for number in 0..130 {
        let id = format!("env-00000000-0000-4000-8000-{:012}", number / 5);
        let tags = json!([{ "ResourceType": "vpc", "Tags": [{ "Key": "Env", "Value": id }] }]);
        let vpc = json!({ "CidrBlock": "10.0.0.0/16", "TagSpecifications": tags });
        stage.in_console(Service::Ec2, "CreateVpc", &vpc);
    }
    // What others call an environment is not Workbench's.
    let tags = json!([{ "ResourceType": "vpc", "Tags": [{ "Key": "Env", "Value": "prod" }] }]);
    let vpc = json!({ "CidrBlock": "10.0.0.0/16", "TagSpecifications": tags });
    stage.in_console(Service::Ec2, "CreateVpc", &vpc);
    assert_eq!(check(&stage).await.orphaned, 130);
    assert_eq!(stage.calls("GetResources"), 2);
    let found = findings(&stage).await;
    assert_eq!(found.len(), 21);
    assert_eq!(
        found[20].1,
        "there are things of 6 more environments that do not live in the account"
    );
}

#[tokio::test]
async fn an_account_that_refuses_a_list_says_so_and_keeps_no_other_from_being_looked_through() {
    let accounts = Accounts::open(2).await;
    let deny = json!({ "Statement": [{ "Effect": "Deny", "Action": "tag:GetResources", "Resource": "*" }] });
    let role = accounts.role("hosting-account-role");
    let policy = json!({ "RoleName": role, "PolicyName": "deny", "PolicyDocument": deny.to_string() });
    accounts.in_console(0, Service::Iam, "PutRolePolicy", &policy);
    for index in [0, 1] {
        let id = "env-00000000-0000-4000-8000-000000000000";
        let tags = json!([{ "ResourceType": "vpc", "Tags": [{ "Key": "Env", "Value": id }] }]);
        let vpc = json!({ "CidrBlock": "10.0.0.0/16", "TagSpecifications": tags });
        accounts.in_console(index, Service::Ec2, "CreateVpc", &vpc);
    }
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, state("CURRENT", &["ORPHANS_NOT_SEEN"]));
    assert_eq!(accounts.state(1).await, state("CURRENT", &["ORPHANED_RESOURCES"]));
    // Refused for good, it is not asked again before an hour is over.
    accounts.workbench.aws.advance(SignedDuration::from_mins(5));
    accounts.cycle().await;
    assert!(
        !accounts
            .called()
            .contains(&"SearchProvisionedProducts".to_owned())
    );
    let lift = json!({ "RoleName": role, "PolicyName": "deny" });
    accounts.in_console(0, Service::Iam, "DeleteRolePolicy", &lift);
    accounts.workbench.aws.advance(HOUR);
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, state("CURRENT", &["ORPHANED_RESOURCES"]));
}

#[tokio::test]
async fn an_account_that_is_busy_keeps_what_was_known_and_is_looked_through_at_the_next_check() {
    let accounts = Accounts::open(1).await;
    let busy = ApiError::new("ThrottlingException", "rate exceeded");
    {
        let faults = &mut accounts.workbench.aws.world().faults;
        // As often as the SDK tries, for this account and for the one that is there from the start.
        faults.refuse(Service::ServiceCatalog, "SearchProvisionedProducts", busy, 6);
    }
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, state("CURRENT", &["ORPHANS_NOT_SEEN"]));
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, current());
}
