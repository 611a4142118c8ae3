//! Reads an EventBridge event as a status report, or says why it is none.
//!
//! Shapes as in the appendix of the seed guide; a compute's fields are where its row of the
//! mapping table says they are.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::mapping::{self, Origin};
use super::{Facts, Report, Subject};
use crate::id::{AwsAccountId, EnvironmentId, ExecutionId, InstanceId};
use crate::registry::{self, DocumentKind};
use crate::status::Status;
use crate::status::order::{ReportTime, Resolution};
use crate::status::transition::Source;

/// The fields of an EventBridge event that a status report is made of.
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    /// The event's id: the same each time the event is delivered.
    pub id: String,
    /// `automation` or `aws.<compute>`.
    pub source: String,
    /// The account that sent it.
    pub account: String,
    /// When, in whole seconds.
    pub time: Timestamp,
    /// What the source says.
    pub detail: Value,
}

/// Why an event is no status report. Each is logged and counted; none is worth a retry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoReport {
    /// No row of the mapping tables is for this source.
    #[error("no compute has the event source `{0}`")]
    UnknownSource(String),
    /// A launch or terminate event of a type that is not installed.
    #[error("environment type `{0}` is not in the registry")]
    UnknownType(String),
    /// The source has a status that the tables do not map.
    #[error("status `{word}` of `{source_name}` is not mapped")]
    UnmappedStatus {
        /// The event's source.
        source_name: String,
        /// The status as the source spells it.
        word: String,
    },
    /// A field is missing or is not what it should be.
    #[error("detail.{field}: {problem}")]
    Malformed {
        /// The field below `detail`, or of the envelope.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Neither an environment nor an instance is named: not an event of Workbench's.
    #[error(
        "the event names no environment, no instance and no automation of a launch or terminate document"
    )]
    NoSubject,
}

impl NoReport {
    /// The word under which such events are counted.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::UnknownSource(_) => "unknown source",
            Self::UnknownType(_) => "unknown type",
            Self::UnmappedStatus { .. } => "unmapped status",
            Self::Malformed { .. } => "malformed",
            Self::NoSubject => "no subject",
        }
    }
}

/// Reads one event.
///
/// # Errors
/// Why the event is no status report.
pub fn read(event: &Event) -> Result<Report, NoReport> {
    let origin = Origin::of(&event.source).ok_or_else(|| NoReport::UnknownSource(event.source.clone()))?;
    let account: AwsAccountId = event
        .account
        .parse()
        .map_err(|error: crate::id::InvalidId| malformed("account", error))?;
    let word = text(&event.detail, origin.status_location())?
        .ok_or_else(|| malformed(origin.status_location(), "is missing"))?;
    let status = origin.status(word).map_err(|_| NoReport::UnmappedStatus {
        source_name: event.source.clone(),
        word: word.to_owned(),
    })?;
    let (source, subject) = match origin {
        Origin::Automation => automation(&event.detail)?,
        Origin::Execution => execution(&event.detail)?,
        Origin::Compute(compute) => (
            Source::Instance,
            instance_subject(&event.detail, compute.instance_id_location)?,
        ),
    };
    let time = match origin {
        Origin::Compute(compute) => fine_time(&event.detail, compute.report_time_location),
        Origin::Automation | Origin::Execution => None,
    };
    let status = match (origin, source) {
        (Origin::Execution, Source::Terminate) => Status::TerminatingFailed,
        _ => status,
    };
    Ok(Report {
        event_id: event.id.clone(),
        account,
        subject,
        source,
        status,
        time: time.unwrap_or(ReportTime {
            at: event.time,
            resolution: Resolution::Seconds,
        }),
        facts: match origin {
            Origin::Automation => automation_facts(&event.detail)?,
            Origin::Compute(_) | Origin::Execution => Facts::default(),
        },
    })
}

fn automation(detail: &Value) -> Result<(Source, Subject), NoReport> {
    let env_type = text(detail, "EnvType")?.ok_or_else(|| malformed("EnvType", "is missing"))?;
    if registry::environment_type(env_type).is_none() {
        return Err(NoReport::UnknownType(env_type.to_owned()));
    }
    let operation = text(detail, "Operation")?;
    let kind = operation.and_then(DocumentKind::named).ok_or_else(|| {
        malformed(
            "Operation",
            format!("{operation:?} is neither `Launch` nor `Terminate`"),
        )
    })?;
    let id = text(detail, "EnvId")?.ok_or(NoReport::NoSubject)?;
    let id = EnvironmentId::from_event(id).map_err(|error| malformed("EnvId", error))?;
    Ok((source(kind), Subject::Environment(id)))
}

