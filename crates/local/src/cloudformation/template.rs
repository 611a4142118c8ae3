//! A CloudFormation template, read into types.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::parameters::Parameter;
use super::resources::{self, ResourceType};
use crate::world::World;

/// A template whose sections, resource types, properties and functions are all known.
pub(super) struct Template {
    pub(super) description: Option<String>,
    pub(super) parameters: BTreeMap<String, Parameter>,
    pub(super) mappings: BTreeMap<String, BTreeMap<String, Map<String, Value>>>,
    pub(super) conditions: BTreeMap<String, Value>,
    pub(super) resources: BTreeMap<String, Resource>,
    pub(super) outputs: BTreeMap<String, Output>,
}

/// One entry of `Resources`.
pub(super) struct Resource {
    pub(super) kind: &'static dyn ResourceType,
    /// `Type`, which for a custom resource says more than its kind.
    pub(super) type_name: String,
    pub(super) properties: Map<String, Value>,
    pub(super) depends_on: Vec<String>,
    pub(super) condition: Option<String>,
    /// `DeletionPolicy`.
    pub(super) deletion: Retention,
    /// `UpdateReplacePolicy`.
    pub(super) replacement: Retention,
}

/// What becomes of a resource that the stack no longer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retention {
    /// It is deleted.
    Delete,
    /// It stays.
    Retain,
    /// It stays, unless the operation that made it is rolled back.
    RetainExceptOnCreate,
}

