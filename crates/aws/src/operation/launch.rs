//! Launch: check everything, write the intent, start the automation, keep its id.
//!
//! Whatever dies in between, repeating is safe: the row is written once per Idempotency-Key, and
//! the automation's token and the product's are derived from the environment's id.

mod check;

use workbench_core::account::HostingAccount;
use workbench_core::environment::{Environment, Wait};
use workbench_core::id::{EnvTypeConfigId, EnvTypeId, EnvironmentId, ProjectId, UserId};
use workbench_core::launch::{self, Inputs};
use workbench_core::project::Membership;
use workbench_core::registry::DocumentKind;
use workbench_core::text::{Description, Name};

use self::check::{Checked, check, check_account};
use super::queue::Claimed;
use super::{TRIES, busy, entry};
use crate::cloud::Cloud;
use crate::error::{Error, Fault, FaultKind};
use crate::table::{Created, IdempotencyKey, IdempotencyRecord, NewEnvironment, Updated};

/// What a caller wants launched.
#[derive(Debug, Clone)]
pub struct LaunchRequest {
    /// For which project.
    pub project_id: ProjectId,
    /// Product and version.
    pub env_type_id: EnvTypeId,
    /// Its configuration.
    pub config_id: EnvTypeConfigId,
    /// The registered type, as the caller names it.
    pub env_type: String,
    /// The environment's name.
    pub name: Name,
    /// What it is for.
    pub description: Description,
    /// Makes a repeated request the same request.
    pub idempotency_key: Option<IdempotencyKey>,
    /// SHA-256 of the request, to tell a repeated one from another with the same key.
    pub request_hash: String,
}

impl Cloud {
    /// Launches an environment. It is PENDING once this returns, or FAILED with the reason if AWS
    /// refused; the automation's end is reported later.
    ///
    /// `may` decides, by what `user` is in the project, whether they may launch in it.
    ///
    /// AWS calls: two reads, one transaction, AssumeRole unless cached, ListLaunchPaths,
    /// StartAutomationExecution, one write.
    ///
    /// # Errors
    /// What the rules refuse, before anything is written, and the table's faults.
    pub async fn launch(
        &self,
        user: UserId,
        request: LaunchRequest,
        may: impl Fn(Option<&Membership>) -> Result<(), workbench_core::Error>,
    ) -> Result<Environment, Error> {
        let id = EnvironmentId::from_uuid(self.new_id());
        for _ in 0..TRIES {
            let facts = self
                .table()
                .launch_facts(
                    user,
                    request.project_id,
                    request.config_id,
                    &request.env_type_id,
                    request.idempotency_key.as_ref(),
                )
                .await?;
            may(facts.membership.as_ref())?;
            let now = self.now();
            if let Some(record) = facts.idempotency.as_ref().filter(|record| !record.is_over(now)) {
                return self.launch_again(record, &request).await;
            }
            let checked = check(&request, facts)?;
            match self.write_launch(user, &request, id, checked).await? {
                Some(environment) => {
                    let started = self.start_launch(environment, Attempt::First).await?;
                    return Ok(started.environment);
                }
                None => continue,
            }
        }
        Err(busy(id))
    }

    /// Writes the row; none if another request with the same key was faster, or what this one was decided by changed.
    async fn write_launch(
        &self,
        user: UserId,
        request: &LaunchRequest,
        id: EnvironmentId,
        Checked {
            ty,
            config,
            association,
            mut project,
        }: Checked,
    ) -> Result<Option<Environment>, Error> {
        let now = self.now();
        let mut refreshed = !project.account.status.takes_launches();
        if refreshed {
            project.account = self.current_account(&project.account).await?;
        }
        for _ in 0..TRIES {
            let (name, description) = (request.name.clone(), request.description.clone());
            let environment = Environment::request(id, name, description, user, &config, &project, now);
            let inputs = Inputs {
                environment: &environment,
                main: self.main(),
                path_id: None,
            };
            launch::parameters(&ty.launch, inputs)?;
            let record = request
                .idempotency_key
                .clone()
                .map(|key| IdempotencyRecord::new(key, user, request.request_hash.clone(), id, now));
            let new = NewEnvironment {
                environment: &environment,
                config_rev: config.rev,
                association: association.as_ref(),
                record: record.as_ref(),
                refreshed_project: refreshed.then_some(&project),
            };
            match self.table().create_environment(new).await? {
                Created::Written => return Ok(Some(environment)),
                Created::Overtaken => return Ok(None),
                Created::AccountChanged => {
                    project.account = self.current_account(&project.account).await?;
                    refreshed = true;
                }
            }
        }
        Err(busy(id))
    }

    /// The account as it is now, if it can take launches.
    async fn current_account(&self, known: &HostingAccount) -> Result<HostingAccount, Error> {
        let account = self.table().account(known.id).await?;
        let account = account.ok_or_else(|| {
            workbench_core::Error::invalid(
                "projectId",
                "the project's hosting account does not exist any more",
            )
        })?;
        check_account(&account)?;
        Ok(account)
    }

