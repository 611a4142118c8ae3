//! The environments of a hosting account, by way of its projects.

use std::collections::{BTreeSet, HashSet};

use workbench_core::account::orphans::Environments;
use workbench_core::id::{AccountId, EnvironmentId, ProjectId};

use super::Table;
use super::key::{self, Key};
use super::row;
use crate::error::Error;

impl Table {
    /// The ids of the environments in an account that are not TERMINATED, as they are after every write before now. A
    /// query for the account's projects, and one for each of them.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn environments_in(&self, account: AccountId) -> Result<BTreeSet<EnvironmentId>, Error> {
        let mut found = BTreeSet::new();
        let projects = self
            .children(&key::account(account).pk, key::PROJECTS, None)
            .await?;
        let projects = projects.iter().map(Key::of);
        let projects =
            projects.filter_map(|key| key.sk.strip_prefix(key::PROJECTS)?.parse::<ProjectId>().ok());
        for project in projects {
            let marks = self
                .children(&key::project(project).pk, key::ENVIRONMENTS, None)
                .await?;
            let marks = marks.iter().map(Key::of);
            found.extend(marks.filter_map(|key| key.sk.rsplit('#').next()?.parse::<EnvironmentId>().ok()));
        }
        Ok(found)
    }

    /// Environments by their ids, TERMINATED ones included, as they are after every write before now. What is there and
    /// can not be read has no value. One request for each 100.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn environments_by_id(&self, ids: HashSet<EnvironmentId>) -> Result<Environments, Error> {
        let items = self
            .in_order(ids.into_iter().map(key::environment).collect())
            .await?;
        let known = items.into_iter().filter_map(|item| {
            let id = Key::of(&item).environment_id()?;
            let row = row::read(item).inspect_err(|error| tracing::error!(%error, "a row can not be read"));
            Some((id, row.ok()))
        });
        Ok(known.collect())
    }
}
