mod properties;
mod stack;

use jiff::SignedDuration;

use super::*;
use crate::test_data::{self, main_account, now};

fn desired() -> Desired {
    Desired::of(&main_account())
}

fn account(status: AccountStatus) -> HostingAccount {
    HostingAccount {
        status,
        ..test_data::account()
    }
}

/// A stack as the template of this release makes it.
fn stack() -> Stack {
    let desired = desired();
    let roles: Vec<_> = desired.launch_roles.values().cloned().collect();
    let account = test_data::account();
    let outputs = [
        ("VPC", account.vpc_id),
        ("VpcSubnet", account.subnet_id),
        ("EncryptionKeyArn", account.encryption_key_arn),
        ("EnvMgmtRoleArn", account.env_mgmt_role_arn),
        ("LaunchRoleNames", roles.join(",")),
        ("TemplateStructure", desired.structures[0].to_owned()),
    ];
    Stack {
        status: "CREATE_COMPLETE".into(),
        reason: None,
        outputs: outputs.map(|(key, value)| (key.to_owned(), value)).into(),
    }
}

fn documents(seen: &Seen<bool>) -> BTreeMap<String, Seen<bool>> {
    let documents = desired().documents.into_iter();
    documents.map(|document| (document, seen.clone())).collect()
}

/// An account with which all is well.
fn well() -> Observed {
    Observed {
        share: Ok(Share::Accepted),
        documents: documents(&Ok(true)),
        stack: Ok(Some(stack())),
        principals: Ok([test_data::account().env_mgmt_role_arn].into()),
    }
}

/// An account that was just onboarded.
fn fresh() -> Observed {
    Observed {
        share: Ok(Share::Missing),
        documents: documents(&Ok(false)),
        principals: Ok(BTreeSet::new()),
        ..well()
    }
}

fn with_stack(change: impl FnOnce(&mut Stack)) -> Observed {
    let mut stack = stack();
    change(&mut stack);
    Observed {
        stack: Ok(Some(stack)),
        ..well()
    }
}

fn kinds(comparison: &Comparison) -> Vec<Kind> {
    comparison.findings.iter().map(|finding| finding.kind).collect()
}

fn check(status: AccountStatus, observed: &Observed) -> (AccountStatus, Vec<Kind>, usize) {
    let comparison = compare(&account(status), &desired(), observed, now());
    let kinds = kinds(&comparison);
    (comparison.status, kinds, comparison.writes.len())
}

#[test]
fn f16_where_all_is_well_nothing_is_written() {
    for before in [
        AccountStatus::Pending,
        AccountStatus::Current,
        AccountStatus::NeedsUpdate,
        AccountStatus::Errored,
    ] {
        assert_eq!(check(before, &well()), (AccountStatus::Current, vec![], 0));
    }
}

#[test]
fn f16_a_new_account_gets_what_it_lacks_in_the_order_in_which_it_can_be_done() {
    let comparison = compare(&account(AccountStatus::Pending), &desired(), &fresh(), now());
    let mut wanted = vec![
        Write::SharePortfolio,
        Write::AcceptPortfolio,
        Write::AssociatePrincipal,
    ];
    wanted.extend(desired().documents.into_iter().map(Write::ShareDocument));
    assert_eq!(comparison.writes, wanted);
    assert_eq!(comparison.network.unwrap().vpc_id, test_data::account().vpc_id);
    let one_missing = Observed {
        principals: Ok(["arn:aws:iam::111111111111:role/other".to_owned()].into()),
        ..well()
    };
    let comparison = compare(&account(AccountStatus::Current), &desired(), &one_missing, now());
    assert_eq!(comparison.writes, [Write::AssociatePrincipal]);
}

#[test]
fn nothing_is_shared_with_an_account_that_does_not_let_workbench_in() {
    let closed = Observed {
        stack: Err(Unseen::NotLetIn),
        ..fresh()
    };
    assert_eq!(
        check(AccountStatus::Pending, &closed),
        (AccountStatus::Pending, vec![Kind::NotLetInYet], 0)
    );
    assert_eq!(
        check(AccountStatus::Current, &closed),
        (AccountStatus::Errored, vec![Kind::NotLetIn], 0)
    );
    let late = now() + SignedDuration::from_hours(25);
    let comparison = compare(&account(AccountStatus::Pending), &desired(), &closed, late);
    assert_eq!(comparison.status, AccountStatus::Errored);
    let no_stack = Observed {
        stack: Ok(None),
        ..fresh()
    };
    assert_eq!(
        check(AccountStatus::Pending, &no_stack),
        (AccountStatus::Errored, vec![Kind::StackMissing], 0)
    );
}

