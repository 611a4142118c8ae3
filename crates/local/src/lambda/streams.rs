//! Tables' streams as sources of functions: records in order, one batch after the other, each tried again until it is
//! done. <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>
//!
//! A stream is one shard here, so all records come in the order of their writes. As DynamoDB keeps them for a day only,
//! a function never gets those that are older.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::invalid;
use super::invocations::failures;
use super::mappings::{Feed, Mapping};
use crate::dynamodb::stream_records;
use crate::error::ApiError;
use crate::events::Pattern;
use crate::input::Input;
use crate::world::World;

/// How many records are looked at for a batch.
const LOOKED_AT: usize = 1000;

/// The longest wait before a batch that failed is tried again. Lambda does not document its own.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(1);

/// For how long a record can be read.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// How far a stream was read for a function.
#[derive(Clone)]
pub(super) struct Reader {
    /// Records that match none are passed over; without any, no record is.
    filters: Vec<Pattern>,
    /// The sequence number of the last record that was done with.
    after: Option<String>,
    /// Whether a batch is with the function, or waits to be tried again.
    busy: bool,
    /// How often the batch has failed.
    failures: u32,
    /// How many writes there had been when nothing was left to read.
    read_until: Option<u64>,
}

impl Reader {
    /// Reads what a request says about how the stream is to be read.
    ///
    /// # Errors
    /// It says what is not known here.
    pub(super) fn new(input: &Input<'_>) -> Result<Self, ApiError> {
        let position = input.text("StartingPosition")?;
        if position != "TRIM_HORIZON" {
            return Err(invalid(format!(
                "the local Lambda reads streams from TRIM_HORIZON on, not from `{position}`"
            )));
        }
        if input.value("ScalingConfig").is_some() {
            return Err(invalid("ScalingConfig is for queues"));
        }
        let criteria = input.value("FilterCriteria");
        let criteria = criteria.map(|criteria| Input::read("FilterCriteria", criteria, &["Filters"]));
        let mut filters = Vec::new();
        if let Some(criteria) = criteria.transpose()? {
            for filter in criteria.list("Filters")? {
                let filter = Input::read("Filters", filter, &["Pattern"])?;
                let pattern = Pattern::parse(filter.text("Pattern")?);
                filters.push(pattern.map_err(|error| invalid(error.message))?);
            }
        }
        Ok(Self {
            filters,
            after: None,
            busy: false,
            failures: 0,
            read_until: None,
        })
    }

    /// Begins with the first record.
    pub(super) fn begin(&mut self) {
        self.after = None;
        self.busy = false;
        self.failures = 0;
        self.read_until = None;
    }

    /// Whether there may be something to fetch, after so many writes.
    pub(super) fn may_fetch(&self, writes: u64) -> bool {
        !self.busy && self.read_until != Some(writes)
    }

    fn wants(&self, record: &Value) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| filter.matches(record))
    }
}

fn reader<'a>(world: &'a mut World, mapping: &str) -> Option<(&'a mut Reader, String)> {
    let Mapping { feed, source, .. } = world.lambda.mappings.get_mut(mapping)?;
    match feed {
        Feed::Stream(reader) => Some((reader, source.clone())),
        Feed::Queue { .. } => None,
    }
}

/// The next records for a function, `size` at most, and their sequence numbers.
pub(super) fn fetch(world: &mut World, mapping: &str, size: usize) -> Option<(Vec<Value>, Vec<String>)> {
    loop {
        let (reader, stream) = reader(world, mapping)?;
        if reader.busy {
            return None;
        }
        let after = reader.after.clone();
        let records = stream_records(world, &stream, after.as_deref(), LOOKED_AT)
            .inspect_err(|error| tracing::warn!(stream, %error, "a stream can not be read"))
            .ok()?;
        let (writes, now) = (world.dynamodb.writes, world.now);
        let (reader, _) = self::reader(world, mapping)?;
        let Some(last) = records.last().map(sequence_number) else {
            reader.read_until = Some(writes);
            return None;
        };
        let wanted: Vec<Value> = (records.into_iter())
            .filter(|record| reader.wants(record) && !is_gone(record, now))
            .take(size)
            .collect();
        if wanted.is_empty() {
            reader.after = Some(last);
            continue;
        }
        reader.busy = true;
        let sequence = wanted.iter().map(sequence_number).collect();
        return Some((wanted, sequence));
    }
}

/// Whether the stream has forgotten a record.
fn is_gone(record: &Value, now: Timestamp) -> bool {
    let written = record.pointer("/dynamodb/ApproximateCreationDateTime");
    let written = written.and_then(Value::as_f64);
    written.is_some_and(|written| now.as_second() as f64 - written > KEPT.as_secs_f64())
}

fn sequence_number(record: &Value) -> String {
    let number = record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str);
    number.unwrap_or_default().to_owned()
}

/// Goes on after a batch; from its first record that failed, if one did, after a while.
pub(super) fn ended(world: &mut World, mapping: &str, sequence: &[String], answer: &Result<Value, String>) {
    let reports = match world.lambda.mappings.get(mapping) {
        Some(mapping) => mapping.reports_failures,
        None => return,
    };
    let failed = match answer {
        Err(error) => {
            tracing::warn!(mapping, error, "function failed");
            sequence.first()
        }
        Ok(answer) if reports => {
            let named = failures(answer, sequence);
            sequence.iter().find(|number| named.contains(&number.as_str()))
        }
        Ok(_) => None,
    };
    let done = sequence
        .iter()
        .take_while(|number| Some(*number) != failed)
        .last();
    let Some((reader, _)) = reader(world, mapping) else {
        return;
    };
    if let Some(done) = done {
        reader.after = Some(done.clone());
        reader.failures = 0;
    }
    if failed.is_none() {
        reader.busy = false;
        return;
    }
    let wait = SignedDuration::from_secs(1 << reader.failures.min(6)).min(LONGEST_WAIT);
    reader.failures += 1;
    let mapping = mapping.to_owned();
    world.schedule(wait, move |world| {
        if let Some((reader, _)) = self::reader(world, &mapping) {
            reader.busy = false;
        }
    });
}
