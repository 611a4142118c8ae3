//! `env-type.yaml`: what a person says about an environment type.

use crate::fault::{Code, Findings};
use crate::fields::Fields;
use crate::source::Source;
use crate::statement::Permissions;
use crate::yaml::{Content, Node};

/// The manifest of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// One sentence for researchers.
    pub description: String,
    /// Name of the AWS service behind the type, as in its event source `aws.<name>`.
    pub compute: Located,
    /// Template output with the instance's name.
    pub instance_name: Located,
    /// Template output with the instance's ARN.
    pub instance_arn: Located,
    /// Template output with the ARN of the instance's role.
    pub instance_role: Located,
    /// Sources of the launch document's parameters.
    pub launch: Vec<SourceOf>,
    /// Sources of the terminate document's parameters.
    pub terminate: Vec<SourceOf>,
    /// Text shown on connect, with `#{...}` placeholders.
    pub instruction: Located,
    /// What the launch constraint role may do.
    pub launch_permissions: Permissions,
    /// What the role that runs the documents and the driver may do.
    pub manage_permissions: Permissions,
}

/// A text and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The text.
    pub text: String,
    /// Line in the file, from 1.
    pub line: usize,
}

/// The source of one document parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceOf {
    /// The document parameter.
    pub parameter: String,
    /// Where its value comes from.
    pub source: Source,
    /// Line in the manifest, from 1.
    pub line: usize,
}

impl Manifest {
    /// Reads the manifest; `None` if a part without which nothing can be checked is missing.
    pub(crate) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Self> {
        let mut fields = Fields::new(node, "the manifest", findings)?;
        let description = fields.text("description", findings).map(str::to_owned);
        let compute = located(&mut fields, "compute", findings);
        let outputs = fields
            .required("recordOutputs", findings)
            .and_then(|node| record_outputs(node, findings));
        let parameters = fields
            .required("parameters", findings)
            .and_then(|node| parameters(node, findings));
        let connection = fields.required("connection", findings).and_then(|node| {
            let mut fields = Fields::new(node, "`connection`", findings)?;
            let instruction = located(&mut fields, "instruction", findings);
            fields.finish(findings);
            instruction
        });
        let permissions = fields.required("permissions", findings).and_then(|node| {
            let mut fields = Fields::new(node, "`permissions`", findings)?;
            let launch = Permissions::read(&mut fields, "launch", findings);
            let manage = Permissions::read(&mut fields, "manage", findings);
            fields.finish(findings);
            Some((launch?, manage?))
        });
        fields.finish(findings);
        let (instance_name, instance_arn, instance_role) = outputs?;
        let (launch, terminate) = parameters?;
        let (launch_permissions, manage_permissions) = permissions?;
        Some(Self {
            description: description?,
            compute: compute?,
            instance_name,
            instance_arn,
            instance_role,
            launch,
            terminate,
            instruction: connection?,
            launch_permissions,
            manage_permissions,
        })
    }
}

fn located(fields: &mut Fields<'_>, key: &'static str, findings: &mut Findings<'_>) -> Option<Located> {
    let text = fields.text(key, findings)?.to_owned();
    let line = fields.optional(key).map_or(fields.line(), |node| node.line);
    Some(Located { text, line })
}

fn record_outputs(node: &Node, findings: &mut Findings<'_>) -> Option<(Located, Located, Located)> {
    let mut fields = Fields::new(node, "`recordOutputs`", findings)?;
    let name = located(&mut fields, "instanceName", findings);
    let arn = located(&mut fields, "instanceArn", findings);
    let role = located(&mut fields, "instanceRole", findings);
    fields.finish(findings);
    Some((name?, arn?, role?))
}

fn parameters(node: &Node, findings: &mut Findings<'_>) -> Option<(Vec<SourceOf>, Vec<SourceOf>)> {
    let mut fields = Fields::new(node, "`parameters`", findings)?;
    let launch = fields
        .required("launch", findings)
        .and_then(|node| sources(node, findings));
    let terminate = fields
        .required("terminate", findings)
        .and_then(|node| sources(node, findings));
    fields.finish(findings);
    Some((launch?, terminate?))
}

fn sources(node: &Node, findings: &mut Findings<'_>) -> Option<Vec<SourceOf>> {
    Fields::new(node, "the list of parameter sources", findings)?;
    let mut sources = Vec::new();
    for entry in node.entries() {
        if let Some(source) = source(&entry.node, findings) {
            sources.push(SourceOf {
                parameter: entry.key.clone(),
                source,
                line: entry.line,
            });
        }
    }
    Some(sources)
}

fn source(node: &Node, findings: &mut Findings<'_>) -> Option<Source> {
    if let Content::Mapping(_) = node.content {
        let mut fields = Fields::new(node, "a parameter source", findings)?;
        let literal = fields
            .required("literal", findings)
            .and_then(Node::as_str)
            .map(str::to_owned);
        fields.finish(findings);
        return literal.map(Source::Literal);
    }
    let text = node.as_str().unwrap_or_default();
    match Source::parse(text) {
        Ok(source) => Some(source),
        Err(unknown) => {
            findings.add(node.line, Code::Source, unknown.to_string(), unknown.right);
            None
        }
    }
}
