//! Start, stop and terminate: the intent is written first, then AWS is asked. A request that was
//! cut off in between is taken up by repeating it.

use workbench_core::action::{self, Change, Permit, Progress};
use workbench_core::environment::{Applied, Environment, Instance, TakenBack, Wait};
use workbench_core::id::UserId;
use workbench_core::launch::Unique;
use workbench_core::registry::DocumentKind;
use workbench_core::repair::{Automation, Product};
use workbench_core::status::Status;
use workbench_core::status::transition::{Lifecycle, Operation};

use super::{TRIES, busy, entry};
use crate::cloud::{Cloud, installed_type, not_installed, not_possible};
use crate::driver::{Described, Driver};
use crate::error::{Error, Fault, FaultKind};
use crate::table::Updated;

impl Cloud {
    /// Starts, stops or terminates an environment for `user`, if its status allows that.
    ///
    /// # Errors
    /// Not in this status; or AWS's fault. What AWS refused for good is
    /// in the environment's `error` as well, and its status is what it was.
    pub async fn act(&self, environment: Environment, user: UserId, change: Change) -> Result<(), Error> {
        let id = environment.id;
        let mut read = Some(environment);
        for _ in 0..TRIES {
            let environment = match read.take() {
                Some(environment) => environment,
                None => self.read(id).await?,
            };
            let now = self.now();
            let progress = environment.progress(now);
            let permit = action::permit(change.action(), environment.status(), progress)?;
            if permit == Permit::AlreadySo {
                match self.take_up(environment, change).await? {
                    TakenUp::Done => return Ok(()),
                    TakenUp::NotSo => continue,
                }
            }
            let (environment, intent) = match (change, progress) {
                // Nobody has begun it, and whoever would writes first that they do: there is nothing to look for.
                (Change::Terminate, Progress::Queued) => {
                    let called_off = environment.called_off(now);
                    (environment, called_off)
                }
                (Change::Terminate, _) => {
                    let environment = self.with_product(environment).await?;
                    let intent = environment.intend(change.operation(), now);
                    (environment, intent)
                }
                (Change::Start | Change::Stop, _) => {
                    let intent = environment.intend(change.operation(), now);
                    (environment, intent)
                }
            };
            let cause = format!("{} by {}", change.operation().label().to_lowercase(), user);
            let entry = entry(&environment, &intent, &cause, None, now);
            match self
                .table()
                .update_environment(&environment, &intent, &entry)
                .await?
            {
                Updated::Written => return self.carry_out(change, &environment.lifecycle, intent).await,
                Updated::Stale => {}
            }
        }
        Err(busy(id))
    }

    /// The environment with its product. A launch whose answers were all lost may have made one that nobody was told
    /// about: it is found by its name, so that no environment ends and leaves its product behind.
    async fn with_product(&self, environment: Environment) -> Result<Environment, Error> {
        if environment.product.is_some() {
            return Ok(environment);
        }
        let hosting = self.hosting(&environment.home.account);
        let name = Unique(&environment).product_name();
        let product = match hosting.catalog.product_named(&name).await {
            Ok(product) => product,
            // Nothing is known to have been started there, and whoever is not let in can not find out.
            Err(fault) if fault.kind == FaultKind::Refused && environment.execution.is_none() => {
                tracing::warn!(environment.id = %environment.id, %fault, "terminated without looking for its product");
                return Ok(environment);
            }
            Err(fault) => return Err(fault.into()),
        };
        // Systems Manager has a queue of its own: what stands in it would run after the environment has ended.
        if let (Product::Absent, Some(execution)) = (&product, &environment.execution)
            && hosting.automation.state(execution).await? == Automation::UnderWay
        {
            let problem =
                "status: the launch has not begun yet, and can not be called off; terminate it once it has";
            return Err(workbench_core::Error::WrongState(problem.to_owned()).into());
        }
        Ok(Environment {
            product: product.id().cloned(),
            ..environment
        })
    }

    /// Asks AWS for what was intended, and takes the intent back if AWS refuses for good.
    async fn carry_out(&self, change: Change, before: &Lifecycle, intent: Environment) -> Result<(), Error> {
        let asked = match change {
            Change::Start => self.start_instance(&intent).await,
            Change::Stop => self.stop_instance(&intent).await,
            Change::Terminate if intent.status() == Status::Terminating => {
                return self.start_terminate(Some(before), intent).await;
            }
            // Nothing was ever provisioned: there is nothing to ask.
            Change::Terminate => Ok(()),
        };
        match asked {
            Ok(()) => Ok(()),
            Err(fault) => self.take_back(before, intent, fault).await,
        }
    }

    async fn start_instance(&self, intent: &Environment) -> Result<(), Fault> {
        let (driver, instance) = self.driver(intent).await?;
        driver.start(&instance.id).await
    }

    async fn stop_instance(&self, intent: &Environment) -> Result<(), Fault> {
        let (driver, instance) = self.driver(intent).await?;
        driver.stop(&instance.id).await
    }

