//! `<type>LaunchSSM.yaml` and `<type>TerminateSSM.yaml`: Automation documents of schema 0.3.
//!
//! Read as the "Systems Manager Automation actions reference" of the AWS documentation describes them, as far
//! as the actions in [`Action`] go. What a document means is here, how it is read in `read`; whether it is right is
//! decided in `check`.

mod read;

use crate::yaml::Node;

/// Which of a package's documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Provisions the product.
    Launch,
    /// Terminates the provisioned product.
    Terminate,
}

impl Operation {
    /// As in the event's detail type and `Operation`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Launch => "Launch",
            Self::Terminate => "Terminate",
        }
    }

    /// The status of the event for success.
    #[must_use]
    pub fn success(self) -> &'static str {
        match self {
            Self::Launch => "COMPLETED",
            Self::Terminate => "TERMINATED",
        }
    }

    /// The status of the event for failure.
    #[must_use]
    pub fn failure(self) -> &'static str {
        match self {
            Self::Launch => "FAILED",
            Self::Terminate => "TERMINATING_FAILED",
        }
    }
}

/// An Automation document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The role it assumes; empty: it runs as its caller.
    pub assume_role: Option<(String, usize)>,
    /// Section `parameters`.
    pub parameters: Vec<Parameter>,
    /// Section `mainSteps`.
    pub steps: Vec<Step>,
    /// Section `outputs`: references to step outputs.
    pub outputs: Vec<(String, usize)>,
    /// Line of `schemaVersion`, and what it says.
    pub schema_version: (String, usize),
}

/// One document parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// `String`, `StringList`, ...
    pub parameter_type: String,
    /// Value when none is given.
    pub default: Option<String>,
    /// Regular expression for the value.
    pub allowed_pattern: Option<(String, usize)>,
    /// Values allowed, all if empty.
    pub allowed_values: Vec<String>,
    /// Line in the file, from 1.
    pub line: usize,
}

/// Actions that Workbench's documents may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `aws:executeAwsApi`
    ExecuteAwsApi,
    /// `aws:waitForAwsResourceProperty`
    WaitForAwsResourceProperty,
    /// `aws:assertAwsResourceProperty`
    AssertAwsResourceProperty,
    /// `aws:branch`
    Branch,
    /// `aws:sleep`
    Sleep,
    /// `aws:pause`
    Pause,
}

impl Action {
    const NAMES: [(&'static str, Self); 6] = [
        ("aws:executeAwsApi", Self::ExecuteAwsApi),
        ("aws:waitForAwsResourceProperty", Self::WaitForAwsResourceProperty),
        ("aws:assertAwsResourceProperty", Self::AssertAwsResourceProperty),
        ("aws:branch", Self::Branch),
        ("aws:sleep", Self::Sleep),
        ("aws:pause", Self::Pause),
    ];

    /// Its name in a document.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let named = Self::NAMES.iter().find(|(_, action)| *action == self);
        named.map_or("", |(name, _)| name)
    }

    /// Whether the action calls an API of `Service`.
    #[must_use]
    pub fn calls_api(self) -> bool {
        !matches!(self, Self::Branch | Self::Sleep | Self::Pause)
    }
}

/// What `onFailure` and `onCancel` say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Otherwise {
    /// The automation ends; the default.
    Abort,
    /// The next step runs all the same.
    Continue,
    /// That step runs.
    Step(String, usize),
}

/// One output of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepOutput {
    /// Its name.
    pub name: String,
    /// JSONPath into the answer.
    pub selector: String,
    /// `String`, `Integer`, ...
    pub output_type: String,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// What it does.
    pub action: Action,
    /// Its inputs.
    pub inputs: Node,
    /// What later steps can refer to.
    pub outputs: Vec<StepOutput>,
    /// The step after success, if not the one below.
    pub next: Option<(String, usize)>,
    /// Whether the document ends after success.
    pub is_end: bool,
    /// The way after failure and time-out.
    pub on_failure: Otherwise,
    /// The way after a cancellation.
    pub on_cancel: Otherwise,
    /// Seconds after which the step fails.
    pub timeout_seconds: Option<u64>,
    /// Line in the file, from 1.
    pub line: usize,
}

impl Step {
    /// `Service` and `Api` of a step that calls an API.
    #[must_use]
    pub fn call(&self) -> Option<(&str, &str)> {
        let input = |name| self.inputs.get(name).and_then(Node::as_str);
        if self.action.calls_api() {
            Some((input("Service")?, input("Api")?))
        } else {
            None
        }
    }

    /// Whether the step sends events.
    #[must_use]
    pub fn is_event(&self) -> bool {
        self.call() == Some(("events", "PutEvents"))
    }

    /// The steps that a branch chooses from, with lines; the default last.
    #[must_use]
    pub fn choices(&self) -> Vec<(&str, usize)> {
        let choices = self.inputs.get("Choices").map(Node::items).unwrap_or_default();
        let next = choices.iter().filter_map(|choice| choice.get("NextStep"));
        next.chain(self.inputs.get("Default"))
            .filter_map(|node| Some((node.as_str()?, node.line)))
            .collect()
    }
}

impl Document {
    /// The parameter of this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The place of the step of this name.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.name == name)
    }
}
