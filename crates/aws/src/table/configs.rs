//! Configurations of environment types, and the projects that they are associated with.

use jiff::Timestamp;
use workbench_core::env_type::{ConfigStatus, EnvTypeConfig};
use workbench_core::id::{EnvTypeConfigId, EnvTypeId, ProjectId};
use workbench_core::page::{Page, PageSize};

use super::Table;
use super::environments::Updated;
use super::expression::Condition;
use super::key::{self, Key, List, Place};
use super::row::Row;
use super::write::{Outcome, Write};
use crate::error::Error;

impl Row for EnvTypeConfig {
    fn key(&self) -> Key {
        key::config(self.id)
    }

    fn places(&self) -> Vec<Place> {
        match self.status {
            ConfigStatus::Available => vec![List::configs(&self.env_type_id).place(self.created_at, self.id)],
            ConfigStatus::Deleted => Vec::new(),
        }
    }
}

impl Table {
    /// Writes a new configuration, if its type is APPROVED, whose `rev` it raises. One request.
    ///
    /// # Errors
    /// Conflict if it exists; `envTypeId` if the type does not exist; the wrong state if the type is
    /// not APPROVED; or DynamoDB's.
    pub async fn create_config(&self, config: &EnvTypeConfig) -> Result<(), Error> {
        let ty = &config.env_type_id;
        let writes = vec![
            Write::put(config, Condition::absent())?,
            Write::raise(key::env_type(ty), Condition::is("status", "APPROVED")),
            Write::mark(key::config_of_type(ty, config.id)),
        ];
        let Outcome::Refused(refusals) = self.transact(writes, None).await? else {
            return Ok(());
        };
        Err(if refusals.has(0) {
            workbench_core::Error::Conflict(format!(
                "environment type configuration `{}` exists already",
                config.id
            ))
        } else if refusals.found(1).is_some() {
            let problem = format!("envTypeId: environment type `{ty}` is not APPROVED; approve it first");
            workbench_core::Error::WrongState(problem)
        } else {
            workbench_core::Error::invalid("envTypeId", format!("environment type `{ty}` does not exist"))
        }
        .into())
    }

    /// One configuration, DELETED ones included.
    ///
    /// # Errors
    /// DynamoDB's, or the row can not be read.
    pub async fn config(&self, id: EnvTypeConfigId) -> Result<Option<EnvTypeConfig>, Error> {
        self.get(key::config(id)).await
    }

    /// The AVAILABLE configurations of a type, oldest first.
    ///
    /// # Errors
    /// The token is none of this list; or DynamoDB's.
    pub async fn configs(
        &self,
        env_type: &EnvTypeId,
        size: PageSize,
        token: Option<&str>,
    ) -> Result<Page<EnvTypeConfig>, Error> {
        self.page(&List::configs(env_type), size, token).await
    }

    /// Writes `after` if the row is still `before`.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn update_config(
        &self,
        before: &EnvTypeConfig,
        after: &EnvTypeConfig,
    ) -> Result<Updated, Error> {
        let mut writes = vec![Write::put(after, Condition::revision(before.rev))?];
        if after.status == ConfigStatus::Deleted {
            writes.push(Write::remove(key::config_of_type(&after.env_type_id, after.id)));
        }
        Ok(self.transact(writes, None).await?.into())
    }

    /// Makes a configuration DELETED at `now`, if the row is still `before`. Read it first, then ask
    /// [`Table::has_associations`]: an association that is made meanwhile makes this stale.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn delete_config(&self, before: &EnvTypeConfig, now: Timestamp) -> Result<Updated, Error> {
        let status = ConfigStatus::Deleted;
        let after = EnvTypeConfig {
            status,
            rev: before.rev + 1,
            updated_at: now,
            ..before.clone()
        };
        self.update_config(before, &after).await
    }

    /// Lets a project use a configuration; once more changes nothing but the configuration's `rev`.
    ///
    /// # Errors
    /// The project does not exist, the configuration does not exist or is DELETED; or DynamoDB's.
    pub async fn associate(&self, project: ProjectId, config: EnvTypeConfigId) -> Result<(), Error> {
        self.relate(Write::mark(key::association(project, config)), project, config)
            .await
    }

    /// Lets a project no longer use a configuration; once more changes nothing but the
    /// configuration's `rev`.
    ///
    /// # Errors
    /// The project does not exist, the configuration does not exist or is DELETED; or DynamoDB's.
    pub async fn disassociate(&self, project: ProjectId, config: EnvTypeConfigId) -> Result<(), Error> {
        self.relate(Write::remove(key::association(project, config)), project, config)
            .await
    }

    async fn relate(&self, write: Write, project: ProjectId, config: EnvTypeConfigId) -> Result<(), Error> {
        let writes = vec![
            write,
            Write::check(key::project(project), Condition::present()),
            Write::raise(key::config(config), Condition::is("status", "AVAILABLE")),
        ];
        match self.transact(writes, None).await? {
            Outcome::Written => Ok(()),
            Outcome::Refused(refusals) if refusals.has(1) => {
                Err(workbench_core::Error::not_found("project", project).into())
            }
            Outcome::Refused(_) => {
                Err(workbench_core::Error::not_found("environment type configuration", config).into())
            }
        }
    }

    /// Whether a project may use a configuration because it is associated with it.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn associated(&self, project: ProjectId, config: EnvTypeConfigId) -> Result<bool, Error> {
        Ok(self.item(key::association(project, config)).await?.is_some())
    }

    /// Whether any project is associated with a configuration.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn has_associations(&self, config: EnvTypeConfigId) -> Result<bool, Error> {
        let pk = key::config(config).pk;
        Ok(!self.children(&pk, key::PROJECTS, true, Some(1)).await?.is_empty())
    }
}
