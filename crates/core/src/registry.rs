//! The environment types: what the packages under `templates/environments` say, as data of the program.
//!
//! `build.rs` reads and checks the packages and writes the static data; nothing is parsed at run time.

use crate::compute::{COMPUTES, Compute};

include!(concat!(env!("OUT_DIR"), "/environment_types.rs"));

/// One environment type.
#[derive(Debug, PartialEq, Eq)]
pub struct EnvironmentType {
    /// The folder's name, `EnvType` in events and `type` in the API.
    pub name: &'static str,
    /// One sentence for researchers.
    pub description: &'static str,
    /// The AWS service behind it.
    pub compute: &'static Compute,
    /// Which of the launch record's outputs say what was made.
    pub record_outputs: RecordOutputs,
    /// The launch document.
    pub launch: Document,
    /// The terminate document.
    pub terminate: Document,
    /// How to connect.
    pub connection: Connection,
    /// Text of the CloudFormation template behind the product.
    pub template: &'static str,
    /// Parameters of the template.
    pub template_parameters: &'static [TemplateParameter],
    /// What instances fetch on start, sorted by name; often none.
    pub files: &'static [File],
    /// SHA-256 of the files in hexadecimal digits; empty without files.
    pub files_hash: &'static str,
    /// SHA-256 of the template in hexadecimal digits: another hash is another version of the product.
    pub template_hash: &'static str,
    /// SHA-256 of the whole package in hexadecimal digits.
    pub content_hash: &'static str,
}

/// How many digits of its template's hash name a version of a product.
const VERSION_DIGITS: usize = 12;

/// The name of the product version whose template has this hash: its first digits.
#[must_use]
pub fn version_name(template_hash: &str) -> &str {
    template_hash.get(..VERSION_DIGITS).unwrap_or(template_hash)
}

/// A file that a type's instances fetch on start.
#[derive(Debug, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: &'static str,
    /// Its content.
    pub content: &'static [u8],
}

/// Keys of the Service Catalog record's outputs, which are the template's outputs.
#[derive(Debug, PartialEq, Eq)]
pub struct RecordOutputs {
    /// The instance's name, which is its id in state-change events.
    pub instance_name: &'static str,
    /// The instance's ARN.
    pub instance_arn: &'static str,
    /// The ARN of the role that the instance runs as.
    pub instance_role: &'static str,
}

/// A Systems Manager Automation document.
#[derive(Debug, PartialEq, Eq)]
pub struct Document {
    /// Its parameters.
    pub parameters: &'static [DocumentParameter],
    /// Its text, YAML.
    pub content: &'static str,
}

/// What a document does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// It provisions the product.
    Launch,
    /// It terminates the provisioned product.
    Terminate,
}

impl DocumentKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Launch, Self::Terminate];

    /// The word in the names of documents and in the `Operation` of their events.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Launch => "Launch",
            Self::Terminate => "Terminate",
        }
    }

    /// The kind with this label.
    #[must_use]
    pub fn named(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.label() == label)
    }

    /// The document of this kind of an environment type.
    #[must_use]
    pub const fn of(self, ty: &EnvironmentType) -> &Document {
        match self {
            Self::Launch => &ty.launch,
            Self::Terminate => &ty.terminate,
        }
    }
}

/// One parameter of a document.
#[derive(Debug, PartialEq, Eq)]
pub struct DocumentParameter {
    /// Its name.
    pub name: &'static str,
    /// The value when none is passed.
    pub default: Option<&'static str>,
    /// Regular expression that a value must match.
    pub allowed_pattern: Option<&'static str>,
    /// The values allowed; all if empty.
    pub allowed_values: &'static [&'static str],
    /// Where Workbench takes the value from; the default is used if there is none.
    pub source: Option<Source>,
}

/// One parameter of a template.
#[derive(Debug, PartialEq, Eq)]
pub struct TemplateParameter {
    /// Its name.
    pub name: &'static str,
    /// CloudFormation's type: `String`, `Number`, `AWS::EC2::VPC::Id`, ...
    pub parameter_type: &'static str,
    /// What it is for.
    pub description: Option<&'static str>,
    /// The value when none is passed.
    pub default: Option<&'static str>,
    /// Regular expression that a value must match.
    pub allowed_pattern: Option<&'static str>,
    /// The values allowed; all if empty.
    pub allowed_values: &'static [&'static str],
}

/// How to connect to an environment.
#[derive(Debug, PartialEq, Eq)]
pub struct Connection {
    /// The text shown, with `#{...}` placeholders (contract section 7.4).
    pub instruction: &'static str,
}

/// Where the value of a document parameter comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The parameter with this key of the environment type configuration.
    Config(&'static str),
    /// A field of the environment.
    Environment(EnvironmentField),
    /// A field of the hosting account.
    Account(AccountField),
    /// A field of the Service Catalog product.
    Product(ProductField),
    /// A fact about the main account.
    Main(MainField),
    /// Something computed from the environment's datasets.
    Datasets(DatasetsField),
    /// Something derived from the environment's id, the same each time.
    Unique(UniqueField),
    /// This text.
    Literal(&'static str),
}

/// `environment.<field>`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvironmentField {
    /// Its id, `env-<uuid>`.
    Id,
    /// Its name.
    Name,
    /// The id of its project.
    ProjectId,
    /// The user who launched it.
    Owner,
    /// The provisioned product that the launch made; terminate documents only.
    ProvisionedProductId,
}

/// `account.<field>`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountField {
    /// The 12 digits of the hosting account.
    Id,
    /// Its VPC.
    VpcId,
    /// Its subnet for environments.
    SubnetId,
    /// The KMS key that encrypts environments.
    EncryptionKeyArn,
    /// `s3://<bucket>/<prefix>` of the files that instances fetch on start.
    EnvironmentInstanceFiles,
}

/// `product.<field>`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProductField {
    /// `prod-...`
    Id,
    /// `pa-...`, a version of the product.
    ProvisioningArtifactId,
    /// `lpv3-...` or `lpv2-...`, the launch path in the hosting account.
    PathId,
}

/// `main.<field>`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MainField {
    /// The 12 digits of the main account.
    AccountId,
    /// The region that Workbench runs in.
    Region,
    /// The datasets bucket.
    DatasetsBucketArn,
    /// The key of the artifact bucket.
    ArtifactKeyArn,
    /// The key of the datasets bucket.
    DatasetsKeyArn,
}

/// `datasets.<field>`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatasetsField {
    /// JSON list of mounts; `[]` without datasets.
    Mounts,
    /// JSON policy of the instance role; `{}` without datasets.
    Policy,
}

/// `unique.<field>`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UniqueField {
    /// Name of the provisioned product.
    InstanceName,
    /// Prefix of the names of what the template makes.
    Namespace,
    /// Idempotency token of TerminateProvisionedProduct; terminate documents only.
    TerminateToken,
    /// Idempotency token of ProvisionProduct; launch documents only.
    ProvisionToken,
}

/// Every environment type, sorted by name.
#[must_use]
pub fn environment_types() -> &'static [EnvironmentType] {
    ENVIRONMENT_TYPES
}

/// The environment type of this name; upper and lower case matter.
#[must_use]
pub fn environment_type(name: &str) -> Option<&'static EnvironmentType> {
    ENVIRONMENT_TYPES
        .iter()
        .find(|environment_type| environment_type.name == name)
}

/// The compute of this name, as in the event source `aws.<name>`.
#[must_use]
pub fn compute(name: &str) -> Option<&'static Compute> {
    COMPUTES.iter().find(|compute| compute.name == name)
}

#[cfg(test)]
mod tests;
