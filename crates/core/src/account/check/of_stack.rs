//! Judging the onboarding stack, and the way into the account.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Desired, Network, Unseen, is_young, not_seen};
use crate::account::finding::{Finding, Kind};
use crate::account::stack::{Phase, Stack};
use crate::account::{AccountStatus, HostingAccount};

/// The stack's outputs that Workbench works with.
const VPC: &str = "VPC";
const SUBNET: &str = "VpcSubnet";
const KEY: &str = "EncryptionKeyArn";
const ROLE: &str = "EnvMgmtRoleArn";
const LAUNCH_ROLES: &str = "LaunchRoleNames";
const STRUCTURE: &str = "TemplateStructure";
const ROUTES: &str = "PublicRouteTableId";

/// Where there is a link to make the stack.
const CREATE_LINK: &str =
    "a link of `workbench accounts links --external-id SECRET` or POST /awsAccountTemplateUrls";

pub(super) fn unseen(
    unseen: &Unseen,
    account: &HostingAccount,
    desired: &Desired,
    now: Timestamp,
) -> Finding {
    let role = &account.hosting_account_handler_role_arn;
    let stack = &desired.stack_name;
    match unseen {
        Unseen::NotLetIn if account.status == AccountStatus::Pending && is_young(account, now) => {
            Finding::new(
                Kind::NotLetInYet,
                format!("{role} can not be assumed yet"),
                format!(
                    "make the stack `{stack}` by {CREATE_LINK}, with the external id of this account; Workbench does \
                     the rest"
                ),
            )
        }
        Unseen::NotLetIn => Finding::new(
            Kind::NotLetIn,
            format!(
                "{role} can not be assumed: it does not exist, does not trust this Workbench, or wants to hear another external id"
            ),
            format!(
                "look whether the account has the stack `{stack}` with that role, and update it with the external id \
                 that this account was registered with, or register the account anew"
            ),
        ),
        Unseen::Denied(reason) | Unseen::Full(reason) | Unseen::Refused(reason) => Finding::new(
            Kind::MayNotSee,
            reason.clone(),
            format!(
                "update the stack `{stack}`; if that does not help, look for a policy of the organization that denies the call"
            ),
        ),
        Unseen::Unclear(reason) => not_seen(reason),
    }
}

pub(super) fn absent(desired: &Desired) -> Finding {
    let stack = &desired.stack_name;
    Finding::new(
        Kind::StackMissing,
        format!("Workbench is let in, but there is no stack `{stack}` in the region of Workbench"),
        format!("make the stack under the name `{stack}` in that region, by {CREATE_LINK}"),
    )
}

