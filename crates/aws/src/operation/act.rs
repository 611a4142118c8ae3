//! Start, stop and terminate: the intent is written first, then AWS is asked. A request that was
//! cut off in between is taken up by repeating it.

use workbench_core::access::{Caller, Permission};
use workbench_core::action::{self, Action, Permit};
use workbench_core::environment::{Environment, Instance};
use workbench_core::launch::{self, Inputs, Unique};
use workbench_core::registry;
use workbench_core::status::Status;
use workbench_core::status::transition::Operation;

use super::{TRIES, busy, entry};
use crate::cloud::{Cloud, Target, not_installed};
use crate::driver::Driver;
use crate::error::{Error, Fault, FaultKind};
use crate::table::Updated;

impl Cloud {
    /// Starts, stops or terminates an environment, if its status allows that.
    ///
    /// # Errors
    /// Not authorized, not found, not in this status; or AWS's fault. What AWS refused for good is
    /// in the environment's `error` as well, and its status is what it was.
    pub async fn act(&self, caller: &Caller, target: Target, operation: Operation) -> Result<(), Error> {
        let action = match operation {
            Operation::Start => Action::Start,
            Operation::Stop => Action::Stop,
            Operation::Terminate => Action::Terminate,
            Operation::Launch => return Err(workbench_core::Error::NotAuthorized.into()),
        };
        for _ in 0..TRIES {
            let environment = self
                .authorized(caller, target, Permission::OperateEnvironment)
                .await?;
            if action::permit(action, environment.status())? == Permit::AlreadySo {
                return self.take_up(environment, operation).await;
            }
            let now = self.now();
            let intent = environment.intend(operation, now);
            let cause = format!("{} by {}", operation.label().to_lowercase(), caller.user_id);
            let entry = entry(&environment, &intent, &cause, None, now);
            match self
                .table()
                .update_environment(&environment, &intent, &entry)
                .await?
            {
                Updated::Written => return self.carry_out(&environment, intent).await,
                Updated::Stale => {}
            }
        }
        Err(busy(target.environment))
    }

    /// Asks AWS for what was intended, and takes the intent back if AWS refuses for good.
    async fn carry_out(&self, before: &Environment, intent: Environment) -> Result<(), Error> {
        let asked = match intent.status() {
            Status::Starting | Status::Stopping => self.ask_driver(&intent).await,
            Status::Terminating => return self.start_terminate(Some(before), intent).await,
            // Nothing was ever provisioned: there is nothing to ask.
            _ => Ok(()),
        };
        match asked {
            Ok(()) => Ok(()),
            Err(fault) => self.take_back(before, intent, fault).await,
        }
    }

    async fn ask_driver(&self, intent: &Environment) -> Result<(), Fault> {
        let (driver, instance) = self.driver(intent).await?;
        match intent.lifecycle.operation {
            Operation::Start => driver.start(&instance.id).await,
            Operation::Stop | Operation::Launch | Operation::Terminate => driver.stop(&instance.id).await,
        }
    }

    /// The driver and the instance of an environment.
    pub(super) async fn driver<'e>(
        &self,
        environment: &'e Environment,
    ) -> Result<(Driver, &'e Instance), Fault> {
        let type_name = &environment.recipe.type_name;
        let ty = registry::environment_type(type_name).ok_or_else(|| not_installed(type_name))?;
        let hosting = self.hosting(&environment.home.account).await;
        let driver = hosting
            .driver(ty.compute.name)
            .ok_or_else(|| not_installed(ty.compute.name))?;
        let instance = environment
            .instance
            .as_ref()
            .ok_or_else(|| not_installed("an instance"))?;
        Ok((driver, instance))
    }

    async fn take_back(&self, before: &Environment, intent: Environment, fault: Fault) -> Result<(), Error> {
        if fault.kind == FaultKind::Unclear {
            // It may have been done: the event will tell, and after the deadline AWS is asked.
            tracing::warn!(environment.id = %intent.id, %fault, "{} not confirmed", intent.lifecycle.operation.label());
            return Err(fault.into());
        }
        let now = self.now();
        let back = intent.refused(Some(before), fault.reason(), now);
        let entry = entry(&intent, &back, "refused by AWS", None, now);
        if self.table().update_environment(&intent, &back, &entry).await? == Updated::Stale {
            tracing::info!(environment.id = %intent.id, "a report came before the refusal was written; it stands");
        }
        Err(fault.into())
    }

    /// Starts the terminate document, or finds the execution that was started with the same token.
    async fn start_terminate(&self, before: Option<&Environment>, intent: Environment) -> Result<(), Error> {
        let started = self.ask_terminate(&intent).await;
        match (started, before) {
            (Ok(execution), _) => self.remember_execution(intent, execution).await.map(drop),
            (Err(fault), Some(before)) => self.take_back(before, intent, fault).await,
            (Err(fault), None) => Err(fault.into()),
        }
    }

    async fn ask_terminate(&self, intent: &Environment) -> Result<workbench_core::id::ExecutionId, Fault> {
        let type_name = &intent.recipe.type_name;
        let ty = registry::environment_type(type_name).ok_or_else(|| not_installed(type_name))?;
        let inputs = Inputs {
            environment: intent,
            main: self.main(),
            path_id: None,
        };
        let parameters = launch::parameters(&ty.terminate, inputs).map_err(|error| Fault {
            message: error.to_string(),
            ..not_installed(type_name)
        })?;
        let token = Unique(intent).execution_token();
        let hosting = self.hosting(&intent.home.account).await;
        hosting
            .automation
            .start(ty.name, "Terminate", parameters, &token)
            .await
    }

    /// A request for what is under way already: does what was left undone, if anything was.
    async fn take_up(&self, environment: Environment, operation: Operation) -> Result<(), Error> {
        if environment.lifecycle.operation != operation || !environment.status().in_flight() {
            return Ok(());
        }
        if operation == Operation::Terminate {
            return match environment.execution {
                Some(_) => Ok(()),
                None => self.start_terminate(None, environment).await,
            };
        }
        let (driver, instance) = self.driver(&environment).await?;
        let is = driver.describe(&instance.id).await?;
        match (operation, is) {
            (Operation::Start, Some(Status::Stopped)) => Ok(driver.start(&instance.id).await?),
            (Operation::Stop, Some(Status::Completed)) => Ok(driver.stop(&instance.id).await?),
            _ => Ok(()),
        }
    }
}
