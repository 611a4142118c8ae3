use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::account::check::Unseen;
use crate::account::finding::Effect;
use crate::test_data::{account, environment, now};

const PORTFOLIO: &str = "port-hxwmltpkg2edy";

fn aws_account() -> AwsAccountId {
    account().aws_account_id
}

fn product(number: u128) -> ProvisionedProductId {
    format!("pp-{number:013}").parse().unwrap()
}

/// An environment that was last written some minutes ago.
fn row(number: u128, status: Status, minutes: i64) -> Environment {
    let mut row = environment();
    row.id = EnvironmentId::from_uuid(Uuid::from_u128(number));
    row.lifecycle.status = status;
    row.product = Some(product(number));
    row.updated_at = now() - SignedDuration::from_mins(minutes);
    row
}

fn rows(rows: impl IntoIterator<Item = Environment>) -> Environments {
    rows.into_iter().map(|row| (row.id, Some(row))).collect()
}

fn thing(number: u128, lister: Lister) -> Thing {
    Thing {
        arn: format!("arn:aws:cloudformation:us-east-1:111111111111:stack/{number}/{lister:?}"),
        environment: EnvironmentId::from_uuid(Uuid::from_u128(number)),
        lister,
    }
}

fn inventory(things: Vec<Thing>) -> Inventory {
    Inventory {
        at: now(),
        products: Some(HashSet::new()),
        things,
    }
}

/// Why a thing of environment 1 is left over, if it is.
fn why(lister: Lister, environments: &Environments) -> Option<Why> {
    let found = orphans(&aws_account(), &inventory(vec![thing(1, lister)]), environments);
    found.into_iter().next().map(|orphans| orphans.why)
}

#[test]
fn a_thing_is_told_by_its_tag_and_by_its_portfolio() {
    let id = environment().id.to_string();
    let of = |tags: &[(&'static str, &str)]| {
        let tags = tags.iter().copied();
        Thing::of("arn:aws:x", tags, Lister::Tags, PORTFOLIO).map(|thing| thing.environment)
    };
    let ours = format!("arn:aws:catalog:us-east-1:222222222222:portfolio/{PORTFOLIO}");
    let theirs = "arn:aws:catalog:us-east-1:222222222222:portfolio/port-another";
    assert_eq!(of(&[("Env", &id)]), Some(environment().id));
    assert_eq!(
        of(&[(PORTFOLIO_TAG, &ours), ("Env", &id)]),
        Some(environment().id)
    );
    assert_eq!(of(&[(PORTFOLIO_TAG, theirs), ("Env", &id)]), None);
    assert_eq!(of(&[("Env", &id), (PORTFOLIO_TAG, theirs)]), None);
    for foreign in ["prod", "", "b590a734-5adc-4a43-a24b-edf3795b812d"] {
        assert_eq!(of(&[("Env", foreign)]), None, "{foreign}");
    }
    assert_eq!(of(&[("env", &id)]), None);
}

#[test]
fn what_has_no_environment_at_all_is_left_over() {
    assert_eq!(why(Lister::Catalog, &rows([])), Some(Why::Unknown));
}

#[test]
fn what_belongs_to_an_environment_that_ended_is_left_over_once_no_list_can_be_late() {
    let ended = |minutes| rows([row(1, Status::Terminated, minutes)]);
    let told = |minutes| Some(Why::Terminated(now() - SignedDuration::from_mins(minutes)));
    assert_eq!(why(Lister::Catalog, &ended(15)), None);
    assert_eq!(why(Lister::Catalog, &ended(16)), told(16));
    assert_eq!(why(Lister::Tags, &ended(6 * 60)), None);
    assert_eq!(why(Lister::Tags, &ended(6 * 60 + 1)), told(6 * 60 + 1));
}

#[test]
fn what_belongs_to_an_environment_of_another_account_is_left_over_here() {
    let mut elsewhere = row(1, Status::Completed, 60);
    elsewhere.home.account.aws_account_id = "333333333333".parse().unwrap();
    assert_eq!(
        why(Lister::Tags, &rows([elsewhere])),
        Some(Why::Elsewhere("333333333333".parse().unwrap()))
    );
}

#[test]
fn what_belongs_to_a_row_that_can_not_be_read_is_left_alone() {
    let unreadable = Environments::from([(EnvironmentId::from_uuid(Uuid::from_u128(1)), None)]);
    assert_eq!(why(Lister::Catalog, &unreadable), None);
}

/// The numbers of the environments that are missed.
fn missed(inventory: &Inventory, environments: &Environments) -> Vec<EnvironmentId> {
    let missed = missing(&aws_account(), inventory, environments);
    missed
        .into_iter()
        .map(|(environment, _)| environment.id)
        .collect()
}

#[test]
fn an_environment_at_rest_is_missed_once_its_product_is_not_listed() {
    let there = rows([row(1, Status::Completed, 60), row(2, Status::Stopped, 60)]);
    let mut inventory = inventory(Vec::new());
    inventory.products = Some([product(2)].into());
    assert_eq!(
        missed(&inventory, &there),
        [EnvironmentId::from_uuid(Uuid::from_u128(1))]
    );
    // A list that was not told to its end says nothing about what is not on it.
    inventory.products = None;
    assert_eq!(missed(&inventory, &there), []);
}

#[test]
fn an_environment_that_changes_or_has_said_that_something_is_wrong_is_not_missed() {
    let of = |status| missed(&inventory(Vec::new()), &rows([row(1, status, 600)])).len();
    for status in Status::ALL.into_iter().filter(|status| status.in_flight()) {
        assert_eq!(of(status), 0, "{status}");
    }
    assert_eq!((of(Status::Failed), of(Status::Terminated)), (0, 0));
    assert_eq!((of(Status::StartingFailed), of(Status::StoppingFailed)), (1, 1));
}

#[test]
fn findings_name_what_is_left_and_are_bounded() {
    let things = (1..=30).flat_map(|number| {
        (0..7).map(move |part| Thing {
            arn: format!("arn:aws:ec2:us-east-1:111111111111:security-group/sg-{number}-{part}"),
            ..thing(number, Lister::Tags)
        })
    });
    let orphans = orphans(&aws_account(), &inventory(things.collect()), &rows([]));
    let vanished: Vec<_> = (1..=23)
        .map(|number| Vanished {
            environment: EnvironmentId::from_uuid(Uuid::from_u128(number)),
            status: Status::Stopped,
            product: product(number),
        })
        .collect();
    let look = conclude(&orphans, &vanished, &[], now());
    assert_eq!((look.orphaned, look.vanished.len()), (30 * 7, 23));
    assert_eq!(look.findings.len(), 21 + 21);
    let reasons: Vec<&str> = look
        .findings
        .iter()
        .map(|finding| finding.reason.as_str())
        .collect();
    assert_eq!(
        reasons[0],
        "environment env-00000000-0000-0000-0000-000000000001 is STOPPED, and its product pp-0000000000001 does not exist"
    );
    assert_eq!(
        reasons[20],
        "the products of 3 more environments do not exist any more"
    );
    assert!(
        reasons[21].starts_with(
            "there is no environment env-00000000-0000-0000-0000-000000000001, and its tag is on arn:"
        ),
        "{}",
        reasons[21]
    );
    assert!(reasons[21].ends_with("sg-1-4 and 2 more"), "{}", reasons[21]);
    assert_eq!(
        reasons[41],
        "there are things of 10 more environments that do not live in the account"
    );
    for finding in &look.findings {
        assert_eq!(finding.kind.effect(), Effect::Aside);
    }
}

#[test]
fn a_refused_list_is_told_and_does_not_have_to_be_asked_again_at_once() {
    let gap = Gap::Refused(Unseen::Denied("GetResources: AccessDeniedException: no".into()));
    let look = conclude(&[], &[], &[gap], now());
    assert_eq!(look.findings[0].kind, Kind::OrphansNotSeen);
    assert!(look.findings[0].mend.starts_with("update the account's stack"));
    assert!(!is_due(
        &account(),
        Some(&look),
        now() + SignedDuration::from_mins(54)
    ));
    assert!(is_due(
        &account(),
        Some(&look),
        now() + SignedDuration::from_mins(55)
    ));
}

#[test]
fn a_look_that_came_to_nothing_keeps_what_was_known_and_is_made_again_at_the_next_check() {
    let orphans = orphans(
        &aws_account(),
        &inventory(vec![thing(1, Lister::Catalog)]),
        &rows([]),
    );
    let look = conclude(&orphans, &[], &[], now()).failed("busy").failed("busy");
    let kinds: Vec<_> = look.findings.iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [Kind::OrphanedResources, Kind::OrphansNotSeen]);
    assert_eq!(look.orphaned, 1);
    assert!(is_due(&account(), Some(&look), now()));
}

