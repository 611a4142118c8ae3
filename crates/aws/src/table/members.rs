//! Who is in which project: one row a user and project, and a mark in the project for each role.

use std::collections::HashMap;

use serde::Deserialize;
use workbench_core::id::{ProjectId, UserId};
use workbench_core::page::{Page, PageRequest};
use workbench_core::project::{Membership, ProjectRole, ProjectStatus};

use super::Table;
use super::environments::Updated;
use super::expression::Condition;
use super::key::{self, Key};
use super::list::List;
use super::row::{self, Row};
use super::write::{self, Write};
use crate::error::Error;
use crate::parallel;

/// In how many projects one user can be.
pub const MOST_PROJECTS: usize = 100;

/// How many members are taken out by one request: three writes each, of the hundred that a transaction may have.
const AT_ONCE: u16 = 30;

impl Row for Membership {
    fn key(&self) -> Key {
        key::membership(self.user_id, self.project_id)
    }
}

/// The mark of a member in the project, as it is read.
#[derive(Deserialize)]
struct Mark {
    sk: String,
}

impl Mark {
    fn user(&self) -> Option<UserId> {
        self.sk.rsplit_once('#')?.1.parse().ok()
    }
}

impl Table {
    /// Sets what a user is in a project that is AVAILABLE, if he still is what `before` says: nothing if there is none.
    ///
    /// # Errors
    /// The project does not exist or is not AVAILABLE; or DynamoDB's.
    pub async fn set_membership(
        &self,
        before: Option<&Membership>,
        after: &Membership,
    ) -> Result<Updated, Error> {
        let project = after.project_id;
        let condition = match before {
            Some(before) => is_still(before)?,
            None => Condition::absent(),
        };
        let mut writes = vec![Write::put(after, condition)?];
        let available = Condition::status(ProjectStatus::Available.label());
        let of_project = write::add(&mut writes, Write::check(key::project(project), available));
        let had = before.map(|before| before.roles.as_slice()).unwrap_or_default();
        let mark = |role: ProjectRole| key::member(project, role, after.user_id);
        writes.extend(without(&after.roles, had).map(|role| Write::mark(mark(role))));
        writes.extend(without(had, &after.roles).map(|role| Write::remove(mark(role))));
        let outcome = self.transact(writes, None).await?;
        if outcome.refused(of_project) {
            return Err(workbench_core::Error::not_found("project", project).into());
        }
        Ok(outcome.into())
    }

    /// Takes a user out of a project, if he still is what `before` says.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn remove_membership(&self, before: &Membership) -> Result<Updated, Error> {
        let mut writes = vec![Write::remove_if(before.key(), is_still(before)?)];
        writes.extend(marks(before).map(Write::remove));
        Ok(self.transact(writes, None).await?.into())
    }

    /// Takes a user out of all projects.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn remove_memberships(&self, user: UserId) -> Result<(), Error> {
        let memberships = self.memberships(user).await?;
        for some in memberships.chunks(usize::from(AT_ONCE)) {
            let keys = some.iter().flat_map(|membership| {
                let project = membership.project_id;
                let marks = ProjectRole::ALL.map(|role| key::member(project, role, user));
                marks.into_iter().chain([membership.key()])
            });
            self.without_condition(keys.map(Write::remove).collect()).await?;
        }
        Ok(())
    }

    /// Takes everybody out of a project.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn remove_members(&self, project: ProjectId) -> Result<(), Error> {
        let pk = key::project(project).pk;
        for role in ProjectRole::ALL {
            loop {
                let found = self.children(&pk, &key::members(role), Some(AT_ONCE)).await?;
                let users: Vec<UserId> = row::read_all::<Mark>(found)
                    .iter()
                    .filter_map(Mark::user)
                    .collect();
                if users.is_empty() {
                    break;
                }
                let keys = users.iter().flat_map(|user| {
                    let marks = ProjectRole::ALL.map(|role| key::member(project, role, *user));
                    marks.into_iter().chain([key::membership(*user, project)])
                });
                self.without_condition(keys.map(Write::remove).collect()).await?;
            }
        }
        Ok(())
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
            self.children(&key::memberships(user), key::PROJECTS, None)
                .await?,
        ))
    }

    /// What users are in all of their projects, one query each.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn memberships_of(
        &self,
        users: Vec<UserId>,
    ) -> Result<HashMap<UserId, Vec<Membership>>, Error> {
        let found = users.into_iter().map(|user| {
            let table = self.clone();
            async move { Ok::<_, Error>((user, table.memberships(user).await?)) }
        });
        Ok(parallel::all(found).await?.into_iter().collect())
    }

    /// What up to 100 users are in one project; those who are nothing there are left out.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn memberships_in(
        &self,
        project: ProjectId,
        users: &[UserId],
    ) -> Result<HashMap<UserId, Membership>, Error> {
        let keys = users.iter().map(|user| key::membership(*user, project)).collect();
        let found: Vec<Membership> = self.readable(keys).await?;
        let by_user = found
            .into_iter()
            .map(|membership| (membership.user_id, membership));
        Ok(by_user.collect())
    }

    /// The users who have a role in a project.
    ///
    /// # Errors
    /// The token is none of this list; or DynamoDB's.
    pub async fn members(
        &self,
        project: ProjectId,
        role: ProjectRole,
        request: &PageRequest,
    ) -> Result<Page<UserId>, Error> {
        let list = List::members(project, role);
        let marks: Page<Mark> = self.page(&list, request, |_| true).await?;
        Ok(Page {
            data: marks.data.iter().filter_map(Mark::user).collect(),
            pagination_token: marks.pagination_token,
        })
    }
}

/// The roles of `some` that are not among `others`.
fn without(some: &[ProjectRole], others: &[ProjectRole]) -> impl Iterator<Item = ProjectRole> {
    some.iter().copied().filter(|role| !others.contains(role))
}

fn is_still(before: &Membership) -> Result<Condition, Error> {
    let roles = row::value(&before.key(), &before.roles)?;
    Ok(Condition::equals("roles", roles))
}

fn marks(membership: &Membership) -> impl Iterator<Item = Key> {
    let Membership {
        user_id,
        project_id,
        roles,
    } = membership;
    roles.iter().map(|role| key::member(*project_id, *role, *user_id))
}
