//! To which environment an instance or an automation belongs: pointers for events that name nothing else.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use workbench_core::environment::Environment;
use workbench_core::id::{AwsAccountId, EnvironmentId, ExecutionId, InstanceId};

use super::Table;
use super::key::{self, Key};
use super::row::Row;
use crate::error::Error;

/// How long an automation's pointer is kept. Automations end within hours.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// To which environment an instance belongs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InstanceOwner {
    aws_account_id: AwsAccountId,
    instance_id: InstanceId,
    environment_id: EnvironmentId,
}

impl InstanceOwner {
    pub(super) fn of(environment: &Environment, instance: &InstanceId) -> Self {
        Self {
            aws_account_id: environment.home.account.aws_account_id.clone(),
            instance_id: instance.clone(),
            environment_id: environment.id,
        }
    }
}

impl Row for InstanceOwner {
    fn key(&self) -> Key {
        key::instance(&self.aws_account_id, &self.instance_id)
    }
}

/// To which environment an automation belongs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExecutionOwner {
    aws_account_id: AwsAccountId,
    execution_id: ExecutionId,
    environment_id: EnvironmentId,
    stored_at: Timestamp,
}

impl ExecutionOwner {
    pub(super) fn of(environment: &Environment, execution: &ExecutionId) -> Self {
        Self {
            aws_account_id: environment.home.account.aws_account_id.clone(),
            execution_id: execution.clone(),
            environment_id: environment.id,
            stored_at: environment.updated_at,
        }
    }
}

impl Row for ExecutionOwner {
    fn key(&self) -> Key {
        key::execution(&self.aws_account_id, &self.execution_id)
    }

    fn expires(&self) -> Option<Timestamp> {
        self.stored_at.checked_add(KEPT).ok()
    }
}

impl Table {
    /// The environment to which an instance belongs.
    ///
    /// # Errors
    /// DynamoDB's, or the row can not be read.
    pub async fn instance_owner(
        &self,
        account: &AwsAccountId,
        instance: &InstanceId,
    ) -> Result<Option<EnvironmentId>, Error> {
        let owner: Option<InstanceOwner> = self.get(key::instance(account, instance)).await?;
        Ok(owner.map(|owner| owner.environment_id))
    }

    /// The environment to which an automation belongs. It is known for 30 days.
    ///
    /// # Errors
    /// DynamoDB's, or the row can not be read.
    pub async fn execution_owner(
        &self,
        account: &AwsAccountId,
        execution: &ExecutionId,
    ) -> Result<Option<EnvironmentId>, Error> {
        let owner: Option<ExecutionOwner> = self.get(key::execution(account, execution)).await?;
        Ok(owner.map(|owner| owner.environment_id))
    }
}
