//! What is wrong with a package, where, and what would be right.

use std::fmt;
use std::path::{Path, PathBuf};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// The rule that a [`Fault`] breaks. `docs/adding-an-environment-type.md` lists all of them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Code] = &[$(Code::$name),+];

            /// The code as printed.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text),+ }
            }
        }
    };
}

codes! {
    /// A file of the package is missing, unreadable or has another name.
    PackageFile = "package-file",
    /// The folder's name is not camelCase.
    PackageName = "package-name",
    /// A file is no YAML, or uses anchors, aliases or duplicate keys.
    Yaml = "yaml",
    /// A key that the format does not know.
    UnknownKey = "unknown-key",
    /// A required key is missing.
    MissingKey = "missing-key",
    /// A value has the wrong type or form.
    Value = "value",
    /// The compute has no driver.
    Compute = "compute",
    /// A parameter source is not in the vocabulary.
    Source = "source",
    /// A source that has no value in this document's operation.
    SourceOperation = "source-operation",
    /// A required document parameter has no source.
    SourceMissing = "source-missing",
    /// A source feeds a parameter that the document does not have.
    SourceUnused = "source-unused",
    /// A record output key is no output of the template.
    RecordOutput = "record-output",
    /// A connection placeholder is malformed or names no credential key.
    ConnectionLink = "connection-link",
    /// A permission statement has a malformed, wild or doubled action, resource or condition.
    PermissionForm = "permission-form",
    /// A call or resource needs an IAM action that no statement of the manifest allows.
    PermissionMissing = "permission-missing",
    /// An IAM action in `permissions.manage` that nothing uses.
    PermissionUnused = "permission-unused",
    /// A permission statement has one of the two cases of a SageMaker resource's name.
    PermissionCase = "permission-case",
    /// A permission statement has a role's or policy's name that the template does not make.
    PermissionName = "permission-name",
    /// A CloudFormation function that Workbench does not know.
    TemplateFunction = "template-function",
    /// A reference to a parameter, resource, attribute or condition that does not exist.
    TemplateReference = "template-reference",
    /// Resources that need each other.
    TemplateCycle = "template-cycle",
    /// A template parameter or condition that nothing uses.
    TemplateUnused = "template-unused",
    /// A wildcard in a policy or permission statement without a comment that says why.
    WildcardComment = "wildcard-comment",
    /// The Automation schema version is not 0.3.
    DocumentSchema = "document-schema",
    /// An `allowedPattern` or `AllowedPattern` that does not compile, or a default that breaks it.
    Pattern = "pattern",
    /// A document parameter that no step uses.
    ParameterUnused = "parameter-unused",
    /// A reference to a parameter, step output or variable that does not exist.
    Reference = "reference",
    /// A step output is used where its step may not have succeeded.
    ReferenceUnavailable = "reference-unavailable",
    /// An Automation action that Workbench does not know.
    StepAction = "step-action",
    /// A next step, failure branch or choice names no step.
    StepTarget = "step-target",
    /// A step has an `onCancel`, which would be needed on every step and be not enough.
    CancelWay = "cancel-way",
    /// Two steps have the same name.
    StepName = "step-name",
    /// A step that no way leads to.
    StepUnreachable = "step-unreachable",
    /// A way through the document that comes back to a step.
    StepLoop = "step-loop",
    /// A branch without `Default`.
    BranchDefault = "branch-default",
    /// A waiting step without `timeoutSeconds`.
    Timeout = "timeout",
    /// A member that the called API does not have, or a required one that is missing.
    ApiInput = "api-input",
    /// ProvisionProduct or TerminateProvisionedProduct without its idempotency token.
    Token = "token",
    /// ProvisionProduct without tag `Env` = `{{ EnvId }}`.
    EnvTag = "env-tag",
    /// A provisioning parameter that the template does not have, or has twice.
    ProvisioningParameter = "provisioning-parameter",
    /// A template parameter without default that is not provisioned.
    ProvisioningMissing = "provisioning-missing",
    /// A way through the document that ends without a status event.
    EventMissing = "event-missing",
    /// A way through the document that may send two status events.
    EventTwice = "event-twice",
    /// The entry of a status event is not of the agreed shape.
    EventEntry = "event-entry",
    /// The detail of a status event is not of the agreed shape.
    EventDetail = "event-detail",
    /// A status event contains text that could break its JSON.
    EventText = "event-text",
    /// A status event says success after a failure, or the document never says success or failure.
    EventStatus = "event-status",
    /// A file of the deployment lacks a block that is generated, or its marks are wrong.
    GeneratedBlock = "generated-block",
    /// A generated part of the deployment does not say what the packages say.
    GeneratedStale = "generated-stale",
    /// A role of the deployment does not allow what a function, a document or a driver calls.
    RoleLacks = "role-lacks",
    /// A role of the deployment allows what nothing calls: a warning.
    RoleUnused = "role-unused",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One finding. Displays as `file:line: code: what is wrong; what would be right`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{}:{line}: {code}: {wrong}; {right}", file.display())]
pub struct Fault {
    /// The file, as the package's folder was given.
    pub file: PathBuf,
    /// Line in the file, from 1.
    pub line: usize,
    /// The rule.
    pub code: Code,
    /// What is wrong.
    pub wrong: String,
    /// What would be right.
    pub right: String,
}

/// All findings about a package, sorted by file and line. Displays one a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(
        &mut self,
        file: &Path,
        line: usize,
        code: Code,
        wrong: impl Into<String>,
        right: impl Into<String>,
    ) {
        self.insert(Fault {
            file: file.to_owned(),
            line,
            code,
            wrong: wrong.into(),
            right: right.into(),
        });
    }

    fn insert(&mut self, fault: Fault) {
        if let Err(place) = self.0.binary_search(&fault) {
            self.0.insert(place, fault);
        }
    }

    /// Takes the findings of another check in.
    pub fn extend(&mut self, others: Self) {
        for fault in others.0 {
            self.insert(fault);
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The findings, sorted by file and line.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.0.iter()
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl<'a> IntoIterator for &'a Faults {
    type Item = &'a Fault;
    type IntoIter = std::slice::Iter<'a, Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|fault| writeln!(f, "{fault}"))
    }
}

impl std::error::Error for Faults {}

/// Collects findings about one file.
pub(crate) struct Findings<'a> {
    pub(crate) file: &'a Path,
    pub(crate) faults: &'a mut Faults,
}

impl Findings<'_> {
    pub(crate) fn add(
        &mut self,
        line: usize,
        code: Code,
        wrong: impl Into<String>,
        right: impl Into<String>,
    ) {
        self.faults.add(self.file, line, code, wrong, right);
    }
}

/// ``one of `a`, `b` ``: the choices of a message.
pub(crate) fn one_of<'a>(choices: impl IntoIterator<Item = &'a str>) -> String {
    let list: Vec<String> = choices.into_iter().map(|choice| format!("`{choice}`")).collect();
    match list.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        _ => format!("one of {}", list.join(", ")),
    }
}
