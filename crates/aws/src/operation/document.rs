//! Starts the documents of launches and terminates, and keeps the ids of their automations.

use workbench_core::environment::Environment;
use workbench_core::id::ExecutionId;
use workbench_core::launch::{self, Inputs, Unique};
use workbench_core::registry::DocumentKind;

use super::entry;
use crate::cloud::{Cloud, installed_type, not_possible};
use crate::error::{Error, Fault};

impl Cloud {
    /// Starts a document for an environment, or finds the execution that was started with the same token. A launch needs
    /// the path on which its product is launched.
    pub(super) async fn start_document(
        &self,
        kind: DocumentKind,
        environment: &Environment,
        path: Option<&str>,
    ) -> Result<ExecutionId, Fault> {
        let ty = installed_type(environment)?;
        let inputs = Inputs {
            environment,
            main: self.main(),
            path_id: path,
        };
        let parameters = launch::parameters(kind.of(ty), inputs);
        let parameters = parameters.map_err(not_possible)?;
        let token = Unique(environment).execution_token();
        let hosting = self.hosting(&environment.home.account);
        hosting.automation.start(ty.name, kind, parameters, &token).await
    }

    /// Stores the id of the automation that was started for the environment's current operation. Reports may arrive before
    /// it is stored: they count, and the id is added to them.
    pub(super) async fn remember_execution(
        &self,
        environment: Environment,
        execution: ExecutionId,
    ) -> Result<Environment, Error> {
        let operation = environment.lifecycle.operation;
        self.write_unless_begun(environment, |before, now| {
            let started = before.started(operation, execution.clone(), now);
            let id = Some(execution.as_str());
            let entry = entry(before, &started, "automation started", id, now);
            Some((started, entry))
        })
        .await
    }
}
