//! An environment in full, as its members and as IT admins may see it.

use serde::Serialize;
use workbench_core::access::Caller;
use workbench_core::account::HostingAccount;
use workbench_core::env_type::ConfigParam;
use workbench_core::environment::{Environment, Failure, Home, Instance, Recipe};
use workbench_core::id::{
    AwsAccountId, EnvTypeConfigId, EnvironmentId, ProductId, ProjectId, ProvisioningArtifactId,
};
use workbench_core::text::Name;

use super::item::Item;
use super::mask::without_roles_and_keys;
use crate::time::IsoTime;

/// `Environment` of the contract.
#[derive(Debug, Serialize)]
pub(crate) struct EnvironmentAnswer {
    #[serde(flatten)]
    item: Item,
    cidr: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorAnswer>,
    #[serde(rename = "ETC")]
    config: ConfigPart,
    #[serde(rename = "PROJ")]
    project: ProjectPart,
    #[serde(rename = "DATASETS")]
    datasets: [(); 0],
    #[serde(rename = "ENDPOINTS")]
    endpoints: [(); 0],
    #[serde(rename = "INID", skip_serializing_if = "Option::is_none")]
    instance: Option<InstancePart>,
}

#[derive(Debug, Serialize)]
struct ErrorAnswer {
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ConfigPart {
    id: EnvTypeConfigId,
    #[serde(rename = "type")]
    type_name: String,
    product_id: ProductId,
    provisioning_artifact_id: ProvisioningArtifactId,
    params: Vec<ParamPart>,
    created_at: IsoTime,
    updated_at: IsoTime,
}

#[derive(Debug, Serialize)]
struct ParamPart {
    key: String,
    value: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProjectPart {
    id: ProjectId,
    name: Name,
    aws_account_id: AwsAccountId,
    vpc_id: String,
    subnet_id: String,
    environment_instance_files: String,
    #[serde(flatten)]
    entrance: Option<Entrance>,
    created_at: IsoTime,
    updated_at: IsoTime,
}

/// How Workbench gets into the hosting account: for IT admins alone.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entrance {
    env_mgmt_role_arn: String,
    hosting_account_handler_role_arn: String,
    external_id: String,
    encryption_key_arn: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct InstancePart {
    /// The environment's, as in the contract.
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
            value: if caller.it_admin {
                value
            } else {
                without_roles_and_keys(&value)
            },
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
            params: params
                .into_iter()
                .map(|ConfigParam { key, value }| ParamPart { key, value })
                .collect(),
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
        let HostingAccount {
            id: _,
            name: _,
            aws_account_id,
            env_mgmt_role_arn,
            hosting_account_handler_role_arn,
            external_id,
            status: _,
            vpc_id,
            subnet_id,
            encryption_key_arn,
            environment_instance_files,
            rev: _,
            created_at: _,
            updated_at: _,
        } = account;
        let entrance = Entrance {
            env_mgmt_role_arn,
            hosting_account_handler_role_arn,
            external_id: external_id.expose().to_owned(),
            encryption_key_arn,
        };
        Self {
            id: project_id,
            name: project_name,
            aws_account_id,
            vpc_id,
            subnet_id,
            environment_instance_files,
            entrance: caller.it_admin.then_some(entrance),
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

    fn seen(environment: Environment, it_admin: bool) -> Value {
        let caller = Caller {
            user_id: environment.owner,
            it_admin,
        };
        serde_json::to_value(EnvironmentAnswer::of(environment, &caller)).unwrap()
    }

    #[test]
    fn an_it_admin_sees_all_of_an_environment() {
        insta::assert_json_snapshot!(seen(environment(), true));
    }

    #[test]
    fn a_researcher_sees_no_role_no_key_and_no_external_id() {
        let mut environment = environment();
        let role = environment.home.account.env_mgmt_role_arn.clone();
        environment.error = Some(Failure {
            kind: "STOP".into(),
            value: format!("{role} may not stop it"),
        });
        let answer = seen(environment.clone(), false);
        insta::assert_json_snapshot!(answer);
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
