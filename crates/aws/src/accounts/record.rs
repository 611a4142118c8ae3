//! Writing down what a check came to.

use workbench_core::account::check::{self, Comparison, Desired};
use workbench_core::account::{AccountStatus, HostingAccount};

use super::cycle::{CatalogCheck, CheckedAccount, InWork};
use crate::cloud::Cloud;
use crate::error::Error;
use crate::operation::TRIES;
use crate::table::{AccountCheck, Updated};

impl Cloud {
    /// Concludes and records the check of one account; none if that was not possible.
    pub(super) async fn record(&self, work: InWork, desired: &Desired) -> Option<CheckedAccount> {
        if work.is_anew {
            return None;
        }
        let aws_account = work.account.aws_account_id.clone();
        match self.try_record(work, desired).await {
            Ok(checked) => checked,
            Err(error) => {
                tracing::error!(%aws_account, %error, "the check of an account could not be recorded");
                None
            }
        }
    }

    async fn try_record(&self, work: InWork, desired: &Desired) -> Result<Option<CheckedAccount>, Error> {
        let InWork {
            mut account,
            observed,
            failures,
            written,
            catalog,
            look,
            ..
        } = work;
        let now = self.now();
        let seen_as = account.status;
        for _ in 0..TRIES {
            let comparison = check::conclude(&account, desired, &observed, &failures, now);
            let after = concluded(&account, &comparison, now);
            let settled = failures.is_empty() && comparison.is_settled();
            let check = AccountCheck {
                account_id: account.id,
                checked_at: now,
                catalog_seen_at: match catalog {
                    CatalogCheck::Asked => settled.then_some(now),
                    CatalogCheck::SeenAt(at) => Some(at),
                },
                findings: comparison.findings,
                look: look.clone().filter(|_| after.status != AccountStatus::Removed),
            };
            match self.table().record_check(&check, &account, &after).await? {
                Updated::Written => {
                    return Ok(Some(CheckedAccount {
                        before: account.status,
                        account: after,
                        findings: check.findings,
                        look: check.look,
                        written,
                        checked_at: now,
                    }));
                }
                Updated::Stale => {}
            }
            let Some(now_there) = self.table().account(account.id).await? else {
                return Ok(None);
            };
            // What was found is about an account that was wanted; it is not any more.
            if (now_there.status == AccountStatus::Removed) != (seen_as == AccountStatus::Removed) {
                return Ok(None);
            }
            account = now_there;
        }
        Err(crate::operation::busy(account.id))
    }
}

/// The account as the check leaves it; unchanged if there is nothing new to say.
fn concluded(account: &HostingAccount, comparison: &Comparison, now: jiff::Timestamp) -> HostingAccount {
    let mut after = account.clone();
    after.status = comparison.status;
    if let Some(network) = comparison.network.clone() {
        after.vpc_id = network.vpc_id;
        after.subnet_id = network.subnet_id;
        after.encryption_key_arn = network.encryption_key_arn;
    }
    if after != *account {
        after.rev += 1;
        after.updated_at = now;
    }
    after
}
