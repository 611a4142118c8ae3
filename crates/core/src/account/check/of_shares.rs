//! Judging what is shared with the account.

use super::{Comparison, Desired, Observed, Share, Unseen, Write, not_seen};
use crate::account::finding::{Finding, Kind};
use crate::account::{AccountStatus, HostingAccount};

/// What is not shared and should be, with what Workbench writes for it.
pub(super) fn wanted(
    account: &HostingAccount,
    desired: &Desired,
    observed: &Observed,
    findings: &mut Vec<Finding>,
) -> Vec<Write> {
    let mut writes = Vec::new();
    let mut differs = |kind, reason: String, write| {
        findings.push(Finding::new(
            kind,
            reason,
            "nothing; Workbench mends it at this check",
        ));
        writes.push(write);
    };
    let is_main = desired.is_main(account);
    let mut dark = Vec::new();
    let share = if is_main {
        &Ok(Share::Accepted)
    } else {
        &observed.share
    };
    match share {
        Err(problem) => dark.push(problem),
        Ok(share) => {
            if *share == Share::Missing {
                let reason = "the portfolio is not shared with the account".to_owned();
                differs(Kind::PortfolioNotShared, reason, Write::SharePortfolio);
            }
            if *share < Share::Accepted {
                let reason = "the account has not accepted the portfolio".to_owned();
                differs(Kind::PortfolioNotAccepted, reason, Write::AcceptPortfolio);
            }
            match &observed.principals {
                Err(problem) => dark.push(problem),
                Ok(principals) if principals.contains(&account.env_mgmt_role_arn) => {}
                Ok(_) => {
                    let reason = format!("{} may not launch from the portfolio", account.env_mgmt_role_arn);
                    differs(Kind::PrincipalMissing, reason, Write::AssociatePrincipal);
                }
            }
        }
    }
    match &observed.documents {
        _ if is_main => {}
        Err(problem) => dark.push(problem),
        Ok(shared) => {
            for document in desired.documents.difference(shared) {
                let reason = format!("the document `{document}` is not shared with the account");
                differs(
                    Kind::DocumentNotShared,
                    reason,
                    Write::ShareDocument(document.clone()),
                );
            }
        }
    }
    findings.extend(dark.into_iter().map(unseen));
    writes
}

fn unseen(unseen: &Unseen) -> Finding {
    match unseen {
        Unseen::Unclear(reason) => not_seen(reason),
        Unseen::NotLetIn => not_seen("the role of the account could not be assumed any more"),
        Unseen::Refused(reason) => Finding::new(
            Kind::MayNotSee,
            reason.clone(),
            "look at the policies of Workbench's function and of the account's handler role; update both stacks",
        ),
    }
}

/// Takes back what is shared with an account that was let go. Nothing is needed of the account itself: it may be
/// closed already.
pub(super) fn taken_back(account: &HostingAccount, desired: &Desired, observed: &Observed) -> Comparison {
    let mut findings = Vec::new();
    let mut writes = Vec::new();
    let mut differs = |reason: String, write| {
        let mend = "nothing; Workbench takes it back at this check";
        findings.push(Finding::new(Kind::StillShared, reason, mend));
        writes.push(write);
    };
    let mut dark = Vec::new();
    if !desired.is_main(account) {
        match &observed.share {
            Err(problem) => dark.push(problem),
            Ok(Share::Missing) => {}
            Ok(Share::Offered | Share::Accepted) => {
                let reason = "the portfolio is still shared with the account".to_owned();
                differs(reason, Write::UnsharePortfolio);
            }
        }
        match &observed.documents {
            Err(problem) => dark.push(problem),
            Ok(shared) => {
                for document in shared {
                    let reason = format!("the document `{document}` is still shared with the account");
                    differs(reason, Write::UnshareDocument(document.clone()));
                }
            }
        }
    }
    findings.extend(dark.into_iter().map(unseen));
    Comparison {
        status: AccountStatus::Removed,
        findings,
        writes,
        network: None,
    }
}
