//! The status events of documents.

use workbench_env_type::Code;

use super::Case;
use crate::{LAUNCH, TERMINATE};

pub(super) const CASES: &[Case] = &[
    (
        &[(
            LAUNCH,
            "    maxAttempts: 3\n    onFailure: step:PushRefusal\n",
            "",
        )],
        &[
            (Code::EventMissing, LAUNCH, "- name: Launch"),
            (Code::StepUnreachable, LAUNCH, "- name: PushRefusal"),
        ],
    ),
    (
        &[(LAUNCH, "    onFailure: step:PushFailure\n", "")],
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
            "onFailure: step:PushFailure",
            "onFailure: step:PushSuccess",
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
