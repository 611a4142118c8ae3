//! From a configuration, a hosting account and a request to the parameters of a launch or
//! terminate document, as the package's manifest says where each comes from.

mod check;

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::environment::Environment;
use crate::error::Error;
use crate::main_account::MainAccount;
use crate::registry::{
    self, AccountField, DatasetsField, Document, DocumentParameter, EnvironmentField, MainField,
    ProductField, Source, UniqueField,
};

pub use check::check_complete;
pub(crate) use check::{check_config_param, check_number};

/// The literal with which a configuration leaves the policy to Workbench, as the seed guide does.
pub const COMPUTED_POLICY: &str = "${iamPolicyDocument}";

/// The instance's policy while there are no datasets.
const NO_POLICY: &str = "{}";
/// What is mounted while there are no datasets.
const NO_MOUNTS: &str = "[]";

/// Tokens and names that are the same each time a request is repeated, so that AWS does its part once.
#[derive(Debug, Clone, Copy)]
pub struct Unique<'a>(pub &'a Environment);

impl Unique<'_> {
    /// The client token of the current operation's automation: a UUID, as Systems Manager wants it.
    #[must_use]
    pub fn execution_token(self) -> String {
        self.derive("execution")
    }

    fn derive(self, purpose: &str) -> String {
        let name = format!("{purpose}:{}", self.0.lifecycle.generation);
        Uuid::new_v5(&self.0.id.uuid(), name.as_bytes()).to_string()
    }

    /// The name of the provisioned product, by which it is found even where nobody was told its id.
    #[must_use]
    pub fn product_name(self) -> String {
        format!("{}-{}", self.0.recipe.type_name, self.0.id.uuid())
    }

    /// Tells the environment's resources apart in its account; short enough for the names of roles.
    fn namespace(self) -> String {
        let uuid = self.0.id.uuid().simple().to_string();
        let short = uuid.get(..16).unwrap_or(&uuid).to_owned();
        format!("{}-{short}", self.0.recipe.type_name)
    }

    fn resolve(self, field: UniqueField) -> String {
        match field {
            UniqueField::InstanceName => self.product_name(),
            UniqueField::Namespace => self.namespace(),
            UniqueField::ProvisionToken => self.derive("provision"),
            UniqueField::TerminateToken => self.derive("terminate"),
        }
    }
}

/// Everything that a document's parameters can come from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The environment to launch or terminate.
    pub environment: &'a Environment,
    /// The main account.
    pub main: &'a MainAccount,
    /// The launch path, once the hosting account was asked for it.
    pub path_id: Option<&'a str>,
}

/// The parameters for `document`, each checked against what the document allows. Those whose
/// source is not known yet, and which have a default, are left out.
///
/// # Errors
/// The configuration lacks a parameter, or a value is one that the document refuses.
pub fn parameters(document: &Document, inputs: Inputs<'_>) -> Result<BTreeMap<String, String>, Error> {
    let mut resolved = BTreeMap::new();
    for parameter in document.parameters {
        let Some(source) = parameter.source else { continue };
        match resolve(source, inputs) {
            Some(value) => {
                check::check_value(parameter, &value).map_err(|problem| refusal(parameter, problem))?;
                resolved.insert(parameter.name.to_owned(), value);
            }
            None if parameter.default.is_some() || waits_for_path(source, inputs) => {}
            None => return Err(refusal(parameter, "is missing".to_owned())),
        }
    }
    Ok(resolved)
}

fn waits_for_path(source: Source, inputs: Inputs<'_>) -> bool {
    matches!(source, Source::Product(ProductField::PathId)) && inputs.path_id.is_none()
}

/// The refusal of a parameter's value, addressed to whoever can mend it. What accounts and the deployment hold, such as
/// the ARNs of keys, is not repeated.
fn refusal(parameter: &DocumentParameter, problem: String) -> Error {
    let name = parameter.name;
    match parameter.source {
        Some(Source::Config(key)) => Error::invalid(
            format!("envTypeConfigId: parameter {key} of the configuration"),
            problem,
        ),
        Some(Source::Account(_)) => Error::invalid(
            format!("projectId: {name} of the project's hosting account"),
            "is not of the form that the launch document asks for; onboard the account again",
        ),
        Some(Source::Main(_)) => Error::Misconfigured(format!("{name}: {problem}")),
        _ => Error::invalid(name, problem),
    }
}

