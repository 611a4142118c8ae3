//! Why a request is not carried out. What it says is read in CloudFormation's events.

use std::time::Duration;

use workbench_core::id::{EnvironmentId, ProductId};

/// The reason for a FAILED answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("RequestType: `{0}` is none of Create, Update, Delete")]
    RequestType(String),
    #[error("ResourceType: `{0}` is none of {types}", types = crate::RESOURCE_TYPES.join(", "))]
    ResourceType(String),
    #[error("ResourceProperties{0}")]
    Properties(String),
    #[error(
        "ContentHash: `{given}` is not the hash of the {what} of `{type_name}` in this function, which is \
         `{built}`: template and function are of different builds; build again and deploy both"
    )]
    OtherBuild {
        what: &'static str,
        type_name: &'static str,
        given: String,
        built: String,
    },
    #[error("PhysicalResourceId: `{0}` is no product")]
    NoProduct(String),
    #[error(
        "PhysicalResourceId: product `{product}` is in use: environment {environment} is not TERMINATED; terminate \
         the product's environments first"
    )]
    InUse {
        product: ProductId,
        environment: EnvironmentId,
    },
    #[error("EnvironmentType: `{0}` has no files")]
    NoFiles(&'static str),
    #[error(
        "ProductId: product `{product}` has no version that is named after the template's hash, `{hash}`"
    )]
    NoVersion { product: ProductId, hash: String },
    #[error("not done within {} seconds", .0.as_secs())]
    OutOfTime(Duration),
    #[error(transparent)]
    Rule(#[from] workbench_core::Error),
    #[error(transparent)]
    Aws(#[from] workbench_aws::Fault),
    #[error(transparent)]
    Table(#[from] workbench_aws::Error),
}
