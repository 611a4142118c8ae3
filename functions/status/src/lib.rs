//! What keeps statuses true: a queue batch of EventBridge events, each mapped by the registry and applied to its
//! environment by a conditional write; and, on a schedule, the sweep that asks AWS where no event has told.
//!
//! A message is tried again only if that can help: when AWS did not do its part, and when it is no
//! event at all, so that it ends in the dead-letter queue where people look. Everything else is
//! settled here, logged with its reason and counted.

use std::collections::BTreeMap;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use workbench_aws::{Cloud, Error, Outcome, hosting, table};
use workbench_core::report::Report;
use workbench_core::report::event::{self, Event};

mod metric;

pub use metric::{Metric, metrics};

/// What invokes the function.
#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
pub enum Invocation {
    /// The queue.
    Events(SqsEvent),
    /// The schedule, with the input that `template.yaml` gives it.
    Scheduled {
        /// What is to be done.
        task: Task,
    },
}

/// What a schedule asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Task {
    /// Look after the environments that are due.
    Repair,
}

/// What an invocation came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Done {
    /// What Lambda is answered: the messages that stay in the queue.
    pub response: SqsBatchResponse,
    /// Lines for the log from which CloudWatch takes its metrics.
    pub metrics: Vec<String>,
}

/// Does what the function is invoked for.
///
/// # Errors
/// The environments that are due can not be listed: the schedule comes again.
pub async fn invoke(cloud: &Cloud, invocation: Invocation) -> Result<Done, Error> {
    let (response, metric, counts) = match invocation {
        Invocation::Events(event) => {
            let settled = settle(cloud, event).await;
            (settled.response, Metric::StatusEvents, settled.counts)
        }
        Invocation::Scheduled { task: Task::Repair } => {
            (SqsBatchResponse::default(), Metric::Repairs, cloud.sweep().await?)
        }
    };
    Ok(Done {
        response,
        metrics: metrics(metric, &counts, &cloud.main().namespace, cloud.now()).collect(),
    })
}

/// The IAM actions that the function needs, beside those of `EnvManagementRole`.
pub const ACTIONS: &[&[&str]] = &[
    table::GET,
    table::PUT,
    table::QUERY,
    table::REMOVE,
    hosting::ACTIONS,
];

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settled {
    /// The messages that Lambda leaves in the queue.
    pub response: SqsBatchResponse,
    /// How many messages ended in which way: `changed`, `failed`, `no event`, or why nothing changed.
    pub counts: BTreeMap<&'static str, u32>,
}

/// Applies a batch; names the messages to be delivered again.
pub async fn handle(cloud: &Cloud, event: SqsEvent) -> SqsBatchResponse {
    settle(cloud, event).await.response
}

/// As [`handle`], and counts.
pub async fn settle(cloud: &Cloud, event: SqsEvent) -> Settled {
    settle_with(event, |report| {
        let cloud = cloud.clone();
        // Boxed: the futures of an SDK call nest deeper than the compiler likes to look.
        Box::pin(async move { cloud.apply(&report).await })
    })
    .await
}

/// One message after the other: the reports of a batch are often about the same environment.
async fn settle_with<A, F>(event: SqsEvent, apply: A) -> Settled
where
    A: Fn(Report) -> F,
    F: Future<Output = Result<Outcome, Error>>,
{
    let mut settled = Settled::default();
    for message in event.records {
        let message_id = message.message_id.clone().unwrap_or_default();
        let end = one(&message_id, &message, &apply).await;
        let (label, again) = match end {
            End::Done(label) => (label, false),
            End::Again(label) => (label, true),
        };
        *settled.counts.entry(label).or_default() += 1;
        if again {
            settled.response.add_failure(message_id);
        }
    }
    settled
}

