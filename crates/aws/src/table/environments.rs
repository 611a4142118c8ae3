//! Environments: rows, lists, the instances that belong to them, and those in flight.

use jiff::Timestamp;
use tokio::task::JoinSet;
use uuid::Uuid;
use workbench_core::env_type::EnvTypeStatus;
use workbench_core::environment::{Environment, Instance};
use workbench_core::id::{AwsAccountId, EnvironmentId, ExecutionId, ProductId, ProjectId, UserId};
use workbench_core::page::{Bounds, Direction, Page, PageRequest, PageSize, SortKey};
use workbench_core::project::{Membership, Project, ProjectStatus};
use workbench_core::status::Status;
use workbench_core::timeline::Entry;

use super::associations::Association;
use super::expression::Condition;
use super::index::{self, Place};
use super::key::{self, Key};
use super::launch_facts::IdempotencyRecord;
use super::list::{List, Listed};
use super::owner::{ExecutionOwner, InstanceOwner};
use super::row::{self, Row};
use super::timeline::Change;
use super::write::{self, Outcome, ROW, Write};
use super::{Table, row::bad};
use crate::error::Error;

/// What became of a new environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Created {
    /// It is in the table.
    Written,
    /// Nothing was written: its hosting account is not as the environment has it, or takes no launches.
    AccountChanged,
    /// Nothing was written: the Idempotency-Key was used, or what the launch was decided by has changed since.
    Overtaken,
}

/// A launch that was decided by what was read.
#[derive(Debug, Clone, Copy)]
pub struct NewEnvironment<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// The revision at which its configuration was read. Associations raise it, too.
    pub config_rev: u64,
    /// What makes a repeated request the same request.
    pub record: Option<&'a IdempotencyRecord>,
    /// The association that it relies on, unless the configuration is offered without one. Launches raise its `rev`.
    pub association: Option<&'a Association>,
    /// The project, if its account has to be brought up to date.
    pub refreshed_project: Option<&'a Project>,
}

/// What became of a write that was decided by an earlier read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Updated {
    /// It is in the table.
    Written,
    /// Nothing was written: the row is not any more, or never was, what the decision was made by.
    Stale,
}

impl From<Outcome> for Updated {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Written => Self::Written,
            Outcome::Refused(_) => Self::Stale,
        }
    }
}

impl Row for Environment {
    fn key(&self) -> Key {
        key::environment(self.id)
    }

    fn places(&self) -> Vec<Place> {
        let mut places = self.listed_places();
        if self.is_listed() {
            places.push(Place::in_project(self.project_id(), self.created_at, self.id));
        }
        if let Some(look_at) = self.look_at() {
            places.push(Place::in_flight(look_at, self.id));
        }
        places
    }
}

impl Listed for Environment {
    const KIND: &'static str = "ENV";
    const KEYS: &'static [SortKey] = &[SortKey::Name, SortKey::Status, SortKey::Owner, SortKey::Project];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn is_listed(&self) -> bool {
        self.status() != Status::Terminated
    }

    fn value(&self, key: SortKey) -> String {
        match key {
            SortKey::CreatedAt => index::sortable(self.created_at),
            SortKey::Name => self.name.to_string(),
            SortKey::Status => self.status().label().to_owned(),
            SortKey::Owner => self.owner.to_string(),
            SortKey::Project | SortKey::CostCenter => self.project_id().to_string(),
        }
    }
}

/// What the sweep looks after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// An environment about which AWS is to be asked.
    Environment(EnvironmentId),
    /// An AWS account in which somebody waits for their turn.
    Queue(AwsAccountId),
}

/// The mark of an environment in its account's queue, if it waits there.
fn place_in_queue(environment: &Environment) -> Option<Key> {
    let since = index::sortable(environment.waiting.as_ref()?.since);
    let account = &environment.home.account.aws_account_id;
    Some(key::waits(
        account,
        &since,
        environment.project_id(),
        environment.id,
    ))
}

/// What other rows say of an environment, too.
fn told_elsewhere(
    environment: &Environment,
) -> (Status, Option<&Instance>, Option<&ExecutionId>, Option<Key>) {
    (
        environment.status(),
        environment.instance.as_ref(),
        environment.execution.as_ref(),
        place_in_queue(environment),
    )
}

/// The mark of an environment in its project.
fn mark(environment: &Environment) -> Key {
    key::project_environment(
        environment.project_id(),
        environment.recipe.config_id,
        environment.id,
    )
}

