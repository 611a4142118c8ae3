//! Looking through an account for what is left over. Nothing is deleted.

use jiff::Timestamp;
use workbench_core::account::HostingAccount;
use workbench_core::account::check::Unseen;
use workbench_core::account::orphans::{self, Gap, Inventory, Look, Vanished};
use workbench_core::environment::Environment;
use workbench_core::id::ProvisionedProductId;
use workbench_core::repair::Product;
use workbench_core::timeline::Entry;

use super::handler::Handler;
use super::inventory::MOST;
use super::unseen;
use crate::cloud::Cloud;
use crate::error::{Error, Fault};
use crate::listing::Listing;
use crate::operation::entry;
use crate::table::Updated;

/// How many environments are asked for by their products' ids in one look. The next look goes on with those that are new.
const ASKED: usize = 50;

/// The cause of what a look writes, in the timeline.
const CAUSE: &str = "account check";

impl Cloud {
    /// Looks through `account`, whose last look this is, and puts environments whose product is gone in doubt.
    pub(super) async fn look_through(&self, account: &HostingAccount, last: Option<&Look>) -> Look {
        match self.try_look_through(account, last).await {
            Ok(look) => look,
            Err(unseen) => last.cloned().unwrap_or_default().failed(unseen.reason()),
        }
    }

    async fn try_look_through(&self, account: &HostingAccount, last: Option<&Look>) -> Result<Look, Unseen> {
        let handler = self.accounts().handle(account);
        let (inventory, mut gaps) = self.inventory(&handler).await?;
        let instances = self.instances(&handler, &mut gaps).await?;
        let mut ids = self.table().environments_in(account.id).await.map_err(unread)?;
        ids.extend(inventory.things.iter().map(|thing| thing.environment));
        let environments = self.table().environments_by_id(ids.into_iter().collect()).await;
        let environments = environments.map_err(unread)?;
        let left = orphans::orphans(&account.aws_account_id, &inventory, &environments);
        let mut missing = orphans::missing(&account.aws_account_id, &inventory, &environments);
        let known = |id| last.is_some_and(|look| look.vanished.contains(&id));
        // What is new first: of the rest it is known already.
        missing.sort_by_key(|(environment, _)| known(environment.id));
        let rest = missing.split_off(missing.len().min(ASKED));
        let more = rest
            .iter()
            .filter(|(environment, _)| !known(environment.id))
            .count();
        let mut vanished = Vec::new();
        for (environment, product) in missing {
            match self.is_gone(&handler, product).await {
                Ok(true) => {}
                Ok(false) => continue,
                Err(unseen) => {
                    gaps.push(Gap::Refused(refusal(unseen)?));
                    break;
                }
            }
            let reason = format!("its product {product} does not exist any more");
            let still_so = self.suspect(environment, reason, known(environment.id)).await;
            if still_so.map_err(unread)? {
                vanished.push(Vanished::of(environment, product));
            }
        }
        let known = rest.into_iter().filter(|(environment, _)| known(environment.id));
        vanished.extend(known.map(|(environment, product)| Vanished::of(environment, product)));
        // Those without a product are asked about already.
        let mut others = environments;
        others.retain(|id, _| !vanished.iter().any(|vanished| vanished.environment == *id));
        self.notice_drift(account, &instances, &others).await?;
        let look = orphans::conclude(&left, &vanished, &gaps, self.now());
        Ok(match more {
            0 => look,
            more => look.failed(&format!(
                "the products of {more} more environments are not listed"
            )),
        })
    }

    /// What the account has. A list that AWS refuses does not keep the other one from being looked at.
    async fn inventory(&self, handler: &Handler) -> Result<(Inventory, Vec<Gap>), Unseen> {
        let portfolio = self.shares().portfolio();
        let at = self.now();
        let mut gaps = Vec::new();
        let products = seen(
            handler.provisioned(portfolio).await,
            "provisioned products",
            Gap::Refused,
            &mut gaps,
        )?;
        let tagged = seen(
            handler.tagged(portfolio).await,
            "things with the tag `Env`",
            Gap::Refused,
            &mut gaps,
        )?;
        let mut things = tagged.map(|tagged| tagged.found).unwrap_or_default();
        let products = products.and_then(|products| {
            things.extend(products.found.things);
            products.whole.then_some(products.found.ids)
        });
        Ok((Inventory { at, products, things }, gaps))
    }

    /// Whether there is no such product, whatever the list says.
    async fn is_gone(&self, handler: &Handler, product: &ProvisionedProductId) -> Result<bool, Unseen> {
        let found = handler.products.product(product).await;
        Ok(found.map_err(|fault| unseen(&fault))? == Product::Absent)
    }

    /// Has the sweep ask AWS about an environment, unless it has changed since it was read: whoever was faster knows more.
    /// Its timeline says why, the first time that this was seen. Whether it is as it was read.
    pub(super) async fn suspect(
        &self,
        environment: &Environment,
        reason: String,
        known: bool,
    ) -> Result<bool, Error> {
        if known && environment.look_at().is_some() {
            return Ok(true);
        }
        tracing::warn!(environment.id = %environment.id, reason, "AWS is asked about an environment");
        let now = self.now();
        let suspected = environment.suspected(now);
        let written = if known {
            self.table().update_quietly(environment, &suspected).await?
        } else {
            let entry = Entry {
                reason: Some(reason),
                ..entry(environment, &suspected, CAUSE, None, now)
            };
            self.table()
                .update_environment(environment, &suspected, &entry)
                .await?
        };
        Ok(written == Updated::Written)
    }
}

/// What is known where a look takes too long.
pub(super) fn late_look(last: Option<&Look>, now: Timestamp) -> Look {
    let last = last.cloned().unwrap_or_default();
    last.late("it takes too long to list what the account has", now)
}

/// What is not seen because the table can not be read or written.
pub(super) fn unread(error: Error) -> Unseen {
    Unseen::Unclear(error.to_string())
}

/// What was listed of `what`, unless AWS refuses to list it: that, as `refused`, and that there is more, is a gap.
pub(super) fn seen<T>(
    asked: Result<Listing<T>, Fault>,
    what: &str,
    refused: fn(Unseen) -> Gap,
    gaps: &mut Vec<Gap>,
) -> Result<Option<Listing<T>>, Unseen> {
    match asked {
        Ok(listing) => {
            if !listing.whole {
                gaps.push(Gap::TooMany(format!("the account has more than {MOST} {what}")));
            }
            Ok(Some(listing))
        }
        Err(fault) => {
            gaps.push(refused(refusal(unseen(&fault))?));
            Ok(None)
        }
    }
}

/// A refusal leaves a gap; where the next check may see more, nothing is concluded.
fn refusal(unseen: Unseen) -> Result<Unseen, Unseen> {
    match unseen {
        Unseen::Denied(_) | Unseen::Full(_) | Unseen::Refused(_) => Ok(unseen),
        Unseen::NotLetIn | Unseen::Unclear(_) => Err(unseen),
    }
}
