//! What the functions are told by their environment.

use workbench_core::account::hosts::Hosts;
use workbench_core::id::InvalidId;
use workbench_core::main_account::MainAccount;

/// The settings of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The name of the table.
    pub table_name: String,
    /// The id of the user pool.
    pub user_pool_id: String,
    /// The account and the stack in which Workbench runs.
    pub main: MainAccount,
}

/// Why the settings can not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSettings {
    /// Variables are missing or empty; all of them at once.
    #[error("environment variables are missing: {}", .0.join(", "))]
    Missing(Vec<&'static str>),
    /// A variable is not of the form that it has to be.
    #[error("environment variable {name}: {problem}")]
    Malformed {
        /// Its name.
        name: &'static str,
        /// What is wrong with it.
        problem: InvalidId,
    },
}

/// The settings of the catalog function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogSettings {
    /// The name of the table.
    pub table_name: String,
    /// The name of the artifact bucket.
    pub artifact_bucket: String,
    /// The region of the deployment, the bucket included.
    pub region: String,
}

impl Settings {
    /// Reads the process's environment variables.
    ///
    /// # Errors
    /// Names every variable that is missing or empty, else one that is malformed.
    pub fn from_env() -> Result<Self, InvalidSettings> {
        Self::read(process)
    }

    /// Reads variables from `get`. Those that say which accounts may host environments may be empty.
    ///
    /// # Errors
    /// Names every variable that is missing or empty, else one that is malformed.
    pub fn read(get: impl Fn(&'static str) -> Option<String>) -> Result<Self, InvalidSettings> {
        let optional = |name| get(name).unwrap_or_default();
        let hosts = Hosts::read(&optional("ORGANIZATION_ID"), &optional("HOSTING_ACCOUNT_IDS"));
        collect(get, |read| {
            Ok(Self {
                table_name: read("TABLE_NAME"),
                user_pool_id: read("USER_POOL_ID"),
                main: MainAccount {
                    hosts,
                    region: read("AWS_REGION"),
                    namespace: read("NAMESPACE"),
                    portfolio_id: read("PORTFOLIO_ID"),
                    artifact_bucket: read("ARTIFACT_BUCKET"),
                    datasets_bucket_arn: read("DATASETS_BUCKET_ARN"),
                    artifact_key_arn: read("ARTIFACT_KEY_ARN"),
                    datasets_key_arn: read("DATASETS_KEY_ARN"),
                    // Last: what is missing is told before what is malformed.
                    account_id: {
                        let name = "MAIN_ACCOUNT_ID";
                        let malformed = |problem| InvalidSettings::Malformed { name, problem };
                        read(name).parse().map_err(malformed)?
                    },
                },
            })
        })
    }
}

impl CatalogSettings {
    /// Reads the process's environment variables.
    ///
    /// # Errors
    /// Names every variable that is missing or empty.
    pub fn from_env() -> Result<Self, InvalidSettings> {
        Self::read(process)
    }

    /// Reads variables from `get`.
    ///
    /// # Errors
    /// Names every variable that is missing or empty.
    pub fn read(get: impl Fn(&'static str) -> Option<String>) -> Result<Self, InvalidSettings> {
        collect(get, |read| {
            Ok(Self {
                table_name: read("TABLE_NAME"),
                artifact_bucket: read("ARTIFACT_BUCKET"),
                region: read("AWS_REGION"),
            })
        })
    }
}

fn process(name: &'static str) -> Option<String> {
    std::env::var(name).ok()
}

/// Builds settings by reading one variable after the other, and refuses them if one is missing.
fn collect<T>(
    get: impl Fn(&'static str) -> Option<String>,
    build: impl FnOnce(&mut dyn FnMut(&'static str) -> String) -> Result<T, InvalidSettings>,
) -> Result<T, InvalidSettings> {
    let mut missing = Vec::new();
    let built = build(&mut |name| {
        get(name).filter(|value| !value.is_empty()).unwrap_or_else(|| {
            missing.push(name);
            String::new()
        })
    });
    if missing.is_empty() {
        built
    } else {
        Err(InvalidSettings::Missing(missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(name: &'static str) -> Option<String> {
        let value = match name {
            "MAIN_ACCOUNT_ID" => "222222222222",
            name => name,
        };
        Some(value.to_owned())
    }

    #[test]
    fn every_missing_variable_is_named_at_once() {
        let error = Settings::read(|name| (name != "TABLE_NAME" && name != "NAMESPACE").then(|| "x".into()))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "environment variables are missing: TABLE_NAME, NAMESPACE"
        );
        assert!(Settings::read(whole).is_ok());
    }

    #[test]
    fn a_malformed_account_number_is_named() {
        let error = Settings::read(|name| Some(name.to_owned())).unwrap_err();
        let told = "environment variable MAIN_ACCOUNT_ID: ";
        assert!(error.to_string().starts_with(told), "{error}");
    }

    #[test]
    fn the_catalog_function_needs_no_more_than_it_uses() {
        let error = CatalogSettings::read(|_| None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "environment variables are missing: TABLE_NAME, ARTIFACT_BUCKET, AWS_REGION"
        );
        assert!(CatalogSettings::read(|name| Some(name.to_owned())).is_ok());
    }
}