/// Systems Manager's own notice of an automation that did not succeed: its document's name ends in the operation.
fn execution(detail: &Value) -> Result<(Source, Subject), NoReport> {
    let definition = text(detail, "Definition")?.ok_or(NoReport::NoSubject)?;
    let kind = definition.rsplit('-').next().and_then(DocumentKind::named);
    let kind = kind.ok_or(NoReport::NoSubject)?;
    let id: Option<ExecutionId> = id(detail, "ExecutionId")?;
    Ok((
        source(kind),
        id.map(Subject::Execution).ok_or(NoReport::NoSubject)?,
    ))
}

const fn source(kind: DocumentKind) -> Source {
    match kind {
        DocumentKind::Launch => Source::Launch,
        DocumentKind::Terminate => Source::Terminate,
    }
}

fn automation_facts(detail: &Value) -> Result<Facts, NoReport> {
    Ok(Facts {
        product: id(detail, "ProvisionedProductId")?,
        record: id(detail, "RecordId")?,
        error_message: error_message(detail.get("ErrorMessage")),
    })
}

/// The environment that the `Env` tag names, else the instance.
fn instance_subject(detail: &Value, instance_id_location: &str) -> Result<Subject, NoReport> {
    if let Some(tag) = text(detail, "Tags.Env")? {
        return EnvironmentId::from_event(tag)
            .map(Subject::Environment)
            .map_err(|error| malformed("Tags.Env", error));
    }
    let instance: Option<InstanceId> = id(detail, instance_id_location)?;
    instance.map(Subject::Instance).ok_or(NoReport::NoSubject)
}

/// The source's own time in milliseconds since the epoch, where its row names one and it is there.
fn fine_time(detail: &Value, location: Option<&str>) -> Option<ReportTime> {
    let millisecond = mapping::at(detail, location?)?.as_i64()?;
    let at = Timestamp::from_millisecond(millisecond).ok()?;
    Some(ReportTime {
        at,
        resolution: Resolution::Milliseconds,
    })
}

/// A text stays as it is; lists and objects, such as Service Catalog's record errors, become JSON.
fn error_message(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn text<'a>(detail: &'a Value, path: &str) -> Result<Option<&'a str>, NoReport> {
    match mapping::at(detail, path) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(malformed(path, "is not a text")),
    }
}

/// An id, none where the text is missing or empty.
fn id<T: std::str::FromStr<Err = crate::id::InvalidId>>(
    detail: &Value,
    path: &str,
) -> Result<Option<T>, NoReport> {
    text(detail, path)?
        .filter(|text| !text.is_empty())
        .map(str::parse)
        .transpose()
        .map_err(|error| malformed(path, error))
}

