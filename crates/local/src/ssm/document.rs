//! An Automation document of schema 0.3, read into types.
//!
//! Reading refuses what a single property can get wrong (unknown keys, actions, types); what takes the whole
//! document to see is in [`super::check`].

use std::collections::BTreeMap;

use jiff::SignedDuration;
use regex_lite::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::actions::Action;
use super::selector::{OutputType, Selector};

/// A document that AWS would accept.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) description: Option<String>,
    /// Role to run as, references included; empty or absent: the caller's.
    pub(super) assume_role: Option<String>,
    pub(super) parameters: BTreeMap<String, Parameter>,
    /// Never empty.
    pub(super) steps: Vec<Step>,
    /// `Step.Output` of each output of the execution.
    pub(super) outputs: Vec<String>,
}

/// A parameter's type. AWS's own types (`AWS::EC2::VPC::Id`) are strings or lists of strings here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ParameterType {
    String,
    StringList,
    Boolean,
    Integer,
    MapList,
    StringMap,
}

/// A declared parameter.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) kind: ParameterType,
    /// The type as the document spells it.
    pub(super) kind_name: String,
    pub(super) description: Option<String>,
    pub(super) default: Option<Value>,
    pub(super) allowed_values: Vec<Value>,
    pub(super) allowed_pattern: Option<Regex>,
    pub(super) chars: (Option<usize>, Option<usize>),
    pub(super) items: (Option<usize>, Option<usize>),
}

/// Where a step leads when it fails or is cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Detour {
    Abort,
    Continue,
    Step(String),
}

impl std::fmt::Display for Detour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Abort => f.write_str("Abort"),
            Self::Continue => f.write_str("Continue"),
            Self::Step(name) => write!(f, "step:{name}"),
        }
    }
}

/// One step.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) name: String,
    pub(super) action: Action,
    pub(super) inputs: Map<String, Value>,
    pub(super) outputs: Vec<Output>,
    pub(super) next_step: Option<String>,
    pub(super) is_end: bool,
    pub(super) on_failure: Detour,
    /// Never [`Detour::Continue`].
    pub(super) on_cancel: Detour,
    pub(super) is_critical: bool,
    pub(super) max_attempts: u32,
    pub(super) timeout: Option<SignedDuration>,
}

