//! What is left over in a hosting account: things with the tag of an environment that does not live there, and
//! environments whose product is gone.
//!
//! The account is asked first and the table after it: what has come to an environment meanwhile is known then, so that
//! nothing that lives is ever taken for left over. Nothing is deleted by what is found here: a tag is a word that
//! anybody can copy.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::finding::{Finding, Kind};
use super::{AccountStatus, HostingAccount};
use crate::environment::Environment;
use crate::id::{AwsAccountId, EnvironmentId, ProvisionedProductId};
use crate::status::Status;

mod tell;

#[cfg(test)]
mod tests;

pub use tell::{Gap, conclude};

/// The tag with the id of the environment. The launch documents give it to the product, Service Catalog to its stack,
/// and CloudFormation to what is in it.
pub const TAG: &str = "Env";

/// The tag in which Service Catalog names the portfolio that something was provisioned from.
const PORTFOLIO_TAG: &str = "aws:servicecatalog:portfolioArn";

/// How long an account is not looked through again: Service Catalog's calls cost money.
const HOLDS: SignedDuration = SignedDuration::from_mins(55);

/// How long Service Catalog may list what is gone.
const CATALOG_LINGERS: SignedDuration = SignedDuration::from_mins(15);

/// How long the tagging API goes on listing what was deleted: AWS promises nothing, and people have seen hours.
const TAGS_LINGER: SignedDuration = SignedDuration::from_hours(6);

/// Who has listed a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lister {
    /// Service Catalog, among the provisioned products.
    Catalog,
    /// The Resource Groups Tagging API.
    Tags,
}

impl Lister {
    /// How long it may list what is gone.
    const fn lag(self) -> SignedDuration {
        match self {
            Self::Catalog => CATALOG_LINGERS,
            Self::Tags => TAGS_LINGER,
        }
    }
}

/// A thing with the tag of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// Its ARN.
    pub arn: String,
    /// Whose it is, as its tag says.
    pub environment: EnvironmentId,
    /// Who has listed it.
    pub lister: Lister,
}

impl Thing {
    /// The thing with these tags; nothing if they name no environment, or another portfolio than `portfolio`: then it is
    /// somebody else's, or of another installation in the same account.
    pub fn of<'a>(
        arn: &str,
        tags: impl IntoIterator<Item = (&'a str, &'a str)>,
        lister: Lister,
        portfolio: &str,
    ) -> Option<Self> {
        let mut environment = None;
        for (key, value) in tags {
            match key {
                TAG => environment = value.parse().ok(),
                PORTFOLIO_TAG if value.rsplit('/').next() != Some(portfolio) => return None,
                _ => {}
            }
        }
        Some(Self {
            arn: arn.to_owned(),
            environment: environment?,
            lister,
        })
    }
}

/// What an account was found to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// When it was asked.
    pub at: Timestamp,
    /// All its provisioned products; nothing if not all were told.
    pub products: Option<HashSet<ProvisionedProductId>>,
    /// What has the tag of an environment.
    pub things: Vec<Thing>,
}

/// Environments as they were read after the account was asked: those of the account, and those that tags name. What is
/// there and can not be read has no value.
pub type Environments = HashMap<EnvironmentId, Option<Environment>>;

/// Why a thing has no live environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// There is no such environment.
    Unknown,
    /// It is TERMINATED, since then.
    Terminated(Timestamp),
    /// It lives in another account.
    Elsewhere(AwsAccountId),
}

/// Things whose tag names the same environment, which does not live in their account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphans {
    /// The environment that the tag names.
    pub environment: EnvironmentId,
    /// Why it is none of theirs.
    pub why: Why,
    /// Their ARNs.
    pub things: BTreeSet<String>,
}

/// What is left in `account` without a live environment.
#[must_use]
pub fn orphans(account: &AwsAccountId, inventory: &Inventory, environments: &Environments) -> Vec<Orphans> {
    let mut found: BTreeMap<EnvironmentId, Orphans> = BTreeMap::new();
    for thing in &inventory.things {
        let Some(why) = why_orphaned(thing, account, inventory.at, environments) else {
            continue;
        };
        let orphans = found.entry(thing.environment).or_insert_with(|| Orphans {
            environment: thing.environment,
            why,
            things: BTreeSet::new(),
        });
        orphans.things.insert(thing.arn.clone());
    }
    found.into_values().collect()
}

