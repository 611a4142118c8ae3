//! Environment types.

use workbench_core::env_type::EnvType;
use workbench_core::id::EnvTypeId;
use workbench_core::page::{Page, PageSize};

use super::Table;
use super::environments::Updated;
use super::expression::Condition;
use super::key::{self, Key, List, Place};
use super::row::Row;
use super::write::{Outcome, Write};
use crate::error::Error;

/// What became of an environment type that a deployment made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Registered {
    /// It is in the table.
    Written,
    /// Nothing was written: there is one of its id, which an admin may have approved or renamed.
    Exists,
}

impl Row for EnvType {
    fn key(&self) -> Key {
        key::env_type(&self.id)
    }

    fn places(&self) -> Vec<Place> {
        vec![List::env_types().place(self.created_at, &self.id)]
    }
}

impl Table {
    /// Writes a new environment type.
    ///
    /// # Errors
    /// Conflict if it exists; or DynamoDB's.
    pub async fn create_env_type(&self, env_type: &EnvType) -> Result<(), Error> {
        match self.register_env_type(env_type).await? {
            Registered::Written => Ok(()),
            Registered::Exists => {
                let problem = format!(
                    "environment type `{}` exists already; change it instead",
                    env_type.id
                );
                Err(workbench_core::Error::Conflict(problem).into())
            }
        }
    }

    /// Writes a new environment type unless there is one of its id already, whatever that one says.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn register_env_type(&self, env_type: &EnvType) -> Result<Registered, Error> {
        let write = Write::put(env_type, Condition::absent())?;
        Ok(match self.transact(vec![write], None).await? {
            Outcome::Written => Registered::Written,
            Outcome::Refused(_) => Registered::Exists,
        })
    }

    /// One environment type.
    ///
    /// # Errors
    /// DynamoDB's, or the row can not be read.
    pub async fn env_type(&self, id: &EnvTypeId) -> Result<Option<EnvType>, Error> {
        self.get(key::env_type(id)).await
    }

    /// All environment types, oldest first.
    ///
    /// # Errors
    /// The token is none of this list; or DynamoDB's.
    pub async fn env_types(&self, size: PageSize, token: Option<&str>) -> Result<Page<EnvType>, Error> {
        self.page(&List::env_types(), size, token).await
    }

    /// Writes `after` if the row is still `before`. A configuration that was made since makes it stale.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn update_env_type(&self, before: &EnvType, after: &EnvType) -> Result<Updated, Error> {
        let write = Write::put(after, Condition::revision(before.rev))?;
        Ok(self.transact(vec![write], None).await?.into())
    }

    /// Whether the type has a configuration that is AVAILABLE. Read the type first and decide by
    /// both: a configuration that is made meanwhile makes the update of the type stale.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn has_configs(&self, env_type: &EnvTypeId) -> Result<bool, Error> {
        let pk = key::env_type(env_type).pk;
        Ok(!self.children(&pk, key::CONFIGS, true, Some(1)).await?.is_empty())
    }
}
