//! Comparing a hosting account with what Workbench wants of it: one pure function for every cycle and every check.
//!
//! What is wanted is told by the deployment and the registry, what is so by AWS. [`compare`] answers both what is
//! wrong and what Workbench writes to mend it. [`Observed::after`] is what is so once a write was done: comparing
//! again tells the outcome without asking again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::finding::{Effect, Finding, Kind};
use super::hosts::Hosts;
use super::stack::Stack;
use super::{AccountStatus, HostingAccount, onboarding};
use crate::id::AwsAccountId;
use crate::main_account::MainAccount;
use crate::registry::{DocumentKind, environment_types};

mod of_shares;
mod of_stack;

#[cfg(test)]
mod tests;

/// What Workbench wants of every hosting account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The main account's number: nothing has to be shared with itself.
    pub main_account: AwsAccountId,
    /// Whom bus, bucket and keys let in.
    pub hosts: Hosts,
    /// The name of the onboarding stack.
    pub stack_name: String,
    /// The structures of this release's onboarding templates.
    pub structures: Vec<&'static str>,
    /// The names of the documents of all environment types.
    pub documents: BTreeSet<String>,
    /// The launch role of each environment type.
    pub launch_roles: BTreeMap<&'static str, String>,
}

impl Desired {
    /// What the deployment and the registry want.
    #[must_use]
    pub fn of(main: &MainAccount) -> Self {
        let namespace = &main.namespace;
        let types = environment_types();
        let documents = types
            .iter()
            .flat_map(|ty| DocumentKind::ALL.map(|kind| main.document_name(ty.name, kind)));
        let launch_role = |name| (name, format!("{namespace}-LaunchConstraint-{name}"));
        Self {
            main_account: main.account_id.clone(),
            hosts: main.hosts.clone(),
            stack_name: main.onboarding_stack(),
            structures: onboarding::templates()
                .iter()
                .map(|template| template.structure)
                .collect(),
            documents: documents.collect(),
            launch_roles: types.iter().map(|ty| launch_role(ty.name)).collect(),
        }
    }

    /// Whether `account` is the main account itself.
    #[must_use]
    pub fn is_main(&self, account: &HostingAccount) -> bool {
        account.aws_account_id == self.main_account
    }
}

/// Something that was looked at, or why it could not be.
pub type Seen<T> = Result<T, Unseen>;

/// Why something could not be looked at or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unseen {
    /// The role of the account can not be assumed.
    NotLetIn,
    /// The caller's policies do not allow the call, in AWS's words.
    Denied(String),
    /// A quota is used up, in AWS's words.
    Full(String),
    /// AWS refused the call, in these words.
    Refused(String),
    /// AWS was busy or did not answer; the next time may be better.
    Unclear(String),
}

impl Unseen {
    /// The reason in words, for whoever asked before and was let in then.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::NotLetIn => "the role of the account could not be assumed any more",
            Self::Denied(reason) | Self::Full(reason) | Self::Refused(reason) | Self::Unclear(reason) => {
                reason
            }
        }
    }
}

/// How far the portfolio has come to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Share {
    /// Not shared.
    Missing,
    /// Shared, and not accepted.
    Offered,
    /// Accepted.
    Accepted,
}

/// How things are with one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The portfolio, as the main account sees it.
    pub share: Seen<Share>,
    /// Whether each of the wanted documents is shared with the account, as the main account sees it.
    pub documents: BTreeMap<String, Seen<bool>>,
    /// The onboarding stack, as the hosting account sees it; nothing for an account that was off-boarded.
    pub stack: Seen<Option<Stack>>,
    /// Who may launch from the portfolio, as the hosting account sees it; nobody before it has accepted.
    pub principals: Seen<BTreeSet<String>>,
}

/// What Workbench writes to make an account right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Write {
    /// Shares the portfolio.
    SharePortfolio,
    /// Accepts it in the hosting account.
    AcceptPortfolio,
    /// Lets `EnvManagementRole` launch from it.
    AssociatePrincipal,
    /// Shares the document of this name.
    ShareDocument(String),
    /// Takes the portfolio back.
    UnsharePortfolio,
    /// Takes the document of this name back.
    UnshareDocument(String),
}

