//! What keeps statuses true: a queue batch of EventBridge events, each mapped by the registry and applied to its
//! environment by a conditional write; on a schedule, the sweep that asks AWS where no event has told; and, fed by the
//! table's stream, what tells others of each change. What they could not be told for long, the sweep tells.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use workbench_aws::{Cloud, Error, bus, hosting, table};

mod metric;
mod publish;
mod settle;

pub use metric::{Metric, metrics};
pub use publish::{Changes, Counts};
pub use settle::{Settled, handle, settle};

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
