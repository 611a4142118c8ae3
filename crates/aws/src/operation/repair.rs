//! The repair sweep: whatever no report has told is asked of AWS, and settled by the same table of transitions.
//!
//! The cost grows with what is in flight for longer than usual, not with what there is. Environments are looked after
//! apart from each other: where AWS refuses or does not answer, that one is asked about later, and the others go on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use workbench_core::environment::{Environment, Wait};
use workbench_core::id::{AwsAccountId, EnvironmentId};
use workbench_core::launch::Unique;
use workbench_core::registry::DocumentKind;
use workbench_core::repair::{self, Automation, Finding, Product};
use workbench_core::report::Facts;
use workbench_core::status::Status;
use workbench_core::status::transition::{Operation, Source};

use super::apply::Outcome;
use crate::cloud::Cloud;
use crate::driver::Described;
use crate::error::{Error, Fault, FaultKind};
use crate::hosting::Hosting;
use crate::table::{Due, Updated};

/// How many environments one sweep takes up. What is left comes first in the next one.
pub const SWEEP: u16 = 400;

/// How many environments are looked after at the same time.
const AT_ONCE: usize = 16;

/// For how long a sweep takes up environments, within the function's 30 seconds. The rest is left to the next one.
const SHIFT: Duration = Duration::from_secs(10);

/// When, from its start on, a sweep gives the last turn to those that wait.
const TURNS: Duration = Duration::from_secs(20);

/// How long one environment may take: an account that does not answer must not hold up the others.
const PATIENCE: Duration = Duration::from_secs(8);

/// The cause of what repair writes, in the timeline.
const CAUSE: &str = "asked AWS";

/// What became of looking after one environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repaired {
    /// Its operation is over; the status says so now.
    Settled {
        /// The status before.
        from: Status,
        /// The status after.
        to: Status,
    },
    /// Its status was in doubt, and is what is so.
    Confirmed,
    /// Its operation is under way: it is asked about again later.
    UnderWay,
    /// AWS refused to answer, or did not: it is asked about again later.
    Unanswered,
    /// Somebody else was faster.
    NotDue,
    /// The sweep's time was over: the next one begins with it.
    Left,
}

impl Repaired {
    /// The word under which repairs are logged and counted.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Settled { .. } => "settled",
            Self::Confirmed => "confirmed",
            Self::UnderWay => "under way",
            Self::Unanswered => "unanswered",
            Self::NotDue => "not due",
            Self::Left => "left",
        }
    }
}

/// What a first look at an environment comes to.
enum Looked {
    /// It was looked after.
    Done(Repaired),
    /// It waits for its turn in this account.
    Waits(AwsAccountId),
}