/// The network and the key in which environments run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// The VPC.
    pub vpc_id: String,
    /// The subnet.
    pub subnet_id: String,
    /// The key of the volumes.
    pub encryption_key_arn: String,
}

/// How long what Service Catalog said is relied on: each of its calls costs money, and each account would make two
/// every five minutes.
const CATALOG_HOLDS: SignedDuration = SignedDuration::from_mins(55);

/// How long an account counts as just let go.
const JUST_LET_GO: SignedDuration = SignedDuration::from_hours(1);

/// Whether Service Catalog has to be asked about an account: it is not well, or was not asked for an hour. `seen` is
/// when all was well there for the last time. What was let go less than an hour ago may be shared once more by a check
/// that began before.
#[must_use]
pub fn asks_catalog(account: &HostingAccount, seen: Option<Timestamp>, now: Timestamp) -> bool {
    let holds = seen.is_some_and(|seen| now.duration_since(seen) < CATALOG_HOLDS);
    match account.status {
        AccountStatus::Removed if now.duration_since(account.updated_at) < JUST_LET_GO => true,
        AccountStatus::Current | AccountStatus::NeedsUpdate | AccountStatus::Removed => !holds,
        AccountStatus::Pending | AccountStatus::Errored => true,
    }
}

/// What comparing an account came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The status that follows.
    pub status: AccountStatus,
    /// What is not as it should be.
    pub findings: Vec<Finding>,
    /// What Workbench writes to mend it, in the order in which it has to be done.
    pub writes: Vec<Write>,
    /// What the stack says about the network; nothing while there is no stack to rely on.
    pub network: Option<Network>,
}

impl Comparison {
    /// Whether all was seen, and nothing is left to be written.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let behind = |finding: &Finding| finding.kind.effect() <= Effect::Outdated;
        self.writes.is_empty() && self.findings.iter().all(behind)
    }
}

/// Compares `account` with what is wanted of it.
#[must_use]
pub fn compare(
    account: &HostingAccount,
    desired: &Desired,
    observed: &Observed,
    now: Timestamp,
) -> Comparison {
    if account.status == AccountStatus::Removed {
        return of_shares::taken_back(account, desired, observed);
    }
    let mut findings = Vec::new();
    if !desired.is_main(account) && !desired.hosts.may_let_in(&account.aws_account_id) {
        findings.push(not_named(account));
    }
    let stack = match &observed.stack {
        Ok(Some(stack)) => of_stack::usable(stack, account, desired, &mut findings),
        Ok(None) => {
            findings.push(of_stack::absent(desired));
            None
        }
        Err(unseen) => {
            findings.push(of_stack::unseen(unseen, account, desired, now));
            None
        }
    };
    // What is shared with an account that does not let Workbench in may be shared with anybody.
    let writes = match stack {
        Some(_) => of_shares::wanted(account, desired, observed, &mut findings),
        None => Vec::new(),
    };
    Comparison {
        status: status(account, &findings, now),
        findings,
        writes,
        network: stack.and_then(of_stack::network),
    }
}

/// What an account came to once its writes were tried: `observed` is with those that worked.
#[must_use]
pub fn conclude(
    account: &HostingAccount,
    desired: &Desired,
    observed: &Observed,
    failures: &[(Write, Unseen)],
    now: Timestamp,
) -> Comparison {
    let mut comparison = compare(account, desired, observed, now);
    if !failures.is_empty() {
        // Why a write failed says more than that it was needed.
        comparison
            .findings
            .retain(|finding| !finding.kind.is_mended_here());
        let failed = failures.iter().map(|(write, unseen)| write.failed(unseen));
        comparison.findings.extend(failed);
        if account.status != AccountStatus::Removed {
            comparison.status = status(account, &comparison.findings, now);
        }
    }
    comparison
}

/// How long a registered account may take to become right before that counts as an error.
const ONBOARDING: SignedDuration = SignedDuration::from_hours(24);

fn is_young(account: &HostingAccount, now: Timestamp) -> bool {
    now.duration_since(account.created_at) < ONBOARDING
}

