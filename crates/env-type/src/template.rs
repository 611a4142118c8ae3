//! `<type>.cfn.yaml`: the Service Catalog product as a CloudFormation template.

use crate::fault::{Code, Findings};
use crate::fields::Fields;
use crate::yaml::{Entry, Node};

/// The template of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Section `Parameters`.
    pub parameters: Vec<TemplateParameter>,
    /// Section `Mappings`.
    pub mappings: Vec<Entry>,
    /// Section `Conditions`.
    pub conditions: Vec<Entry>,
    /// Section `Resources`.
    pub resources: Vec<Resource>,
    /// Section `Outputs`.
    pub outputs: Vec<Entry>,
}

/// One template parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateParameter {
    /// Its name.
    pub name: String,
    /// `String`, `Number`, `AWS::EC2::VPC::Id`, ...
    pub parameter_type: String,
    /// For people.
    pub description: Option<String>,
    /// Value when none is given.
    pub default: Option<String>,
    /// Regular expression for the whole value.
    pub allowed_pattern: Option<(String, usize)>,
    /// Values allowed, all if empty.
    pub allowed_values: Vec<String>,
    /// Line in the file, from 1.
    pub line: usize,
}

/// One resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its logical id.
    pub name: String,
    /// `AWS::SageMaker::NotebookInstance`, ...
    pub resource_type: String,
    /// The condition under which it is created.
    pub condition: Option<(String, usize)>,
    /// Resources that must be there first.
    pub depends_on: Vec<(String, usize)>,
    /// The whole resource.
    pub node: Node,
    /// Line in the file, from 1.
    pub line: usize,
}

impl Template {
    /// Reads the template.
    pub(crate) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Self> {
        let mut fields = Fields::new(node, "the template", findings)?;
        fields.optional_text("AWSTemplateFormatVersion", findings);
        fields.optional_text("Description", findings);
        fields.optional("Metadata");
        let parameters = section(&mut fields, "Parameters", findings);
        let mappings = section(&mut fields, "Mappings", findings).to_vec();
        let conditions = section(&mut fields, "Conditions", findings).to_vec();
        fields.required("Resources", findings);
        let resources = section(&mut fields, "Resources", findings);
        fields.required("Outputs", findings);
        let outputs = section(&mut fields, "Outputs", findings).to_vec();
        fields.finish(findings);
        for output in &outputs {
            read_output(output, findings);
        }
        Some(Self {
            parameters: parameters
                .iter()
                .filter_map(|entry| TemplateParameter::read(entry, findings))
                .collect(),
            mappings,
            conditions,
            resources: resources
                .iter()
                .filter_map(|entry| Resource::read(entry, findings))
                .collect(),
            outputs,
        })
    }

    /// The parameter of this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&TemplateParameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

fn section<'n>(fields: &mut Fields<'n>, key: &'static str, findings: &mut Findings<'_>) -> &'n [Entry] {
    let Some(node) = fields.optional(key) else {
        return &[];
    };
    if Fields::new(node, format!("section `{key}`"), findings).is_none() {
        return &[];
    }
    node.entries()
}

fn read_output(entry: &Entry, findings: &mut Findings<'_>) {
    let Some(mut fields) = Fields::new(&entry.node, format!("output `{}`", entry.key), findings) else {
        return;
    };
    fields.required("Value", findings);
    for key in ["Description", "Export", "Condition"] {
        fields.optional(key);
    }
    fields.finish(findings);
}

impl TemplateParameter {
    fn read(entry: &Entry, findings: &mut Findings<'_>) -> Option<Self> {
        let mut fields = Fields::new(&entry.node, format!("parameter `{}`", entry.key), findings)?;
        let parameter_type = fields.text("Type", findings);
        let description = fields.optional_text("Description", findings).map(str::to_owned);
        let default = fields
            .optional("Default")
            .and_then(Node::as_str)
            .map(str::to_owned);
        let pattern_line = fields
            .optional("AllowedPattern")
            .map_or(entry.line, |node| node.line);
        let pattern = fields.optional_text("AllowedPattern", findings);
        let allowed_values = fields.texts("AllowedValues", findings);
        for key in [
            "ConstraintDescription",
            "MaxLength",
            "MaxValue",
            "MinLength",
            "MinValue",
            "NoEcho",
        ] {
            fields.optional(key);
        }
        fields.finish(findings);
        Some(Self {
            name: entry.key.clone(),
            parameter_type: parameter_type?.to_owned(),
            description,
            default,
            allowed_pattern: pattern.map(|text| (text.to_owned(), pattern_line)),
            allowed_values: allowed_values
                .into_iter()
                .map(|(text, _)| text.to_owned())
                .collect(),
            line: entry.line,
        })
    }
}

impl Resource {
    fn read(entry: &Entry, findings: &mut Findings<'_>) -> Option<Self> {
        let mut fields = Fields::new(&entry.node, format!("resource `{}`", entry.key), findings)?;
        let resource_type = fields.text("Type", findings);
        let condition_line = fields.optional("Condition").map_or(entry.line, |node| node.line);
        let condition = fields.optional_text("Condition", findings);
        let depends_on = match fields.optional("DependsOn") {
            Some(node) if node.as_str().is_some() => node.scalars(),
            _ => fields.texts("DependsOn", findings),
        };
        let attributes = [
            "Properties",
            "CreationPolicy",
            "DeletionPolicy",
            "UpdatePolicy",
            "UpdateReplacePolicy",
            "Metadata",
        ];
        for key in attributes {
            fields.optional(key);
        }
        fields.finish(findings);
        if let Some(name) = resource_type
            && !is_resource_type(name)
        {
            let wrong = format!("`{name}` is no resource type");
            findings.add(
                entry.line,
                Code::Value,
                wrong,
                "`Provider::Service::Resource`, such as `AWS::IAM::Role`",
            );
        }
        Some(Self {
            name: entry.key.clone(),
            resource_type: resource_type?.to_owned(),
            condition: condition.map(|name| (name.to_owned(), condition_line)),
            depends_on: depends_on
                .into_iter()
                .map(|(name, line)| (name.to_owned(), line))
                .collect(),
            node: entry.node.clone(),
            line: entry.line,
        })
    }

    /// A property of the resource.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&Node> {
        self.node.get("Properties")?.get(name)
    }
}

fn is_resource_type(text: &str) -> bool {
    let parts: Vec<&str> = text.split("::").collect();
    parts.len() == 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric()))
}