/// Judges the stack; answers it if what it made can be relied on.
pub(super) fn usable<'a>(
    stack: &'a Stack,
    account: &HostingAccount,
    desired: &Desired,
    findings: &mut Vec<Finding>,
) -> Option<&'a Stack> {
    let name = &desired.stack_name;
    let told = stack.told();
    match stack.phase() {
        Some(Phase::Making) => {
            let mend = "nothing; Workbench goes on when the stack is complete";
            findings.push(Finding::new(
                Kind::StackInTheMaking,
                format!("stack `{name}` is {told}"),
                mend,
            ));
            return None;
        }
        Some(Phase::Failed | Phase::Removing) | None => {
            let mend = format!(
                "look at the stack's events in the CloudFormation console of the account, and mend what they name; \
                 then continue its rollback if that is on offer, or delete the stack and make it again by {CREATE_LINK}"
            );
            findings.push(Finding::new(
                Kind::StackFailed,
                format!("stack `{name}` is {told}"),
                mend,
            ));
            return None;
        }
        Some(Phase::Changing) => {
            let mend = "nothing; Workbench looks again when the stack is complete";
            findings.push(Finding::new(
                Kind::StackChanging,
                format!("stack `{name}` is {told}"),
                mend,
            ));
        }
        Some(Phase::RolledBack) if !current(stack, desired) => {
            let mend = format!(
                "look at the stack's events, mend what they name, and {}",
                update_mend(stack, account)
            );
            findings.push(Finding::new(
                Kind::UpdateRolledBack,
                format!("stack `{name}` is {told}"),
                mend,
            ));
        }
        Some(Phase::Settled | Phase::RolledBack) => {}
    }
    let missing: Vec<_> = [VPC, SUBNET, KEY, ROLE]
        .into_iter()
        .filter(|key| stack.output(key).is_none())
        .collect();
    if !missing.is_empty() {
        let reason = format!("stack `{name}` has no output {}", missing.join(", "));
        findings.push(Finding::new(
            Kind::StackIncomplete,
            reason,
            update_mend(stack, account),
        ));
        return None;
    }
    if let Some(role) = stack
        .output(ROLE)
        .filter(|role| *role != account.env_mgmt_role_arn)
    {
        findings.push(Finding::new(
            Kind::RoleDiffers,
            format!(
                "the stack's EnvManagementRole is {role}, and {} was registered",
                account.env_mgmt_role_arn
            ),
            "off-board the account, and register it with the stack's outputs",
        ));
        return None;
    }
    if stack.phase() == Some(Phase::Settled) && !current(stack, desired) {
        let reason = format!("stack `{name}` was made from another template than this release's");
        findings.push(Finding::new(
            Kind::StackOutdated,
            reason,
            update_mend(stack, account),
        ));
    }
    if !desired.is_main(account) {
        let present: BTreeSet<_> = stack
            .output(LAUNCH_ROLES)
            .unwrap_or_default()
            .split(',')
            .collect();
        for (ty, role) in &desired.launch_roles {
            if !present.contains(role.as_str()) {
                let reason = format!("environments of `{ty}` can not be launched: there is no role `{role}`");
                findings.push(Finding::new(
                    Kind::LaunchRoleMissing,
                    reason,
                    update_mend(stack, account),
                ));
            }
        }
    }
    Some(stack)
}

fn current(stack: &Stack, desired: &Desired) -> bool {
    stack
        .output(STRUCTURE)
        .is_some_and(|structure| desired.structures.contains(&structure))
}

fn update_mend(stack: &Stack, account: &HostingAccount) -> String {
    // Only the template that makes the network has an output for its routes. Without outputs nothing is known.
    let template = match (stack.output(ROUTES), stack.output(VPC)) {
        (Some(_), _) => " for `onboard-account`",
        (None, Some(_)) => " for `onboard-account-byon`",
        (None, None) => "",
    };
    format!(
        "update the stack by the link{template} of `workbench accounts links --account {}`, or the update link of POST \
         /awsAccountTemplateUrls",
        account.name
    )
}

pub(super) fn network(stack: &Stack) -> Option<Network> {
    let output = |key| stack.output(key).map(str::to_owned);
    Some(Network {
        vpc_id: output(VPC)?,
        subnet_id: output(SUBNET)?,
        encryption_key_arn: output(KEY)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::onboarding;
    use crate::test_data;

    /// The mend for a stack with these outputs.
    fn mend(outputs: &[&str]) -> String {
        let output = |key: &&str| ((*key).to_owned(), "value".to_owned());
        let stack = Stack {
            status: "CREATE_COMPLETE".into(),
            reason: None,
            outputs: outputs.iter().map(output).collect(),
        };
        update_mend(&stack, &test_data::account())
    }

    #[test]
    fn a_stack_is_updated_by_the_link_of_the_template_that_it_was_made_from() {
        for template in onboarding::templates() {
            let (_, text) = template.text.split_once("\nOutputs:\n").unwrap();
            let outputs = text.lines().filter_map(|line| {
                let key = line.strip_prefix("  ")?.strip_suffix(':')?;
                (!key.starts_with(' ')).then_some(key)
            });
            let outputs: Vec<&str> = outputs.collect();
            assert!(outputs.contains(&STRUCTURE), "{outputs:?}");
            let mend = mend(&outputs);
            assert!(
                mend.contains(&format!("link for `{}` of", template.name)),
                "{mend}"
            );
        }
        assert_eq!(
            mend(&[]),
            format!(
                "update the stack by the link of `workbench accounts links --account {}`, or the update link of POST \
                 /awsAccountTemplateUrls",
                test_data::account().name
            )
        );
    }
}
