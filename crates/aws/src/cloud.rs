//! One deployment of Workbench as its functions see it: the table, the hosting accounts, the clock.

use std::sync::Arc;

use aws_config::SdkConfig;
use workbench_core::account::HostingAccount;
use workbench_core::environment::Environment;
use workbench_core::main_account::MainAccount;
use workbench_core::registry::{self, EnvironmentType};

use crate::accounts::MainShares;
use crate::artifacts::Artifacts;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::error::{Fault, FaultKind};
use crate::hosting::{Hosting, HostingAccounts};
use crate::ids::Ids;
use crate::settings::Settings;
use crate::table::Table;
use crate::users::Users;

/// Everything that a request needs; built once, cheap to clone.
#[derive(Debug, Clone)]
pub struct Cloud(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    table: Table,
    users: Users,
    hosting: HostingAccounts,
    shares: MainShares,
    artifacts: Artifacts,
    bus: Bus,
    main: MainAccount,
    clock: Clock,
    ids: Ids,
}

impl Cloud {
    /// Builds the clients.
    #[must_use]
    pub fn new(config: &SdkConfig, settings: Settings, clock: Clock) -> Self {
        Self::with_ids(config, settings, clock, Ids::random())
    }

    /// [`Cloud::new`] with ids that are made otherwise.
    #[must_use]
    pub fn with_ids(config: &SdkConfig, settings: Settings, clock: Clock, ids: Ids) -> Self {
        let table = Table::new(config, settings.table_name);
        Self(Arc::new(Inner {
            hosting: HostingAccounts::new(config, table.clone()),
            table,
            users: Users::new(config, settings.user_pool_id),
            shares: MainShares::new(config, &settings.main),
            artifacts: Artifacts::new(config, &settings.main.artifact_bucket, &settings.main.region),
            bus: Bus::new(config),
            main: settings.main,
            clock,
            ids,
        }))
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.0.table
    }

    /// The user pool.
    #[must_use]
    pub fn users(&self) -> &Users {
        &self.0.users
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.0.clock.clone()
    }

    /// The time, to the millisecond.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.0.clock.now()
    }

    /// A new id.
    pub(crate) fn new_id(&self) -> uuid::Uuid {
        self.0.ids.next()
    }

    /// The artifact bucket.
    #[must_use]
    pub fn artifacts(&self) -> &Artifacts {
        &self.0.artifacts
    }

    /// The main account's bus.
    #[must_use]
    pub fn bus(&self) -> &Bus {
        &self.0.bus
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

    pub(crate) fn hosting(&self, account: &HostingAccount) -> Arc<Hosting> {
        self.0.hosting.enter(account, &self.0.main)
    }
}

/// The type of an environment.
pub(crate) fn installed_type(environment: &Environment) -> Result<&'static EnvironmentType, Fault> {
    let type_name = &environment.recipe.type_name;
    registry::environment_type(type_name).ok_or_else(|| not_installed(type_name))
}

/// The fault of a row that names a compute or type which this build does not know.
pub(crate) fn not_installed(what: &str) -> Fault {
    not_possible(format!("`{what}` is not installed in this version"))
}

/// The fault of what is not even asked of AWS, because it could not work.
pub(crate) fn not_possible(problem: impl ToString) -> Fault {
    Fault::noticed("workbench", "prepare", FaultKind::Refused, problem)
}
