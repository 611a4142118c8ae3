//! Tells others what has changed: each change of an environment's status that the table's stream tells of is published
//! on the main account's bus.
//!
//! Lambda hands over the records of an environment in the order of its changes, and hands them over again, from the
//! first that failed on, until they are done with. So a change that was stored is published at least once, whatever
//! dies when, and changes of one environment are sent in their order.
//!
//! The stream forgets after a day. What the bus has not taken long before that goes to the outbox, which the sweep
//! empties; while an environment has changes there, its later ones join them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_lambda_events::sqs::SqsBatchResponse;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::time::Instant;
use workbench_aws::table::StreamRecord;
use workbench_aws::{Cloud, Error, Fault};
use workbench_core::publication::StatusChange;

use crate::Settled;
use request::together;

mod outbox;
mod request;

pub(crate) use outbox::publish_waiting;

/// For how long a batch is published, within the function's 30 seconds.
const SHIFT: Duration = Duration::from_secs(15);

/// How old a change becomes before it is set aside. A bus that comes back by itself has done so by then, and as much is
/// left of the stream's day to write it down.
const LATE: SignedDuration = SignedDuration::from_hours(12);

/// How often something ended in which way.
pub type Counts = BTreeMap<&'static str, u32>;

/// A batch of the table's stream.
#[derive(Debug, Clone, Deserialize)]
pub struct Changes {
    #[serde(rename = "Records")]
    records: Vec<StreamRecord>,
}

/// A change of status, and the place of its record in the stream.
type News<'r> = (&'r str, StatusChange);

/// How far a batch was published.
enum Sent<'r> {
    /// To its end.
    All,
    /// To this record, which is not published for lack of time.
    Until(&'r str),
    /// To the first of these, which the bus has not taken; and why.
    Refused(Vec<News<'r>>, Error),
}

/// Publishes a batch; names the record from which Lambda has to go on.
pub(crate) async fn publish(cloud: &Cloud, changes: Changes) -> Settled {
    let mut counts = Counts::new();
    let news = news(&changes.records, &mut counts);
    let mut response = SqsBatchResponse::default();
    if let Some(number) = Box::pin(tell(cloud, news, &mut counts)).await {
        response.add_failure(number);
    }
    Settled {
        response,
        counts,
        ..Settled::default()
    }
}

/// Publishes news or sets them aside; the record that neither was done with, if there is one.
async fn tell<'r>(cloud: &Cloud, news: Vec<News<'r>>, counts: &mut Counts) -> Option<&'r str> {
    let first = news.first()?.0;
    let rest = match join_the_outbox(cloud, news, counts).await {
        Ok(rest) => rest,
        Err(error) => {
            count(counts, "failed", 1);
            tracing::error!(sequence_number = first, %error, "the outbox does not answer; tried again");
            return Some(first);
        }
    };
    let sent = send(rest, counts, |some| {
        let cloud = cloud.clone();
        async move { cloud.bus().publish(&some).await }
    });
    match sent.await {
        Sent::All => None,
        // What was published must be told before the function's time is over, or all of it is published again.
        Sent::Until(number) => Some(number),
        Sent::Refused(left, error) => {
            let (number, oldest) = left.first().map(|(number, change)| (*number, change.time))?;
            count(counts, "failed", 1);
            if !is_late(oldest, cloud.now()) {
                tracing::error!(sequence_number = number, %error, "not published; tried again");
                return Some(number);
            }
            tracing::error!(sequence_number = number, %error, "not published for long; left to the sweep");
            match set_aside(cloud, left, counts).await {
                Ok(()) => None,
                Err(error) => {
                    tracing::error!(sequence_number = number, %error, "not set aside; tried again");
                    Some(number)
                }
            }
        }
    }
}

/// Whether a change can not be left to the stream any longer.
fn is_late(change: Timestamp, now: Timestamp) -> bool {
    now.duration_since(change) > LATE
}

/// Sets aside what would overtake earlier changes of its environment; the rest.
async fn join_the_outbox<'r>(
    cloud: &Cloud,
    news: Vec<News<'r>>,
    counts: &mut Counts,
) -> Result<Vec<News<'r>>, Error> {
    let environments: BTreeSet<_> = news.iter().map(|(_, change)| change.environment_id).collect();
    let with_unpublished = cloud.table().with_unpublished(&environments).await?;
    let (join, rest): (Vec<_>, Vec<_>) = news
        .into_iter()
        .partition(|(_, change)| with_unpublished.contains(&change.environment_id));
    set_aside(cloud, join, counts).await?;
    Ok(rest)
}

async fn set_aside(cloud: &Cloud, news: Vec<News<'_>>, counts: &mut Counts) -> Result<(), Error> {
    let changes: Vec<StatusChange> = news.into_iter().map(|(_, change)| change).collect();
    cloud.table().set_aside(&changes).await?;
    count(counts, "set aside", changes.len());
    Ok(())
}

/// Puts news on the bus, as far as it takes them.
async fn send<'r, P, F>(news: Vec<News<'r>>, counts: &mut Counts, put: P) -> Sent<'r>
where
    P: Fn(Vec<StatusChange>) -> F,
    F: Future<Output = Result<Vec<Option<Fault>>, Error>>,
{
    let mut rest = news.into_iter().peekable();
    let end = Instant::now() + SHIFT;
    while let Some((number, _)) = rest.peek() {
        if Instant::now() > end {
            return Sent::Until(number);
        }
        let mut some = together(&mut rest, |(_, change)| change.environment_id);
        let refusal = match put(some.iter().map(|(_, change)| change.clone()).collect()).await {
            Ok(faults) => {
                (faults.into_iter().enumerate()).find_map(|(place, fault)| Some((place, Error::Aws(fault?))))
            }
            Err(error) => Some((0, error)),
        };
        let Some((taken, error)) = refusal else {
            count(counts, "published", some.len());
            continue;
        };
        count(counts, "published", taken);
        let mut left = some.split_off(taken);
        left.extend(rest);
        return Sent::Refused(left, error);
    }
    Sent::All
}

fn count(counts: &mut Counts, label: &'static str, by: usize) {
    if by > 0 {
        *counts.entry(label).or_default() += u32::try_from(by).unwrap_or(u32::MAX);
    }
}

/// What there is to publish.
fn news<'r>(records: &'r [StreamRecord], counts: &mut Counts) -> Vec<News<'r>> {
    let mut news = Vec::new();
    for record in records {
        match record.status_change() {
            Ok(Some(change)) => news.push((record.sequence_number(), change)),
            Ok(None) => count(counts, "no change", 1),
            Err(error) => {
                // It never will be readable, and must not hold up what comes after it.
                tracing::error!(sequence_number = record.sequence_number(), %error, "not published: the row can not be read");
                count(counts, "unreadable", 1);
            }
        }
    }
    news
}

#[cfg(test)]
mod tests;
