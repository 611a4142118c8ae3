//! Judging what is shared with the account.

use super::{Comparison, Desired, Observed, Seen, Share, Unseen, Write, main_refused, not_seen};
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
    let mut dark = None;
    let mut dark_in_main = Vec::new();
    let share = if is_main {
        &Ok(Share::Accepted)
    } else {
        &observed.share
    };
    match share {
        Err(problem) => dark_in_main.push(problem),
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
                Err(problem) => dark = Some(problem),
                Ok(principals) if principals.contains(&account.env_mgmt_role_arn) => {}
                Ok(_) => {
                    let reason = format!("{} may not launch from the portfolio", account.env_mgmt_role_arn);
                    differs(Kind::PrincipalMissing, reason, Write::AssociatePrincipal);
                }
            }
        }
    }
    for (document, shared) in documents(desired, observed).filter(|_| !is_main) {
        match shared {
            Err(problem) => dark_in_main.push(problem),
            Ok(true) => {}
            Ok(false) => {
                let reason = format!("the document `{document}` is not shared with the account");
                differs(
                    Kind::DocumentNotShared,
                    reason,
                    Write::ShareDocument(document.clone()),
                );
            }
        }
    }
    findings.extend(dark.map(unseen));
    findings.extend(dark_in_main.into_iter().map(unseen_in_main));
    writes
}

fn unseen(unseen: &Unseen) -> Finding {
    match unseen {
        Unseen::Unclear(reason) => not_seen(reason),
        Unseen::NotLetIn => not_seen("the role of the account could not be assumed any more"),
        Unseen::Denied(reason) | Unseen::Full(reason) | Unseen::Refused(reason) => Finding::new(
            Kind::MayNotSee,
            reason.clone(),
            "update the account's stack; if that does not help, look for a policy of the organization that denies the call",
        ),
    }
}

/// What the main account can not see of its own lists says nothing about the hosting account.
fn unseen_in_main(unseen: &Unseen) -> Finding {
    match unseen {
        Unseen::Unclear(reason) => not_seen(reason),
        Unseen::NotLetIn => main_refused("the role of Workbench's function could not be used"),
        Unseen::Denied(reason) | Unseen::Full(reason) | Unseen::Refused(reason) => main_refused(reason),
    }
}

/// Each wanted document, and whether it is shared with the account.
fn documents<'a>(
    desired: &'a Desired,
    observed: &'a Observed,
) -> impl Iterator<Item = (&'a String, &'a Seen<bool>)> {
    let seen = |document| observed.documents.get(document).unwrap_or(&Ok(false));
    desired
        .documents
        .iter()
        .map(move |document| (document, seen(document)))
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
        for (document, shared) in documents(desired, observed) {
            match shared {
                Err(problem) => dark.push(problem),
                Ok(false) => {}
                Ok(true) => {
                    let reason = format!("the document `{document}` is still shared with the account");
                    differs(reason, Write::UnshareDocument(document.clone()));
                }
            }
        }
    }
    findings.extend(dark.into_iter().map(unseen_in_main));
    Comparison {
        status: AccountStatus::Removed,
        findings,
        writes,
        network: None,
    }
}
