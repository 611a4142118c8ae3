//! A batch of the queue.
//!
//! A message is tried again only if that can help: when AWS did not do its part, and when it is no
//! event at all, so that it ends in the dead-letter queue where people look. Why is in the log, under the
//! message's id, which it keeps as a dead letter. Everything else is settled here, logged with its reason and counted.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use tokio::time::{Instant, timeout_at};
use workbench_aws::{Cloud, Error, Outcome};
use workbench_core::report::Report;
use workbench_core::report::event::{self, Event};

/// How long one message may take: an account that does not answer must not hold up the others of its batch.
const PATIENCE: Duration = Duration::from_secs(8);

/// How long a batch may take, within the function's 30 seconds: what was done is answered, and only the rest comes again.
const BATCH: Duration = Duration::from_secs(24);

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
    settle_with(event, PATIENCE, BATCH, |report| {
        let cloud = cloud.clone();
        // Boxed: the futures of an SDK call nest deeper than the compiler likes to look.
        Box::pin(async move { cloud.apply(&report).await })
    })
    .await
}

/// One message after the other: the reports of a batch are often about the same environment.
async fn settle_with<A, F>(event: SqsEvent, patience: Duration, all: Duration, apply: A) -> Settled
where
    A: Fn(Report) -> F,
    F: Future<Output = Result<Outcome, Error>>,
{
    let mut settled = Settled::default();
    let last = Instant::now() + all;
    for message in event.records {
        let message_id = message.message_id.clone().unwrap_or_default();
        let until = last.min(Instant::now() + patience);
        let end = if Instant::now() < last {
            one(&message_id, &message, until, &apply).await
        } else {
            End::Again("failed", "the batch's time was over before its turn".to_owned())
        };
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

async fn one<A, F>(message_id: &str, message: &SqsMessage, until: Instant, apply: &A) -> End
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
    let again = |problem: &dyn std::fmt::Display| {
        let reason = format!("{reported} of {subject} by event {event_id} can not be applied: {problem}");
        End::Again("failed", reason)
    };
    let Ok(applied) = timeout_at(until, apply(report)).await else {
        return again(&"AWS does not answer in time");
    };
    match applied {
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
        Err(error) => again(&error),
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

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        runtime.unwrap().block_on(future)
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
        let settled = block_on(settle_with(batch(bodies), PATIENCE, BATCH, apply));
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
    fn what_aws_does_not_answer_about_is_delivered_again_and_holds_up_nothing() {
        let apply = |report: Report| async move {
            if report.status == Status::Completed {
                std::future::pending::<()>().await;
            }
            Ok(Outcome::UnknownEnvironment)
        };
        let bodies = ["COMPLETED", "STOPPED"].map(|word| event(word).to_string());
        let settled = block_on(settle_with(batch(&bodies), Duration::ZERO, BATCH, apply));
        let expected = [("failed", 1), ("unknown environment", 1)];
        assert_eq!(settled.counts, BTreeMap::from(expected));
        let reason = &settled.reasons["m0"];
        assert!(reason.ends_with("AWS does not answer in time"), "{reason}");
    }

    #[test]
    fn what_a_batch_has_no_time_for_is_not_begun_and_delivered_again() {
        let apply = |report: Report| async move { panic!("{report:?} was begun") };
        let bodies = [event("COMPLETED").to_string()];
        let settled = block_on(settle_with(batch(&bodies), PATIENCE, Duration::ZERO, apply));
        assert_eq!(settled.response.batch_item_failures.len(), 1);
        assert_eq!(settled.reasons["m0"], "the batch's time was over before its turn");
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
