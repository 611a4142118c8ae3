//! An environment, and what requests and reports make of it. Pure: what is decided here is
//! written by one conditional write on `rev`.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::account::HostingAccount;
use crate::env_type::{ConfigParam, EnvTypeConfig};
use crate::id::{
    EnvTypeConfigId, EnvTypeId, EnvironmentId, ExecutionId, InstanceId, ProjectId, ProvisionedProductId,
    RecordId, UserId,
};
use crate::project::Project;
use crate::status::transition::{Lifecycle, Operation};
use crate::status::{Status, deadline};
use crate::text::{Description, Name};

mod refusal;
mod report;
mod waiting;

pub use refusal::TakenBack;
pub use report::{Answer, Applied, Question};
pub use waiting::{Heard, Wait, Waiting};

/// Why an environment is in a status that nobody wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What failed: `LAUNCH`, `START`, `STOP`, `TERMINATE`, or the status that the instance reported.
    #[serde(rename = "type")]
    pub kind: String,
    /// The reason, in the words of whoever refused.
    pub value: String,
}

/// The running thing behind an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    /// Its id in the compute's events.
    pub id: InstanceId,
    /// Its ARN.
    pub arn: String,
    /// The role that it runs as.
    pub role_arn: String,
}

/// The configuration as it was when the environment was launched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recipe {
    /// The registered type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Product and version.
    pub env_type_id: EnvTypeId,
    /// The configuration.
    pub config_id: EnvTypeConfigId,
    /// Its parameters.
    pub params: Vec<ConfigParam>,
    /// When the configuration was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

impl Recipe {
    /// What `config` says now.
    #[must_use]
    pub fn of(config: &EnvTypeConfig) -> Self {
        Self {
            type_name: config.type_name.clone(),
            env_type_id: config.env_type_id.clone(),
            config_id: config.id,
            params: config.params.clone(),
            created_at: config.created_at,
            updated_at: config.updated_at,
        }
    }
}

/// The project as it was when the environment was launched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Home {
    /// The project.
    pub project_id: ProjectId,
    /// Its name.
    pub project_name: Name,
    /// The account in which the environment runs.
    pub account: HostingAccount,
    /// When the project was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

impl Home {
    /// What `project` says now.
    #[must_use]
    pub fn of(project: &Project) -> Self {
        Self {
            project_id: project.id,
            project_name: project.name.clone(),
            account: project.account.clone(),
            created_at: project.created_at,
            updated_at: project.updated_at,
        }
    }
}

/// One launched instance of a configuration, for a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Its id.
    pub id: EnvironmentId,
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: Description,
    /// Who launched it.
    pub owner: UserId,
    /// What it was made from.
    pub recipe: Recipe,
    /// Where it belongs.
    pub home: Home,
    /// Where it is in its life.
    pub lifecycle: Lifecycle,
    /// Why it failed, while it is failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// Why its launch or terminate has not begun yet, while AWS has no room for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// The automation of the latest launch or terminate, once it is known to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<ExecutionId>,
    /// The provisioned product, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<ProvisionedProductId>,
    /// The Service Catalog record of the latest launch or terminate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
    /// The instance, once the launch is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<Instance>,
    /// When AWS is asked next: again about the operation under way, or about a status that is in doubt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postponed_until: Option<Timestamp>,
    /// Raised by every write.
    pub rev: u64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

impl Environment {
    /// A new environment, asked for at `now` and not yet launched.
    #[must_use]
    pub fn request(
        id: EnvironmentId,
        name: Name,
        description: Description,
        owner: UserId,
        config: &EnvTypeConfig,
        project: &Project,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            name,
            description,
            owner,
            recipe: Recipe::of(config),
            home: Home::of(project),
            lifecycle: Lifecycle {
                status: Status::Pending,
                operation: Operation::Launch,
                generation: 1,
                requested_at: now,
                reported: None,
                launched_at: None,
                held: None,
            },
            error: None,
            waiting: None,
            execution: None,
            product: None,
            record: None,
            instance: None,
            postponed_until: None,
            rev: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The status that the API shows.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.lifecycle.status
    }

    /// The project that it belongs to.
    #[must_use]
    pub const fn project_id(&self) -> ProjectId {
        self.home.project_id
    }

    /// When AWS is to be asked what is so: while the status is in flight and no report has told, or is in doubt.
    #[must_use]
    pub fn look_at(&self) -> Option<Timestamp> {
        let first = || {
            let first = deadline::first_look(self.status())?;
            self.lifecycle.since().checked_add(first).ok()
        };
        self.postponed_until.or_else(first)
    }