    /// The driver and the instance of an environment.
    pub(super) async fn driver<'e>(
        &self,
        environment: &'e Environment,
    ) -> Result<(Driver, &'e Instance), Fault> {
        let ty = installed_type(environment)?;
        let hosting = self.hosting(&environment.home.account);
        let driver = hosting
            .driver(ty.compute.name)
            .ok_or_else(|| not_installed(ty.compute.name))?;
        let instance = environment
            .instance
            .as_ref()
            .ok_or_else(|| not_possible("the environment has no instance"))?;
        Ok((driver, instance))
    }

    /// What AWS refuses for good is taken back, unless the instance is what was asked for anyway.
    async fn take_back(&self, before: &Lifecycle, intent: Environment, fault: Fault) -> Result<(), Error> {
        if matches!(fault.kind, FaultKind::Unclear | FaultKind::Busy) {
            // It may have been done: the event will tell, and after the deadline AWS is asked.
            tracing::warn!(environment.id = %intent.id, %fault, "{} not confirmed", intent.lifecycle.operation.label());
            return Err(fault.into());
        }
        match self.write_refusal(before, &intent, &fault).await? {
            AfterRefusal::Fulfilled => Ok(()),
            AfterRefusal::TakenBack | AfterRefusal::NoInstance => Err(fault.into()),
        }
    }

    /// Writes what is left of an intent that AWS has refused for good, unless there is no instance.
    pub(super) async fn write_refusal(
        &self,
        before: &Lifecycle,
        intent: &Environment,
        fault: &Fault,
    ) -> Result<AfterRefusal, Error> {
        // What is answered was so after this: a change since then has a newer report of its own.
        let now = self.now();
        let truth = self.truth(intent).await;
        if truth == Some(Described::Gone) {
            // Whether its product is gone, too, is found out by the sweep.
            tracing::warn!(environment.id = %intent.id, %fault, "refused, and there is no instance");
            return Ok(AfterRefusal::NoInstance);
        }
        let truth = truth.and_then(Described::status);
        let TakenBack {
            environment: back,
            fulfilled,
        } = intent.taken_back(before, truth, fault.reason(), now);
        let (cause, after) = if fulfilled {
            ("it is so already", AfterRefusal::Fulfilled)
        } else {
            ("refused by AWS", AfterRefusal::TakenBack)
        };
        let entry = entry(intent, &back, cause, None, now);
        if self.table().update_environment(intent, &back, &entry).await? == Updated::Stale {
            tracing::info!(environment.id = %intent.id, "a report came before the refusal was written; it stands");
        }
        Ok(after)
    }

    /// What the instance is, if it can be asked.
    async fn truth(&self, environment: &Environment) -> Option<Described> {
        let (driver, instance) = self.driver(environment).await.ok()?;
        let described = driver.describe(&instance.id).await;
        described
            .inspect_err(|fault| tracing::warn!(environment.id = %environment.id, %fault, "not described"))
            .ok()
    }

    /// Starts the terminate document, or finds the execution that was started with the same token. `before` is what the
    /// environment was before that was asked for, where this is the first to ask AWS.
    async fn start_terminate(&self, before: Option<&Lifecycle>, intent: Environment) -> Result<(), Error> {
        let started = self.start_document(DocumentKind::Terminate, &intent, None).await;
        match (started, before) {
            (Ok(execution), _) => self.remember_execution(intent, execution).await.map(drop),
            (Err(fault), before) if fault.kind == FaultKind::Busy => {
                let wait = match before {
                    Some(before) => Wait {
                        before: Some(before.clone()),
                        ..Wait::first_try(fault.reason())
                    },
                    None => Wait::later_try(fault.reason()),
                };
                self.no_room(intent, wait).await.map(drop)
            }
            (Err(fault), Some(before)) => self.take_back(before, intent, fault).await,
            (Err(fault), None) => Err(fault.into()),
        }
    }

    /// A request for what is under way or done already: does what was left undone. Where the instance is not what its
    /// status says, the status is mended first.
    async fn take_up(&self, environment: Environment, change: Change) -> Result<TakenUp, Error> {
        if change == Change::Terminate {
            if environment.status() == Status::Terminating
                && environment.lifecycle.operation == Operation::Terminate
                && environment.execution.is_none()
                // Its turn comes with the sweep.
                && environment.waiting.is_none()
            {
                self.start_terminate(None, environment).await?;
            }
            return Ok(TakenUp::Done);
        }
        if environment.instance.is_none() {
            return Ok(TakenUp::Done);
        }
        let (driver, instance) = self.driver(&environment).await?;
        let now = self.now();
        let Some(status) = driver.describe(&instance.id).await?.status() else {
            return Ok(TakenUp::Done);
        };
        match environment.seen(status, now) {
            Applied::Changed(seen) if seen.status() != environment.status() => {
                let entry = entry(&environment, &seen, "described", None, now);
                // Whoever was faster knows better: either way the request is decided anew.
                let _: Updated = self
                    .table()
                    .update_environment(&environment, &seen, &entry)
                    .await?;
                Ok(TakenUp::NotSo)
            }
            Applied::Changed(_) | Applied::Kept(_) => Ok(TakenUp::Done),
        }
    }
}

/// What is left of an intent that AWS has refused for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterRefusal {
    /// The instance is what was asked for anyway.
    Fulfilled,
    /// It is what it was before, or what it was found to be.
    TakenBack,
    /// Nothing was written: there is no such instance, and the sweep finds out about its product.
    NoInstance,
}

/// What became of a request for what was so already.
enum TakenUp {
    /// It is so, or was asked for again.
    Done,
    /// It was not: the request is to be decided by the mended status.
    NotSo,
}
