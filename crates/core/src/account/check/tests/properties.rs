//! What holds of every account, whatever is seen of it.

use proptest::prelude::*;

use super::*;
use crate::account::stack::STATUSES;

fn unseen() -> impl Strategy<Value = Unseen> {
    prop_oneof![
        Just(Unseen::NotLetIn),
        ".{0,20}".prop_map(Unseen::Denied),
        ".{0,20}".prop_map(Unseen::Full),
        ".{0,20}".prop_map(Unseen::Refused),
        ".{0,20}".prop_map(Unseen::Unclear),
    ]
}

fn seen<T: std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Seen<T>> {
    prop_oneof![4 => value.prop_map(Ok), 1 => unseen().prop_map(Err)]
}

fn stacks() -> impl Strategy<Value = Option<Stack>> {
    let status = prop_oneof![
        3 => Just("CREATE_COMPLETE".to_owned()),
        1 => (0..STATUSES.len()).prop_map(|index| STATUSES[index].0.to_owned()),
        1 => ".{0,20}",
    ];
    let outputs = proptest::collection::vec(any::<(bool, bool)>(), 6);
    let made = (status, outputs).prop_map(|(status, changes)| {
        let mut stack = stack();
        stack.status = status;
        for ((_, value), (spoilt, also)) in stack.outputs.iter_mut().zip(changes) {
            if spoilt && also {
                "x".clone_into(value);
            }
        }
        stack
    });
    proptest::option::weighted(0.9, made)
}

fn anything() -> impl Strategy<Value = Observed> {
    let share = prop_oneof![Just(Share::Missing), Just(Share::Offered), Just(Share::Accepted)];
    let shared = proptest::collection::vec(seen(any::<bool>()), desired().documents.len());
    let documents = shared.prop_map(|shared| desired().documents.into_iter().zip(shared).collect());
    let principals = proptest::sample::subsequence(
        vec![test_data::account().env_mgmt_role_arn, "arn:other".to_owned()],
        0..=2,
    );
    (
        seen(share),
        documents,
        seen(stacks()),
        seen(principals.prop_map(BTreeSet::from_iter)),
    )
        .prop_map(|(share, documents, stack, principals)| Observed {
            share,
            documents,
            stack,
            principals,
        })
}

fn statuses() -> impl Strategy<Value = AccountStatus> {
    proptest::sample::select(vec![
        AccountStatus::Pending,
        AccountStatus::Current,
        AccountStatus::NeedsUpdate,
        AccountStatus::Errored,
        AccountStatus::Removed,
    ])
}

proptest! {
    #[test]
    fn f16_what_was_mended_is_not_written_again(observed in anything(), before in statuses()) {
        let account = account(before);
        let first = compare(&account, &desired(), &observed, now());
        let after = first.writes.iter().fold(observed, |observed, write| observed.after(&account, write));
        let second = compare(&account, &desired(), &after, now());
        prop_assert_eq!(second.writes, vec![]);
        prop_assert!(second.findings.iter().all(|finding| !finding.kind.is_mended_here()));
    }

    #[test]
    fn current_means_that_nothing_is_found_and_everything_found_has_a_mend(observed in anything(), before in statuses()) {
        let found = compare(&account(before), &desired(), &observed, now());
        if found.findings.is_empty() {
            let ready = if before == AccountStatus::Removed { before } else { AccountStatus::Current };
            prop_assert_eq!(found.status, ready);
        }
        for finding in &found.findings {
            prop_assert!(!finding.mend.is_empty());
        }
        prop_assert_eq!(found.status == AccountStatus::Removed, before == AccountStatus::Removed);
    }

    #[test]
    fn nothing_new_is_shared_where_the_stack_can_not_be_relied_on(observed in anything(), before in statuses()) {
        let comparison = compare(&account(before), &desired(), &observed, now());
        let shares = comparison.writes.iter().any(|write| {
            !matches!(write, Write::UnsharePortfolio | Write::UnshareDocument(_))
        });
        prop_assert!(!shares || comparison.network.is_some());
        prop_assert!(!shares || before != AccountStatus::Removed);
    }
}
