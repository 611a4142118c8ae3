//! One deployment of Workbench as its functions see it: the table, the hosting accounts, the clock.

use std::sync::Arc;

use aws_config::SdkConfig;
use workbench_core::access::{self, Caller, Permission};
use workbench_core::account::HostingAccount;
use workbench_core::environment::Environment;
use workbench_core::id::{EnvironmentId, ProjectId};
use workbench_core::launch::MainAccount;

use crate::accounts::MainShares;
use crate::artifacts::Artifacts;
use crate::clock::Clock;
use crate::error::{Error, Fault, FaultKind};
use crate::hosting::{Hosting, HostingAccounts};
use crate::settings::Settings;
use crate::table::Table;

/// Everything that a request needs; built once, cheap to clone.
#[derive(Debug, Clone)]
pub struct Cloud(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    table: Table,
    hosting: HostingAccounts,
    shares: MainShares,
    artifacts: Artifacts,
    main: MainAccount,
    clock: Clock,
}

/// Which environment a request is about.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The environment.
    pub environment: EnvironmentId,
    /// The project of the path, where the path names one: an environment of another does not exist there.
    pub project: Option<ProjectId>,
}

impl Cloud {
    /// Builds the clients.
    #[must_use]
    pub fn new(config: &SdkConfig, settings: Settings, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            table: Table::new(config, settings.table_name),
            hosting: HostingAccounts::new(config),
            shares: MainShares::new(config, &settings.main),
            artifacts: Artifacts::new(config, &settings.main.artifact_bucket, &settings.main.region),
            main: settings.main,
            clock,
        }))
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.0.table
    }

    /// The time, to the millisecond.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.0.clock.now()
    }

    /// The artifact bucket.
    #[must_use]
    pub fn artifacts(&self) -> &Artifacts {
        &self.0.artifacts
    }

    /// The main account.
    #[must_use]
    pub fn main(&self) -> &MainAccount {
        &self.0.main
    }

    pub(crate) fn shares(&self) -> &MainShares {
        &self.0.shares
    }

    pub(crate) fn accounts(&self) -> &HostingAccounts {
        &self.0.hosting
    }

    pub(crate) async fn hosting(&self, account: &HostingAccount) -> Arc<Hosting> {
        self.0.hosting.enter(account, &self.0.main).await
    }

    /// Whether `caller` has `permission` in `project`, or in any project if none is named. The
    /// membership is read only where being an IT admin does not decide.
    ///
    /// # Errors
    /// Not authorized, or the table's.
    pub async fn authorize_member(
        &self,
        caller: &Caller,
        permission: Permission,
        project: Option<ProjectId>,
    ) -> Result<(), Error> {
        if access::authorize(caller, permission, project, None).is_ok() {
            return Ok(());
        }
        let memberships = match project {
            Some(project) => self
                .table()
                .membership(caller.user_id, project)
                .await?
                .into_iter()
                .collect(),
            None => self.table().memberships(caller.user_id).await?,
        };
        if memberships
            .iter()
            .any(|member| access::authorize(caller, permission, project, Some(member)).is_ok())
        {
            return Ok(());
        }
        Err(workbench_core::Error::NotAuthorized.into())
    }

    /// The environment, if `caller` may read it.
    ///
    /// # Errors
    /// Not authorized, not found, or the table's.
    pub async fn environment(&self, caller: &Caller, target: Target) -> Result<Environment, Error> {
        self.authorized(caller, target, Permission::ReadEnvironment).await
    }

    /// Reads an environment and decides whether `caller` has `permission` on it. Two reads at most;
    /// one where the path names the project or the caller is an IT admin.
    pub(crate) async fn authorized(
        &self,
        caller: &Caller,
        target: Target,
        permission: Permission,
    ) -> Result<Environment, Error> {
        let missing = || {
            Error::from(workbench_core::Error::not_found(
                "environment",
                target.environment,
            ))
        };
        let denied = || Error::from(workbench_core::Error::NotAuthorized);
        let as_admin = access::authorize(caller, permission, target.project, None).is_ok();
        if let Some(project) = target.project {
            let (environment, membership) = self
                .table()
                .environment_and_membership(target.environment, caller.user_id, project)
                .await?;
            access::authorize(caller, permission, Some(project), membership.as_ref())?;
            return environment
                .filter(|found| found.project_id() == project)
                .ok_or_else(missing);
        }
        let environment = self.table().environment(target.environment).await?;
        if as_admin {
            return environment.ok_or_else(missing);
        }
        // Whoever is no member learns nothing, not even that the environment does not exist.
        let environment = environment.ok_or_else(denied)?;
        self.authorize_member(caller, permission, Some(environment.project_id()))
            .await?;
        Ok(environment)
    }
}

/// The fault of a row that names a compute or type which this build does not know.
pub(crate) fn not_installed(what: &str) -> Fault {
    not_possible(format!("`{what}` is not installed in this version"))
}

/// The fault of what is not even asked of AWS, because it could not work.
pub(crate) fn not_possible(message: String) -> Fault {
    Fault {
        service: "workbench",
        operation: "prepare",
        code: None,
        message,
        request_id: None,
        kind: FaultKind::Refused,
    }
}