fn resolve(source: Source, inputs: Inputs<'_>) -> Option<String> {
    let environment = inputs.environment;
    let account = &environment.home.account;
    let value = match source {
        Source::Config(key) => environment
            .recipe
            .params
            .iter()
            .find(|param| param.key == key)
            .map(|param| param.value.clone()),
        Source::Environment(field) => match field {
            EnvironmentField::Id => Some(environment.id.to_string()),
            EnvironmentField::Name => Some(environment.name.to_string()),
            EnvironmentField::ProjectId => Some(environment.project_id().to_string()),
            EnvironmentField::Owner => Some(environment.owner.to_string()),
            EnvironmentField::ProvisionedProductId => environment.product.as_ref().map(ToString::to_string),
        },
        Source::Account(field) => Some(match field {
            AccountField::Id => account.aws_account_id.to_string(),
            AccountField::VpcId => account.vpc_id.clone(),
            AccountField::SubnetId => account.subnet_id.clone(),
            AccountField::EncryptionKeyArn => account.encryption_key_arn.clone(),
            AccountField::EnvironmentInstanceFiles => instance_files(environment),
        }),
        Source::Product(field) => match field {
            ProductField::Id => Some(environment.recipe.env_type_id.product.to_string()),
            ProductField::ProvisioningArtifactId => Some(environment.recipe.env_type_id.artifact.to_string()),
            ProductField::PathId => inputs.path_id.map(str::to_owned),
        },
        Source::Main(field) => Some(match field {
            MainField::AccountId => inputs.main.account_id.to_string(),
            MainField::Region => inputs.main.region.clone(),
            MainField::DatasetsBucketArn => inputs.main.datasets_bucket_arn.clone(),
            MainField::ArtifactKeyArn => inputs.main.artifact_key_arn.clone(),
            MainField::DatasetsKeyArn => inputs.main.datasets_key_arn.clone(),
        }),
        Source::Datasets(DatasetsField::Mounts) => Some(NO_MOUNTS.to_owned()),
        Source::Datasets(DatasetsField::Policy) => Some(NO_POLICY.to_owned()),
        Source::Unique(field) => Some(Unique(environment).resolve(field)),
        Source::Literal(text) => Some(text.to_owned()),
    };
    value.filter(|value| !value.is_empty())
}

/// Where the files are that the environment's instance fetches on start: below the account's folder, by type and by the
/// hash of what they hold, so that an instance keeps the files that it was launched with.
fn instance_files(environment: &Environment) -> String {
    let folder = &environment.home.account.environment_instance_files;
    match registry::environment_type(&environment.recipe.type_name) {
        Some(ty) if !ty.files.is_empty() && !folder.is_empty() => {
            format!("{folder}/{}/{}", ty.name, ty.files_hash)
        }
        _ => folder.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::EnvironmentType;
    use crate::test_data::{self, main_account};

    fn notebook() -> &'static EnvironmentType {
        registry::environment_type("sagemakerNotebook").unwrap()
    }

    #[test]
    fn every_parameter_of_a_launch_is_resolved() {
        let environment = test_data::environment();
        let main = main_account();
        let inputs = Inputs {
            environment: &environment,
            main: &main,
            path_id: Some("lpv2-abcdefghijklm"),
        };
        let parameters = parameters(&notebook().launch, inputs).unwrap();
        insta::assert_json_snapshot!(parameters);
    }

    #[test]
    fn the_path_may_come_later_but_nothing_else() {
        let mut environment = test_data::environment();
        let main = main_account();
        let resolve = |environment: &Environment| {
            parameters(
                &notebook().launch,
                Inputs {
                    environment,
                    main: &main,
                    path_id: None,
                },
            )
        };
        assert!(!resolve(&environment).unwrap().contains_key("PathId"));
        environment
            .recipe
            .params
            .retain(|param| param.key != "InstanceType");
        let error = resolve(&environment).unwrap_err();
        assert_eq!(
            error.to_string(),
            "envTypeConfigId: parameter InstanceType of the configuration: is missing"
        );
    }

    #[test]
    fn tokens_are_the_same_for_one_request_and_differ_between_requests() {
        let environment = test_data::environment();
        let token = Unique(&environment).execution_token();
        assert_eq!(token, Unique(&environment).execution_token());
        let again = environment.intend(crate::status::transition::Operation::Terminate, test_data::now());
        assert_ne!(token, Unique(&again).execution_token());
    }
}