#[test]
fn what_could_not_be_seen_changes_no_status_and_is_not_written() {
    let busy = || Unseen::Unclear("ThrottlingException".into());
    for observed in [
        Observed {
            stack: Err(busy()),
            ..well()
        },
        Observed {
            share: Err(busy()),
            ..well()
        },
        Observed {
            documents: documents(&Err(busy())),
            ..well()
        },
        Observed {
            principals: Err(busy()),
            ..well()
        },
    ] {
        for before in [
            AccountStatus::Pending,
            AccountStatus::Current,
            AccountStatus::Errored,
        ] {
            let (status, kinds, writes) = check(before, &observed);
            assert_eq!((status, writes), (before, 0));
            assert!(kinds.iter().all(|kind| *kind == Kind::NotSeen) && !kinds.is_empty());
        }
    }
    let denied = Observed {
        principals: Err(Unseen::Refused("AccessDeniedException".into())),
        ..well()
    };
    assert_eq!(
        check(AccountStatus::Current, &denied),
        (AccountStatus::Errored, vec![Kind::MayNotSee], 0)
    );
}

#[test]
fn a_quota_that_is_used_up_is_to_be_raised_where_it_is() {
    let document = desired().documents.pop_first().unwrap();
    for (write, place) in [
        (Write::SharePortfolio, "main account"),
        (Write::ShareDocument(document), "main account"),
        (Write::AssociatePrincipal, "hosting account"),
    ] {
        let finding = write.failed(&Unseen::Full("LimitExceededException: no more".into()));
        assert_eq!(finding.kind, Kind::MendRefused);
        assert_eq!(finding.mend, format!("raise the quota in the {place}"));
    }
}

#[test]
fn an_account_that_is_not_seen_for_a_day_after_it_was_registered_is_an_error() {
    let dark = Observed {
        stack: Err(Unseen::Unclear("no answer".into())),
        ..well()
    };
    let at = |status, hours| {
        let account = account(status);
        let now = account.created_at + SignedDuration::from_hours(hours);
        compare(&account, &desired(), &dark, now).status
    };
    assert_eq!(at(AccountStatus::Pending, 23), AccountStatus::Pending);
    assert_eq!(at(AccountStatus::Pending, 24), AccountStatus::Errored);
    assert_eq!(at(AccountStatus::Current, 24), AccountStatus::Current);
}

#[test]
fn what_is_refused_to_the_main_account_keeps_what_each_account_is() {
    for unseen in [Unseen::Denied("denied".into()), Unseen::Refused("refused".into())] {
        let no_shares = Observed {
            share: Err(unseen.clone()),
            ..well()
        };
        assert_eq!(
            check(AccountStatus::Current, &no_shares),
            (AccountStatus::Current, vec![Kind::MainRefused], 0)
        );
        // Each document is judged apart.
        let mut no_document = fresh();
        let (document, _) = no_document.documents.pop_first().unwrap();
        no_document.documents.insert(document.clone(), Err(unseen));
        let comparison = compare(&account(AccountStatus::Current), &desired(), &no_document, now());
        assert_eq!(comparison.status, AccountStatus::Current);
        assert!(!comparison.writes.contains(&Write::ShareDocument(document)));
        assert_eq!(comparison.writes.len(), 3 + desired().documents.len() - 1);
        let told = comparison
            .findings
            .iter()
            .find(|finding| finding.kind == Kind::MainRefused);
        assert!(told.unwrap().mend.contains("in the main account"));
    }
    let account = account(AccountStatus::Current);
    let failures = [(Write::SharePortfolio, Unseen::Denied("AccessDenied".into()))];
    let end = conclude(&account, &desired(), &fresh(), &failures, now());
    assert_eq!(
        (end.status, kinds(&end)),
        (AccountStatus::Current, vec![Kind::MainRefused])
    );
}

