//! Instances that have changed by nobody's request and without an event: AWS is asked about their environments.

use workbench_core::account::HostingAccount;
use workbench_core::account::check::Unseen;
use workbench_core::account::drift::{Drift, Instances, drifted};
use workbench_core::account::orphans::{Environments, Gap};

use super::handler::Handler;
use super::inventory::PAGES;
use super::orphans::{seen, unread};
use crate::cloud::Cloud;

impl Cloud {
    /// What each compute has in the account. A list that AWS refuses does not keep the others from being looked at.
    pub(super) async fn instances(
        &self,
        handler: &Handler,
        gaps: &mut Vec<Gap>,
    ) -> Result<Vec<Instances>, Unseen> {
        let mut all = Vec::new();
        for (compute, driver) in &handler.drivers {
            let at = self.now();
            let (asked, what) = (driver.list(PAGES).await, format!("instances of {compute}"));
            if let Some(listing) = seen(asked, &what, Gap::Instances, gaps)? {
                all.push(Instances {
                    compute,
                    at,
                    statuses: listing.found,
                    whole: listing.whole,
                });
            }
        }
        Ok(all)
    }

    /// Has the sweep ask about the environments that differ from their instances, unless it is going to.
    pub(super) async fn notice_drift(
        &self,
        account: &HostingAccount,
        instances: &[Instances],
        environments: &Environments,
    ) -> Result<(), Unseen> {
        for instances in instances {
            for (environment, drift) in drifted(&account.aws_account_id, instances, environments) {
                if environment.look_at().is_some() {
                    continue;
                }
                let reason = match drift {
                    Drift::Is(status) => format!("its instance is listed as {status}"),
                    Drift::NotListed => "its instance is not listed any more".to_owned(),
                };
                self.suspect(environment, reason, false).await.map_err(unread)?;
            }
        }
        Ok(())
    }
}
