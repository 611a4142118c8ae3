//! What a document and a template allow as the values of their parameters, and what a configuration may fix of them.

use super::COMPUTED_POLICY;
use crate::env_type::ConfigParam;
use crate::error::Error;
use crate::registry::{DatasetsField, DocumentParameter, EnvironmentType, Source, TemplateParameter};
use crate::text::shortened;

/// The most bytes that CloudFormation takes as a parameter's value, and Service Catalog with it.
const MOST_BYTES: usize = 4096;

/// Checks a value as the document will: its allowed values and its pattern.
pub(super) fn check_value(parameter: &DocumentParameter, value: &str) -> Result<(), String> {
    check_allowed(parameter.allowed_values, parameter.allowed_pattern, value)
}

/// Checks a value as CloudFormation will: also for its type.
fn check_template_value(parameter: &TemplateParameter, value: &str) -> Result<(), String> {
    check_number(parameter.parameter_type, value)?;
    check_allowed(parameter.allowed_values, parameter.allowed_pattern, value)
}

/// Checks that a value of the type `Number` is one.
pub(crate) fn check_number(parameter_type: &str, value: &str) -> Result<(), String> {
    let is_number = || value.parse::<f64>().is_ok_and(f64::is_finite);
    if parameter_type == "Number" && !is_number() {
        return Err(format!("`{}` must be a number", shortened(value)));
    }
    Ok(())
}

fn check_allowed(values: &[&str], pattern: Option<&str>, value: &str) -> Result<(), String> {
    if value.len() > MOST_BYTES {
        return Err(format!(
            "has {} bytes; CloudFormation takes {MOST_BYTES} at most",
            value.len()
        ));
    }
    if !values.is_empty() && !values.contains(&value) {
        return Err(format!(
            "`{}` must be one of {}",
            shortened(value),
            values.join(", ")
        ));
    }
    match pattern {
        Some(pattern) if !matches_pattern(pattern, value) => {
            Err(format!("`{}` must match {pattern}", shortened(value)))
        }
        _ => Ok(()),
    }
}

/// Whether the whole of `value` matches, as Systems Manager judges it.
#[expect(
    clippy::expect_used,
    reason = "the registry's patterns were compiled when the crate was built"
)]
fn matches_pattern(pattern: &str, value: &str) -> bool {
    regex_lite::Regex::new(&format!("^(?:{pattern})$"))
        .expect("a checked pattern")
        .is_match(value)
}

/// Checks one parameter of a configuration; `field` is its place in the request.
///
/// # Errors
/// Names the key or the value, and what would be right.
pub(crate) fn check_config_param(
    ty: &EnvironmentType,
    field: &str,
    param: &ConfigParam,
) -> Result<(), Error> {
    let by_key = ty
        .launch
        .parameters
        .iter()
        .find(|parameter| match parameter.source {
            Some(Source::Config(key)) => key == param.key,
            _ => false,
        });
    let by_name = || {
        ty.launch
            .parameters
            .iter()
            .find(|parameter| parameter.name == param.key)
    };
    if let Some(parameter) = by_key {
        let template = ty
            .template_parameters
            .iter()
            .find(|template| template.name == parameter.name);
        let checked = check_value(parameter, &param.value)
            .and_then(|()| template.map_or(Ok(()), |template| check_template_value(template, &param.value)));
        return checked.map_err(|problem| {
            Error::invalid(format!("{field}.value"), format!("{}: {problem}", param.key))
        });
    }
    match by_name().and_then(|parameter| parameter.source) {
        Some(Source::Datasets(DatasetsField::Policy)) if param.value == COMPUTED_POLICY => Ok(()),
        Some(Source::Datasets(DatasetsField::Policy)) => Err(Error::invalid(
            format!("{field}.value"),
            format!(
                "{} is computed from the datasets; leave it out or give `{COMPUTED_POLICY}`",
                param.key
            ),
        )),
        Some(_) => Err(Error::invalid(
            format!("{field}.key"),
            format!("`{}` is filled in by Workbench; leave it out", param.key),
        )),
        None => Err(Error::invalid(
            format!("{field}.key"),
            format!(
                "`{}` is no parameter of {}; must be one of {}",
                param.key,
                ty.name,
                config_keys(ty).join(", ")
            ),
        )),
    }
}

/// Checks that a configuration fixes every parameter that has no default.
///
/// # Errors
/// Names the missing parameter.
pub fn check_complete(ty: &EnvironmentType, params: &[ConfigParam]) -> Result<(), Error> {
    for parameter in ty.launch.parameters {
        if let Some(Source::Config(key)) = parameter.source
            && parameter.default.is_none()
            && !params.iter().any(|param| param.key == key)
        {
            return Err(Error::invalid(
                "params",
                format!("`{key}` is missing; {} needs it", ty.name),
            ));
        }
    }
    Ok(())
}

fn config_keys(ty: &EnvironmentType) -> Vec<&'static str> {
    ty.launch
        .parameters
        .iter()
        .filter_map(|parameter| match parameter.source {
            Some(Source::Config(key)) => Some(key),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env_type::check_params;
    use crate::registry;
    use crate::test_data;

    fn notebook() -> &'static EnvironmentType {
        registry::environment_type("sagemakerNotebook").unwrap()
    }

    fn param(key: &str, value: &str) -> ConfigParam {
        ConfigParam {
            key: key.into(),
            value: value.into(),
        }
    }

    fn refusal(params: &[ConfigParam]) -> String {
        check_params(notebook(), params).unwrap_err().to_string()
    }

    #[test]
    fn the_seed_guides_configuration_is_accepted() {
        let mut params = test_data::params();
        params.push(param("IamPolicyDocument", COMPUTED_POLICY));
        for ty in registry::environment_types() {
            assert_eq!(check_params(ty, &params), Ok(()), "{}", ty.name);
        }
    }

    #[test]
    fn a_configuration_that_does_not_fit_is_refused_by_name() {
        let with = |extra: ConfigParam| [test_data::params(), vec![extra]].concat();
        assert!(refusal(&with(param("Colour", "red"))).starts_with("params.3.key: `Colour` is no parameter"));
        assert!(
            refusal(&with(param("VPC", "vpc-1")))
                .starts_with("params.3.key: `VPC` is filled in by Workbench")
        );
        assert!(refusal(&with(param("IamPolicyDocument", "{}"))).contains("computed from the datasets"));
        assert!(refusal(&with(param("CIDR", "1.1.1.1/1"))).contains("given twice"));
        assert!(refusal(&test_data::params()[1..]).starts_with("params: `InstanceType` is missing"));
        let mut wrong = test_data::params();
        wrong[2].value = "everywhere".into();
        assert!(refusal(&wrong).starts_with("params.2.value: CIDR: `everywhere` must match"));
    }
    #[test]
    fn f23_a_value_that_cloudformation_would_not_take_is_refused_before_anything_is_launched() {
        let mut parameters = notebook().launch.parameters.iter();
        let policy = parameters
            .find(|parameter| parameter.name == "IamPolicyDocument")
            .unwrap();
        let of = |bytes: usize| format!("{{{}}}", " ".repeat(bytes - 2));
        assert_eq!(check_value(policy, &of(4096)), Ok(()));
        let refused = check_value(policy, &of(4097)).unwrap_err();
        assert_eq!(refused, "has 4097 bytes; CloudFormation takes 4096 at most");
    }
}