    /// The environment once AWS was asked and the operation is still under way, or AWS did not answer.
    #[must_use]
    pub fn postponed(&self, now: Timestamp) -> Self {
        let later = if self.is_in_queue(now) {
            self.look_in_queue(now)
        } else {
            deadline::next_look(self.lifecycle.since(), now)
        };
        Self {
            postponed_until: Some(later),
            ..self.written(now)
        }
    }

    /// The environment with its status in doubt: AWS is asked, though nothing is under way as far as anybody knows.
    #[must_use]
    pub fn doubted(self, now: Timestamp) -> Self {
        Self {
            postponed_until: self.postponed_until.or_else(|| Some(deadline::doubt(now))),
            ..self
        }
    }

    /// The environment once somebody has seen what its status does not say: AWS is asked about it.
    #[must_use]
    pub fn suspected(&self, now: Timestamp) -> Self {
        self.written(now).doubted(now)
    }

    /// The environment once AWS was asked and says what the status says: it is asked no more.
    #[must_use]
    pub fn confirmed(&self, now: Timestamp) -> Self {
        Self {
            postponed_until: None,
            ..self.written(now)
        }
    }

    /// Until when its status, if it is in flight, may last.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        let limit = deadline::limit(self.status())?;
        let usual = || self.lifecycle.since().checked_add(limit).ok();
        self.waiting_deadline().or_else(usual)
    }

    /// Whether its status is in flight for longer than it may be.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.deadline().is_some_and(|deadline| deadline < now)
    }

    /// Whether AWS may still be asked to begin: whoever asks lives for less than a minute, and once the status is overdue
    /// somebody may end it.
    #[must_use]
    pub fn may_begin(&self, now: Timestamp) -> bool {
        let soon = now.saturating_add(SignedDuration::from_mins(1)).unwrap_or(now);
        !self.is_overdue(soon)
    }

    /// Whether its launch was cut off before its automation was known to run, and may still be begun by a repeated request.
    /// One that waits is not: its turn comes with the sweep.
    #[must_use]
    pub fn launch_is_cut_off(&self, now: Timestamp) -> bool {
        self.status() == Status::Pending
            && self.lifecycle.operation == Operation::Launch
            && self.execution.is_none()
            && self.waiting.is_none()
            && self.may_begin(now)
    }

    /// The environment once a start, stop or terminate is asked for. Whether it may be is
    /// [`crate::action::permit`]'s to say.
    #[must_use]
    pub fn intend(&self, operation: Operation, now: Timestamp) -> Self {
        let status = match operation {
            Operation::Launch => Status::Pending,
            Operation::Start => Status::Starting,
            Operation::Stop => Status::Stopping,
            // Where nothing was ever provisioned there is nothing to wait for.
            Operation::Terminate if self.product.is_none() => Status::Terminated,
            Operation::Terminate => Status::Terminating,
        };
        let mut next = self.written(now);
        next.lifecycle = Lifecycle {
            status,
            operation,
            generation: self.lifecycle.generation + 1,
            requested_at: now,
            reported: self.lifecycle.reported,
            launched_at: self.lifecycle.launched_at,
            held: None,
        };
        next.error = None;
        next.waiting = None;
        next.execution = None;
        next.postponed_until = None;
        next
    }

    /// The environment once the automation of its launch or terminate is known to run. Where another worker has written
    /// meanwhile that AWS refuses the same request, AWS has taken it up after all: it is under way again.
    #[must_use]
    pub fn started(&self, operation: Operation, execution: ExecutionId, now: Timestamp) -> Self {
        let mut next = Self {
            execution: Some(execution),
            ..self.written(now)
        };
        next.wait_no_more();
        let status = match (operation, self.status()) {
            // A launch that was reported to have failed did run.
            (Operation::Launch, Status::Failed) if self.lifecycle.reported.is_none() => Status::Pending,
            (Operation::Terminate, status) if !matches!(status, Status::Terminating | Status::Terminated) => {
                Status::Terminating
            }
            _ => return next,
        };
        next.lifecycle.status = status;
        next.lifecycle.operation = operation;
        next.lifecycle.requested_at = now;
        next.error = None;
        next.postponed_until = None;
        next
    }

    /// Whether its operation was asked for so long ago that nothing of it can begin any more.
    #[must_use]
    pub fn has_begun_if_ever(&self, now: Timestamp) -> bool {
        now.duration_since(self.lifecycle.requested_at) > deadline::BEGINNING
    }

    fn written(&self, now: Timestamp) -> Self {
        Self {
            rev: self.rev + 1,
            updated_at: now,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests;
