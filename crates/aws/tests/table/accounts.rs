//! Hosting accounts, their checks, and cost centres.

use workbench_aws::Error;
use workbench_aws::table::{AccountCheck, Table, Updated};
use workbench_core::account::{AccountStatus, HostingAccount};
use workbench_core::cost_center::{CostCenter, CostCenterStatus};
use workbench_core::text::{Description, Name};

use crate::data::*;
use crate::dynamo::Dynamo;

async fn table() -> Table {
    let (_, table) = Dynamo::with_table().await;
    table
}

fn other(number: u32) -> HostingAccount {
    HostingAccount {
        id: format!("acc-{}", uuid(number)).parse().unwrap(),
        aws_account_id: format!("{number:012}").parse().unwrap(),
        ..account()
    }
}

fn removed(account: &HostingAccount) -> HostingAccount {
    HostingAccount {
        status: AccountStatus::Removed,
        rev: account.rev + 1,
        ..account.clone()
    }
}

fn check(account: &HostingAccount) -> AccountCheck {
    AccountCheck {
        account_id: account.id,
        checked_at: at(1),
        findings: Vec::new(),
        catalog_seen_at: Some(at(1)),
        look: None,
    }
}

fn cost_center(number: u32, account: &HostingAccount) -> CostCenter {
    CostCenter {
        id: format!("cc-{}", uuid(number)).parse().unwrap(),
        name: Name::new("genomics").unwrap(),
        description: Description::new("pays").unwrap(),
        account_id: account.id,
        status: CostCenterStatus::Available,
        rev: 1,
        created_at: at(0),
        updated_at: at(0),
    }
}

fn refusal(error: Error) -> String {
    match error {
        Error::Refused(refusal) => refusal.to_string(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_aws_account_is_registered_once_until_it_is_let_go() {
    let table = table().await;
    let first = other(1);
    table.create_account(&first).await.unwrap();
    let again = HostingAccount {
        id: other(2).id,
        ..first.clone()
    };
    let told = refusal(table.create_account(&again).await.unwrap_err());
    assert_eq!(
        told,
        format!("awsAccountId: is registered already, as `{}`", first.id)
    );
    assert_eq!(table.account(again.id).await.unwrap(), None);
    let gone = table.remove_account(&first, &removed(&first)).await.unwrap();
    assert_eq!(gone, Updated::Written);
    assert_eq!(
        table.registered_account(&first.aws_account_id).await.unwrap(),
        None
    );
    table.create_account(&again).await.unwrap();
    let registered = table.registered_account(&first.aws_account_id).await.unwrap();
    assert_eq!(registered, Some(again.id));
}

#[tokio::test]
async fn a_check_is_recorded_beside_the_account_or_with_it() {
    let table = table().await;
    let before = other(1);
    table.create_account(&before).await.unwrap();
    let only = table
        .record_check(&check(&before), &before, &before)
        .await
        .unwrap();
    assert_eq!(only, Updated::Written);
    let read = table.account_and_check(before.id).await.unwrap();
    assert_eq!(read, (Some(before.clone()), Some(check(&before))));
    let after = HostingAccount {
        status: AccountStatus::Errored,
        rev: 2,
        ..before.clone()
    };
    for expected in [Updated::Written, Updated::Stale] {
        let found = table.record_check(&check(&before), &before, &after).await;
        assert_eq!(found.unwrap(), expected);
    }
    assert_eq!(table.account(before.id).await.unwrap(), Some(after.clone()));
    // Nor is a check of what the account was before recorded when it changed nothing.
    for (seen, expected) in [(&before, Updated::Stale), (&after, Updated::Written)] {
        let found = table.record_check(&check(seen), seen, seen).await;
        assert_eq!(found.unwrap(), expected);
    }
    let checks = table.account_checks(vec![before.id, other(2).id]).await.unwrap();
    assert_eq!(checks.len(), 1);
    assert!(table.account_checks(Vec::new()).await.unwrap().is_empty());
}

#[tokio::test]
async fn all_accounts_are_listed_page_by_page() {
    let table = table().await;
    for number in 1..=7 {
        table.create_account(&other(number)).await.unwrap();
    }
    let first = table.accounts(&page(5, None)).await.unwrap();
    let second = table
        .accounts(&page(5, first.pagination_token.as_deref()))
        .await
        .unwrap();
    assert_eq!(
        (first.data.len(), second.data.len(), second.pagination_token),
        (5, 2, None)
    );
}

#[tokio::test]
async fn a_cost_centre_wants_an_account_that_is_current_and_holds_it() {
    let table = table().await;
    let account = other(1);
    let center = cost_center(1, &account);
    let told = refusal(table.create_cost_center(&center).await.unwrap_err());
    assert!(told.ends_with("does not exist"), "{told}");
    table.create_account(&account).await.unwrap();
    table.create_cost_center(&center).await.unwrap();
    // The account was read before, so that it can not be let go now.
    let gone = table.remove_account(&account, &removed(&account)).await.unwrap();
    assert_eq!(gone, Updated::Stale);
    let dependants = table.account_dependants(account.id).await.unwrap();
    assert_eq!(dependants.cost_centers, [center.id]);
    let deleted = CostCenter {
        status: CostCenterStatus::Deleted,
        rev: 2,
        ..center.clone()
    };
    let written = table.update_cost_center(&center, &deleted).await.unwrap();
    assert_eq!(written, Updated::Written);
    assert!(table.account_dependants(account.id).await.unwrap().is_empty());
    assert_eq!(table.cost_center(center.id).await.unwrap(), Some(deleted));
    assert!(table.cost_centers(&page(5, None)).await.unwrap().data.is_empty());
}

#[tokio::test]
async fn a_cost_centre_is_refused_while_its_account_is_not_current() {
    let table = table().await;
    let account = HostingAccount {
        status: AccountStatus::Pending,
        ..other(1)
    };
    table.create_account(&account).await.unwrap();
    let told = refusal(
        table
            .create_cost_center(&cost_center(1, &account))
            .await
            .unwrap_err(),
    );
    assert!(told.contains("is not CURRENT"), "{told}");
}

#[tokio::test]
async fn a_project_holds_its_account() {
    let table = table().await;
    add_project(&table, 1).await;
    let dependants = table.account_dependants(account().id).await.unwrap();
    assert_eq!(dependants.projects, [project(1).id]);
}
