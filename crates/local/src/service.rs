//! The services by their names.

/// A service of the local AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// AWS CloudFormation.
    CloudFormation,
    /// Amazon Cognito user pools.
    Cognito,
    /// Amazon DynamoDB.
    DynamoDb,
    /// Amazon EC2 (security groups and networks).
    Ec2,
    /// Amazon EventBridge.
    Events,
    /// AWS Identity and Access Management.
    Iam,
    /// AWS Key Management Service.
    Kms,
    /// AWS Lambda.
    Lambda,
    /// Amazon CloudWatch Logs. No operation is offered.
    Logs,
    /// Amazon S3.
    S3,
    /// Amazon SageMaker.
    SageMaker,
    /// AWS Service Catalog.
    ServiceCatalog,
    /// Amazon SQS.
    Sqs,
    /// AWS Systems Manager.
    Ssm,
    /// AWS Security Token Service.
    Sts,
    /// AWS Resource Groups Tagging API.
    Tagging,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::CloudFormation,
        Self::Cognito,
        Self::DynamoDb,
        Self::Ec2,
        Self::Events,
        Self::Iam,
        Self::Kms,
        Self::Lambda,
        Self::Logs,
        Self::S3,
        Self::SageMaker,
        Self::ServiceCatalog,
        Self::Sqs,
        Self::Ssm,
        Self::Sts,
        Self::Tagging,
    ];

    /// The service's prefix in IAM actions, which is also its name in a request's credential scope, but for the tagging
    /// API's, which its requests' target tells.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::CloudFormation => "cloudformation",
            Self::Cognito => "cognito-idp",
            Self::DynamoDb => "dynamodb",
            Self::Ec2 => "ec2",
            Self::Events => "events",
            Self::Iam => "iam",
            Self::Kms => "kms",
            Self::Lambda => "lambda",
            Self::Logs => "logs",
            Self::S3 => "s3",
            Self::SageMaker => "sagemaker",
            Self::ServiceCatalog => "servicecatalog",
            Self::Sqs => "sqs",
            Self::Ssm => "ssm",
            Self::Sts => "sts",
            Self::Tagging => "tag",
        }
    }

    /// The service with this prefix.
    pub fn from_prefix(prefix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.prefix() == prefix)
    }
}
