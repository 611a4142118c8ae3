//! Apply a status report: read, decide by the table of transitions, write on condition that
//! nobody wrote in between, else decide again.

use workbench_core::environment::{Answer, Applied, Environment, Question};
use workbench_core::id::{ExecutionId, RecordId};
use workbench_core::repair::Product;
use workbench_core::report::{Report, Subject};
use workbench_core::status::Status;
use workbench_core::status::transition::KeepReason;

use super::{TRIES, busy, report_entry};
use crate::cloud::{Cloud, installed_type};
use crate::error::{Error, FaultKind};
use crate::hosting::Hosting;
use crate::table::Updated;

/// Why a report of another account changes nothing.
const FOREIGN: &str = "not the environment's account";

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was written. The statuses are the same where only something else was learned.
    Changed {
        /// The status before.
        from: Status,
        /// The status after.
        to: Status,
    },
    /// It changes nothing, and why.
    Kept(KeepReason),
    /// No environment of Workbench's is meant.
    UnknownEnvironment,
    /// It comes from another account than the environment's: refused.
    ForeignAccount,
}

impl Cloud {
    /// Applies `report`. Harmless however often and however late it comes.
    ///
    /// AWS calls: one read and one write; at the end of a launch also AssumeRole unless cached, and
    /// one question to AWS. One more read where the event names only the instance.
    ///
    /// # Errors
    /// AWS's faults, after which the same report may be applied again.
    pub async fn apply(&self, report: &Report) -> Result<Outcome, Error> {
        self.apply_for(report, "status report").await
    }

    /// As [`Cloud::apply`]; `cause` is what the timeline says.
    pub(super) async fn apply_for(&self, report: &Report, cause: &str) -> Result<Outcome, Error> {
        let id = match &report.subject {
            Subject::Environment(id) => Some(*id),
            Subject::Instance(instance) => self.table().instance_owner(&report.account, instance).await?,
            Subject::Execution(execution) => self.table().execution_owner(&report.account, execution).await?,
        };
        let Some(id) = id else {
            return Ok(Outcome::UnknownEnvironment);
        };
        for _ in 0..TRIES {
            let Some(environment) = self.table().environment(id).await? else {
                return Ok(Outcome::UnknownEnvironment);
            };
            if environment.home.account.aws_account_id != report.account {
                self.keep(&environment, cause, report, FOREIGN).await?;
                return Ok(Outcome::ForeignAccount);
            }
            let answer = match environment.question(report) {
                Some(question) => Some(self.ask(&environment, question).await?),
                None => None,
            };
            let now = self.now();
            let next = match environment.apply(report, answer, now) {
                Applied::Changed(next) => next,
                Applied::Kept(reason) => {
                    if let (KeepReason::Final, None, Some(product)) =
                        (reason, &environment.product, &report.facts.product)
                    {
                        tracing::error!(environment.id = %id, %product, "a product came to light after its environment was TERMINATED");
                    }
                    self.keep(&environment, cause, report, reason.label()).await?;
                    return Ok(Outcome::Kept(reason));
                }
            };
            let entry = report_entry(&environment, &next, cause, report, None, now);
            match self
                .table()
                .update_environment(&environment, &next, &entry)
                .await?
            {
                Updated::Written => {
                    return Ok(Outcome::Changed {
                        from: environment.status(),
                        to: next.status(),
                    });
                }
                Updated::Stale => {}
            }
        }
        Err(busy(id))
    }

    /// Writes into the timeline why a report changed nothing.
    async fn keep(
        &self,
        environment: &Environment,
        cause: &str,
        report: &Report,
        why: &str,
    ) -> Result<(), Error> {
        let entry = report_entry(environment, environment, cause, report, Some(why), self.now());
        self.table().keep_report(environment, &entry).await
    }

    async fn ask(&self, environment: &Environment, question: Question) -> Result<Answer, Error> {
        let ty = installed_type(environment)?;
        let hosting = self.hosting(&environment.home.account);
        let answer = match question {
            Question::Outputs(record) => hosting.catalog.instance(&record, &ty.record_outputs).await,
            Question::LaunchFailure { record, execution } => failure(&hosting, record, execution).await,
            Question::TerminateFailure {
                product: Some(product),
                record: None,
                execution,
            } => match hosting.catalog.product(&product).await {
                Ok(Product::Absent) => Ok(Answer::Gone),
                Ok(_) => failure(&hosting, None, execution).await,
                Err(fault) => Err(fault.into()),
            },
            Question::TerminateFailure {
                record, execution, ..
            } => failure(&hosting, record, execution).await,
        };
        match answer {
            // What can not be read for good must not keep the status from being stored.
            Err(Error::Aws(fault)) if fault.kind == FaultKind::Refused => Ok(Answer::Reason(format!(
                "the reason can not be read: {}",
                fault.reason()
            ))),
            answer => answer,
        }
    }
}

/// Why a document failed: what its record says, else what the automation says.
async fn failure(
    hosting: &Hosting,
    record: Option<RecordId>,
    execution: Option<ExecutionId>,
) -> Result<Answer, Error> {
    let mut reason = None;
    if let Some(record) = record {
        reason = hosting.catalog.failure(&record).await?;
    }
    if let (None, Some(execution)) = (&reason, execution) {
        reason = hosting.automation.failure(&execution).await?;
    }
    Ok(Answer::Reason(
        reason.unwrap_or_else(|| "AWS gives no reason".to_owned()),
    ))
}