fn malformed(field: &str, problem: impl std::fmt::Display) -> NoReport {
    NoReport::Malformed {
        field: field.to_owned(),
        problem: problem.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const UUID: &str = "b590a734-5adc-4a43-a24b-edf3795b812d";

    /// The seed guide's sample with its placeholders filled in.
    fn sample(text: &str) -> Event {
        let text = text
            .replace("<hostingAccountId>", "111111111111")
            .replace("<mainAccountId>", "222222222222");
        serde_json::from_str(&text).unwrap()
    }

    fn terminate() -> Event {
        sample(include_str!("../../tests/events/seed-terminate.json"))
    }

    fn state_change() -> Event {
        sample(include_str!("../../tests/events/seed-notebook-stopping.json"))
    }

    #[test]
    fn the_seed_guides_terminate_event_is_read() {
        let report = read(&terminate()).unwrap();
        assert_eq!(
            report.subject,
            Subject::Environment(format!("env-{UUID}").parse().unwrap())
        );
        assert_eq!(
            (report.source, report.status),
            (Source::Terminate, Status::Terminated)
        );
        assert_eq!(report.facts.product.unwrap().as_str(), "pp-uac6562y6s6ls");
        assert_eq!(report.facts.record.unwrap().as_str(), "rec-b6yqf6zonc2qg");
        assert_eq!(report.time.at, "2022-05-26T19:23:19Z".parse().unwrap());
    }

    #[test]
    fn the_seed_guides_state_change_event_is_read_with_its_milliseconds() {
        let report = read(&state_change()).unwrap();
        assert_eq!(
            report.subject,
            Subject::Environment(format!("env-{UUID}").parse().unwrap())
        );
        assert_eq!(
            (report.source, report.status),
            (Source::Instance, Status::Stopping)
        );
        assert_eq!(report.time.at.as_millisecond(), 1_653_592_871_348);
        assert_eq!(report.account.as_str(), "111111111111");
    }

    #[test]
    fn without_the_env_tag_the_instance_is_the_subject() {
        let mut event = state_change();
        event.detail["Tags"].as_object_mut().unwrap().remove("Env");
        let instance = "BasicNotebookInstance-x4CC6ZFJzqJJ".parse().unwrap();
        assert_eq!(read(&event).unwrap().subject, Subject::Instance(instance));
        event
            .detail
            .as_object_mut()
            .unwrap()
            .remove("NotebookInstanceName");
        assert_eq!(read(&event).unwrap_err(), NoReport::NoSubject);
    }

    #[test]
    fn f25_an_unmapped_status_is_named() {
        let mut event = state_change();
        event.detail["NotebookInstanceStatus"] = json!("Updating");
        let error = read(&event).unwrap_err();
        assert_eq!(
            error.to_string(),
            "status `Updating` of `aws.sagemaker` is not mapped"
        );
        assert_eq!(error.label(), "unmapped status");
    }

    #[test]
    fn the_product_of_a_refused_launch_may_be_missing_or_empty() {
        let mut event = terminate();
        event.detail["ProvisionedProductId"] = json!("");
        event.detail.as_object_mut().unwrap().remove("RecordId");
        assert_eq!(read(&event).unwrap().facts, Facts::default());
    }

    #[test]
    fn an_error_message_may_be_a_text_or_a_list() {
        let mut event = terminate();
        event.detail["ErrorMessage"] = json!("it \"broke\"\n");
        assert_eq!(
            read(&event).unwrap().facts.error_message.unwrap(),
            "it \"broke\"\n"
        );
        event.detail["ErrorMessage"] = json!([{"Code": "X"}]);
        assert_eq!(
            read(&event).unwrap().facts.error_message.unwrap(),
            r#"[{"Code":"X"}]"#
        );
    }

    #[test]
    fn f04_the_end_of_an_automation_is_read() {
        let event = |definition: &str, status: &str| {
            let mut event = terminate();
            event.source = "aws.ssm".into();
            event.detail = json!({ "ExecutionId": UUID, "Definition": definition, "Status": status });
            read(&event)
        };
        let launch = event("workbench-sagemakerNotebook-Launch", "TimedOut").unwrap();
        assert_eq!(launch.subject, Subject::Execution(UUID.parse().unwrap()));
        assert_eq!((launch.source, launch.status), (Source::Launch, Status::Failed));
        let document = "arn:aws:ssm:us-east-1:222222222222:document/workbench-sagemakerNotebook-Terminate";
        let terminate = event(document, "Failed").unwrap();
        assert_eq!(
            (terminate.source, terminate.status),
            (Source::Terminate, Status::TerminatingFailed)
        );
        assert_eq!(
            event("AWS-RunPatchBaseline", "Failed").unwrap_err(),
            NoReport::NoSubject
        );
        assert_eq!(event(document, "Success").unwrap_err().label(), "unmapped status");
    }

    #[test]
    fn foreign_events_are_told_apart() {
        let mut event = terminate();
        event.detail["EnvType"] = json!("unheardOf");
        assert_eq!(
            read(&event).unwrap_err(),
            NoReport::UnknownType("unheardOf".into())
        );
        event.source = "aws.s3".into();
        assert_eq!(
            read(&event).unwrap_err(),
            NoReport::UnknownSource("aws.s3".into())
        );
        let mut event = terminate();
        event.detail["EnvId"] = json!("not an id");
        assert!(matches!(read(&event).unwrap_err(), NoReport::Malformed { field, .. } if field == "EnvId"));
    }

    proptest! {
        #[test]
        fn no_detail_makes_reading_panic(key in "[A-Za-z]{1,12}", value in ".{0,60}", compute in any::<bool>()) {
            let mut event = if compute { state_change() } else { terminate() };
            event.detail[key.as_str()] = json!(value);
            let _ = read(&event);
        }
    }
}
