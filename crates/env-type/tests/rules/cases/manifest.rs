//! Files, known keys and the manifest.

use workbench_env_type::Code;

use super::Case;
use crate::{LAUNCH, MANIFEST, TEMPLATE, TERMINATE};

pub(super) const CASES: &[Case] = &[
    // Files
    (
        &[(MANIFEST, "compute: sagemaker", "description: again")],
        &[(Code::Yaml, MANIFEST, "description: again")],
    ),
    (
        &[(TEMPLATE, "Default: ml.t3.medium", "Default: &d ml.t3.medium")],
        &[(Code::Yaml, TEMPLATE, "&d")],
    ),
    // Known keys and values
    (
        &[(MANIFEST, "connection:", "colour: red\nconnection:")],
        &[(Code::UnknownKey, MANIFEST, "colour")],
    ),
    (
        &[(LAUNCH, "maxAttempts: 3", "maxattempts: 3")],
        &[(Code::UnknownKey, LAUNCH, "maxattempts")],
    ),
    (
        &[(TEMPLATE, "    Default: ml", "    default: ml")],
        &[(Code::UnknownKey, TEMPLATE, "default: ml")],
    ),
    (
        &[(MANIFEST, "  instanceArn: NotebookArn\n", "")],
        &[(Code::MissingKey, MANIFEST, "instanceName:")],
    ),
    (
        &[(
            LAUNCH,
            "  EnvId:\n    type: String",
            "  EnvId:\n    description: id",
        )],
        &[(Code::MissingKey, LAUNCH, "description: id")],
    ),
    (
        &[(TERMINATE, "timeoutSeconds: 3600", "timeoutSeconds: an hour")],
        &[(Code::Value, TERMINATE, "an hour")],
    ),
    (
        &[(LAUNCH, "isEnd: true", "isEnd: yes")],
        &[(Code::Value, LAUNCH, "isEnd: yes")],
    ),
    (
        &[(LAUNCH, "onFailure: step:PushRefusal", "onFailure: PushRefusal")],
        &[(Code::Value, LAUNCH, "onFailure: PushRefusal")],
    ),
    (
        &[(LAUNCH, "Selector: $.RecordDetail.RecordId", "Selector: RecordId")],
        &[(Code::Value, LAUNCH, "Selector: RecordId")],
    ),
    (
        &[(TEMPLATE, "Type: AWS::IAM::Role", "Type: IAM Role")],
        &[(Code::Value, TEMPLATE, "  Role:")],
    ),
    // Manifest
    (
        &[(MANIFEST, "compute: sagemaker", "compute: Sagemaker")],
        &[(Code::Compute, MANIFEST, "Sagemaker")],
    ),
    (
        &[(MANIFEST, "environment.id", "environment.identity")],
        &[(Code::Source, MANIFEST, "identity")],
    ),
    (
        &[(MANIFEST, "{literal: a", "{text: a")],
        &[
            (Code::MissingKey, MANIFEST, "{text: a"),
            (Code::UnknownKey, MANIFEST, "{text: a"),
        ],
    ),
    (
        &[(MANIFEST, "unique.instanceName", "unique.terminateToken")],
        &[(Code::SourceOperation, MANIFEST, "unique.terminateToken")],
    ),
    (
        &[(MANIFEST, "    Purpose: {literal: a \"test\"}\n", "")],
        &[(Code::SourceMissing, LAUNCH, "  Purpose:")],
    ),
    (
        &[(
            MANIFEST,
            "  terminate:\n",
            "  terminate:\n    Extra: account.id\n",
        )],
        &[(Code::SourceUnused, MANIFEST, "Extra")],
    ),
    (
        &[(MANIFEST, "instanceRole: RoleArn", "instanceRole: Rolearn")],
        &[(Code::RecordOutput, MANIFEST, "Rolearn")],
    ),
    (
        &[(MANIFEST, "\"hrefKey\":\"url\"", "\"hrefKey\":\"link\"")],
        &[(Code::ConnectionLink, MANIFEST, "hrefKey")],
    ),
    (
        &[(MANIFEST, "\"type\":\"link\"", "\"type\":\"url\"")],
        &[(Code::ConnectionLink, MANIFEST, "hrefKey")],
    ),
    (
        &[(MANIFEST, "\"text\":\"the", "\"text\":the")],
        &[(Code::ConnectionLink, MANIFEST, "hrefKey")],
    ),
    // Manifest: permissions
    (
        &[(
            MANIFEST,
            "- iam:CreateRole\n",
            "- iam:CreateRole\n        - iam:*\n",
        )],
        &[(Code::PermissionForm, MANIFEST, "iam:*")],
    ),
    (
        &[(
            MANIFEST,
            "- iam:CreateRole\n",
            "- iam:CreateRole\n        - iam:TagRole # again\n",
        )],
        &[(Code::PermissionForm, MANIFEST, "- iam:TagRole\n")],
    ),
    (
        &[(MANIFEST, "arn:${AWS::Partition}:iam::", "arn:aws:iam::")],
        &[(Code::PermissionForm, MANIFEST, "arn:aws:iam::")],
    ),
    (
        &[(MANIFEST, "event-bus/default", "event-bus/${AWS::StackName}")],
        &[(Code::PermissionForm, MANIFEST, "${AWS::StackName}")],
    ),
    (
        &[(MANIFEST, ":*:product/*", ":product/*")],
        &[(Code::PermissionForm, MANIFEST, ":product/*")],
    ),
    (
        &[(MANIFEST, "StringEquals:", "StringEqual:")],
        &[(Code::PermissionForm, MANIFEST, "StringEqual:")],
    ),
    (
        &[(MANIFEST, "iam:PassedToService:", "PassedToService:")],
        &[(Code::PermissionForm, MANIFEST, "{PassedToService:")],
    ),
    (
        &[(MANIFEST, ": sagemaker.amazonaws.com}", ": '${aws:userid}'}")],
        &[(Code::PermissionForm, MANIFEST, "${aws:userid}")],
    ),
    (
        &[(MANIFEST, ": sagemaker.amazonaws.com}", ": {a: b}}")],
        &[(Code::Value, MANIFEST, "{a: b}")],
    ),
    (
        &[(
            MANIFEST,
            "- allow: [events:PutEvents]",
            "- events:PutEvents\n    - allow: []",
        )],
        &[
            (Code::Value, MANIFEST, "- events:PutEvents"),
            (Code::Value, MANIFEST, "allow: []"),
        ],
    ),
    (
        &[(
            MANIFEST,
            "- allow: [iam:PassRole]\n      on:",
            "- allow: [iam:PassRole]\n      for:",
        )],
        &[
            (Code::MissingKey, MANIFEST, "[iam:PassRole]"),
            (Code::UnknownKey, MANIFEST, "for:"),
        ],
    ),
    (
        &[(MANIFEST, "        - sagemaker:AddTags\n", "")],
        &[(Code::PermissionMissing, MANIFEST, "- allow:")],
    ),
    (
        &[(MANIFEST, "- iam:ListRolePolicies\n", "- iam:ListRoles\n")],
        &[(Code::PermissionMissing, MANIFEST, "- allow:")],
    ),
    (
        &[(
            MANIFEST,
            "[sagemaker:StartNotebookInstance]",
            "[events:PutEvents]",
        )],
        &[(Code::PermissionMissing, MANIFEST, "[events:PutEvents]")],
    ),
    (
        &[(MANIFEST, "        - servicecatalog:DescribeRecord\n", "")],
        &[(Code::PermissionMissing, MANIFEST, "[events:PutEvents]")],
    ),
    (
        &[(
            MANIFEST,
            "- servicecatalog:DescribeRecord\n",
            "- servicecatalog:DescribeRecord\n        - servicecatalog:ListPortfolios\n",
        )],
        &[(Code::PermissionUnused, MANIFEST, "ListPortfolios")],
    ),
    // What starting the notebook takes, and what it would take with a key.
    (
        &[(
            MANIFEST,
            "[iam:PassRole]\n      on: ['arn:${AWS::Partition}:iam::${AWS::AccountId}:role/demoNotebook-*']\n      when: \
             {StringEquals: {iam:PassedToService: sagemaker.amazonaws.com}}\n    - allow: [servicecatalog",
            "[events:PutEvents]\n      on: ['arn:${AWS::Partition}:events:*:*:event-bus/other']\n    - allow: [servicecatalog",
        )],
        &[(Code::PermissionMissing, MANIFEST, "[events:PutEvents]")],
    ),
    (
        &[(
            MANIFEST,
            "[sagemaker:StartNotebookInstance]",
            "[sagemaker:StartNotebookInstance, kms:CreateGrant]",
        )],
        &[(Code::PermissionUnused, MANIFEST, "kms:CreateGrant")],
    ),
    // Each case of a SageMaker name alone
    (
        &[(
            MANIFEST,
            "        - 'arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:notebook-instance/Notebook-*'\n",
            "",
        )],
        &[(Code::PermissionCase, MANIFEST, "notebook-instance/notebook-*")],
    ),
    (
        &[(
            MANIFEST,
            "notebook-instance/notebook-*'\n  manage",
            "notebook-instance/other-*'\n  manage",
        )],
        &[(Code::PermissionCase, MANIFEST, "notebook-instance/Notebook-*")],
    ),
    (
        &[(
            MANIFEST,
            "instance/Notebook-*'\n        - 'arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:notebook-instance/notebook-",
            "instance/demonotebook-",
        )],
        &[(Code::PermissionCase, MANIFEST, "notebook-instance/demonotebook-*")],
    ),
    (
        &[(MANIFEST, "    # Provisioned products know no resources.\n", "")],
        &[(
            Code::WildcardComment,
            MANIFEST,
            "- allow:\n        - servicecatalog",
        )],
    ),
];
