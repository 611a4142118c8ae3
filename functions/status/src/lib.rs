//! What keeps statuses true: a queue batch of EventBridge events, each mapped by the registry and applied to its
//! environment by a conditional write; on a schedule, the sweep that asks AWS where no event has told; and, fed by the
//! table's stream, what tells others of each change. What they could not be told for long, the sweep tells.
//!
//! A message is tried again only if that can help: when AWS did not do its part, and when it is no
//! event at all, so that it ends in the dead-letter queue where people look. Why is in the log, under the
//! message's id, which it keeps as a dead letter. Everything else is settled here, logged with its reason and counted.

use std::collections::BTreeMap;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use workbench_aws::{Cloud, Error, Outcome, bus, hosting, table};
use workbench_core::report::Report;
use workbench_core::report::event::{self, Event};

mod metric;
mod publish;

pub use metric::{Metric, metrics};
pub use publish::{Changes, Counts};

/// What invokes the function.
#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
pub enum Invocation {
    /// The table's stream. Its records are told from the queue's by what they must have.
    Changes(Changes),
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
    /// Look after the environments that are due, and publish what waits.
    Repair,
}

/// What an invocation came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Done {
    /// What Lambda is answered: the messages that stay in the queue.
    pub response: SqsBatchResponse,
    /// Lines for the log from which CloudWatch takes its metrics.
    pub metrics: Vec<String>,
    /// Why the environments that are due could not be listed: Lambda is to count an error, and the schedule comes again.
    pub failed: Option<String>,
}

/// Does what the function is invoked for.
pub async fn invoke(cloud: &Cloud, invocation: Invocation) -> Done {
    let mut failed = None;
    let (response, counts) = match invocation {
        Invocation::Events(event) => {
            let settled = settle(cloud, event).await;
            (settled.response, vec![(Metric::StatusEvents, settled.counts)])
        }
        Invocation::Changes(changes) => {
            let published = publish::publish(cloud, changes).await;
            (published.response, vec![(Metric::Publications, published.counts)])
        }
        Invocation::Scheduled { task: Task::Repair } => {
            let Swept {
                repairs,
                publications,
            } = sweep(cloud).await;
            let mut counts = vec![(Metric::Publications, publications)];
            match repairs {
                Ok(repairs) => counts.push((Metric::Repairs, repairs)),
                Err(error) => failed = Some(error.to_string()),
            }
            (SqsBatchResponse::default(), counts)
        }
    };
    let (namespace, now) = (&cloud.main().namespace, cloud.now());
    let lines = counts.iter();
    let lines = lines.flat_map(|(metric, counts)| metrics(*metric, counts, namespace, now));
    Done {
        response,
        metrics: lines.collect(),
        failed,
    }
}

/// What a sweep came to.
#[derive(Debug)]
pub struct Swept {
    /// How many environments that were due ended in which way; an error if they can not be listed.
    pub repairs: Result<Counts, Error>,
    /// How many changes that waited to be published ended in which way.
    pub publications: Counts,
}

/// Looks after the environments that are due, and publishes what waits: each whatever becomes of the other.
pub async fn sweep(cloud: &Cloud) -> Swept {
    let (repairs, publications) = tokio::join!(Box::pin(cloud.sweep()), publish::publish_waiting(cloud));
    Swept {
        repairs,
        publications,
    }
}

/// The IAM actions that the function needs, beside those of `EnvManagementRole`.
pub const ACTIONS: &[&[&str]] = &[
    bus::ACTIONS,
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
    /// Why each of those messages could not be processed, by its id.
    pub reasons: BTreeMap<String, String>,
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
        let label = match end {
            End::Done(label) => label,
            End::Again(label, reason) => {
                let tries = message.attributes.get("ApproximateReceiveCount").cloned();
                let tries = tries.unwrap_or_default();
                tracing::error!(
                    message_id,
                    tries,
                    outcome = label,
                    reason,
                    "message not processed"
                );
                settled.response.add_failure(message_id.clone());
                settled.reasons.insert(message_id, reason);
                label
            }
        };
        *settled.counts.entry(label).or_default() += 1;
    }
    settled
}

/// How a message ended, with the word under which it is counted.
enum End {
    Done(&'static str),
    /// It is tried again, and after that a dead letter; and why.
    Again(&'static str, String),
}

async fn one<A, F>(message_id: &str, message: &SqsMessage, apply: &A) -> End
where
    A: Fn(Report) -> F,
    F: Future<Output = Result<Outcome, Error>>,
{
    let event: Event = match serde_json::from_str(message.body.as_deref().unwrap_or_default()) {
        Ok(event) => event,
        Err(error) => return End::Again("no event", format!("the message is no event: {error}")),
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
    let (event_id, aws_account) = (event.id, event.account);
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
            tracing::warn!(event_id, subject, %reported, aws_account, "no such environment");
            End::Done("unknown environment")
        }
        Ok(Outcome::ForeignAccount) => {
            tracing::error!(event_id, subject, %reported, aws_account, "refused: not the environment's account");
            End::Done("foreign account")
        }
        Err(error) => {
            let reason = format!("{reported} of {subject} by event {event_id} can not be applied: {error}");
            End::Again("failed", reason)
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
    fn run(bodies: &[String]) -> (Settled, Vec<String>, Vec<Status>) {
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
        let failures = settled.response.batch_item_failures.iter();
        let failed = failures.map(|failure| failure.item_identifier.clone()).collect();
        (settled, failed, applied.into_inner())
    }

    #[test]
    fn what_is_settled_is_counted_and_never_delivered_again() {
        let unmapped = event("Updating").to_string();
        let bodies: Vec<String> = ["TERMINATED", "COMPLETED", "STOPPED", "PENDING"]
            .map(|word| event(word).to_string())
            .into();
        let (settled, failed, applied) = run(&[bodies, vec![unmapped]].concat());
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
        assert_eq!(settled.counts, BTreeMap::from(expected.map(|label| (label, 1))));
        assert_eq!(settled.reasons, BTreeMap::new());
    }

    #[test]
    fn what_aws_did_not_do_is_delivered_again_and_the_rest_is_not() {
        let (settled, failed, _) =
            run(&["TERMINATED", "FAILED", "TERMINATED"].map(|word| event(word).to_string()));
        assert_eq!(failed, ["m1"]);
        assert_eq!(settled.counts, BTreeMap::from([("changed", 2), ("failed", 1)]));
        let reason = &settled.reasons["m1"];
        assert!(reason.starts_with("FAILED of "), "{reason}");
        assert!(
            reason.ends_with("can not be applied: dynamodb:TransactWriteItems: throttled"),
            "{reason}"
        );
    }

    #[test]
    fn the_function_tells_its_queue_from_its_stream_and_its_schedule() {
        let read = |text: &str| serde_json::from_str::<Invocation>(text);
        assert!(matches!(
            read(r#"{"Records":[{"messageId":"m","body":"{}","eventSource":"aws:sqs"}]}"#).unwrap(),
            Invocation::Events(_)
        ));
        assert!(matches!(
            read(r#"{"Records":[{"eventName":"INSERT","dynamodb":{"SequenceNumber":"1"}}]}"#).unwrap(),
            Invocation::Changes(_)
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
        let (settled, failed, applied) = run(&[String::new(), "not json".into(), "{}".into()]);
        assert_eq!(failed, ["m0", "m1", "m2"]);
        assert_eq!(settled.counts, BTreeMap::from([("no event", 3)]));
        assert_eq!(applied, []);
        assert_eq!(
            settled.reasons["m2"],
            "the message is no event: missing field `id` at line 1 column 2"
        );
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
