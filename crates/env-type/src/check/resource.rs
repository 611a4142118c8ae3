//! What is known about the resource types that the shipped templates use: their attributes, and the IAM actions
//! with which CloudFormation makes and removes them (section `handlers` of each type's resource schema).

use crate::template::Resource;

struct Facts {
    resource_type: &'static str,
    /// For `Fn::GetAtt`.
    attributes: &'static [&'static str],
    actions: &'static [&'static str],
    /// Further actions when a property is set.
    with: &'static [(&'static str, &'static [&'static str])],
}

const FACTS: &[Facts] = &[
    Facts {
        resource_type: "AWS::EC2::SecurityGroup",
        attributes: &["GroupId", "Id", "VpcId"],
        actions: &[
            "ec2:CreateSecurityGroup",
            "ec2:CreateTags",
            "ec2:DeleteSecurityGroup",
            "ec2:DescribeInstances",
            "ec2:DescribeSecurityGroups",
            // A new group lets everything out until that rule is taken away.
            "ec2:RevokeSecurityGroupEgress",
        ],
        with: &[
            ("SecurityGroupEgress", &["ec2:AuthorizeSecurityGroupEgress"]),
            ("SecurityGroupIngress", &["ec2:AuthorizeSecurityGroupIngress"]),
        ],
    },
    Facts {
        resource_type: "AWS::IAM::ManagedPolicy",
        attributes: &[
            "AttachmentCount",
            "CreateDate",
            "DefaultVersionId",
            "PolicyArn",
            "PolicyId",
        ],
        actions: &[
            "iam:CreatePolicy",
            "iam:DeletePolicy",
            "iam:DeletePolicyVersion",
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
            "iam:ListEntitiesForPolicy",
            "iam:ListPolicyVersions",
        ],
        with: &[("Roles", &["iam:AttachRolePolicy", "iam:DetachRolePolicy"])],
    },
    Facts {
        resource_type: "AWS::IAM::Policy",
        attributes: &["Id"],
        actions: &["iam:DeleteRolePolicy", "iam:GetRolePolicy", "iam:PutRolePolicy"],
        with: &[],
    },
    Facts {
        resource_type: "AWS::IAM::Role",
        attributes: &["Arn", "RoleId"],
        actions: &[
            "iam:CreateRole",
            "iam:DeleteRole",
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
            "iam:TagRole",
        ],
        with: &[
            (
                "ManagedPolicyArns",
                &["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
            ),
            ("Policies", &["iam:DeleteRolePolicy", "iam:PutRolePolicy"]),
        ],
    },
    Facts {
        resource_type: "AWS::SageMaker::NotebookInstance",
        attributes: &["NotebookInstanceName"],
        actions: &[
            "iam:PassRole",
            "sagemaker:AddTags",
            "sagemaker:CreateNotebookInstance",
            "sagemaker:DeleteNotebookInstance",
            "sagemaker:DescribeNotebookInstance",
            // A running notebook is stopped before it is deleted.
            "sagemaker:StopNotebookInstance",
        ],
        with: &[
            ("KmsKeyId", &["kms:CreateGrant", "kms:DescribeKey"]),
            (
                "SubnetId",
                &[
                    "ec2:CreateNetworkInterface",
                    "ec2:DeleteNetworkInterface",
                    "ec2:DescribeNetworkInterfaces",
                    "ec2:DescribeSecurityGroups",
                    "ec2:DescribeSubnets",
                    "ec2:DescribeVpcs",
                ],
            ),
        ],
    },
    Facts {
        resource_type: "AWS::SageMaker::NotebookInstanceLifecycleConfig",
        attributes: &["NotebookInstanceLifecycleConfigName"],
        actions: &[
            "sagemaker:CreateNotebookInstanceLifecycleConfig",
            "sagemaker:DeleteNotebookInstanceLifecycleConfig",
            "sagemaker:DescribeNotebookInstanceLifecycleConfig",
        ],
        with: &[],
    },
];

fn facts(resource: &Resource) -> Option<&'static Facts> {
    FACTS
        .iter()
        .find(|facts| facts.resource_type == resource.resource_type)
}

/// The IAM actions that a resource needs, none known for a type outside the table.
pub(super) fn actions(resource: &Resource) -> impl Iterator<Item = &'static str> {
    let facts = facts(resource);
    let with = facts.map(|facts| facts.with).unwrap_or_default();
    let with = with
        .iter()
        .filter(|(property, _)| resource.property(property).is_some());
    facts
        .map(|facts| facts.actions)
        .unwrap_or_default()
        .iter()
        .chain(with.flat_map(|(_, actions)| *actions))
        .copied()
}

/// The attributes for `Fn::GetAtt`, if the type is known.
pub(super) fn attributes(resource: &Resource) -> Option<&'static [&'static str]> {
    facts(resource).map(|facts| facts.attributes)
}
