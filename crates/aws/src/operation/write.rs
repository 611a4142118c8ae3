//! Writes about an operation that is under way, while others write, too.

use jiff::Timestamp;
use workbench_core::environment::Environment;
use workbench_core::id::EnvironmentId;

use super::{TRIES, busy};
use crate::cloud::Cloud;
use crate::error::Error;
use crate::table::{Entry, Updated};

impl Cloud {
    /// Writes what `decide` makes of an environment, with its entry for the timeline. If somebody was faster, that is read
    /// and decided about anew, as long as the operation is the same and no automation of it is known. The environment as
    /// it is then.
    pub(super) async fn write_unless_begun(
        &self,
        mut environment: Environment,
        decide: impl Fn(&Environment, Timestamp) -> Option<(Environment, Entry)>,
    ) -> Result<Environment, Error> {
        let (id, generation) = (environment.id, environment.lifecycle.generation);
        for _ in 0..TRIES {
            let Some((next, entry)) = decide(&environment, self.now()) else {
                return Ok(environment);
            };
            match self
                .table()
                .update_environment(&environment, &next, &entry)
                .await?
            {
                Updated::Written => return Ok(next),
                Updated::Stale => {}
            }
            environment = self.read(id).await?;
            if environment.lifecycle.generation != generation || environment.execution.is_some() {
                return Ok(environment);
            }
        }
        Err(busy(id))
    }

    /// An environment that must be there.
    pub(super) async fn read(&self, id: EnvironmentId) -> Result<Environment, Error> {
        let found = self.table().environment(id).await?;
        found.ok_or_else(|| workbench_core::Error::not_found("environment", id).into())
    }
}