fn why_orphaned(
    thing: &Thing,
    account: &AwsAccountId,
    seen_at: Timestamp,
    environments: &Environments,
) -> Option<Why> {
    let Some(row) = environments.get(&thing.environment) else {
        return Some(Why::Unknown);
    };
    let environment = row.as_ref()?;
    let home = &environment.home.account.aws_account_id;
    if home != account {
        return Some(Why::Elsewhere(home.clone()));
    }
    let ended_at = environment.updated_at;
    let ended =
        environment.status() == Status::Terminated && seen_at.duration_since(ended_at) > thing.lister.lag();
    ended.then_some(Why::Terminated(ended_at))
}

/// The environments at rest in `account` whose product is not among those that it has. A list may be late, so each product
/// is to be asked for by its id.
#[must_use]
pub fn missing<'a>(
    account: &AwsAccountId,
    inventory: &Inventory,
    environments: &'a Environments,
) -> Vec<(&'a Environment, &'a ProvisionedProductId)> {
    let Some(products) = &inventory.products else {
        return Vec::new();
    };
    let missing = environments.values().flatten().filter_map(|environment| {
        let product = environment.product.as_ref()?;
        let is_missing = says_there_is_something(environment.status())
            && environment.home.account.aws_account_id == *account
            && !products.contains(product);
        is_missing.then_some((environment, product))
    });
    let mut missing: Vec<_> = missing.collect();
    missing.sort_by_key(|(environment, _)| environment.id);
    missing
}

/// Whether it is a status of rest that people take for an environment which is there. FAILED and TERMINATING_FAILED have
/// said already that something is wrong, and that it has to be terminated.
const fn says_there_is_something(status: Status) -> bool {
    match status {
        Status::Completed | Status::Stopped | Status::StartingFailed | Status::StoppingFailed => true,
        Status::Pending
        | Status::Starting
        | Status::Stopping
        | Status::Terminating
        | Status::Terminated
        | Status::Failed
        | Status::TerminatingFailed => false,
    }
}

/// An environment whose product does not exist any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vanished {
    /// The environment.
    pub environment: EnvironmentId,
    /// Its status.
    pub status: Status,
    /// The product that it had.
    pub product: ProvisionedProductId,
}

impl Vanished {
    /// An environment without its product.
    #[must_use]
    pub fn of(environment: &Environment, product: &ProvisionedProductId) -> Self {
        Self {
            environment: environment.id,
            status: environment.status(),
            product: product.clone(),
        }
    }
}

/// What looking through an account has come to. It holds until the next look.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Look {
    /// When the account told what it has, or refused to; nothing if it has to be asked again at the next check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// How many things have no live environment.
    pub orphaned: usize,
    /// The environments whose product is gone.
    pub vanished: Vec<EnvironmentId>,
    /// What of it is told.
    pub findings: Vec<Finding>,
}

impl Look {
    /// What is known once a look did not come to anything: what was known before, and that it has to be tried again.
    #[must_use]
    pub fn failed(mut self, reason: &str) -> Self {
        self.at = None;
        self.findings
            .retain(|finding| finding.kind != Kind::OrphansNotSeen);
        self.findings.push(tell::not_seen_yet(reason));
        self
    }

    /// The same, but not to be tried again before a look would be due: what takes too long now will do so in minutes as well.
    #[must_use]
    pub fn late(self, reason: &str, now: Timestamp) -> Self {
        Self {
            at: Some(now),
            ..self.failed(reason)
        }
    }
}

/// Whether an account is to be looked through, whose last look this is.
#[must_use]
pub fn is_due(account: &HostingAccount, last: Option<&Look>, now: Timestamp) -> bool {
    let holds = last
        .and_then(|look| look.at)
        .is_some_and(|at| now.duration_since(at) < HOLDS);
    account.status != AccountStatus::Removed && !holds
}
