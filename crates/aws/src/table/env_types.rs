//! Environment types.

use workbench_core::env_type::{EnvType, EnvTypeConfig};
use workbench_core::id::EnvTypeId;
use workbench_core::page::{Page, PageRequest, SortKey};

use super::Table;
use super::environments::Updated;
use super::expression::Condition;
use super::index::{Place, sortable};
use super::key::{self, Key};
use super::list::Listed;
use super::row::{self, Row};
use super::write::Write;
use crate::error::Error;

impl Row for EnvType {
    fn key(&self) -> Key {
        key::env_type(&self.id)
    }

    fn places(&self) -> Vec<Place> {
        self.listed_places()
    }
}

impl Listed for EnvType {
    const KIND: &'static str = "TYPE";
    const KEYS: &'static [SortKey] = &[SortKey::Name, SortKey::Status];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn is_listed(&self) -> bool {
        true
    }

    fn value(&self, key: SortKey) -> String {
        match key {
            SortKey::Name => self.name.to_string(),
            SortKey::Status => self.status.label().to_owned(),
            SortKey::CreatedAt | SortKey::Owner | SortKey::Project | SortKey::CostCenter => {
                sortable(self.created_at)
            }
        }
    }
}

impl Table {
    /// Writes a new environment type; stale if it exists.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn create_env_type(&self, env_type: &EnvType) -> Result<Updated, Error> {
        let write = Write::put(env_type, Condition::absent())?;
        Ok(self.transact(vec![write], None).await?.into())
    }

    /// One environment type.
    ///
    /// # Errors
    /// DynamoDB's, or the row can not be read.
    pub async fn env_type(&self, id: &EnvTypeId) -> Result<Option<EnvType>, Error> {
        self.get(key::env_type(id)).await
    }

    /// All environment types by what the request asks for.
    ///
    /// # Errors
    /// The token is none of this query; or DynamoDB's.
    pub async fn env_types(&self, request: &PageRequest) -> Result<Page<EnvType>, Error> {
        self.all(request).await
    }

    /// Writes `after` if the row is still `before`. A configuration that was made since makes it stale.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn update_env_type(&self, before: &EnvType, after: &EnvType) -> Result<Updated, Error> {
        let write = Write::put(after, Condition::revision(before.rev))?;
        Ok(self.transact(vec![write], None).await?.into())
    }

    /// The first few configurations of the type that are AVAILABLE. Read the type first and decide by
    /// both: a configuration that is made meanwhile makes the update of the type stale.
    ///
    /// # Errors
    /// DynamoDB's, or a row can not be read.
    pub async fn first_configs(&self, env_type: &EnvTypeId) -> Result<Vec<EnvTypeConfig>, Error> {
        let pk = key::env_type(env_type).pk;
        let ids = self.marked(&pk, key::CONFIGS).await?;
        let rows = self.in_order(ids.into_iter().map(key::config).collect()).await?;
        rows.into_iter().map(row::read).collect()
    }
}
