//! Connect: credentials from the driver, and the instruction that uses them.

use std::collections::BTreeMap;

use workbench_core::action::{self, Action};
use workbench_core::environment::Environment;

use crate::cloud::{Cloud, installed_type};
use crate::error::Error;

/// How to connect to an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// What the driver hands out, such as a presigned `url`.
    pub credentials: BTreeMap<String, String>,
    /// A text with link placeholders `#{"type":"link","hrefKey":...,"text":...}` that name the credentials.
    pub instruction: String,
}

impl Cloud {
    /// Hands out what is needed to connect to a COMPLETED environment.
    ///
    /// # Errors
    /// Not COMPLETED; or AWS's fault.
    pub async fn connect(&self, environment: &Environment) -> Result<Connection, Error> {
        let progress = environment.progress(self.now());
        action::permit(Action::Connect, environment.status(), progress)?;
        let ty = installed_type(environment)?;
        let (driver, instance) = self.driver(environment).await?;
        let credentials = driver.credentials(&instance.id).await?;
        Ok(Connection {
            credentials,
            instruction: ty.connection.instruction.to_owned(),
        })
    }
}
