//! Environment type configurations and their association with projects, sections 4.6 and 4.7 of
//! the contract.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use workbench_aws::{Cloud, Error};
use workbench_core::env_type::{ConfigParam, ConfigStatus, EnvTypeConfig};
use workbench_core::id::{EnvTypeConfigId, EnvTypeId};
use workbench_core::text::{Description, Title};

use crate::path::PathIds;
use crate::schema;
use crate::time::IsoTime;

pub(crate) mod associate;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod of_project;
pub(crate) mod projects;
pub(crate) mod read;
pub(crate) mod update;

/// A configuration as it is answered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConfigAnswer {
    #[schema(value_type = schema::EnvTypeConfigId)]
    id: EnvTypeConfigId,
    #[serde(rename = "type")]
    type_name: String,
    #[schema(value_type = schema::Title)]
    name: Title,
    #[schema(value_type = schema::Description)]
    description: Description,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_cost: Option<String>,
    params: Vec<Param>,
    #[schema(value_type = schema::ConfigStatus)]
    status: ConfigStatus,
    created_at: IsoTime,
    updated_at: IsoTime,
}

/// A fixed parameter, in requests and answers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Param {
    key: String,
    value: String,
}

impl From<ConfigParam> for Param {
    fn from(param: ConfigParam) -> Self {
        let ConfigParam { key, value } = param;
        Self { key, value }
    }
}

impl From<Param> for ConfigParam {
    fn from(param: Param) -> Self {
        let Param { key, value } = param;
        Self { key, value }
    }
}

impl From<EnvTypeConfig> for ConfigAnswer {
    fn from(config: EnvTypeConfig) -> Self {
        let EnvTypeConfig {
            id,
            env_type_id: _,
            type_name,
            name,
            description,
            estimated_cost,
            params,
            // Names roles of other projects.
            offer: _,
            status,
            rev: _,
            created_at,
            updated_at,
        } = config;
        Self {
            id,
            type_name,
            name,
            description,
            estimated_cost,
            params: params.into_iter().map(Param::from).collect(),
            status,
            created_at: IsoTime(created_at),
            updated_at: IsoTime(updated_at),
        }
    }
}

/// Which configuration a path names.
#[derive(Debug)]
pub(crate) struct ConfigPath {
    env_type_id: EnvTypeId,
    config_id: EnvTypeConfigId,
}

impl ConfigPath {
    fn of(path: &PathIds) -> Result<Self, workbench_core::Error> {
        Ok(Self {
            env_type_id: path.get("envTypeId")?,
            config_id: path.get("envTypeConfigId")?,
        })
    }

    /// The configuration, if it is one of the path's type and was not deleted.
    async fn find(&self, cloud: &Cloud) -> Result<Option<EnvTypeConfig>, Error> {
        let found = cloud.table().config(self.config_id).await?;
        Ok(found.filter(|config| {
            config.env_type_id == self.env_type_id && config.status == ConfigStatus::Available
        }))
    }

    /// As [`ConfigPath::find`], where it has to be there.
    async fn existing(&self, cloud: &Cloud) -> Result<EnvTypeConfig, Error> {
        let found = self.find(cloud).await?;
        found.ok_or_else(|| {
            workbench_core::Error::not_found("environment type configuration", self.config_id).into()
        })
    }
}