impl Table {
    /// One environment, TERMINATED ones included.
    ///
    /// # Errors
    /// DynamoDB's, or the row can not be read.
    pub async fn environment(&self, id: EnvironmentId) -> Result<Option<Environment>, Error> {
        self.get(key::environment(id)).await
    }

    /// One environment and what a user is in a project, in one request.
    ///
    /// # Errors
    /// DynamoDB's, or a row can not be read.
    pub async fn environment_and_membership(
        &self,
        id: EnvironmentId,
        user: UserId,
        project: ProjectId,
    ) -> Result<(Option<Environment>, Option<Membership>), Error> {
        let (environment, membership) = (key::environment(id), key::membership(user, project));
        let mut rows = self.batch(vec![environment.clone(), membership.clone()]).await?;
        Ok((rows.take(&environment)?, rows.take(&membership)?))
    }

    /// An environment of any version of this product that is not TERMINATED, if there is one. Reads the list of all
    /// environments until one is found.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn environment_of_product(&self, product: &ProductId) -> Result<Option<EnvironmentId>, Error> {
        let mut request = PageRequest {
            size: PageSize::LARGEST,
            ..PageRequest::default()
        };
        loop {
            let page = self.all_environments(&request).await?;
            let of_product = |environment: &&Environment| environment.recipe.env_type_id.product == *product;
            if let Some(found) = page.data.iter().find(of_product) {
                return Ok(Some(found.id));
            }
            match page.pagination_token {
                Some(token) => request.token = Some(token),
                None => return Ok(None),
            }
        }
    }

    /// A project's environments by the time they were made; TERMINATED ones are left out.
    ///
    /// # Errors
    /// The token is none of this query; or DynamoDB's.
    pub async fn project_environments(
        &self,
        project: ProjectId,
        request: &PageRequest,
    ) -> Result<Page<Environment>, Error> {
        self.page(&List::project_environments(project), request, |_| true)
            .await
    }

    /// The environments of all projects by what the request asks for; TERMINATED ones are left out.
    ///
    /// # Errors
    /// The token is none of this query; or DynamoDB's.
    pub async fn all_environments(&self, request: &PageRequest) -> Result<Page<Environment>, Error> {
        self.all(request).await
    }

    /// What the sweep is to look after: what has waited longest first, `limit` at most.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn due(&self, now: Timestamp, limit: u16) -> Result<Vec<Due>, Error> {
        let before_now = Bounds {
            from: None,
            to: Some(index::sortable(now)),
        };
        let mut reads = JoinSet::new();
        for source in List::in_flight().sources {
            let (table, range) = (self.clone(), before_now.clone());
            reads.spawn(async move {
                let read = table
                    .run(&source, &range, Direction::Ascending, limit.max(1))
                    .await;
                (source, read)
            });
        }
        let mut due = Vec::new();
        for (source, read) in reads.join_all().await {
            let (items, _) = read?;
            due.extend(items.iter().map(|item| (source.position_of(item), Key::of(item))));
        }
        due.sort_by(|one, other| one.0.cmp(&other.0));
        due.truncate(usize::from(limit));
        let named = |(_, key): (String, Key)| {
            let environment = || key.environment_id().map(Due::Environment);
            let due = key.queue_account().map(Due::Queue).or_else(environment);
            if due.is_none() {
                tracing::error!(%key, "a row in flight is neither environment nor queue");
            }
            due
        };
        Ok(due.into_iter().filter_map(named).collect())
    }

    /// Writes a new environment, if its hosting account takes launches and is as the environment has it, and what the
    /// launch was decided by is still so: the configuration as it was read, its type APPROVED, its association there, the
    /// project AVAILABLE, the owner a member. The project and the association get a new `rev`, so that neither is ended
    /// by somebody who did not see the environment. One request. Doing it again changes nothing.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn create_environment(&self, launch: NewEnvironment<'_>) -> Result<Created, Error> {
        let NewEnvironment {
            environment,
            config_rev,
            association,
            record,
            refreshed_project,
        } = launch;
        let account = &environment.home.account;
        let recipe = &environment.recipe;
        if !account.status.takes_launches() {
            return Ok(Created::AccountChanged);
        }
        let as_read = Condition::status(account.status.label());
        let project = key::project(environment.project_id());
        let available = Condition::status(ProjectStatus::Available.label());
        let mut writes = vec![Write::put(environment, Condition::absent())?];
        let of_account = Write::check(
            key::account(account.id),
            as_read.and(Condition::revision(account.rev)),
        );
        let of_account = write::add(&mut writes, of_account);
        writes.extend([
            Write::check(key::config(recipe.config_id), Condition::revision(config_rev)),
            Write::check(
                key::env_type(&recipe.env_type_id),
                Condition::status(EnvTypeStatus::Approved.label()),
            ),
            match refreshed_project {
                Some(refreshed) => {
                    let account = row::value(&project, &refreshed.account)?;
                    Write::set(project, "account", account, available)
                }
                None => Write::raise(project, available),
            },
            Write::check(
                key::membership(environment.owner, environment.project_id()),
                Condition::present(),
            ),
            Write::mark(mark(environment)),
        ]);
        if let Some(association) = association {
            writes.push(Write::raise(association.key(), Condition::present()));
        }
        if let Some(record) = record {
            let free = Condition::absent().or(Condition::lapsed(environment.created_at));
            writes.push(Write::put(record, free)?);
        }
        writes.push(Write::replace(&Change::first(environment))?);
        let request = serde_json::to_vec(&(environment, config_rev, association, record, refreshed_project));
        let request = request.map_err(|error| bad(&environment.key(), error))?;
        let token = Uuid::new_v5(&environment.id.uuid(), &request).to_string();
        Ok(match self.create(writes, Some(token)).await? {
            Outcome::Written => Created::Written,
            Outcome::Refused(refusals) if refusals.has_only(of_account) => Created::AccountChanged,
            Outcome::Refused(_) => Created::Overtaken,
        })
    }

    /// Writes `after` if the row is still `before`, and tells nobody: when AWS is asked about it, that it is being asked,
    /// that it waits again, that its status is in doubt or is not any more. What other rows say of it, too, must be as in
    /// `before`: its status, its instance, its automation, and since when it waits.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn update_quietly(&self, before: &Environment, after: &Environment) -> Result<Updated, Error> {
        debug_assert_eq!(told_elsewhere(before), told_elsewhere(after), "{}", after.id);
        let write = Write::put(after, Condition::revision(before.rev))?;
        Ok(self.transact(vec![write], None).await?.into())
    }

    /// Writes `after` if the row is still `before`, with the entry for its timeline; the first time
    /// that it has an instance or an automation, also to whom that belongs; and its place in its account's queue, if it
    /// enters or leaves that. One request, all or nothing.
    ///
    /// # Errors
    /// The instance belongs to another environment; or DynamoDB's.
    pub async fn update_environment(
        &self,
        before: &Environment,
        after: &Environment,
        entry: &Entry,
    ) -> Result<Updated, Error> {
        let change = Change::of(after, entry);
        let mut writes = vec![
            Write::put(after, Condition::revision(before.rev))?,
            Write::put(&change, Condition::absent())?,
        ];
        let over = after.status() == Status::Terminated && before.status() != Status::Terminated;
        let instance = after.instance.as_ref().map(|instance| &instance.id);
        let known = before.instance.as_ref().map(|instance| &instance.id);
        let mut of_instance = None;
        if let Some(instance) = instance.filter(|instance| known != Some(*instance)) {
            let ours = Condition::is("environmentId", after.id.to_string());
            let owner = InstanceOwner::of(after, instance);
            let write = Write::put(&owner, Condition::absent().or(ours))?;
            of_instance = Some(write::add(&mut writes, write));
        }
        if let Some(execution) = after
            .execution
            .as_ref()
            .filter(|_| before.execution != after.execution)
        {
            writes.push(Write::replace(&ExecutionOwner::of(after, execution))?);
        }
        if over {
            writes.push(Write::remove(mark(after)));
        }
        let (left, taken) = (place_in_queue(before), place_in_queue(after));
        if left != taken {
            writes.extend(left.map(Write::remove));
            writes.extend(taken.map(Write::mark));
        }
        match self.transact(writes, None).await? {
            Outcome::Refused(refusals)
                if !refusals.has(ROW) && of_instance.is_some_and(|write| refusals.has(write)) =>
            {
                let shown = instance.map(ToString::to_string).unwrap_or_default();
                let problem = format!(
                    "instance `{shown}` belongs to another environment than {}",
                    after.id
                );
                Err(workbench_core::Error::Conflict(problem).into())
            }
            outcome => Ok(outcome.into()),
        }
    }
}