    /// A request that was made before: what became of it, taken up again if it was cut off.
    async fn launch_again(
        &self,
        record: &IdempotencyRecord,
        request: &LaunchRequest,
    ) -> Result<Environment, Error> {
        let Some(id) = record
            .environment_id
            .filter(|_| record.request_hash == request.request_hash)
        else {
            return Err(workbench_core::Error::KeyReused(record.key.to_string()).into());
        };
        let environment = self.read(id).await?;
        if environment.launch_is_cut_off(self.now()) {
            Ok(self.start_again(environment).await?.environment)
        } else {
            Ok(environment)
        }
    }

    /// Starts the automation of a launch that was cut off before it was known to have started.
    pub(super) async fn start_again(&self, environment: Environment) -> Result<Started, Error> {
        self.start_launch(environment, Attempt::Repeated).await
    }

    /// Starts the automation of a launch that is written, unless others wait in its account.
    async fn start_launch(&self, environment: Environment, attempt: Attempt) -> Result<Started, Error> {
        let (queue, path) = tokio::join!(self.others_wait(&environment), self.launch_path(&environment));
        if let Some(queue) = queue {
            let waits = self.enqueue(environment, attempt.wait(queue.reason)).await?;
            return Ok(waits.into());
        }
        let environment = match attempt {
            Attempt::First => environment,
            Attempt::Repeated => match self.claim(&environment).await? {
                Claimed::Ours(claimed) => *claimed,
                // It has begun, or whoever was faster sees to it.
                Claimed::Changed => return Ok(self.read(environment.id).await?.into()),
            },
        };
        let asked = match path {
            Ok(path) => {
                self.start_document(DocumentKind::Launch, &environment, Some(&path))
                    .await
            }
            Err(fault) => Err(fault),
        };
        let fault = match asked {
            Ok(execution) => return Ok(self.remember_execution(environment, execution).await?.into()),
            Err(fault) => fault,
        };
        let environment = match (fault.kind, attempt) {
            (FaultKind::Refused, Attempt::First) => {
                self.write_launch_refusal(environment, fault.reason()).await?
            }
            (FaultKind::Busy, _) => self.no_room(environment, attempt.wait(fault.reason())).await?,
            // The automation may run: its event tells, and after the deadline AWS is asked.
            (FaultKind::Refused, Attempt::Repeated) | (FaultKind::Unclear, _) => {
                tracing::warn!(environment.id = %environment.id, %fault, "launch not confirmed; it stays PENDING");
                return Ok(Started {
                    environment,
                    unconfirmed: Some(fault),
                });
            }
        };
        Ok(environment.into())
    }

    /// The path on which the environment's product is launched in its account.
    pub(super) async fn launch_path(&self, environment: &Environment) -> Result<String, Fault> {
        let hosting = self.hosting(&environment.home.account);
        let product = &environment.recipe.env_type_id.product;
        hosting.catalog.launch_path(product).await?.ok_or_else(|| {
            let problem = format!(
                "product {product} can not be launched in account {}: its portfolio is not shared, not accepted, or \
                 does not have the role as a principal; check the hosting account",
                environment.home.account.aws_account_id
            );
            Fault::noticed("servicecatalog", "ListLaunchPaths", FaultKind::Refused, problem)
        })
    }

    /// Writes that AWS has refused a launch for good; the environment as it is then.
    pub(super) async fn write_launch_refusal(
        &self,
        environment: Environment,
        reason: String,
    ) -> Result<Environment, Error> {
        let now = self.now();
        let failed = environment.launch_refused(reason, now);
        let entry = entry(&environment, &failed, "launch refused", None, now);
        match self
            .table()
            .update_environment(&environment, &failed, &entry)
            .await?
        {
            Updated::Written => Ok(failed),
            // A report came first: it knows better.
            Updated::Stale => Ok(self.table().environment(environment.id).await?.unwrap_or(failed)),
        }
    }
}

/// What starting a launch came to.
pub(super) struct Started {
    /// The environment as it is now.
    environment: Environment,
    /// Why nobody knows whether its automation runs.
    pub(super) unconfirmed: Option<Fault>,
}

impl From<Environment> for Started {
    fn from(environment: Environment) -> Self {
        Self {
            environment,
            unconfirmed: None,
        }
    }
}

/// Whether AWS was asked for a launch before.
#[derive(Debug, Clone, Copy)]
enum Attempt {
    First,
    Repeated,
}

impl Attempt {
    /// How a launch waits whose attempt was refused, or not made.
    const fn wait(self, reason: String) -> Wait {
        match self {
            Self::First => Wait::first_try(reason),
            Self::Repeated => Wait::later_try(reason),
        }
    }
}
