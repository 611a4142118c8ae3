//! An environment as a row of a list.

use serde::Serialize;
use utoipa::ToSchema;
use workbench_core::environment::Environment;
use workbench_core::id::{EnvTypeConfigId, EnvironmentId, ProjectId, UserId};
use workbench_core::status::Status;
use workbench_core::text::{Description, Name};

use crate::schema;
use crate::time::IsoTime;

/// `EnvironmentItem` of the contract. Empty texts stand for what is not known yet.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    #[schema(value_type = schema::EnvironmentId)]
    pub(crate) id: EnvironmentId,
    pub(crate) instance_id: String,
    #[schema(value_type = schema::ProjectId)]
    pub(crate) project_id: ProjectId,
    #[schema(value_type = schema::Name)]
    pub(crate) name: Name,
    #[schema(value_type = schema::Description)]
    pub(crate) description: Description,
    #[schema(value_type = schema::Status)]
    pub(crate) status: Status,
    #[schema(value_type = schema::EnvTypeConfigId)]
    pub(crate) env_type_config_id: EnvTypeConfigId,
    pub(crate) provisioned_product_id: String,
    #[schema(value_type = schema::UserId)]
    pub(crate) owner: UserId,
    pub(crate) created_at: IsoTime,
    pub(crate) updated_at: IsoTime,
}

impl From<&Environment> for Item {
    fn from(environment: &Environment) -> Self {
        Self {
            id: environment.id,
            instance_id: environment
                .instance
                .as_ref()
                .map(|instance| instance.id.to_string())
                .unwrap_or_default(),
            project_id: environment.project_id(),
            name: environment.name.clone(),
            description: environment.description.clone(),
            status: environment.status(),
            env_type_config_id: environment.recipe.config_id,
            provisioned_product_id: environment
                .product
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            owner: environment.owner,
            created_at: IsoTime(environment.created_at),
            updated_at: IsoTime(environment.updated_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use workbench_core::page::Page;

    use super::*;

    #[test]
    fn a_page_has_rows_and_the_token_of_the_next() {
        let environment: Environment =
            serde_json::from_str(include_str!("../../tests/rows/environment.json")).unwrap();
        let page = Page {
            data: vec![Item::from(&environment)],
            pagination_token: Some("next".into()),
        };
        insta::assert_json_snapshot!(page);
    }
}