/// How a message ended, with the word under which it is counted.
enum End {
    Done(&'static str),
    Again(&'static str),
}

async fn one<A, F>(message_id: &str, message: &SqsMessage, apply: &A) -> End
where
    A: Fn(Report) -> F,
    F: Future<Output = Result<Outcome, Error>>,
{
    let event: Event = match serde_json::from_str(message.body.as_deref().unwrap_or_default()) {
        Ok(event) => event,
        Err(error) => {
            tracing::error!(message_id, %error, "the message is no event");
            return End::Again("no event");
        }
    };
    let report = match event::read(&event) {
        Ok(report) => report,
        Err(reason) => {
            tracing::warn!(message_id, event_id = event.id, source = event.source, %reason, "not a status report");
            return End::Done(reason.label());
        }
    };
    let subject = format!("{:?}", report.subject);
    let reported = report.status;
    let (event_id, account) = (event.id, event.account);
    match apply(report).await {
        Ok(Outcome::Changed { from, to }) => {
            tracing::info!(event_id, subject, %reported, %from, %to, "status report applied");
            End::Done("changed")
        }
        Ok(Outcome::Kept(reason)) => {
            let reason = reason.label();
            tracing::info!(event_id, subject, %reported, reason, "status report changes nothing");
            End::Done(reason)
        }
        Ok(Outcome::UnknownEnvironment) => {
            tracing::warn!(event_id, subject, %reported, account, "no such environment");
            End::Done("unknown environment")
        }
        Ok(Outcome::ForeignAccount) => {
            tracing::error!(event_id, subject, %reported, account, "refused: not the environment's account");
            End::Done("foreign account")
        }
        Err(error) => {
            tracing::error!(message_id, event_id, subject, %reported, %error, "status report not applied");
            End::Again("failed")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use proptest::prelude::*;
    use serde_json::{Value, json};
    use workbench_aws::{Fault, FaultKind};
    use workbench_core::status::Status;
    use workbench_core::status::transition::KeepReason;

    use super::*;

    fn event(status: &str) -> Value {
        let text = include_str!("../../../crates/core/tests/events/seed-terminate.json");
        let mut event: Value =
            serde_json::from_str(&text.replace("<hostingAccountId>", "111111111111")).unwrap();
        event["detail"]["Status"] = json!(status);
        event
    }

    fn batch(bodies: &[String]) -> SqsEvent {
        let records: Vec<Value> = bodies
            .iter()
            .enumerate()
            .map(|(index, body)| json!({ "messageId": format!("m{index}"), "body": body }))
            .collect();
        serde_json::from_value(json!({ "Records": records })).unwrap()
    }

    /// Runs a batch in which `apply` answers by the report's status.
    fn run(bodies: &[String]) -> (Vec<String>, BTreeMap<&'static str, u32>, Vec<Status>) {
        let applied = RefCell::new(Vec::new());
        let fault = || Fault {
            service: "dynamodb",
            operation: "TransactWriteItems",
            code: None,
            message: "throttled".into(),
            request_id: None,
            kind: FaultKind::Unclear,
        };
        let apply = |report: Report| {
            applied.borrow_mut().push(report.status);
            let outcome = match report.status {
                Status::Terminated => Ok(Outcome::Changed {
                    from: Status::Terminating,
                    to: Status::Terminated,
                }),
                Status::Completed => Ok(Outcome::Kept(KeepReason::Superseded)),
                Status::Stopped => Ok(Outcome::UnknownEnvironment),
                Status::Pending => Ok(Outcome::ForeignAccount),
                _ => Err(Error::from(fault())),
            };
            async move { outcome }
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let settled = runtime.block_on(settle_with(batch(bodies), apply));
        let failures = settled.response.batch_item_failures;
        let failed = failures
            .into_iter()
            .map(|failure| failure.item_identifier)
            .collect();
        (failed, settled.counts, applied.into_inner())
    }

    #[test]
    fn what_is_settled_is_counted_and_never_delivered_again() {
        let unmapped = event("Updating").to_string();
        let bodies: Vec<String> = ["TERMINATED", "COMPLETED", "STOPPED", "PENDING"]
            .map(|word| event(word).to_string())
            .into();
        let (failed, counts, applied) = run(&[bodies, vec![unmapped]].concat());
        assert_eq!(failed, Vec::<String>::new());
        assert_eq!(
            applied,
            [
                Status::Terminated,
                Status::Completed,
                Status::Stopped,
                Status::Pending
            ]
        );
        let expected = [
            "changed",
            "superseded",
            "unknown environment",
            "foreign account",
            "unmapped status",
        ];
        assert_eq!(counts, BTreeMap::from(expected.map(|label| (label, 1))));
    }

    #[test]
    fn what_aws_did_not_do_is_delivered_again_and_the_rest_is_not() {
        let (failed, counts, _) =
            run(&["TERMINATED", "FAILED", "TERMINATED"].map(|word| event(word).to_string()));
        assert_eq!(failed, ["m1"]);
        assert_eq!(counts, BTreeMap::from([("changed", 2), ("failed", 1)]));
    }

    #[test]
    fn the_function_tells_its_queue_from_its_schedule() {
        let read = |text: &str| serde_json::from_str::<Invocation>(text);
        assert!(matches!(
            read(r#"{"Records":[]}"#).unwrap(),
            Invocation::Events(_)
        ));
        assert!(matches!(
            read(r#"{"task":"repair"}"#).unwrap(),
            Invocation::Scheduled { task: Task::Repair }
        ));
        assert!(read(r#"{"task":"dance"}"#).is_err());
        assert!(read("{}").is_err());
    }

    #[test]
    fn what_is_no_event_goes_to_the_dead_letter_queue() {
        let (failed, counts, applied) = run(&[String::new(), "not json".into(), "{}".into()]);
        assert_eq!(failed, ["m0", "m1", "m2"]);
        assert_eq!(counts, BTreeMap::from([("no event", 3)]));
        assert_eq!(applied, []);
    }

    proptest! {
        #[test]
        fn no_body_makes_the_batch_panic(body in ".{0,200}", field in "[a-z]{1,8}") {
            let mut odd = event("TERMINATED");
            odd[field.as_str()] = json!(body);
            let _ = run(&[body, odd.to_string()]);
        }
    }
}
