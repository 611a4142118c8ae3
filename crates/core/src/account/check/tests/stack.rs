//! What each state of the onboarding stack comes to.

use super::*;
use crate::account::stack::{Phase, STATUSES};

#[test]
fn f15_every_status_of_the_stack_leads_to_one_of_the_account() {
    for (word, phase) in STATUSES {
        let observed = with_stack(|stack| {
            stack.status = word.into();
            stack.reason = Some("of a reason".into());
        });
        let comparison = compare(&account(AccountStatus::Current), &desired(), &observed, now());
        let expected = match phase {
            Phase::Settled | Phase::RolledBack | Phase::Changing => AccountStatus::Current,
            Phase::Making => AccountStatus::Pending,
            Phase::Failed | Phase::Removing => AccountStatus::Errored,
        };
        assert_eq!(comparison.status, expected, "{word}");
        if expected == AccountStatus::Errored {
            let finding = &comparison.findings[0];
            assert_eq!(finding.kind, Kind::StackFailed);
            assert!(
                finding.reason.ends_with(&format!("{word}: of a reason")),
                "{finding:?}"
            );
            assert!(comparison.writes.is_empty() && comparison.network.is_none());
        }
    }
    let unknown = with_stack(|stack| stack.status = "FAILED".into());
    assert_eq!(check(AccountStatus::Current, &unknown).0, AccountStatus::Errored);
}

#[test]
fn a_stack_of_another_structure_needs_an_update_and_is_mended_all_the_same() {
    let mut observed = with_stack(|stack| {
        stack.outputs.insert("TemplateStructure".into(), "0".into());
    });
    observed.principals = Ok(BTreeSet::new());
    assert_eq!(
        check(AccountStatus::Current, &observed),
        (
            // The difference that is mended keeps what the account was.
            AccountStatus::Current,
            vec![Kind::StackOutdated, Kind::PrincipalMissing],
            1
        )
    );
    let observed = observed.after(&account(AccountStatus::Current), &Write::AssociatePrincipal);
    assert_eq!(
        check(AccountStatus::Current, &observed),
        (AccountStatus::NeedsUpdate, vec![Kind::StackOutdated], 0)
    );
    let rolled_back = with_stack(|stack| {
        stack.status = "UPDATE_ROLLBACK_COMPLETE".into();
        stack.outputs.remove("TemplateStructure");
    });
    assert_eq!(
        check(AccountStatus::Current, &rolled_back),
        (AccountStatus::NeedsUpdate, vec![Kind::UpdateRolledBack], 0)
    );
}

#[test]
fn a_missing_launch_role_is_named_with_its_type() {
    let (ty, role) = desired().launch_roles.pop_first().unwrap();
    let observed = with_stack(|stack| {
        let roles = stack.outputs.get_mut("LaunchRoleNames").unwrap();
        *roles = roles.replace(&role, "other");
    });
    let comparison = compare(&account(AccountStatus::Current), &desired(), &observed, now());
    assert_eq!(comparison.status, AccountStatus::NeedsUpdate);
    let finding = &comparison.findings[0];
    assert_eq!(finding.kind, Kind::LaunchRoleMissing);
    assert!(finding.reason.contains(ty) && finding.reason.contains(&role));
}

#[test]
fn a_stack_without_network_or_with_another_role_is_an_error() {
    let no_key = with_stack(|stack| {
        stack.outputs.remove("EncryptionKeyArn");
    });
    assert_eq!(
        check(AccountStatus::Current, &no_key),
        (AccountStatus::Errored, vec![Kind::StackIncomplete], 0)
    );
    let other = with_stack(|stack| {
        stack.outputs.insert("EnvMgmtRoleArn".into(), "arn:other".into());
    });
    assert_eq!(
        check(AccountStatus::Current, &other),
        (AccountStatus::Errored, vec![Kind::RoleDiffers], 0)
    );
}
