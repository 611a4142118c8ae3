//! Workbench as it is at a time, to begin with as often as wanted.

use workbench_aws::Ids;

use super::{StartError, Workbench, guarded};
use crate::functions::FunctionError;
use crate::process::Process;

/// Workbench, standing still. Nothing that is done to what is made of it reaches it.
#[derive(Clone)]
pub struct Snapshot(Workbench);

impl Workbench {
    /// What it is once nothing happens by itself any more: its schedules are stopped, and what is under way is ended.
    ///
    /// # Errors
    /// The schedules can not be stopped, or the state can not be copied.
    pub async fn snapshot(self) -> Result<Snapshot, StartError> {
        self.hold_schedules().map_err(FunctionError::from)?;
        while self.aws.advance_to_next().is_some() {
            self.deliver_events().await;
        }
        self.aws.world().forget_calls();
        let snapshot = Snapshot(self);
        // What can be copied once can be copied again.
        snapshot.open(Ids::random()).await?;
        Ok(snapshot)
    }
}

impl Snapshot {
    /// A Workbench of its own in the same state, whose functions have no handlers and take new ids from `ids`.
    ///
    /// # Errors
    /// As for [`Workbench::snapshot`].
    pub async fn open(&self, ids: Ids) -> Result<Workbench, StartError> {
        let base = &self.0;
        let aws = base.aws.fork().map_err(FunctionError::from)?;
        let functions = base.functions.on(&aws, ids);
        let cloud = functions.cloud(&base.main.api).await?;
        Ok(Workbench {
            router: guarded(cloud.clone(), Process::default(), &base.people),
            status: functions.cloud(&base.main.status).await?,
            account: functions.cloud(&base.main.account_function).await?,
            cloud,
            functions,
            aws,
            ..base.clone()
        })
    }
}
