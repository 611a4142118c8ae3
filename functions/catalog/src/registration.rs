//! Registering the versions of a product: an environment type for each that has none.
//!
//! A version that was registered stays as it is in the table: an admin may have approved or renamed it, or posted
//! it by hand. Deleting the resource deletes no environment type: environments of it may still run, and their
//! configurations and history name it.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_smithy_async::rt::sleep::AsyncSleep as _;
use jiff::Timestamp;
use workbench_aws::products::Version;
use workbench_aws::table::Updated;
use workbench_core::Error;
use workbench_core::env_type::{self, EnvType, EnvTypeStatus, TypeParameter};
use workbench_core::id::{EnvTypeId, ProductId};
use workbench_core::registry::{EnvironmentType, TemplateParameter, version_name};
use workbench_core::text::{Description, Title};

use crate::Catalog;
use crate::answer::Done;
use crate::refusal::Refusal;
use crate::request::Registration;

/// How often a product is asked for the version that has just been made, and how long after one another.
const TRIES: u32 = 6;
const PAUSE: Duration = Duration::from_secs(2);

/// Registers every active version.
pub(crate) async fn register(catalog: &Catalog, asked: &Registration) -> Result<Done, Refusal> {
    let ty = env_type::registered("EnvironmentType", &asked.environment_type)?;
    let hash = ty.template_hash;
    let product = &asked.product_id;
    for version in versions(catalog, product, hash).await? {
        if !version.active {
            continue;
        }
        let row = row(ty, product, &version, catalog.clock.now())?;
        match catalog.table.create_env_type(&row).await? {
            Updated::Written => {
                tracing::info!(id = %row.id, name = %row.name, "environment type registered");
            }
            Updated::Stale => tracing::info!(id = %row.id, "environment type left as it is"),
        }
    }
    Ok(Done {
        physical_id: format!("environment-types/{product}"),
        data: BTreeMap::new(),
    })
}

/// The versions of a product, once the one of this build is among them.
async fn versions(catalog: &Catalog, product: &ProductId, hash: &str) -> Result<Vec<Version>, Refusal> {
    for attempt in 1..=TRIES {
        let versions = catalog.products.versions(product).await?;
        if versions.iter().any(|version| version.name == version_name(hash)) {
            return Ok(versions);
        }
        if let Some(sleep) = catalog.config.sleep_impl().filter(|_| attempt < TRIES) {
            sleep.sleep(PAUSE).await;
        }
    }
    Err(Refusal::NoVersion {
        product: product.clone(),
        hash: hash.to_owned(),
    })
}

/// The environment type that a version is registered as.
fn row(
    ty: &EnvironmentType,
    product: &ProductId,
    version: &Version,
    now: Timestamp,
) -> Result<EnvType, Error> {
    let name = plain(&format!("{}-{}", ty.name, version.name), 112);
    let description = match plain(ty.description, 400) {
        text if text.is_empty() => ty.name.to_owned(),
        text => text,
    };
    Ok(EnvType {
        id: EnvTypeId {
            product: product.clone(),
            artifact: version.id.clone(),
        },
        type_name: ty.name.to_owned(),
        name: Title::new(name).map_err(|problem| Error::invalid("name", problem))?,
        description: Description::new(description)
            .map_err(|problem| Error::invalid("description", problem))?,
        status: EnvTypeStatus::NotApproved,
        params: params(ty),
        rev: 1,
        created_at: now,
        updated_at: now,
    })
}

/// The parameters of the package's template.
fn params(ty: &EnvironmentType) -> BTreeMap<String, TypeParameter> {
    let of = |parameter: &TemplateParameter| TypeParameter {
        kind: parameter.parameter_type.to_owned(),
        description: parameter.description.map(str::to_owned),
        default: parameter.default.map(str::to_owned),
        no_echo: false,
        allowed_values: parameter
            .allowed_values
            .iter()
            .map(|&value| value.into())
            .collect(),
    };
    let parameters = ty.template_parameters.iter();
    parameters
        .map(|parameter| (parameter.name.to_owned(), of(parameter)))
        .collect()
}

/// A text in the characters that names and descriptions may have: apostrophes are left out, and what else they
/// may not have becomes a space.
fn plain(text: &str, length: usize) -> String {
    let kept = text.chars().filter(|&character| !matches!(character, '\'' | '’'));
    let spaced: String = kept
        .map(|character| match character {
            '-' | '_' | '.' => character,
            _ if character.is_ascii_alphanumeric() => character,
            _ => ' ',
        })
        .collect();
    let joined: String = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = joined.chars().take(length).collect();
    cut.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use workbench_core::registry;

    use super::*;

    fn version(name: &str) -> Version {
        Version {
            id: "pa-fh6spfcycydtq".parse().unwrap(),
            name: name.into(),
            active: true,
        }
    }

    fn made(name: &str) -> EnvType {
        let ty = registry::environment_type("sagemakerExample").unwrap();
        let product = "prod-hxwmltpkg2edy".parse().unwrap();
        let now = "2026-11-24T10:00:00.123Z".parse().unwrap();
        row(ty, &product, &version(name), now).unwrap()
    }

    #[test]
    fn a_version_becomes_an_environment_type_that_nobody_has_approved() {
        let ty = registry::environment_type("sagemakerExample").unwrap();
        let made = EnvType {
            description: Description::new("as the package has it").unwrap(),
            ..made("0123456789ab")
        };
        for parameter in ty.template_parameters {
            let kept = &made.params[parameter.name];
            assert_eq!(kept.kind, parameter.parameter_type);
            assert_eq!(kept.description.as_deref(), parameter.description);
            assert_eq!(kept.default.as_deref(), parameter.default);
            assert_eq!(kept.allowed_values, parameter.allowed_values);
        }
        let params = BTreeMap::new();
        insta::assert_json_snapshot!(EnvType { params, ..made });
    }

    #[test]
    fn every_shipped_package_can_be_registered() {
        let now = Timestamp::UNIX_EPOCH;
        let product: ProductId = "prod-hxwmltpkg2edy".parse().unwrap();
        for ty in registry::environment_types() {
            let row = row(ty, &product, &version("v1"), now).unwrap();
            assert_eq!(row.name.as_str(), format!("{}-v1", ty.name));
            assert_eq!(row.params.len(), ty.template_parameters.len());
        }
    }

    #[test]
    fn what_a_name_may_not_have_is_left_out() {
        assert_eq!(made("v1 (beta)").name.as_str(), "sagemakerExample-v1 beta");
        assert_eq!(
            plain("R's notebook, e.g. for \"genomes\"", 400),
            "Rs notebook e.g. for genomes"
        );
        assert_eq!(plain("a/b", 2), "a");
        assert_eq!(plain("\u{e9}", 400), "");
    }

    proptest! {
        #[test]
        fn every_name_of_a_version_can_be_registered(name in "\\PC{0,300}") {
            prop_assert!(made(&name).name.as_str().starts_with("sagemakerExample-"));
        }

        #[test]
        fn the_versions_of_one_product_have_ids_of_their_own(name in "[a-z0-9]{13}") {
            let ty = registry::environment_type("sagemakerExample").unwrap();
            let product: ProductId = "prod-hxwmltpkg2edy".parse().unwrap();
            let version = Version { id: format!("pa-{name}").parse().unwrap(), ..version("v1") };
            let row = row(ty, &product, &version, Timestamp::UNIX_EPOCH).unwrap();
            prop_assert_eq!(row.id.to_string(), format!("et-prod-hxwmltpkg2edy,pa-{name}"));
        }
    }
}
