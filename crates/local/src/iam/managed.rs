//! AWS managed policies that Workbench attaches, shortened to the services that exist here.

use std::sync::LazyLock;

use super::policy::{Kind, Policy};

/// The AWS managed policy with this ARN.
pub(super) fn by_arn(arn: &str) -> Option<&'static Policy> {
    match arn {
        "arn:aws:iam::aws:policy/AWSServiceCatalogAdminFullAccess" => SERVICE_CATALOG_ADMIN.as_ref(),
        "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs" => GATEWAY_LOGS.as_ref(),
        _ => None,
    }
}

/// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonAPIGatewayPushToCloudWatchLogs.html>
static GATEWAY_LOGS: LazyLock<Option<Policy>> = LazyLock::new(|| {
    let text = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": [
                "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups",
                "logs:DescribeLogStreams", "logs:PutLogEvents", "logs:GetLogEvents", "logs:FilterLogEvents"
            ],
            "Resource": "*"
        }]
    });
    Policy::parse(&text.to_string(), Kind::Identity).ok()
});

/// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceCatalogAdminFullAccess.html>
static SERVICE_CATALOG_ADMIN: LazyLock<Option<Policy>> = LazyLock::new(|| {
    let text = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [
                    "cloudformation:CreateStack", "cloudformation:DeleteStack",
                    "cloudformation:DescribeStackEvents", "cloudformation:DescribeStackResources",
                    "cloudformation:DescribeStacks", "cloudformation:SetStackPolicy",
                    "cloudformation:UpdateStack", "cloudformation:TagResource"
                ],
                "Resource": "arn:aws:cloudformation:*:*:stack/SC-*"
            },
            {
                "Effect": "Allow",
                "Action": [
                    "cloudformation:GetTemplateSummary", "cloudformation:ValidateTemplate", "iam:GetRole",
                    "s3:CreateBucket", "s3:GetObject", "s3:PutObject", "ssm:DescribeDocument",
                    "ssm:GetAutomationExecution", "ssm:ListDocuments", "ssm:ListDocumentVersions"
                ],
                "Resource": "*"
            },
            { "Effect": "Allow", "Action": "servicecatalog:*", "Resource": "*" },
            {
                "Effect": "Allow",
                "Action": "iam:PassRole",
                "Resource": "*",
                "Condition": { "StringEquals": { "iam:PassedToService": "servicecatalog.amazonaws.com" } }
            }
        ]
    });
    Policy::parse(&text.to_string(), Kind::Identity).ok()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policies_of_aws_are_well_formed() {
        for name in [
            "AWSServiceCatalogAdminFullAccess",
            "service-role/AmazonAPIGatewayPushToCloudWatchLogs",
        ] {
            assert!(
                by_arn(&format!("arn:aws:iam::aws:policy/{name}")).is_some(),
                "{name}"
            );
        }
        assert!(by_arn("arn:aws:iam::aws:policy/DoesNotExist").is_none());
    }
}
