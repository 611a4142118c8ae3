//! The main account: where Workbench runs, and what its things are called.

use crate::account::hosts::Hosts;
use crate::id::AwsAccountId;
use crate::registry::DocumentKind;

/// The main account, as the settings of a deployment tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MainAccount {
    /// Its number.
    pub account_id: AwsAccountId,
    /// The region in which Workbench runs.
    pub region: String,
    /// The stack's name, with which the names of its documents and roles start.
    pub namespace: String,
    /// The portfolio of the environment types' products.
    pub portfolio_id: String,
    /// The name of the bucket with templates and instance files.
    pub artifact_bucket: String,
    /// The bucket with the datasets.
    pub datasets_bucket_arn: String,
    /// The key of the bucket with templates and instance files.
    pub artifact_key_arn: String,
    /// The key of the bucket with the datasets.
    pub datasets_key_arn: String,
    /// Whom bus, bucket and keys let in.
    pub hosts: Hosts,
}

impl MainAccount {
    /// The name of a shared document of `type_name`.
    #[must_use]
    pub fn document_name(&self, type_name: &str, kind: DocumentKind) -> String {
        format!("{}-{type_name}-{}", self.namespace, kind.label())
    }

    /// The ARN under which hosting accounts start a shared document.
    #[must_use]
    pub fn document_arn(&self, type_name: &str, kind: DocumentKind) -> String {
        let Self {
            region, account_id, ..
        } = self;
        format!(
            "arn:{}:ssm:{region}:{account_id}:document/{}",
            self.partition(),
            self.document_name(type_name, kind)
        )
    }

    /// The name of the onboarding stack in every hosting account.
    #[must_use]
    pub fn onboarding_stack(&self) -> String {
        format!("{}-hosting-account", self.namespace)
    }

    /// The ARN of the role of one of Workbench's functions.
    #[must_use]
    pub fn function_role_arn(&self, function: &str) -> String {
        let Self {
            account_id,
            namespace,
            ..
        } = self;
        format!(
            "arn:{}:iam::{account_id}:role/{namespace}-{function}",
            self.partition()
        )
    }

    /// The ARN of one of the roles that the onboarding stack makes.
    #[must_use]
    pub fn hosting_role_arn(&self, account: &AwsAccountId, role: &str) -> String {
        format!(
            "arn:{}:iam::{account}:role/{}-{role}",
            self.partition(),
            self.namespace
        )
    }

    /// The AWS partition of its region.
    pub(crate) fn partition(&self) -> &'static str {
        if self.region.starts_with("cn-") {
            "aws-cn"
        } else if self.region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_data::{account, main_account};

    #[test]
    fn every_arn_is_in_the_partition_of_the_region() {
        for (region, partition) in [("eu-central-1", "aws"), ("cn-north-1", "aws-cn")] {
            let main = MainAccount {
                region: region.into(),
                ..main_account()
            };
            assert_eq!(
                main.document_arn("sagemakerNotebook", DocumentKind::Launch),
                format!(
                    "arn:{partition}:ssm:{region}:222222222222:document/workbench-dev-sagemakerNotebook-Launch"
                )
            );
            assert_eq!(
                main.function_role_arn("api"),
                format!("arn:{partition}:iam::222222222222:role/workbench-dev-api")
            );
            assert_eq!(
                main.hosting_role_arn(&account().aws_account_id, "env-mgmt"),
                format!("arn:{partition}:iam::111111111111:role/workbench-dev-env-mgmt")
            );
        }
    }
}