#[test]
fn an_account_that_was_let_go_is_not_looked_through() {
    let mut account = account();
    assert!(is_due(&account, None, now()));
    account.status = AccountStatus::Removed;
    assert!(!is_due(&account, None, now()));
}

fn any_row() -> impl Strategy<Value = Environment> {
    let status = prop::sample::select(Status::ALL.to_vec());
    (0_u128..6, status, 0_i64..1000, any::<bool>()).prop_map(|(number, status, minutes, here)| {
        let mut row = row(number, status, minutes);
        if !here {
            row.home.account.aws_account_id = "333333333333".parse().unwrap();
        }
        row
    })
}

fn any_thing() -> impl Strategy<Value = Thing> {
    let lister = prop::sample::select(vec![Lister::Catalog, Lister::Tags]);
    (0_u128..8, lister).prop_map(|(number, lister)| thing(number, lister))
}

proptest! {
    #[test]
    fn nothing_of_a_live_environment_is_ever_left_over_and_all_else_is(
        environments in prop::collection::vec(any_row(), 0..8),
        things in prop::collection::vec(any_thing(), 0..12),
    ) {
        let environments = rows(environments);
        let found = orphans(&aws_account(), &inventory(things.clone()), &environments);
        for thing in &things {
            let told = found.iter().any(|orphans| {
                orphans.environment == thing.environment && orphans.things.contains(&thing.arn)
            });
            let row = environments.get(&thing.environment).and_then(Option::as_ref);
            let here = |row: &&Environment| row.home.account.aws_account_id == aws_account();
            let lives = row.filter(here).is_some_and(|row| row.status() != Status::Terminated);
            let long_ago = row.filter(here).is_none_or(|row| {
                now().duration_since(row.updated_at) > thing.lister.lag()
            });
            prop_assert_eq!(told, !lives && long_ago, "{:?} {:?}", thing, row.map(Environment::status));
        }
    }

    #[test]
    fn no_environment_is_missed_that_moves_or_whose_product_is_listed(
        environments in prop::collection::vec(any_row(), 0..8),
        listed in prop::collection::hash_set(0_u128..6, 0..6),
    ) {
        let environments = rows(environments);
        let mut inventory = inventory(Vec::new());
        inventory.products = Some(listed.iter().map(|number| product(*number)).collect());
        for (environment, missing) in missing(&aws_account(), &inventory, &environments) {
            prop_assert!(!environment.status().in_flight());
            prop_assert!(environment.status() != Status::Terminated);
            prop_assert!(!listed.iter().any(|number| product(*number) == *missing));
            prop_assert_eq!(&environment.home.account.aws_account_id, &aws_account());
        }
    }
}
