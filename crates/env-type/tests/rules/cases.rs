//! The edits and what they lead to.

use workbench_env_type::Code;

use super::{Edit, Finding, LAUNCH, MANIFEST, TEMPLATE, TERMINATE};

pub(crate) const CASES: &[(&[Edit], &[Finding])] = &[
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
    (
        &[(MANIFEST, "    # Provisioned products know no resources.\n", "")],
        &[(
            Code::WildcardComment,
            MANIFEST,
            "- allow:\n        - servicecatalog",
        )],
    ),
    // Template
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
    // Documents: parameters and references
    (
        &[(LAUNCH, "schemaVersion: '0.3'", "schemaVersion: '2.2'")],
        &[(Code::DocumentSchema, LAUNCH, "2.2")],
    ),
    (
        &[(LAUNCH, "'^ml\\.", "'^(ml\\.")],
        &[(Code::Pattern, LAUNCH, "'^(ml")],
    ),
    (
        &[(LAUNCH, "default: ml.t3.medium", "default: t3.medium")],
        &[(Code::Pattern, LAUNCH, "'^ml")],
    ),
    (
        &[(
            LAUNCH,
            "mainSteps:",
            "  Spare:\n    type: String\n    default: x\nmainSteps:",
        )],
        &[(Code::ParameterUnused, LAUNCH, "Spare")],
    ),
    (
        &[(LAUNCH, "{{ Describe.Status }}", "{{ Describe.State }}")],
        &[(Code::Reference, LAUNCH, "Describe.State")],
    ),
    (
        &[(LAUNCH, "{{ Describe.Status }}", "{{ Descibe.Status }}")],
        &[(Code::Reference, LAUNCH, "Descibe")],
    ),
    (
        &[(LAUNCH, "{{ Purpose }}", "{{ Purpose }}{{ Porpose }}")],
        &[(Code::Reference, LAUNCH, "Porpose")],
    ),
    (
        &[(LAUNCH, "global:REGION", "global:COUNTRY")],
        &[(Code::Reference, LAUNCH, "COUNTRY")],
    ),
    (
        &[(LAUNCH, "assumeRole: ''", "assumeRole: '{{ Role }}'")],
        &[(Code::Reference, LAUNCH, "{{ Role }}")],
    ),
    (
        &[(LAUNCH, "  - Launch.RecordId", "  - Launch.Record")],
        &[(Code::Reference, LAUNCH, "- Launch.Record")],
    ),
    (
        &[(
            LAUNCH,
            "onFailure: step:PushRefusal",
            "onFailure: step:PushFailure",
        )],
        &[
            (Code::ReferenceUnavailable, LAUNCH, "\"FAILED\"}'"),
            (Code::ReferenceUnavailable, LAUNCH, "\"FAILED\"}'"),
        ],
    ),
    // Documents: steps and ways
    (
        &[(LAUNCH, "action: aws:branch", "action: aws:choose")],
        &[(Code::StepAction, LAUNCH, "aws:choose")],
    ),
    (
        &[(TERMINATE, "nextStep: PushSuccess", "nextStep: PushSucces")],
        &[(Code::StepTarget, TERMINATE, "nextStep")],
    ),
    (
        &[(LAUNCH, "Default: PushFailure", "Default: Push")],
        &[(Code::StepTarget, LAUNCH, "Default: Push")],
    ),
    (
        &[(
            TERMINATE,
            "nextStep: PushSuccess",
            "nextStep: PushSuccess\n    isEnd: true",
        )],
        &[(Code::StepTarget, TERMINATE, "nextStep")],
    ),
    (
        &[(
            LAUNCH,
            "outputs:\n  - Launch.RecordId",
            "  - name: Wait # again\n    action: aws:sleep\n    inputs: {Duration: PT1S}\n    onCancel: step:PushFailure\n    nextStep: PushFailure",
        )],
        &[
            (Code::StepName, LAUNCH, "# again"),
            (Code::StepUnreachable, LAUNCH, "# again"),
        ],
    ),
    (
        &[(
            TERMINATE,
            "  - name: PushSuccess",
            "  - name: Nap\n    action: aws:sleep\n    inputs: {Duration: PT1S}\n    onCancel: step:PushSuccess\n  - name: PushSuccess",
        )],
        &[
            (Code::StepUnreachable, TERMINATE, "- name: Nap"),
            (Code::EventStatus, TERMINATE, "- name: Nap"),
        ],
    ),
    (
        &[(LAUNCH, "Default: PushFailure", "Default: Wait")],
        &[(Code::StepLoop, LAUNCH, "- name: Choose")],
    ),
    (
        &[(
            LAUNCH,
            "      Default: PushFailure\n",
            "    nextStep: PushFailure\n",
        )],
        &[(Code::BranchDefault, LAUNCH, "- name: Choose")],
    ),
    (
        &[(LAUNCH, "    timeoutSeconds: 3600\n", "")],
        &[(Code::Timeout, LAUNCH, "- name: Wait")],
    ),
    (
        &[(LAUNCH, "PropertySelector: ", "Selector: ")],
        &[
            (Code::ApiInput, LAUNCH, "- name: Wait"),
            (Code::ApiInput, LAUNCH, "      Selector"),
        ],
    ),
    (
        &[(
            TERMINATE,
            "      Id: '{{ Terminate.RecordId }}'",
            "      RecordId: '{{ Terminate.RecordId }}'",
        )],
        &[
            (Code::ApiInput, TERMINATE, "- name: Wait"),
            (Code::ApiInput, TERMINATE, "      RecordId:"),
        ],
    ),
    (
        &[(MANIFEST, "unique.provisionToken", "unique.instanceName")],
        &[(Code::Token, LAUNCH, "ProvisionToken: ")],
    ),
    (
        &[(
            LAUNCH,
            "'{{ ProvisionToken }}'",
            "'{{ ProvisionToken }}{{ automation:EXECUTION_ID }}'",
        )],
        &[(Code::Token, LAUNCH, "ProvisionToken: ")],
    ),
    (
        &[
            (TERMINATE, "      TerminateToken: '{{ TerminateToken }}'\n", ""),
            (TERMINATE, "  TerminateToken:\n    type: String\n", ""),
            (MANIFEST, "    TerminateToken: unique.terminateToken\n", ""),
        ],
        &[(Code::Token, TERMINATE, "- name: Terminate")],
    ),
    (
        &[(
            LAUNCH,
            "        - Key: Env\n          Value: '{{ EnvId }}'",
            "        - Key: Env\n          Value: '{{ ProductId }}'",
        )],
        &[(Code::EnvTag, LAUNCH, "- Key: Env")],
    ),
    (
        &[(LAUNCH, "        - Key: InstanceType", "        - Key: Size")],
        &[(Code::ProvisioningParameter, LAUNCH, "Key: Size")],
    ),
    (
        &[(
            LAUNCH,
            "        - Key: Purpose",
            "        - Key: InstanceType # again\n          Value: x\n        - Key: Purpose",
        )],
        &[(Code::ProvisioningParameter, LAUNCH, "again")],
    ),
    (
        &[
            (
                LAUNCH,
                "        - Key: Purpose\n          Value: '{{ Purpose }} {{ global:REGION }}'\n",
                "",
            ),
            (
                LAUNCH,
                "ProvisionedProductName: '{{ InstanceName }}'",
                "ProvisionedProductName: '{{ InstanceName }}{{ Purpose }}'",
            ),
        ],
        &[(Code::ProvisioningMissing, LAUNCH, "- Key: InstanceType")],
    ),
    // Documents: events
    (
        &[(
            LAUNCH,
            "    maxAttempts: 3\n    onFailure: step:PushRefusal\n",
            "",
        )],
        &[(Code::EventMissing, LAUNCH, "- name: Launch")],
    ),
    (
        &[(
            LAUNCH,
            "onFailure: step:PushFailure\n    onCancel: step:PushFailure\n    inputs",
            "onFailure: step:PushFailure\n    inputs",
        )],
        &[(Code::EventMissing, LAUNCH, "- name: Wait")],
    ),
    (
        &[(TERMINATE, "    nextStep: PushSuccess\n", "    isEnd: true\n")],
        &[
            (Code::EventMissing, TERMINATE, "- name: Assert"),
            (Code::StepUnreachable, TERMINATE, "- name: PushSuccess"),
        ],
    ),
    (
        &[(
            LAUNCH,
            "  - name: PushFailure\n    action: aws:executeAwsApi\n    isEnd: true",
            "  - name: PushFailure\n    action: aws:executeAwsApi",
        )],
        &[(Code::EventTwice, LAUNCH, "- name: PushRefusal")],
    ),
    (
        &[(LAUNCH, "Source: automation", "Source: workbench")],
        &[(Code::EventEntry, LAUNCH, "Source: workbench")],
    ),
    (
        &[(TERMINATE, "          EventBusName: default\n", "")],
        &[(Code::EventEntry, TERMINATE, "- Source")],
    ),
    (
        &[(
            LAUNCH,
            "          EventBusName: default\n",
            "          EventBusName: default\n          TraceHeader: x\n",
        )],
        &[(Code::EventEntry, LAUNCH, "TraceHeader")],
    ),
    (
        &[(
            LAUNCH,
            "\"EnvType\": \"demoNotebook\"",
            "\"EnvType\": \"demoNoteBook\"",
        )],
        &[(Code::EventDetail, LAUNCH, "demoNoteBook")],
    ),
    (
        &[(
            LAUNCH,
            "\"Status\": \"COMPLETED\"}'",
            "\"Status\": \"COMPLETED\"'",
        )],
        &[
            (Code::EventDetail, LAUNCH, "\"COMPLETED\""),
            (Code::EventStatus, LAUNCH, "- name: Launch"),
        ],
    ),
    (
        &[(LAUNCH, "\"RecordId\": \"{{ Launch.RecordId }}\", ", "")],
        &[(Code::EventDetail, LAUNCH, "\"COMPLETED\"")],
    ),
    (
        &[(TERMINATE, "\"RecordId\": \"{{ Terminate.RecordId }}\", ", "")],
        &[(Code::EventDetail, TERMINATE, "\"TERMINATING_FAILED\"")],
    ),
    (
        &[(LAUNCH, "\"{{ Launch.RecordId }}\"", "{{ Launch.RecordId }}")],
        &[
            (Code::EventDetail, LAUNCH, "\"COMPLETED\""),
            (Code::EventStatus, LAUNCH, "- name: Launch"),
        ],
    ),
    (
        &[(LAUNCH, "\"Operation\"", "\"Op\"")],
        &[
            (Code::EventDetail, LAUNCH, "\"Op\""),
            (Code::EventDetail, LAUNCH, "\"Op\""),
        ],
    ),
    (
        &[(
            LAUNCH,
            "\"Status\": \"COMPLETED\"",
            "\"Status\": \"COMPLETED\", \"ErrorMessage\": \"{{ Describe.Message }}\"",
        )],
        &[(Code::EventText, LAUNCH, "\"COMPLETED\"")],
    ),
    (
        &[(
            LAUNCH,
            "\"ErrorMessage\": \"refused\"",
            "\"ErrorMessage\": \"{{ Purpose }}\"",
        )],
        &[(Code::EventText, LAUNCH, "{{ Purpose }}\"}")],
    ),
    (
        &[(
            LAUNCH,
            "allowedPattern: '^env-[0-9a-f-]{36}$'",
            "allowedPattern: '^env-.*$'",
        )],
        &[
            (Code::EventText, LAUNCH, "COMPLETED\""),
            (Code::EventText, LAUNCH, "\"FAILED\"}'"),
            (Code::EventText, LAUNCH, "refused"),
        ],
    ),
    (
        &[(
            TERMINATE,
            "onFailure: step:PushFailure\n    onCancel: step:PushFailure\n    inputs",
            "onFailure: step:PushSuccess\n    onCancel: step:PushFailure\n    inputs",
        )],
        &[(Code::EventStatus, TERMINATE, "- name: Wait")],
    ),
    (
        &[(
            TERMINATE,
            "\"Status\": \"TERMINATED\"",
            "\"Status\": \"TERMINATING_FAILED\"",
        )],
        &[(Code::EventStatus, TERMINATE, "- name: Terminate")],
    ),
];