#[test]
fn a_write_that_failed_is_told_with_its_reason() {
    let account = account(AccountStatus::Pending);
    let end = |unseen| {
        let failures = [(Write::SharePortfolio, unseen)];
        let end = conclude(&account, &desired(), &fresh(), &failures, now());
        (end.status, kinds(&end), end.findings[0].reason.clone())
    };
    let (status, found, reason) = end(Unseen::Unclear("busy".into()));
    assert_eq!((status, found), (AccountStatus::Pending, vec![Kind::NotSeen]));
    assert_eq!(reason, "the portfolio is not shared with the account: busy");
    let (status, found, _) = end(Unseen::Refused("no such account".into()));
    assert_eq!((status, found), (AccountStatus::Errored, vec![Kind::MendRefused]));
}

#[test]
fn an_account_that_bus_bucket_and_keys_do_not_let_in_is_not_current() {
    let judge = |hosts, account: &HostingAccount| {
        let desired = Desired { hosts, ..desired() };
        let comparison = compare(account, &desired, &well(), now());
        (comparison.status, kinds(&comparison))
    };
    let account = account(AccountStatus::Current);
    assert_eq!(
        judge(Hosts::default(), &account),
        (AccountStatus::Errored, vec![Kind::NotNamed])
    );
    let named = Hosts::read("", account.aws_account_id.as_str());
    let in_organization = Hosts::read("o-a1b2c3d4e5", "");
    let main = HostingAccount {
        aws_account_id: "222222222222".parse().unwrap(),
        ..account.clone()
    };
    for (hosts, account) in [
        (named, &account),
        (in_organization, &account),
        (Hosts::default(), &main),
    ] {
        assert_eq!(judge(hosts, account), (AccountStatus::Current, vec![]));
    }
}

#[test]
fn nothing_is_shared_with_the_main_account_itself() {
    let main = HostingAccount {
        aws_account_id: "222222222222".parse().unwrap(),
        ..account(AccountStatus::Pending)
    };
    let mut observed = fresh();
    if let Ok(Some(stack)) = &mut observed.stack {
        stack.outputs.remove("LaunchRoleNames");
    }
    let comparison = compare(&main, &desired(), &observed, now());
    assert_eq!(comparison.writes, [Write::AssociatePrincipal]);
    let after = observed.after(&main, &Write::AssociatePrincipal);
    assert_eq!(
        compare(&main, &desired(), &after, now()).status,
        AccountStatus::Current
    );
}

#[test]
fn an_account_that_was_let_go_loses_all_that_is_shared_whatever_it_lets_in() {
    let observed = Observed {
        stack: Err(Unseen::NotLetIn),
        ..well()
    };
    let comparison = compare(&account(AccountStatus::Removed), &desired(), &observed, now());
    assert_eq!(comparison.status, AccountStatus::Removed);
    assert_eq!(comparison.writes.len(), 1 + desired().documents.len());
    assert!(!comparison.writes.contains(&Write::SharePortfolio));
}

#[test]
fn service_catalog_is_asked_once_an_hour_about_what_is_well_and_always_about_what_is_not() {
    use AccountStatus::{Current, Errored, NeedsUpdate, Pending, Removed};
    let at = |minutes| Some(now() - SignedDuration::from_mins(minutes));
    let asks_catalog = |status, seen, now: Timestamp| {
        let account = HostingAccount {
            updated_at: now - SignedDuration::from_hours(1),
            ..account(status)
        };
        asks_catalog(&account, seen, now)
    };
    for status in [Current, NeedsUpdate, Removed] {
        assert!(asks_catalog(status, None, now()));
        assert!(!asks_catalog(status, at(54), now()));
        assert!(asks_catalog(status, at(55), now()));
    }
    assert!(asks_catalog(Pending, at(1), now()) && asks_catalog(Errored, at(1), now()));
}

#[test]
fn service_catalog_is_always_asked_about_an_account_that_was_just_let_go() {
    let at = |minutes| HostingAccount {
        updated_at: now() - SignedDuration::from_mins(minutes),
        ..account(AccountStatus::Removed)
    };
    let just_seen = Some(now() - SignedDuration::from_mins(1));
    assert!(asks_catalog(&at(59), just_seen, now()));
    assert!(!asks_catalog(&at(60), just_seen, now()));
}
