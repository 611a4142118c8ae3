//! Events: each is read as the report that it is, or dropped for a reason.

use std::sync::LazyLock;

use bolero::check;
use serde_json::{Value, json};
use workbench_core::report::event::{self, Event, NoReport};
use workbench_core::report::{Report, Subject};
use workbench_core::status::Status;
use workbench_core::status::transition::Source;
use workbench_fuzz::Described;

/// What documents, Systems Manager and SageMaker put on the bus.
static EVENTS: LazyLock<Value> = LazyLock::new(|| {
    let uuid = "b590a734-5adc-4a43-a24b-edf3795b812d";
    let text = |examples: &[&str]| json!({ "type": "string", "examples": examples });
    let event = |source: &str, detail: Value| {
        json!({
            "type": "object",
            "required": ["id", "source", "account", "time", "detail"],
            "properties": {
                "id": text(&["25cc74c7-0d58-b520-f9ce-d98253bd4c90"]),
                "source": text(&[source]),
                "account": text(&["111111111111"]),
                "time": text(&["2022-05-26T19:23:19Z", "2022-05-26T21:23:19+02:00"]),
                "detail": detail,
            },
        })
    };
    let detail = |required: &[&str], properties: Value| json!({ "type": "object", "required": required, "properties": properties });
    let statuses: Vec<&str> = Status::ALL.iter().map(|status| status.label()).collect();
    let env_ids = [
        uuid,
        "env-b590a734-5adc-4a43-a24b-edf3795b812d",
        "ENV-B590A734-5ADC-4A43-A24B-EDF3795B812D",
    ];
    let automation = detail(
        &["EnvId", "EnvType", "Operation", "Status"],
        json!({
            "EnvId": text(&env_ids),
            "ProvisionedProductId": text(&["pp-uac6562y6s6ls", ""]),
            "RecordId": text(&["rec-b6yqf6zonc2qg", ""]),
            "EnvType": text(&["sagemakerNotebook", "sagemakerExample"]),
            "Operation": text(&["Launch", "Terminate"]),
            "Status": text(&statuses),
            "ErrorMessage": { "oneOf": [
                text(&["", "the quota is reached"]),
                { "type": "array", "items": { "type": "object", "properties": { "Code": text(&["1"]) } } },
            ] },
        }),
    );
    let execution = detail(
        &["Status", "Definition", "ExecutionId"],
        json!({
            "Status": text(&["Failed", "TimedOut", "Cancelled", "Success"]),
            "Definition": text(&["workbench-sagemakerNotebook-Launch", "workbench-sagemakerNotebook-Terminate"]),
            "ExecutionId": text(&[uuid]),
        }),
    );
    let sagemaker = detail(
        &["NotebookInstanceStatus", "NotebookInstanceName"],
        json!({
            "NotebookInstanceStatus":
                text(&["InService", "Pending", "Stopping", "Stopped", "Deleting", "Deleted", "Failed", "Updating"]),
            "NotebookInstanceName": text(&["BasicNotebookInstance-x4CC6ZFJzqJJ"]),
            "LastModifiedTime": { "type": "integer" },
            "Tags": { "type": "object", "properties": { "Env": text(&env_ids) } },
        }),
    );
    json!({ "oneOf": [
        event("automation", automation), event("aws.ssm", execution), event("aws.sagemaker", sagemaker),
    ] })
});

/// The status that the seed guide's tables name for a word, in whatever case.
fn meant(source: &str, word: &str) -> Option<Status> {
    let word = word.to_ascii_uppercase();
    let word = match (source, word.as_str()) {
        ("aws.ssm", "FAILED" | "TIMEDOUT" | "CANCELLED") => "FAILED",
        ("aws.ssm", _) => return None,
        ("aws.sagemaker", "INSERVICE") => "COMPLETED",
        ("aws.sagemaker", "DELETING") => "TERMINATING",
        ("aws.sagemaker", "DELETED") => "TERMINATED",
        (_, word) => word,
    };
    Status::ALL.into_iter().find(|status| status.label() == word)
}

fn holds(event: &Event, report: &Report) {
    let detail = |name: &str| event.detail[name].as_str().unwrap_or_default();
    let word = if event.source == "aws.sagemaker" {
        "NotebookInstanceStatus"
    } else {
        "Status"
    };
    let meant = meant(&event.source, detail(word)).unwrap();
    // Systems Manager says of a terminate that failed only that it failed.
    let expected = match (event.source.as_str(), report.source) {
        ("aws.ssm", Source::Terminate) => Status::TerminatingFailed,
        _ => meant,
    };
    assert_eq!(report.status, expected, "{event:?}");
    assert_eq!(report.account.as_str(), event.account.as_str());
    assert_eq!(report.event_id, event.id);
    let named = match &report.subject {
        Subject::Environment(id) => id.to_string().trim_start_matches("env-").to_owned(),
        Subject::Instance(id) => id.to_string(),
        Subject::Execution(id) => id.to_string(),
    };
    let given = match event.source.as_str() {
        "automation" => detail("EnvId"),
        "aws.ssm" => detail("ExecutionId"),
        _ => event.detail["Tags"]["Env"]
            .as_str()
            .unwrap_or(detail("NotebookInstanceName")),
    };
    let given = match report.subject {
        Subject::Environment(_) => given.to_ascii_lowercase().trim_start_matches("env-").to_owned(),
        Subject::Instance(_) | Subject::Execution(_) => given.to_owned(),
    };
    assert_eq!(named, given, "{event:?}");
}

#[test]
fn an_event_is_read_as_it_is_or_dropped_for_a_reason() {
    check!()
        .with_generator(Described::by(&EVENTS, &EVENTS))
        .for_each(|body| {
            let Ok(event) = serde_json::from_str::<Event>(&body.to_string()) else {
                return;
            };
            match event::read(&event) {
                Ok(report) => {
                    holds(&event, &report);
                    assert_eq!(event::read(&event), Ok(report));
                }
                Err(NoReport::Malformed { field, problem }) => {
                    assert!(!field.is_empty() && !problem.is_empty(), "{event:?}");
                }
                Err(other) => assert!(!other.label().is_empty() && !other.to_string().is_empty()),
            }
        });
}

#[test]
fn nothing_on_the_bus_makes_reading_panic() {
    check!().for_each(|bytes: &[u8]| {
        if let Ok(event) = serde_json::from_slice::<Event>(bytes) {
            let _ = event::read(&event);
        }
    });
}
