//! Apply a status report: read, decide by the table of transitions, write on condition that
//! nobody wrote in between, else decide again.

use workbench_core::environment::{Answer, Applied, Environment, Question};
use workbench_core::registry;
use workbench_core::report::{Report, Subject};
use workbench_core::status::Status;
use workbench_core::status::transition::KeepReason;

use super::{TRIES, busy, entry};
use crate::cloud::{Cloud, not_installed};
use crate::error::{Error, FaultKind};
use crate::table::Updated;

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
        let id = match &report.subject {
            Subject::Environment(id) => *id,
            Subject::Instance(instance) => {
                match self.table().instance_owner(&report.account, instance).await? {
                    Some(id) => id,
                    None => return Ok(Outcome::UnknownEnvironment),
                }
            }
        };
        for _ in 0..TRIES {
            let Some(environment) = self.table().environment(id).await? else {
                return Ok(Outcome::UnknownEnvironment);
            };
            if environment.home.account.aws_account_id != report.account {
                return Ok(Outcome::ForeignAccount);
            }
            let answer = match environment.question(report) {
                Some(question) => Some(self.ask(&environment, question).await?),
                None => None,
            };
            let now = self.now();
            let next = match environment.apply(report, answer, now) {
                Applied::Changed(next) => next,
                Applied::Kept(reason) => return Ok(Outcome::Kept(reason)),
            };
            let entry = entry(&environment, &next, "status report", Some(&report.event_id), now);
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

    async fn ask(&self, environment: &Environment, question: Question) -> Result<Answer, Error> {
        let type_name = &environment.recipe.type_name;
        let ty = registry::environment_type(type_name).ok_or_else(|| not_installed(type_name))?;
        let hosting = self.hosting(&environment.home.account).await;
        match question {
            Question::Outputs(record) => Ok(
                match hosting.catalog.instance(&record, &ty.record_outputs).await? {
                    Ok(instance) => Answer::Instance(instance),
                    Err(reason) => Answer::Reason(reason),
                },
            ),
            Question::RecordErrors(record) => reason(hosting.catalog.failure(&record).await),
            Question::ExecutionFailure(execution) => reason(hosting.automation.failure(&execution).await),
        }
    }
}

/// A reason that can not be read for good must not keep the status from being stored.
fn reason(asked: Result<Option<String>, Error>) -> Result<Answer, Error> {
    match asked {
        Ok(reason) => Ok(Answer::Reason(
            reason.unwrap_or_else(|| "AWS gives no reason".to_owned()),
        )),
        Err(Error::Aws(fault)) if fault.kind == FaultKind::Refused => Ok(Answer::Reason(format!(
            "the reason can not be read: {}",
            fault.reason()
        ))),
        Err(error) => Err(error),
    }
}
