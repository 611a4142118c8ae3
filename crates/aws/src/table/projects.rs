//! Projects and their members.

use workbench_core::id::{ProjectId, UserId};
use workbench_core::project::{Membership, Project, ProjectStatus};

use super::Table;
use super::expression::Condition;
use super::key::{self, Key};
use super::row::{self, Row};
use super::write::{Outcome, Write};
use crate::error::Error;

impl Row for Project {
    fn key(&self) -> Key {
        key::project(self.id)
    }
}

impl Row for Membership {
    fn key(&self) -> Key {
        key::membership(self.user_id, self.project_id)
    }
}

impl Table {
    /// Writes a project that is new, or that was read with the `rev` before its own.
    ///
    /// # Errors
    /// Conflict if it was changed meanwhile; or DynamoDB's.
    pub async fn put_project(&self, project: &Project) -> Result<(), Error> {
        let condition = Condition::absent().or(Condition::revision(project.rev.saturating_sub(1)));
        let of_account = key::project_of_account(project.account.id, project.id);
        let writes = vec![
            Write::put(project, condition)?,
            match project.status {
                ProjectStatus::Available | ProjectStatus::Suspended => Write::mark(of_account),
                ProjectStatus::Deleted => Write::remove(of_account),
            },
        ];
        match self.transact(writes, None).await? {
            Outcome::Written => Ok(()),
            Outcome::Refused(_) => {
                let problem = format!("project `{}` was changed meanwhile; read it again", project.id);
                Err(workbench_core::Error::Conflict(problem).into())
            }
        }
    }

    /// One project.
    ///
    /// # Errors
    /// DynamoDB's, or the row can not be read.
    pub async fn project(&self, id: ProjectId) -> Result<Option<Project>, Error> {
        self.get(key::project(id)).await
    }

    /// Sets what a user is in a project, which must exist.
    ///
    /// # Errors
    /// The project does not exist; or DynamoDB's.
    pub async fn put_membership(&self, membership: &Membership) -> Result<(), Error> {
        let project = membership.project_id;
        let writes = vec![
            Write::replace(membership)?,
            Write::check(key::project(project), Condition::present()),
        ];
        match self.transact(writes, None).await? {
            Outcome::Written => Ok(()),
            Outcome::Refused(_) => Err(workbench_core::Error::not_found("project", project).into()),
        }
    }

    /// What a user is in a project.
    ///
    /// # Errors
    /// DynamoDB's, or the row can not be read.
    pub async fn membership(&self, user: UserId, project: ProjectId) -> Result<Option<Membership>, Error> {
        self.get(key::membership(user, project)).await
    }

    /// What a user is in all of his projects.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn memberships(&self, user: UserId) -> Result<Vec<Membership>, Error> {
        Ok(row::read_all(
            self.children(&key::memberships(user), key::PROJECTS, true, None)
                .await?,
        ))
    }
}
