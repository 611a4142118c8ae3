//! What is left over, in words that say what to do.

use jiff::Timestamp;

use super::{Look, Orphans, Vanished, Why};
use crate::account::check::Unseen;
use crate::account::finding::{Finding, Kind};

/// How many findings of a kind are told, and how many things in each.
const TOLD: usize = 20;
const NAMED: usize = 5;

/// A part of an account that could not be looked through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// AWS refuses a list of what may be left over.
    Refused(Unseen),
    /// AWS refuses the list of a compute's instances.
    Instances(Unseen),
    /// There is more of something than is looked at.
    TooMany(String),
}

/// Concludes a look.
#[must_use]
pub fn conclude(orphans: &[Orphans], vanished: &[Vanished], gaps: &[Gap], now: Timestamp) -> Look {
    let mut findings: Vec<Finding> = vanished.iter().take(TOLD).map(of_vanished).collect();
    if let Some(more) = more(vanished.len()) {
        let reason = format!("the products of {more} more environments do not exist any more");
        findings.push(Finding::new(Kind::ProductVanished, reason, VANISHED_MEND));
    }
    findings.extend(orphans.iter().take(TOLD).map(of_orphans));
    if let Some(more) = more(orphans.len()) {
        let reason = format!("there are things of {more} more environments that do not live in the account");
        findings.push(Finding::new(Kind::OrphanedResources, reason, ORPHANS_MEND));
    }
    findings.extend(gaps.iter().map(of_gap));
    Look {
        at: Some(now),
        orphaned: orphans.iter().map(|orphans| orphans.things.len()).sum(),
        vanished: vanished.iter().map(|vanished| vanished.environment).collect(),
        findings,
    }
}

fn more(all: usize) -> Option<usize> {
    all.checked_sub(TOLD).filter(|more| *more > 0)
}

const ORPHANS_MEND: &str = "Workbench deletes none of it. Look whether somebody still needs it; then terminate the \
    provisioned product in the account's Service Catalog, or else delete its stack, and by hand what is in no stack";

const VANISHED_MEND: &str = "nothing, if its instance is gone, too: Workbench asks AWS about it within minutes. Else \
    terminate the environment; what is left of it is found at a later check";

fn of_orphans(orphans: &Orphans) -> Finding {
    let environment = orphans.environment;
    let why = match &orphans.why {
        Why::Unknown => format!("there is no environment {environment}"),
        Why::Terminated(since) => format!("environment {environment} is TERMINATED since {since:.0}"),
        Why::Elsewhere(account) => format!("environment {environment} lives in account {account}"),
    };
    let named: Vec<&str> = orphans.things.iter().take(NAMED).map(String::as_str).collect();
    let more = match orphans.things.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let reason = format!("{why}, and its tag is on {}{more}", named.join(", "));
    Finding::new(Kind::OrphanedResources, reason, ORPHANS_MEND)
}

fn of_vanished(vanished: &Vanished) -> Finding {
    let Vanished {
        environment,
        status,
        product,
    } = vanished;
    let reason = format!("environment {environment} is {status}, and its product {product} does not exist");
    Finding::new(Kind::ProductVanished, reason, VANISHED_MEND)
}

fn of_gap(gap: &Gap) -> Finding {
    match gap {
        Gap::TooMany(what) => Finding::new(
            Kind::OrphansNotSeen,
            what,
            "look through the rest by hand; Workbench looks at no more of one account",
        ),
        Gap::Refused(unseen) => refused("what is left over in the account is not known", unseen),
        Gap::Instances(unseen) => refused("instances that change unheard are not noticed", unseen),
    }
}

fn refused(what: &str, unseen: &Unseen) -> Finding {
    match unseen {
        Unseen::Denied(reason) | Unseen::Full(reason) | Unseen::Refused(reason) => Finding::new(
            Kind::OrphansNotSeen,
            format!("{what}: {reason}"),
            "update the account's stack by a link of `workbench accounts links --account ACCOUNT` or an update link of \
             POST /awsAccountTemplateUrls; if that does not help, look for a policy of the organization that denies the \
             call",
        ),
        Unseen::Unclear(_) | Unseen::NotLetIn => not_seen_yet(unseen.reason()),
    }
}

pub(super) fn not_seen_yet(reason: &str) -> Finding {
    Finding::new(
        Kind::OrphansNotSeen,
        format!("what is left over in the account is not known: {reason}"),
        "nothing; Workbench looks again, within an hour",
    )
}
