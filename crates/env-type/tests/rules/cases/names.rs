use workbench_env_type::Code;

use super::Case;
use crate::{Edit, LAUNCH, MANIFEST, TEMPLATE};

/// Edits after which the template calls its role by the namespace, and further ones.
macro_rules! named {
    ($($edit:expr),*) => {
        &[
            (
                MANIFEST,
                "    InstanceName: unique.instanceName\n",
                "    InstanceName: unique.instanceName\n    Namespace: unique.namespace\n",
            ),
            (LAUNCH, "parameters:\n", "parameters:\n  Namespace:\n    type: String\n"),
            (
                LAUNCH,
                "      ProvisioningParameters:\n",
                "      ProvisioningParameters:\n        - Key: Namespace\n          Value: '{{ Namespace }}'\n",
            ),
            (TEMPLATE, "Parameters:\n", "Parameters:\n  Namespace:\n    Type: String\n"),
            (
                TEMPLATE,
                "    Properties:\n      Description:",
                "    Properties:\n      RoleName: !Sub ${Namespace}-role\n      Description:",
            ),
            $($edit),*
        ]
    };
}

/// Another name for the role in the statement that makes it.
const OTHER: Edit = (
    MANIFEST,
    "role/demoNotebook-*']\n    - allow:",
    "role/other-*']\n    - allow:",
);

pub(super) const CASES: &[Case] = &[
    (named!(), &[]),
    (
        named!(OTHER),
        &[(
            Code::PermissionName,
            MANIFEST,
            "      on: ['arn:${AWS::Partition}:iam::${AWS::AccountId}:role/other-*'",
        )],
    ),
    (
        named!((
            MANIFEST,
            "role/demoNotebook-*']\n      when: {StringEquals: {iam:PassedToService: sagemaker.amazonaws.com}}\n    - allow: [serv",
            "role/demo-*']\n      when: {StringEquals: {iam:PassedToService: sagemaker.amazonaws.com}}\n    - allow: [serv",
        )),
        &[(
            Code::PermissionName,
            MANIFEST,
            "      on: ['arn:${AWS::Partition}:iam::${AWS::AccountId}:role/demo-*'",
        )],
    ),
    // Another role beside its own
    (
        named!((
            MANIFEST,
            "role/demoNotebook-*']",
            "role/demoNotebook-*', 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/other-*']",
        )),
        &[],
    ),
    // How a role without name is called is not known
    (&[OTHER], &[]),
];