/// One entry of `Outputs`.
pub(super) struct Output {
    pub(super) value: Value,
    pub(super) description: Option<String>,
    pub(super) condition: Option<String>,
    /// `Export.Name`.
    pub(super) export: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RawTemplate {
    #[serde(rename = "AWSTemplateFormatVersion")]
    format_version: Option<String>,
    description: Option<String>,
    #[serde(rename = "Metadata")]
    _metadata: Option<Value>,
    #[serde(default)]
    parameters: BTreeMap<String, Value>,
    #[serde(default)]
    mappings: BTreeMap<String, BTreeMap<String, Map<String, Value>>>,
    #[serde(default)]
    conditions: BTreeMap<String, Value>,
    resources: BTreeMap<String, Value>,
    #[serde(default)]
    outputs: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RawResource {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(default)]
    properties: Map<String, Value>,
    depends_on: Option<OneOrMany>,
    condition: Option<String>,
    deletion_policy: Option<String>,
    update_replace_policy: Option<String>,
    #[serde(rename = "Metadata")]
    _metadata: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RawOutput {
    value: Value,
    description: Option<String>,
    condition: Option<String>,
    export: Option<Export>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Export {
    name: Value,
}

impl Template {
    /// Reads, expands and checks a template, YAML or JSON.
    ///
    /// # Errors
    /// The first thing that CloudFormation would refuse, or that is not known here, by its name.
    pub(super) fn read(world: &World, text: &str) -> Result<Self, String> {
        let template = Self::parse(super::transform::expand(world, source(text)?)?)?;
        super::check::check(&template)?;
        Ok(template)
    }

    fn parse(source: Value) -> Result<Self, String> {
        let raw = raw(source)?;
        if raw
            .format_version
            .as_deref()
            .is_some_and(|version| version != "2010-09-09")
        {
            return Err("AWSTemplateFormatVersion must be 2010-09-09".to_owned());
        }
        if raw.resources.is_empty() {
            return Err("Resources must have at least one resource".to_owned());
        }
        let parameters = parameters(raw.parameters)?;
        let resources = raw
            .resources
            .into_iter()
            .map(|(name, value)| Ok((name.clone(), resource(&name, value)?)))
            .collect::<Result<_, String>>()?;
        let outputs = raw
            .outputs
            .into_iter()
            .map(|(name, value)| {
                let raw: RawOutput =
                    serde_json::from_value(value).map_err(|error| format!("output `{name}`: {error}"))?;
                let export = raw.export.map(|export| export.name);
                let RawOutput {
                    value,
                    description,
                    condition,
                    ..
                } = raw;
                Ok((
                    name,
                    Output {
                        value,
                        description,
                        condition,
                        export,
                    },
                ))
            })
            .collect::<Result<_, String>>()?;
        Ok(Self {
            description: raw.description,
            parameters,
            mappings: raw.mappings,
            conditions: raw.conditions,
            resources,
            outputs,
        })
    }
}

fn source(text: &str) -> Result<Value, String> {
    workbench_env_type::yaml::to_json(text)
        .map_err(|error| format!("the template is not YAML or JSON: {error}"))
}

fn raw(source: Value) -> Result<RawTemplate, String> {
    serde_json::from_value(source).map_err(|error| format!("the template: {error}"))
}

fn parameters(raw: BTreeMap<String, Value>) -> Result<BTreeMap<String, Parameter>, String> {
    raw.into_iter()
        .map(|(name, value)| Ok((name.clone(), Parameter::read(&name, value)?)))
        .collect()
}

/// Names of a template's parameters, and whether each has a default. The rest of the template may be anything.
///
/// # Errors
/// Text that is no template, or a parameter that is malformed.
pub(crate) fn parameter_names(text: &str) -> Result<BTreeMap<String, bool>, String> {
    let parameters = parameters(raw(source(text)?)?.parameters)?;
    Ok(parameters
        .into_iter()
        .map(|(name, parameter)| (name, parameter.default.is_some()))
        .collect())
}

/// Names of a template's parameters with `NoEcho`. The rest of the template may be anything.
///
/// # Errors
/// As [`parameter_names`].
pub(crate) fn hidden_parameters(text: &str) -> Result<Vec<String>, String> {
    let parameters = parameters(raw(source(text)?)?.parameters)?;
    let hidden = parameters.into_iter().filter(|(_, parameter)| parameter.no_echo);
    Ok(hidden.map(|(name, _)| name).collect())
}

fn resource(name: &str, value: Value) -> Result<Resource, String> {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(format!("logical id `{name}` must be letters and digits"));
    }
    let raw: RawResource =
        serde_json::from_value(value).map_err(|error| format!("resource `{name}`: {error}"))?;
    let kind = resources::find(&raw.kind)
        .ok_or_else(|| format!("resource `{name}`: unknown resource type `{}`", raw.kind))?;
    if let Some(property) = raw
        .properties
        .keys()
        .find(|property| !kind.knows_property(property))
    {
        return Err(format!(
            "resource `{name}`: {} has no property `{property}`",
            raw.kind
        ));
    }
    if let Some(property) = kind
        .required()
        .iter()
        .find(|property| !raw.properties.contains_key(**property))
    {
        return Err(format!(
            "resource `{name}`: {} needs the property `{property}`",
            raw.kind
        ));
    }
    let depends_on = match raw.depends_on {
        None => Vec::new(),
        Some(OneOrMany::One(name)) => vec![name],
        Some(OneOrMany::Many(names)) => names,
    };
    Ok(Resource {
        deletion: Retention::read(name, "DeletionPolicy", raw.deletion_policy.as_deref())?,
        replacement: Retention::read(name, "UpdateReplacePolicy", raw.update_replace_policy.as_deref())?,
        kind,
        type_name: raw.kind,
        properties: raw.properties,
        depends_on,
        condition: raw.condition,
    })
}

impl Retention {
    fn read(resource: &str, member: &str, policy: Option<&str>) -> Result<Self, String> {
        match policy {
            None | Some("Delete") => Ok(Self::Delete),
            Some("Retain") => Ok(Self::Retain),
            Some("RetainExceptOnCreate") => Ok(Self::RetainExceptOnCreate),
            Some(other) => Err(format!(
                "resource `{resource}`: {member} `{other}` must be Delete, Retain or RetainExceptOnCreate"
            )),
        }
    }
}
