//! Configurations of environment types.

use std::collections::BTreeSet;

use jiff::Timestamp;
use workbench_core::env_type::{ConfigStatus, EnvTypeConfig, EnvTypeStatus, Offer};
use workbench_core::id::{EnvTypeConfigId, EnvTypeId};
use workbench_core::page::{Page, PageRequest};
use workbench_core::project::RoleId;

use super::Table;
use super::environments::Updated;
use super::expression::Condition;
use super::index::Place;
use super::key::{self, Key};
use super::list::List;
use super::row::Row;
use super::write::{self, Outcome, Write};
use crate::error::Error;

impl Row for EnvTypeConfig {
    fn key(&self) -> Key {
        key::config(self.id)
    }

    fn places(&self) -> Vec<Place> {
        match self.status {
            ConfigStatus::Available => vec![Place::in_env_type(&self.env_type_id, self.created_at, self.id)],
            ConfigStatus::Deleted => Vec::new(),
        }
    }
}

/// The marks of those to whom a configuration is offered without an association.
fn offers(config: &EnvTypeConfig) -> BTreeSet<Key> {
    let (ty, id) = (&config.env_type_id, config.id);
    match &config.offer {
        Offer::AssociatedProjects => BTreeSet::new(),
        Offer::EveryProject => BTreeSet::from([key::open_config(ty, id)]),
        Offer::Roles(roles) => {
            let project = |role: &RoleId| key::config_for_roles(role.project_id, ty, id);
            roles.iter().map(project).collect()
        }
    }
}

impl Table {
    /// Writes a new configuration, if its type is APPROVED, whose `rev` it raises. One request.
    ///
    /// # Errors
    /// `envTypeId` if the type does not exist; the wrong state if the type is
    /// not APPROVED; or DynamoDB's.
    pub async fn create_config(&self, config: &EnvTypeConfig) -> Result<(), Error> {
        let ty = &config.env_type_id;
        let mut writes = vec![Write::put(config, Condition::absent())?];
        let approved = Condition::status(EnvTypeStatus::Approved.label());
        let of_type = write::add(&mut writes, Write::raise(key::env_type(ty), approved));
        writes.push(Write::mark(key::config_of_type(ty, config.id)));
        writes.extend(offers(config).into_iter().map(Write::mark));
        let Outcome::Refused(refusals) = self.create(writes, None).await? else {
            return Ok(());
        };
        Err(if refusals.found(of_type).is_some() {
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
        request: &PageRequest,
    ) -> Result<Page<EnvTypeConfig>, Error> {
        self.page(&List::configs(env_type), request, |_| true).await
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
            writes.extend(offers(after).into_iter().map(Write::remove));
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
}