impl Cloud {
    /// Looks after the environments that are due, the longest due first; then those that wait for their turn get it, in
    /// each account as far as AWS has room. How many ended in which way.
    ///
    /// # Errors
    /// Those due can not be listed. What fails for one environment is logged and counted as `failed`.
    pub async fn sweep(&self) -> Result<BTreeMap<&'static str, u32>, Error> {
        let due = self.table().due(self.now(), SWEEP).await?;
        let free = Arc::new(Semaphore::new(AT_ONCE));
        let start = Instant::now();
        let end = start + SHIFT;
        let mut work = JoinSet::new();
        let mut queues = BTreeSet::new();
        for due in due {
            let id = match due {
                Due::Environment(id) => id,
                Due::Queue(account) => {
                    queues.insert(account);
                    continue;
                }
            };
            let (cloud, free) = (self.clone(), Arc::clone(&free));
            work.spawn(async move {
                // Nobody closes the semaphore; without it there would only be more at once.
                let _turn = free.acquire().await;
                if Instant::now() > end {
                    return (id, Ok(Looked::Done(Repaired::Left)));
                }
                (id, Box::pin(cloud.look_after(id)).await)
            });
        }
        let mut counts = BTreeMap::new();
        while let Some(done) = work.join_next().await {
            let label = match done {
                Ok((_, Ok(Looked::Waits(account)))) => {
                    queues.insert(account);
                    continue;
                }
                Ok((id, Ok(Looked::Done(repaired)))) => {
                    tracing::info!(environment.id = %id, ?repaired, "looked after");
                    repaired.label()
                }
                Ok((id, Err(error))) => {
                    tracing::error!(environment.id = %id, %error, "not looked after");
                    "failed"
                }
                Err(panic) => {
                    tracing::error!(%panic, "an environment was not looked after");
                    "failed"
                }
            };
            *counts.entry(label).or_default() += 1;
        }
        self.serve(queues, start + TURNS, &mut counts).await;
        Ok(counts)
    }

    /// One environment of a sweep.
    async fn look_after(&self, id: EnvironmentId) -> Result<Looked, Error> {
        let Some(environment) = self.due(id).await? else {
            return Ok(Looked::Done(Repaired::NotDue));
        };
        if environment.is_in_queue(self.now()) {
            // Its queue is looked at anyway, unless that was lost.
            self.postpone(id).await?;
            return Ok(Looked::Waits(environment.home.account.aws_account_id));
        }
        match timeout(PATIENCE, self.settle(environment)).await {
            Ok(Ok(repaired)) => return Ok(Looked::Done(repaired)),
            Ok(Err(error)) => {
                // Whatever is wrong with it must not come first in every sweep.
                self.postpone(id).await?;
                return Err(error);
            }
            Err(_) => {}
        }
        tracing::warn!(environment.id = %id, "AWS does not answer in time");
        self.postpone(id).await?;
        Ok(Looked::Done(Repaired::Unanswered))
    }

    /// Asks AWS what has become of an environment's operation, and settles it. An error is the table's: AWS's answer, or
    /// the lack of one, is a result.
    async fn settle(&self, environment: Environment) -> Result<Repaired, Error> {
        let id = environment.id;
        // What AWS answers was so after this. Had it changed since, the change's own report is newer than the answer.
        let asked_at = self.now();
        let finding = match self.find_out(&environment).await {
            Ok(finding) => finding,
            Err(Error::Aws(fault)) => {
                tracing::warn!(environment.id = %id, %fault, "AWS does not tell what is so");
                self.postpone(id).await?;
                return Ok(Repaired::Unanswered);
            }
            Err(error) => return Err(error),
        };
        let from = environment.status();
        let Finding::Over(source, status, facts) = finding else {
            self.postpone(id).await?;
            return Ok(Repaired::UnderWay);
        };
        // That it still is on its way is no news, and does not give it more time.
        if source == Source::Instance && status == from && from.in_flight() {
            self.postpone(id).await?;
            return Ok(Repaired::UnderWay);
        }
        let report = environment.found(source, status, facts, asked_at);
        match self.apply_for(&report, CAUSE).await? {
            Outcome::Changed { to, .. } if to != from => {
                // Whatever its status is by what the instance has told: it may have told more that nobody heard.
                if status == Status::Completed && source == Source::Launch {
                    self.look_at_instance(id, to).await?;
                }
                Ok(Repaired::Settled { from, to })
            }
            Outcome::Changed { .. } | Outcome::Kept(_) if from.in_flight() => {
                self.postpone(id).await?;
                Ok(Repaired::UnderWay)
            }
            Outcome::Changed { .. } | Outcome::Kept(_) => {
                self.look_again(id, Environment::confirmed).await?;
                Ok(Repaired::Confirmed)
            }
            Outcome::UnknownEnvironment | Outcome::ForeignAccount => Ok(Repaired::NotDue),
        }
    }

    /// The environment, if it is still due.
    async fn due(&self, id: EnvironmentId) -> Result<Option<Environment>, Error> {
        let environment = self.table().environment(id).await?;
        let now = self.now();
        Ok(environment.filter(|found| found.look_at().is_some_and(|at| at <= now)))
    }

    /// Asks again later.
    pub(super) async fn postpone(&self, id: EnvironmentId) -> Result<(), Error> {
        self.look_again(id, Environment::postponed).await
    }

    /// Writes when AWS is asked again, unless what was asked about has changed by now.
    async fn look_again(
        &self,
        id: EnvironmentId,
        decide: impl Fn(&Environment, Timestamp) -> Environment,
    ) -> Result<(), Error> {
        let Some(environment) = self.due(id).await? else {
            return Ok(());
        };
        let later = decide(&environment, self.now());
        match self.table().update_quietly(&environment, &later).await? {
            Updated::Written => {}
            Updated::Stale => {
                tracing::debug!(environment.id = %id, "changed meanwhile; asked about as before");
            }
        }
        Ok(())
    }

    async fn find_out(&self, environment: &Environment) -> Result<Finding, Error> {
        match (environment.status(), environment.lifecycle.operation) {
            (Status::Pending, _) | (Status::Failed, Operation::Launch) => self.find_launch(environment).await,
            (Status::Terminating, Operation::Terminate) | (Status::TerminatingFailed, _) => {
                self.find_terminate(environment).await
            }
            _ => self.find_instance(environment).await,
        }
    }

    /// A launch that was cut off before its automation is started now, with the same token. One that is overdue is not:
    /// it may be terminated at the same time, and would then run all the same. Nor is one that has FAILED; but a repeated
    /// request may have started it.
    async fn find_launch(&self, environment: &Environment) -> Result<Finding, Error> {
        let hosting = self.hosting(&environment.home.account);
        if let Some(execution) = &environment.execution
            && hosting.automation.state(execution).await? == Automation::UnderWay
        {
            return Ok(Finding::UnderWay);
        }
        let product = hosting
            .catalog
            .product_named(&Unique(environment).product_name())
            .await?;
        if environment.execution.is_some() || product != Product::Absent {
            return Ok(repair::launch(product));
        }
        if environment.status() == Status::Failed {
            return Ok(repair::unheard(environment, self.now()));
        }
        if environment.is_overdue(self.now()) {
            let facts = Facts {
                error_message: Some("the launch could not be started in time".to_owned()),
                ..Facts::default()
            };
            return Ok(Finding::Over(Source::Launch, Status::Failed, facts));
        }
        // Where its turns are over, what AWS may have heard at the last one has its time.
        if environment.waiting.is_some() || !environment.may_begin(self.now()) {
            return Ok(Finding::UnderWay);
        }
        match self.start_again(environment.clone()).await?.unconfirmed {
            Some(fault) => Err(fault.into()),
            None => Ok(Finding::UnderWay),
        }
    }

    /// A terminate that was cut off before its automation is started now, with the same token. From a refusal nothing is
    /// concluded: an earlier start may have been heard by nobody. Once overdue, it can be asked for again.
    async fn find_terminate(&self, environment: &Environment) -> Result<Finding, Error> {
        let hosting = self.hosting(&environment.home.account);
        if let Some(execution) = &environment.execution
            && hosting.automation.state(execution).await? == Automation::UnderWay
        {
            return Ok(Finding::UnderWay);
        }
        let product = known_product(environment, &hosting).await?;
        let never_started = environment.execution.is_none();
        if !never_started || matches!(product, Product::Absent | Product::Changing(_)) {
            return Ok(repair::terminate(&product));
        }
        if environment.status() == Status::TerminatingFailed {
            return Ok(repair::unheard(environment, self.now()));
        }
        let kind = DocumentKind::Terminate;
        match self.start_document(kind, environment, None).await {
            Ok(execution) => self.remember_execution(environment.clone(), execution).await?,
            Err(fault) if fault.kind == FaultKind::Busy => {
                let wait = Wait::later_try(fault.reason());
                self.no_room(environment.clone(), wait).await?
            }
            Err(fault) => return Err(fault.into()),
        };
        Ok(Finding::UnderWay)
    }

    async fn find_instance(&self, environment: &Environment) -> Result<Finding, Error> {
        let (driver, instance) = self.driver(environment).await?;
        match driver.describe(&instance.id).await? {
            Described::Is(status) => Ok(Finding::Over(Source::Instance, status, Facts::default())),
            Described::Unmapped => Ok(Finding::UnderWay),
            Described::Gone => {
                let hosting = self.hosting(&environment.home.account);
                let product = known_product(environment, &hosting).await?;
                Ok(repair::vanished(&product))
            }
        }
    }

    /// Where the end of a launch was not heard, what its instance said since was not heard either.
    async fn look_at_instance(&self, id: EnvironmentId, launched: Status) -> Result<(), Error> {
        let read = self.table().environment(id).await?;
        // Whoever asks for something meanwhile writes so before they change the instance: it would tell what was before.
        let Some(environment) = read.filter(|found| found.status() == launched) else {
            return Ok(());
        };
        let asked_at = self.now();
        match self.find_instance(&environment).await {
            Ok(Finding::Over(source, status, facts)) => {
                let report = environment.found(source, status, facts, asked_at);
                let outcome = self.apply_for(&report, CAUSE).await?;
                tracing::debug!(environment.id = %id, ?outcome, "the instance was asked");
                Ok(())
            }
            Ok(Finding::UnderWay) => Ok(()),
            Err(Error::Aws(fault)) => {
                tracing::warn!(environment.id = %id, %fault, "the instance does not tell what it is");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// The environment's product, as it is.
async fn known_product(environment: &Environment, hosting: &Hosting) -> Result<Product, Fault> {
    match &environment.product {
        Some(product) => hosting.catalog.product(product).await,
        None => Ok(Product::Absent),
    }
}