/// A declared output of a step.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) name: String,
    pub(super) selector: Selector,
    pub(super) kind: OutputType,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawDocument {
    schema_version: String,
    description: Option<String>,
    assume_role: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, Value>,
    main_steps: Vec<Value>,
    #[serde(default)]
    outputs: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawParameter {
    #[serde(rename = "type")]
    kind: String,
    description: Option<String>,
    default: Option<Value>,
    #[serde(default)]
    allowed_values: Vec<Value>,
    allowed_pattern: Option<String>,
    min_chars: Option<usize>,
    max_chars: Option<usize>,
    min_items: Option<usize>,
    max_items: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawStep {
    name: String,
    action: String,
    #[serde(rename = "description")]
    _description: Option<String>,
    #[serde(default)]
    inputs: Map<String, Value>,
    #[serde(default)]
    outputs: Vec<RawOutput>,
    next_step: Option<String>,
    #[serde(default)]
    is_end: Flag,
    on_failure: Option<String>,
    on_cancel: Option<String>,
    is_critical: Option<Flag>,
    max_attempts: Option<u32>,
    timeout_seconds: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RawOutput {
    name: String,
    selector: String,
    #[serde(rename = "Type")]
    kind: Option<String>,
}

/// A boolean that documents also write as a quoted word.
#[derive(Deserialize, Default)]
#[serde(try_from = "Value")]
struct Flag(bool);

impl TryFrom<Value> for Flag {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        match &value {
            Value::Bool(flag) => Ok(Self(*flag)),
            Value::String(word) if word == "true" => Ok(Self(true)),
            Value::String(word) if word == "false" => Ok(Self(false)),
            _ => Err(format!("`{value}` is neither true nor false")),
        }
    }
}

impl Document {
    /// Reads a document from its content, YAML or JSON.
    ///
    /// # Errors
    /// The reason AWS would give in `InvalidDocumentContent`.
    pub(super) fn read(content: &str) -> Result<Self, String> {
        let value = workbench_env_type::yaml::to_json(content)
            .map_err(|error| format!("the content is not YAML or JSON: {error}"))?;
        let raw: RawDocument = serde_json::from_value(value).map_err(|error| error.to_string())?;
        if raw.schema_version != "0.3" {
            return Err(format!(
                "schemaVersion `{}` of an Automation document must be `0.3`",
                raw.schema_version
            ));
        }
        let parameters = raw
            .parameters
            .into_iter()
            .map(|(name, value)| Ok((name.clone(), parameter(&name, value)?)))
            .collect::<Result<_, String>>()?;
        let steps = raw
            .main_steps
            .into_iter()
            .enumerate()
            .map(|(index, value)| step(index, value))
            .collect::<Result<Vec<_>, _>>()?;
        let document = Self {
            description: raw.description,
            assume_role: raw.assume_role,
            parameters,
            steps,
            outputs: raw.outputs,
        };
        super::check::check(&document)?;
        Ok(document)
    }

    /// The step's place in the document.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.name == name)
    }
}

fn parameter(name: &str, value: Value) -> Result<Parameter, String> {
    let raw: RawParameter =
        serde_json::from_value(value).map_err(|error| format!("parameter `{name}`: {error}"))?;
    let kind = match raw.kind.as_str() {
        "String" => ParameterType::String,
        "StringList" => ParameterType::StringList,
        "Boolean" => ParameterType::Boolean,
        "Integer" => ParameterType::Integer,
        "MapList" => ParameterType::MapList,
        "StringMap" => ParameterType::StringMap,
        other if other.starts_with("List<AWS::") && other.ends_with('>') => ParameterType::StringList,
        other if other.starts_with("AWS::") => ParameterType::String,
        other => {
            return Err(format!(
                "parameter `{name}`: unknown type `{other}`; use String, StringList, Boolean, Integer, MapList \
                 or StringMap"
            ));
        }
    };
    let allowed_pattern = raw
        .allowed_pattern
        .map(|pattern| {
            Regex::new(&pattern)
                .map_err(|error| format!("parameter `{name}`: allowedPattern `{pattern}`: {error}"))
        })
        .transpose()?;
    Ok(Parameter {
        kind,
        kind_name: raw.kind,
        description: raw.description,
        default: raw.default,
        allowed_values: raw.allowed_values,
        allowed_pattern,
        chars: (raw.min_chars, raw.max_chars),
        items: (raw.min_items, raw.max_items),
    })
}

fn step(index: usize, value: Value) -> Result<Step, String> {
    let label = match value.get("name").and_then(Value::as_str) {
        Some(name) => format!("step `{name}`"),
        None => format!("step {}", index + 1),
    };
    let raw: RawStep = serde_json::from_value(value).map_err(|error| format!("{label}: {error}"))?;
    let action = Action::read(&raw.action, &raw.inputs).map_err(|error| format!("{label}: {error}"))?;
    let detour = |property: &str, text: Option<String>| match text.as_deref() {
        None | Some("Abort") => Ok(Detour::Abort),
        Some("Continue") => Ok(Detour::Continue),
        Some(other) => match other.strip_prefix("step:") {
            Some(name) => Ok(Detour::Step(name.to_owned())),
            None => Err(format!(
                "{label}: {property} `{other}` must be Abort, Continue or step:<name>"
            )),
        },
    };
    let on_failure = detour("onFailure", raw.on_failure)?;
    let on_cancel = detour("onCancel", raw.on_cancel)?;
    if on_cancel == Detour::Continue {
        return Err(format!(
            "{label}: onCancel `Continue` must be Abort or step:<name>"
        ));
    }
    let max_attempts = raw.max_attempts.unwrap_or(1);
    if max_attempts == 0 {
        return Err(format!("{label}: maxAttempts must be at least 1"));
    }
    // A step that may fail by design is not critical unless it says so.
    let is_critical = raw
        .is_critical
        .map_or(on_failure != Detour::Continue, |flag| flag.0);
    let outputs = raw
        .outputs
        .into_iter()
        .map(|output| {
            let of = format!("{label}: output `{}`", output.name);
            Ok(Output {
                selector: Selector::parse(&output.selector).map_err(|error| format!("{of}: {error}"))?,
                kind: OutputType::parse(output.kind.as_deref().unwrap_or("String"))
                    .map_err(|error| format!("{of}: {error}"))?,
                name: output.name,
            })
        })
        .collect::<Result<Vec<_>, String>>()?;
    Ok(Step {
        name: raw.name,
        action,
        inputs: raw.inputs,
        outputs,
        next_step: raw.next_step,
        is_end: raw.is_end.0,
        on_failure,
        on_cancel,
        is_critical,
        max_attempts,
        timeout: raw
            .timeout_seconds
            .map(|seconds| SignedDuration::from_secs(i64::from(seconds))),
    })
}
