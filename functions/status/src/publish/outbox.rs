//! Publishes what waits in the outbox, the oldest first.
//!
//! A change leaves the outbox when the bus has taken it: whoever dies in between publishes it once more.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;
use workbench_aws::{Cloud, Error};
use workbench_core::id::EnvironmentId;
use workbench_core::publication::{StatusChange, oldest_first};

use super::request::together;
use super::{Counts, count};

/// For how long one run publishes, within the function's 30 seconds. The rest is left to the next one.
const SHIFT: Duration = Duration::from_secs(10);

/// Publishes what waits; how many ended in which way.
pub(crate) async fn publish_waiting(cloud: &Cloud) -> Counts {
    let mut counts = Counts::new();
    if let Err(error) = Box::pin(publish(cloud, &mut counts)).await {
        tracing::error!(%error, "what waits is not published; tried again");
        count(&mut counts, "failed", 1);
    }
    counts
}

async fn publish(cloud: &Cloud, counts: &mut Counts) -> Result<(), Error> {
    let end = Instant::now() + SHIFT;
    let mut held_up = BTreeSet::new();
    let mut from = None;
    loop {
        let page = cloud.table().outbox(from).await?;
        count(counts, "unreadable", page.unreadable);
        let mut rest = oldest_first(page.changes).into_iter().peekable();
        while rest.peek().is_some() {
            if Instant::now() > end {
                count(counts, "waiting", rest.count());
                return Ok(());
            }
            let some = together(&mut rest, |change| change.environment_id);
            let some_are = some.len();
            match publish_some(cloud, some, &mut held_up).await {
                Ok(taken) => {
                    count(counts, "published", taken);
                    count(counts, "waiting", some_are - taken);
                }
                Err(error) => {
                    count(counts, "waiting", some_are + rest.count());
                    return Err(error);
                }
            }
        }
        match page.next {
            Some(next) => from = Some(next),
            None => return Ok(()),
        }
    }
}

/// Publishes changes of different environments, and takes out those that the bus has taken; how many.
async fn publish_some(
    cloud: &Cloud,
    mut some: Vec<StatusChange>,
    held_up: &mut BTreeSet<EnvironmentId>,
) -> Result<usize, Error> {
    // What follows a change that was not taken waits for it.
    some.retain(|change| !held_up.contains(&change.environment_id));
    if some.is_empty() {
        return Ok(0);
    }
    let faults = cloud.bus().publish(&some).await?;
    let mut taken = Vec::with_capacity(some.len());
    for (change, fault) in some.into_iter().zip(faults) {
        match fault {
            None => taken.push(change),
            Some(fault) => {
                let (id, timeline_id) = (change.environment_id, change.timeline_id);
                tracing::error!(environment.id = %id, timeline_id, %fault, "still not published; tried again");
                held_up.insert(id);
            }
        }
    }
    cloud.table().take_out(&taken).await?;
    Ok(taken.len())
}
