//! An environment in full, as its members and as IT admins may see it.

use serde::Serialize;
use utoipa::ToSchema;
use workbench_core::account::HostingAccount;
use workbench_core::caller::Caller;
use workbench_core::environment::{Environment, Failure, Home, Instance, Recipe, Waiting};
use workbench_core::id::{
    AwsAccountId, EnvTypeConfigId, EnvironmentId, ProductId, ProjectId, ProvisioningArtifactId,
};
use workbench_core::text::Name;

use super::item::Item;
use super::mask::for_caller;
use crate::configurations::Param;
use crate::entrance::Entrance;
use crate::schema;
use crate::time::IsoTime;

/// `Environment` of the contract.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnvironmentAnswer {
    #[serde(flatten)]
    item: Item,
    /// Always empty.
    cidr: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorAnswer>,
    /// While a launch or terminate waits for its turn, because AWS has no room for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    queued: Option<QueuedAnswer>,
    #[serde(rename = "ETC")]
    config: ConfigPart,
    #[serde(rename = "PROJ")]
    project: ProjectPart,
    #[serde(rename = "DATASETS")]
    #[schema(value_type = Vec<Object>)]
    datasets: [(); 0],
    #[serde(rename = "ENDPOINTS")]
    #[schema(value_type = Vec<Object>)]
    endpoints: [(); 0],
    #[serde(rename = "INID", skip_serializing_if = "Option::is_none")]
    instance: Option<InstancePart>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ErrorAnswer {
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct QueuedAnswer {
    since: IsoTime,
    reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConfigPart {
    #[schema(value_type = schema::EnvTypeConfigId)]
    id: EnvTypeConfigId,
    #[serde(rename = "type")]
    type_name: String,
    #[schema(value_type = schema::ProductId)]
    product_id: ProductId,
    #[schema(value_type = schema::ProvisioningArtifactId)]
    provisioning_artifact_id: ProvisioningArtifactId,
    params: Vec<Param>,
    created_at: IsoTime,
    updated_at: IsoTime,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ProjectPart {
    #[schema(value_type = schema::ProjectId)]
    id: ProjectId,
    #[schema(value_type = schema::Name)]
    name: Name,
    #[schema(value_type = schema::AwsAccountId)]
    aws_account_id: AwsAccountId,
    vpc_id: String,
    subnet_id: String,
    environment_instance_files: String,
    #[serde(flatten)]
    entrance: Entrance,
    created_at: IsoTime,
    updated_at: IsoTime,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct InstancePart {
    /// The environment's, as in the contract.
    #[schema(value_type = schema::EnvironmentId)]
    id: EnvironmentId,
    instance_arn: String,
    created_at: IsoTime,
    updated_at: IsoTime,
}

impl EnvironmentAnswer {
    /// What `caller`, who may read the environment, is shown of it.
    pub(crate) fn of(environment: Environment, caller: &Caller) -> Self {
        let item = Item::from(&environment);
        let Environment {
            id,
            name: _,
            description: _,
            owner: _,
            recipe,
            home,
            lifecycle: _,
            error,
            waiting,
            execution: _,
            product: _,
            record: _,
            instance,
            rev: _,
            created_at,
            postponed_until: _,
            updated_at,
        } = environment;
        let instance = instance.map(
            |Instance {
                 id: _,
                 arn,
                 role_arn: _,
             }| InstancePart {
                id,
                instance_arn: arn,
                created_at: IsoTime(created_at),
                updated_at: IsoTime(updated_at),
            },
        );
        Self {
            item,
            cidr: "",
            error: error.map(|failure| ErrorAnswer::of(failure, caller)),
            queued: waiting.map(|waiting| QueuedAnswer::of(waiting, caller)),
            config: recipe.into(),
            project: ProjectPart::of(home, caller),
            datasets: [],
            endpoints: [],
            instance,
        }
    }
}

impl ErrorAnswer {
    fn of(failure: Failure, caller: &Caller) -> Self {
        let Failure { kind, value } = failure;
        Self {
            kind,
            value: for_caller(value, caller),
        }
    }
}

impl QueuedAnswer {
    fn of(waiting: Waiting, caller: &Caller) -> Self {
        let Waiting {
            since,
            tried_at: _,
            heard: _,
            before: _,
            reason,
        } = waiting;
        Self {
            since: IsoTime(since),
            reason: for_caller(reason, caller),
        }
    }
}

impl From<Recipe> for ConfigPart {
    fn from(recipe: Recipe) -> Self {
        let Recipe {
            type_name,
            env_type_id,
            config_id,
            params,
            created_at,
            updated_at,
        } = recipe;
        Self {
            id: config_id,
            type_name,
            product_id: env_type_id.product,
            provisioning_artifact_id: env_type_id.artifact,
            params: params.into_iter().map(Param::from).collect(),
            created_at: IsoTime(created_at),
            updated_at: IsoTime(updated_at),
        }
    }
}

impl ProjectPart {
    fn of(home: Home, caller: &Caller) -> Self {
        let Home {
            project_id,
            project_name,
            account,
            created_at,
            updated_at,
        } = home;
        let entrance = Entrance::of(&account, caller);
        let HostingAccount {
            aws_account_id,
            vpc_id,
            subnet_id,
            environment_instance_files,
            ..
        } = account;
        Self {
            id: project_id,
            name: project_name,
            aws_account_id,
            vpc_id,
            subnet_id,
            environment_instance_files,
            entrance,
            created_at: IsoTime(created_at),
            updated_at: IsoTime(updated_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use workbench_core::status::Status;

    use super::*;

    fn environment() -> Environment {
        serde_json::from_str(include_str!("../../tests/rows/environment.json")).unwrap()
    }

    fn answered(environment: Environment, it_admin: bool) -> EnvironmentAnswer {
        let caller = Caller {
            user_id: environment.owner,
            it_admin,
        };
        EnvironmentAnswer::of(environment, &caller)
    }

    fn seen(environment: Environment, it_admin: bool) -> Value {
        serde_json::to_value(answered(environment, it_admin)).unwrap()
    }

    #[test]
    fn an_it_admin_sees_all_of_an_environment() {
        insta::assert_json_snapshot!(answered(environment(), true));
    }

    #[test]
    fn a_researcher_sees_no_role_no_key_and_no_external_id() {
        let mut environment = environment();
        let role = environment.home.account.env_mgmt_role_arn.clone();
        environment.error = Some(Failure {
            kind: "STOP".into(),
            value: format!("{role} may not stop it"),
        });
        let answer = answered(environment.clone(), false);
        insta::assert_json_snapshot!(answer);
        let answer = serde_json::to_value(answer).unwrap();
        let text = answer.to_string();
        let account = &environment.home.account;
        for secret in [
            &account.env_mgmt_role_arn,
            &account.encryption_key_arn,
            account.external_id.expose(),
            ":role/",
        ] {
            assert!(!text.contains(secret), "{secret}");
        }
    }

    #[test]
    fn what_is_not_known_yet_is_empty() {
        let mut environment = environment();
        environment.lifecycle.status = Status::Pending;
        (environment.instance, environment.product) = (None, None);
        let answer = seen(environment, false);
        assert_eq!(
            (&answer["instanceId"], &answer["provisionedProductId"]),
            (&json!(""), &json!(""))
        );
        assert_eq!((answer.get("INID"), answer.get("error")), (None, None));
    }
}
