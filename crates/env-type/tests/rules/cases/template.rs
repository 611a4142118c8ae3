//! The template by itself.

use workbench_env_type::Code;

use super::Case;
use crate::TEMPLATE;

pub(super) const CASES: &[Case] = &[
    (
        &[(TEMPLATE, "!If [Small", "!Iff [Small")],
        &[
            (Code::TemplateUnused, TEMPLATE, "  Small:"),
            (Code::TemplateFunction, TEMPLATE, "!Iff"),
        ],
    ),
    (
        &[(TEMPLATE, "Value: !Ref Notebook", "Value: !Ref Notebok")],
        &[(Code::TemplateReference, TEMPLATE, "Notebok")],
    ),
    (
        &[(TEMPLATE, "${AWS::Region}", "${Region}")],
        &[(Code::TemplateReference, TEMPLATE, "Description: !Sub")],
    ),
    (
        &[(TEMPLATE, "RoleArn: !GetAtt Role.Arn", "RoleArn: !GetAtt Role.ARN")],
        &[(Code::TemplateReference, TEMPLATE, "Role.ARN")],
    ),
    (
        &[(TEMPLATE, "DependsOn: Role", "DependsOn: Rolle")],
        &[(Code::TemplateReference, TEMPLATE, "Rolle")],
    ),
    (
        &[(TEMPLATE, "    DependsOn: Role", "    Condition: Tiny")],
        &[(Code::TemplateReference, TEMPLATE, "Tiny")],
    ),
    (
        &[(
            TEMPLATE,
            "    Type: AWS::IAM::Role\n",
            "    Type: AWS::IAM::Role\n    DependsOn: [Notebook]\n",
        )],
        &[(Code::TemplateCycle, TEMPLATE, "  Role:")],
    ),
    (
        &[(TEMPLATE, "Resources:", "  Never: !Equals [a, b]\nResources:")],
        &[(Code::TemplateUnused, TEMPLATE, "Never")],
    ),
    (
        &[(
            TEMPLATE,
            "Conditions:",
            "  Spare:\n    Type: String\n    Default: x\nConditions:",
        )],
        &[(Code::TemplateUnused, TEMPLATE, "Spare")],
    ),
    (
        &[(TEMPLATE, "                # Metrics know no resources.\n", "")],
        &[(Code::WildcardComment, TEMPLATE, "Resource: '*'")],
    ),
    (
        &[(
            TEMPLATE,
            "Action: cloudwatch:PutMetricData",
            "Action: [cloudwatch:Put*]",
        )],
        &[(Code::WildcardComment, TEMPLATE, "cloudwatch:Put*")],
    ),
    (
        &[(TEMPLATE, "Default: ml.t3.medium", "Default: ml.t3.tiny")],
        &[(Code::Pattern, TEMPLATE, "  InstanceType:")],
    ),
];
