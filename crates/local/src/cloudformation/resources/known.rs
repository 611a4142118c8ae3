//! Every resource type that there is here.

use super::ResourceType;
use super::{
    cognito, custom, dynamodb, ec2, events, iam, inert, kms, lambda, network, s3, sagemaker, service_catalog,
    sqs, ssm, stack,
};

/// The types that make something. [`inert`] has those that do not.
static TYPES: &[&dyn ResourceType] = &[
    &cognito::USER_POOL,
    &cognito::USER_POOL_CLIENT,
    &cognito::USER_POOL_DOMAIN,
    &cognito::USER_POOL_GROUP,
    &cognito::USER_POOL_USER,
    &cognito::USER_TO_GROUP,
    &custom::CustomResource,
    &dynamodb::Table,
    &ec2::SecurityGroup,
    &events::EventBusPolicy,
    &events::Rule,
    &iam::ManagedPolicy,
    &iam::Policy,
    &iam::Role,
    &kms::ALIAS,
    &kms::KEY,
    &lambda::EVENT_SOURCE_MAPPING,
    &lambda::Function,
    &lambda::PERMISSION,
    &network::INTERNET_GATEWAY,
    &network::ROUTE,
    &network::ROUTE_TABLE,
    &network::SUBNET,
    &network::SUBNET_ROUTE_TABLE_ASSOCIATION,
    &network::VPC,
    &network::VPC_GATEWAY_ATTACHMENT,
    &s3::Bucket,
    &s3::BUCKET_POLICY,
    &sagemaker::LifecycleConfig,
    &sagemaker::NotebookInstance,
    &service_catalog::LAUNCH_ROLE_CONSTRAINT,
    &service_catalog::PORTFOLIO,
    &service_catalog::PORTFOLIO_PRODUCT_ASSOCIATION,
    &service_catalog::Product,
    &sqs::Queue,
    &sqs::QueuePolicy,
    &ssm::Document,
    &stack::NestedStack,
];

/// The resource type with this name.
pub(in crate::cloudformation) fn find(name: &str) -> Option<&'static dyn ResourceType> {
    let name = if name.starts_with("Custom::") {
        custom::TYPE
    } else {
        name
    };
    TYPES
        .iter()
        .copied()
        .find(|kind| kind.name() == name)
        .or_else(|| inert::find(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_type_is_there_twice() {
        let mut names: Vec<_> = TYPES.iter().map(|kind| kind.name()).collect();
        names.extend(inert::INERT_TYPES.iter().copied());
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(find("AWS::EC2::SecurityGrupp").is_none());
        assert!(find("Custom::Anything").is_some());
    }
}