/// The status by the worst of the findings. An account that is not seen for a day after it was registered does not
/// wait on.
#[must_use]
pub fn status(account: &HostingAccount, findings: &[Finding], now: Timestamp) -> AccountStatus {
    let before = account.status;
    let not_seen = || findings.iter().any(|finding| finding.kind == Kind::NotSeen);
    match findings.iter().map(|finding| finding.kind.effect()).max() {
        None | Some(Effect::Aside) => AccountStatus::Current,
        Some(Effect::Outdated) => AccountStatus::NeedsUpdate,
        Some(Effect::Keeps) if before == AccountStatus::Pending && !is_young(account, now) && not_seen() => {
            AccountStatus::Errored
        }
        Some(Effect::Keeps) => before,
        Some(Effect::Pending) => AccountStatus::Pending,
        Some(Effect::Errored) => AccountStatus::Errored,
    }
}

fn not_seen(reason: &str) -> Finding {
    Finding::new(
        Kind::NotSeen,
        reason,
        "nothing; Workbench tries again at its next check",
    )
}

fn not_named(account: &HostingAccount) -> Finding {
    let number = &account.aws_account_id;
    Finding::new(
        Kind::NotNamed,
        format!("the main account's event bus, bucket and keys do not let account {number} in"),
        format!("add {number} to the parameter `HostingAccountIds` of the main stack, and deploy"),
    )
}

fn main_refused(reason: &str) -> Finding {
    Finding::new(
        Kind::MainRefused,
        reason,
        "look at the policies of the roles of Workbench's account and api functions in the main account, and for a policy \
         of the organization that denies them the call; deploy the main stack again if its policies were changed",
    )
}

impl Observed {
    /// What is so once `write` was done.
    #[must_use]
    pub fn after(mut self, account: &HostingAccount, write: &Write) -> Self {
        match write {
            Write::SharePortfolio => self.share = self.share.map(|share| share.max(Share::Offered)),
            Write::AcceptPortfolio => self.share = self.share.map(|_| Share::Accepted),
            Write::AssociatePrincipal => {
                if let Ok(principals) = &mut self.principals {
                    principals.insert(account.env_mgmt_role_arn.clone());
                }
            }
            Write::ShareDocument(document) => {
                self.documents.insert(document.clone(), Ok(true));
            }
            Write::UnsharePortfolio => self.share = self.share.map(|_| Share::Missing),
            Write::UnshareDocument(document) => {
                self.documents.insert(document.clone(), Ok(false));
            }
        }
        self
    }
}

impl Write {
    /// Whether the hosting account's role writes it, and not the main account's.
    const fn is_in_account(&self) -> bool {
        matches!(self, Self::AcceptPortfolio | Self::AssociatePrincipal)
    }

    /// The finding that stays if the write did not work.
    #[must_use]
    pub fn failed(&self, unseen: &Unseen) -> Finding {
        let what = match self {
            Self::SharePortfolio => "the portfolio is not shared with the account",
            Self::AcceptPortfolio => "the portfolio is not accepted in the account",
            Self::AssociatePrincipal => "EnvManagementRole may not launch from the portfolio",
            Self::ShareDocument(_) => "a document is not shared with the account",
            Self::UnsharePortfolio | Self::UnshareDocument(_) => "something is still shared with the account",
        };
        match unseen {
            Unseen::Unclear(reason) => not_seen(&format!("{what}: {reason}")),
            Unseen::NotLetIn => not_seen(&format!(
                "{what}: the role of the account could not be assumed any more"
            )),
            Unseen::Full(reason) => Finding::new(
                Kind::MendRefused,
                format!("{what}: {reason}"),
                if self.is_in_account() {
                    "raise the quota in the hosting account"
                } else {
                    "raise the quota in the main account"
                },
            ),
            Unseen::Denied(reason) | Unseen::Refused(reason) if self.is_in_account() => Finding::new(
                Kind::MendRefused,
                format!("{what}: {reason}"),
                "update the account's stack; if that does not help, look for a policy of the organization that denies the call",
            ),
            Unseen::Denied(reason) => main_refused(&format!("{what}: {reason}")),
            Unseen::Refused(reason) => Finding::new(
                Kind::MendRefused,
                format!("{what}: {reason}"),
                "look whether the account exists, and whether the organization lets the main account share with it",
            ),
        }
    }
}
