//! Projects: their rows, their names, which are unique, and what keeps them from being deleted.

use serde::{Deserialize, Serialize};
use workbench_core::cost_center::CostCenterStatus;
use workbench_core::id::{ProjectId, UserId};
use workbench_core::page::{Page, PageRequest, SortKey, position};
use workbench_core::project::{Project, ProjectStatus};

use super::Table;
use super::environments::Updated;
use super::expression::Condition;
use super::index::{Place, sortable};
use super::key::{self, Key};
use super::list::Listed;
use super::page::page_of;
use super::row::{self, Row};
use super::write::{self, Outcome, ROW, Write};
use crate::error::Error;

/// How the guards of projects' names are called.
const NAMES: &str = "PROJECT";

/// What became of writing a row whose name is unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Saved {
    /// It is in the table.
    Written,
    /// Nothing was written: another row has the name.
    NameTaken,
    /// Nothing was written: what the decision was made by has changed.
    Stale,
}

/// That a project has a name. There is one such row a name, so no two projects can have it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TakenName {
    name: String,
    project_id: ProjectId,
}

impl TakenName {
    fn of(project: &Project) -> Self {
        Self {
            name: project.name.to_string(),
            project_id: project.id,
        }
    }
}

impl Row for TakenName {
    fn key(&self) -> Key {
        key::name(NAMES, &self.name)
    }
}

impl Row for Project {
    fn key(&self) -> Key {
        key::project(self.id)
    }

    fn places(&self) -> Vec<Place> {
        self.listed_places()
    }
}

impl Listed for Project {
    const KIND: &'static str = "PROJECT";
    const KEYS: &'static [SortKey] = &[SortKey::Name, SortKey::Status, SortKey::CostCenter];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn is_listed(&self) -> bool {
        self.status != ProjectStatus::Deleted
    }

    fn value(&self, key: SortKey) -> String {
        match key {
            SortKey::CreatedAt | SortKey::Owner => sortable(self.created_at),
            SortKey::Name => self.name.to_string(),
            SortKey::Status => self.status.label().to_owned(),
            SortKey::Project | SortKey::CostCenter => self.cost_center_id.to_string(),
        }
    }
}

impl Table {
    /// Writes a new project, if its cost centre is AVAILABLE, whose `rev` it raises. One request. Stale if the cost
    /// centre is not AVAILABLE.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn create_project(&self, project: &Project) -> Result<Saved, Error> {
        let cost_center = project.cost_center_id;
        let mut writes = vec![Write::put(project, Condition::absent())?];
        let name = Write::put(&TakenName::of(project), Condition::absent())?;
        let name = write::add(&mut writes, name);
        writes.extend([
            Write::raise(
                key::cost_center(cost_center),
                Condition::status(CostCenterStatus::Available.label()),
            ),
            Write::mark(key::project_of_cost_center(cost_center, project.id)),
            Write::mark(key::project_of_account(project.account.id, project.id)),
        ]);
        Ok(saved(&self.create(writes, None).await?, Some(name)))
    }

    /// One project, DELETED ones included.
    ///
    /// # Errors
    /// DynamoDB's, or the row can not be read.
    pub async fn project(&self, id: ProjectId) -> Result<Option<Project>, Error> {
        self.get(key::project(id)).await
    }

    /// All projects but DELETED ones, by what the request asks for.
    ///
    /// # Errors
    /// The token is none of this query; or DynamoDB's.
    pub async fn projects(&self, request: &PageRequest) -> Result<Page<Project>, Error> {
        self.all(request).await
    }

    /// The projects in which a user has a role, but DELETED ones, by what the request asks for. They are at most
    /// [`super::members::MOST_PROJECTS`], so they are read whole.
    ///
    /// # Errors
    /// The token is none of this query; or DynamoDB's.
    pub async fn projects_of(&self, user: UserId, request: &PageRequest) -> Result<Page<Project>, Error> {
        let memberships = self.memberships(user).await?;
        let keys = memberships
            .iter()
            .map(|member| key::project(member.project_id))
            .collect();
        let projects: Vec<Project> = row::read_all(self.in_order(keys).await?);
        let by = request.selection.by;
        let rows = projects
            .into_iter()
            .filter(Listed::is_listed)
            .map(|project| (position(&project.value(by), project.id), project));
        let name = format!("USER#{user}#PROJECT");
        Ok(page_of(&name, request, rows.collect())?)
    }

    /// Writes `after` if the row is still `before`, and nobody else has its name. One request.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn update_project(&self, before: &Project, after: &Project) -> Result<Saved, Error> {
        let mut writes = vec![Write::put(after, Condition::revision(before.rev))?];
        let mut name = None;
        if after.name != before.name {
            let taken = Write::put(&TakenName::of(after), Condition::absent())?;
            name = Some(write::add(&mut writes, taken));
            writes.push(Write::remove(TakenName::of(before).key()));
        }
        Ok(saved(&self.transact(writes, None).await?, name))
    }

    /// Makes a project DELETED, if the row is still `before`: then its name is free. Read it first, then ask
    /// [`Table::has_environments`] and [`Table::has_associated_configs`]: what is launched or associated meanwhile
    /// makes this stale.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn delete_project(&self, before: &Project, now: jiff::Timestamp) -> Result<Updated, Error> {
        let after = Project {
            status: ProjectStatus::Deleted,
            rev: before.rev + 1,
            updated_at: now,
            ..before.clone()
        };
        let writes = vec![
            Write::put(&after, Condition::revision(before.rev))?,
            Write::remove(TakenName::of(before).key()),
            Write::remove(key::project_of_cost_center(before.cost_center_id, before.id)),
            Write::remove(key::project_of_account(before.account.id, before.id)),
        ];
        Ok(self.transact(writes, None).await?.into())
    }

    /// Whether the project has an environment that is not TERMINATED.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn has_environments(&self, project: ProjectId) -> Result<bool, Error> {
        self.has_children(&key::project(project).pk, key::ENVIRONMENTS)
            .await
    }

    /// Whether the project is associated with a configuration.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn has_associated_configs(&self, project: ProjectId) -> Result<bool, Error> {
        self.has_children(&key::project(project).pk, key::CONFIGS).await
    }
}

/// What became of a transaction in which the write at `name`, if there is one, takes a name.
fn saved(outcome: &Outcome, name: Option<usize>) -> Saved {
    match outcome {
        Outcome::Written => Saved::Written,
        Outcome::Refused(refusals) if !refusals.has(ROW) && name.is_some_and(|name| refusals.has(name)) => {
            Saved::NameTaken
        }
        Outcome::Refused(_) => Saved::Stale,
    }
}
