//! Documents: parameters, references, steps, ways and calls.

use workbench_env_type::Code;

use super::Case;
use crate::{LAUNCH, MANIFEST, TERMINATE};

pub(super) const CASES: &[Case] = &[
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
            (Code::StepUnreachable, LAUNCH, "- name: PushRefusal"),
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
            "  - name: Wait # again\n    action: aws:sleep\n    inputs: {Duration: PT1S}\n    nextStep: PushFailure",
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
            "  - name: Nap\n    action: aws:sleep\n    inputs: {Duration: PT1S}\n  - name: PushSuccess",
        )],
        &[(Code::StepUnreachable, TERMINATE, "- name: Nap")],
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
        &[(
            TERMINATE,
            "  - name: Assert",
            "  - name: Hold\n    action: aws:pause\n    onFailure: step:PushFailure\n    inputs: {}\n  - name: Assert",
        )],
        &[(Code::Timeout, TERMINATE, "- name: Hold")],
    ),
    (
        &[(
            TERMINATE,
            "  - name: Assert",
            "  - name: Hold\n    action: aws:pause\n    timeoutSeconds: 60\n    inputs: {}\n  - name: Assert",
        )],
        &[(Code::EventMissing, TERMINATE, "- name: Hold")],
    ),
    (
        &[(
            TERMINATE,
            "  - name: Assert",
            "  - name: Nap\n    action: aws:sleep\n    inputs: {}\n  - name: Assert",
        )],
        &[(Code::ApiInput, TERMINATE, "- name: Nap")],
    ),
    (
        &[(
            LAUNCH,
            "    timeoutSeconds: 3600\n",
            "    timeoutSeconds: 3600\n    onCancel: step:PushFailure\n",
        )],
        &[(Code::CancelWay, LAUNCH, "onCancel")],
    ),
    (
        &[(
            LAUNCH,
            "action: aws:branch\n",
            "action: aws:branch\n    onCancel: step:PushFailure\n",
        )],
        &[(Code::CancelWay, LAUNCH, "onCancel")],
    ),
    (
        &[(
            LAUNCH,
            "    timeoutSeconds: 3600\n",
            "    timeoutSeconds: 3600\n    onCancel: Continue\n",
        )],
        &[(Code::Value, LAUNCH, "onCancel")],
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
];
