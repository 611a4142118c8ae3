//! What the functions are told by their environment.

use workbench_core::account::hosts::Hosts;
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

/// Settings that are missing; all of them at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variables are missing: {}", .0.join(", "))]
pub struct MissingSettings(pub Vec<&'static str>);

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
    /// Names every variable that is missing or empty.
    pub fn from_env() -> Result<Self, MissingSettings> {
        Self::read(process)
    }

    /// Reads variables from `get`. Those that say which accounts may host environments may be empty.
    ///
    /// # Errors
    /// Names every variable that is missing or empty.
    pub fn read(get: impl Fn(&'static str) -> Option<String>) -> Result<Self, MissingSettings> {
        let optional = |name| get(name).unwrap_or_default();
        let hosts = Hosts::read(&optional("ORGANIZATION_ID"), &optional("HOSTING_ACCOUNT_IDS"));
        collect(get, |read| Self {
            table_name: read("TABLE_NAME"),
            user_pool_id: read("USER_POOL_ID"),
            main: MainAccount {
                hosts,
                account_id: read("MAIN_ACCOUNT_ID"),
                region: read("AWS_REGION"),
                namespace: read("NAMESPACE"),
                portfolio_id: read("PORTFOLIO_ID"),
                artifact_bucket: read("ARTIFACT_BUCKET"),
                datasets_bucket_arn: read("DATASETS_BUCKET_ARN"),
                artifact_key_arn: read("ARTIFACT_KEY_ARN"),
                datasets_key_arn: read("DATASETS_KEY_ARN"),
            },
        })
    }
}

impl CatalogSettings {
    /// Reads the process's environment variables.
    ///
    /// # Errors
    /// Names every variable that is missing or empty.
    pub fn from_env() -> Result<Self, MissingSettings> {
        Self::read(process)
    }

    /// Reads variables from `get`.
    ///
    /// # Errors
    /// Names every variable that is missing or empty.
    pub fn read(get: impl Fn(&'static str) -> Option<String>) -> Result<Self, MissingSettings> {
        collect(get, |read| Self {
            table_name: read("TABLE_NAME"),
            artifact_bucket: read("ARTIFACT_BUCKET"),
            region: read("AWS_REGION"),
        })
    }
}

fn process(name: &'static str) -> Option<String> {
    std::env::var(name).ok()
}

/// Builds settings by reading one variable after the other, and refuses them if one is missing.
fn collect<T>(
    get: impl Fn(&'static str) -> Option<String>,
    build: impl FnOnce(&mut dyn FnMut(&'static str) -> String) -> T,
) -> Result<T, MissingSettings> {
    let mut missing = Vec::new();
    let settings = build(&mut |name| {
        get(name).filter(|value| !value.is_empty()).unwrap_or_else(|| {
            missing.push(name);
            String::new()
        })
    });
    if missing.is_empty() {
        Ok(settings)
    } else {
        Err(MissingSettings(missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_variable_is_named_at_once() {
        let error = Settings::read(|name| (name != "TABLE_NAME" && name != "NAMESPACE").then(|| "x".into()))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "environment variables are missing: TABLE_NAME, NAMESPACE"
        );
        assert!(Settings::read(|name| Some(name.to_owned())).is_ok());
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
