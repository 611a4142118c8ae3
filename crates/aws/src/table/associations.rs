//! Which projects may use which configurations: one row an association, and a mark of it in the project.
//!
//! A launch raises the `rev` of the association that it relies on, and whoever ends an association does so at the
//! revision at which nothing was launched from it: of the two, one wins.

use serde::{Deserialize, Serialize};
use workbench_core::env_type::{ConfigStatus, EnvTypeConfig};
use workbench_core::environment::Environment;
use workbench_core::id::{EnvTypeConfigId, EnvTypeId, EnvironmentId, ProjectId};
use workbench_core::page::{Page, PageRequest};
use workbench_core::project::{Project, ProjectStatus};
use workbench_core::status::Status;

use super::Table;
use super::environments::Updated;
use super::expression::Condition;
use super::key::{self, Key};
use super::list::List;
use super::row::{self, Row};
use super::write::{self, Outcome, Write};
use crate::error::Error;

/// That a project may use a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Association {
    /// The project.
    pub project_id: ProjectId,
    /// The configuration.
    pub config_id: EnvTypeConfigId,
    /// The type that the configuration fixes.
    pub env_type_id: EnvTypeId,
    /// Raised by every launch that relies on it.
    pub rev: u64,
}

impl Row for Association {
    fn key(&self) -> Key {
        key::association(self.project_id, self.config_id)
    }
}

impl Association {
    fn mark(&self) -> Key {
        key::associated_config(self.project_id, &self.env_type_id, self.config_id)
    }
}

impl Table {
    /// Lets a project use a configuration; once more changes nothing. Project and configuration get a new `rev`, so that
    /// neither is deleted by somebody who did not see the association.
    ///
    /// # Errors
    /// The project does not exist or is not AVAILABLE, the configuration does not exist or is DELETED; or DynamoDB's.
    pub async fn associate(&self, project: ProjectId, config: &EnvTypeConfig) -> Result<(), Error> {
        let association = Association {
            project_id: project,
            config_id: config.id,
            env_type_id: config.env_type_id.clone(),
            rev: 1,
        };
        let mut writes = vec![
            Write::put(&association, Condition::absent())?,
            Write::mark(association.mark()),
        ];
        let available = Condition::status(ProjectStatus::Available.label());
        let of_project = write::add(&mut writes, Write::raise(key::project(project), available));
        let available = Condition::status(ConfigStatus::Available.label());
        let of_config = write::add(&mut writes, Write::raise(key::config(config.id), available));
        match self.transact(writes, None).await? {
            Outcome::Written => Ok(()),
            Outcome::Refused(refusals) if refusals.has(of_project) => Err(match refusals.found(of_project) {
                Some(_) => workbench_core::Error::invalid("projectId", "the project is not AVAILABLE"),
                None => workbench_core::Error::not_found("project", project),
            }
            .into()),
            Outcome::Refused(refusals) if refusals.has(of_config) => {
                Err(workbench_core::Error::not_found("environment type configuration", config.id).into())
            }
            Outcome::Refused(_) => Ok(()),
        }
    }

    /// Ends an association, if no launch relied on it since it was read. Read it first, then ask [`Table::uses`].
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn disassociate(&self, association: &Association) -> Result<Updated, Error> {
        let writes = vec![
            Write::remove_if(association.key(), Condition::revision(association.rev)),
            Write::remove(association.mark()),
            Write::raise(key::config(association.config_id), Condition::present()),
        ];
        Ok(self.transact(writes, None).await?.into())
    }

    /// The association of a project with a configuration.
    ///
    /// # Errors
    /// DynamoDB's, or the row can not be read.
    pub async fn association(
        &self,
        project: ProjectId,
        config: EnvTypeConfigId,
    ) -> Result<Option<Association>, Error> {
        self.get(key::association(project, config)).await
    }

    /// Whether any of these projects, all different, is associated with a configuration. A request for each 100.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn is_associated_with_any(
        &self,
        projects: impl IntoIterator<Item = ProjectId>,
        config: EnvTypeConfigId,
    ) -> Result<bool, Error> {
        let keys = projects
            .into_iter()
            .map(|project| key::association(project, config));
        Ok(!self.in_order(keys.collect()).await?.is_empty())
    }

    /// Whether any project is associated with a configuration.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn has_associations(&self, config: EnvTypeConfigId) -> Result<bool, Error> {
        self.has_children(&key::config(config).pk, key::PROJECTS).await
    }

    /// Whether a project has an environment of a configuration that is neither FAILED nor TERMINATED.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn uses(&self, project: ProjectId, config: EnvTypeConfigId) -> Result<bool, Error> {
        let prefix = key::environments_of_config(config);
        let marks = self.children(&key::project(project).pk, &prefix, None).await?;
        let keys = marks.iter().filter_map(|mark| {
            let id: EnvironmentId = Key::of(mark).sk.strip_prefix(&prefix)?.parse().ok()?;
            Some(key::environment(id))
        });
        let environments: Vec<Environment> = row::read_all(self.in_order(keys.collect()).await?);
        let in_use = |status| !matches!(status, Status::Failed | Status::Terminated);
        Ok(environments
            .iter()
            .any(|environment| in_use(environment.status())))
    }

    /// The projects that are associated with a configuration, but DELETED ones.
    ///
    /// # Errors
    /// The token is none of this list; or DynamoDB's.
    pub async fn associated_projects(
        &self,
        config: EnvTypeConfigId,
        request: &PageRequest,
    ) -> Result<Page<Project>, Error> {
        self.page(
            &List::associated_projects(config),
            request,
            |project: &Project| project.status != ProjectStatus::Deleted,
        )
        .await
    }

    /// The AVAILABLE configurations of a type that are offered to a project: by association, to roles of it, or to
    /// every project.
    ///
    /// # Errors
    /// The token is none of this list; or DynamoDB's.
    pub async fn project_configs(
        &self,
        project: ProjectId,
        env_type: &EnvTypeId,
        request: &PageRequest,
    ) -> Result<Page<EnvTypeConfig>, Error> {
        let available = |config: &EnvTypeConfig| config.status == ConfigStatus::Available;
        self.page(&List::project_configs(project, env_type), request, available)
            .await
    }
}
