//! The attributes of a queue: texts on the wire, read once.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::queue::{DeadLetters, State};
use crate::error::ApiError;
use crate::iam::{Kind, Policy};
use crate::input::Input;

/// Attributes that are numbers, with their range.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>
const NUMBERS: [(&str, i64, i64, i64); 5] = [
    ("DelaySeconds", 0, 0, 900),
    ("MaximumMessageSize", 1_048_576, 1024, 1_048_576),
    ("MessageRetentionPeriod", 345_600, 60, 1_209_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 0, 20),
    ("VisibilityTimeout", 30, 0, 43_200),
];

/// What a queue was told.
#[derive(Debug, Clone, Default)]
pub(super) struct Attributes {
    /// As they were set, by name.
    texts: BTreeMap<String, String>,
    pub(super) policy: Option<Policy>,
    pub(super) dead_letters: Option<DeadLetters>,
    /// ARNs of the queues whose dead letters this one takes; none if it takes those of all.
    sources: Option<Vec<String>>,
}

impl Attributes {
    /// Those of a queue that takes events of all rules.
    pub(super) fn for_events(arn: &str, dead_letters: Option<DeadLetters>) -> Self {
        let policy = json!({ "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "events.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }]});
        Self {
            policy: Policy::parse(&policy.to_string(), Kind::Resource).ok(),
            dead_letters,
            ..Self::default()
        }
    }

    /// These with others over them; an empty text takes one away.
    ///
    /// # Errors
    /// `InvalidAttributeName` for one that is not known here, `InvalidAttributeValue` for a value that it can not have.
    pub(super) fn with(
        &self,
        queues: &State,
        arn: &str,
        given: &Map<String, Value>,
    ) -> Result<Self, ApiError> {
        let mut changed = self.clone();
        for (name, value) in given {
            let text = value
                .as_str()
                .ok_or_else(|| invalid(name, &value.to_string(), "a text"))?;
            changed.set(queues, arn, name, text)?;
        }
        Ok(changed)
    }

    fn set(&mut self, queues: &State, arn: &str, name: &str, text: &str) -> Result<(), ApiError> {
        let is_empty = text.is_empty();
        match name {
            "Policy" => {
                let parse = || {
                    Policy::parse(text, Kind::Resource).map_err(|error| invalid(name, text, &error.message))
                };
                self.policy = if is_empty { None } else { Some(parse()?) };
            }
            "RedrivePolicy" => {
                let read = || redrive(queues, arn, text);
                self.dead_letters = if is_empty { None } else { Some(read()?) };
            }
            "RedriveAllowPolicy" => {
                self.sources = if is_empty { None } else { allowed_sources(text)? };
            }
            "SqsManagedSseEnabled" if matches!(text, "true" | "false") => {}
            "SqsManagedSseEnabled" => return Err(invalid(name, text, "`true` or `false`")),
            _ => {
                let Some((_, _, least, most)) = NUMBERS.iter().find(|(known, ..)| *known == name) else {
                    return Err(ApiError::new(
                        "InvalidAttributeName",
                        format!("the local SQS has no attribute `{name}`"),
                    ));
                };
                let number: Option<i64> = text.parse().ok();
                if number.is_none_or(|number| !(*least..=*most).contains(&number)) {
                    return Err(invalid(name, text, &format!("from {least} to {most}")));
                }
            }
        }
        if is_empty {
            self.texts.remove(name);
        } else {
            self.texts.insert(name.to_owned(), text.to_owned());
        }
        Ok(())
    }

    fn number(&self, name: &str) -> i64 {
        let default = NUMBERS.iter().find(|(known, ..)| *known == name);
        self.texts
            .get(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or_else(|| default.map_or(0, |(_, default, ..)| *default))
    }

    pub(super) fn visibility(&self) -> SignedDuration {
        SignedDuration::from_secs(self.number("VisibilityTimeout"))
    }

    pub(super) fn retention(&self) -> SignedDuration {
        SignedDuration::from_secs(self.number("MessageRetentionPeriod"))
    }

    pub(super) fn largest_message(&self) -> i64 {
        self.number("MaximumMessageSize")
    }

    /// Whether a queue with these attributes has those that a second CreateQueue asks for.
    pub(super) fn include(&self, given: &Map<String, Value>) -> bool {
        given.iter().all(|(name, value)| {
            let known = self.texts.get(name).cloned();
            let number = NUMBERS
                .iter()
                .any(|(number, ..)| number == name)
                .then(|| self.number(name).to_string());
            known.or(number).as_deref() == value.as_str()
        })
    }

    /// All of them, numbers with their defaults.
    pub(super) fn describe(&self) -> BTreeMap<String, String> {
        let mut all: BTreeMap<String, String> = NUMBERS
            .iter()
            .map(|(name, ..)| ((*name).to_owned(), self.number(name).to_string()))
            .collect();
        if let Some(policy) = &self.policy {
            all.insert("Policy".to_owned(), policy.text.clone());
        }
        if let Some(letters) = &self.dead_letters {
            let text =
                json!({ "deadLetterTargetArn": letters.queue, "maxReceiveCount": letters.max_receives });
            all.insert("RedrivePolicy".to_owned(), text.to_string());
        }
        all.entry("SqsManagedSseEnabled".to_owned())
            .or_insert_with(|| "true".to_owned());
        all.extend(self.texts.clone());
        all
    }
}

/// Reads a redrive policy: the other queue must exist and take this one's dead letters.
fn redrive(queues: &State, arn: &str, text: &str) -> Result<DeadLetters, ApiError> {
    let wrong = |reason: &str| invalid("RedrivePolicy", text, reason);
    let value: Value = serde_json::from_str(text).map_err(|_| wrong("JSON"))?;
    let input = Input::read(
        "RedrivePolicy",
        &value,
        &["deadLetterTargetArn", "maxReceiveCount"],
    )
    .map_err(|error| wrong(&error.message))?;
    let queue = input
        .text("deadLetterTargetArn")
        .map_err(|error| wrong(&error.message))?;
    let max_receives = input.value("maxReceiveCount");
    let max_receives = max_receives
        .and_then(|count| count.as_u64().or_else(|| count.as_str()?.parse().ok()))
        .filter(|count| (1..=1000).contains(count))
        .and_then(|count| u32::try_from(count).ok())
        .ok_or_else(|| wrong("`maxReceiveCount` must be from 1 to 1000"))?;
    let target = (queues.queues.get(queue)).ok_or_else(|| wrong("the dead letter target does not exist"))?;
    let sources = target.attributes.sources.as_ref();
    if sources.is_some_and(|sources| !sources.iter().any(|source| source == arn)) {
        return Err(wrong(
            "the dead letter target does not take letters of this queue",
        ));
    }
    Ok(DeadLetters {
        queue: queue.to_owned(),
        max_receives,
    })
}

fn allowed_sources(text: &str) -> Result<Option<Vec<String>>, ApiError> {
    let wrong = |reason: &str| invalid("RedriveAllowPolicy", text, reason);
    let value: Value = serde_json::from_str(text).map_err(|_| wrong("JSON"))?;
    let read = || {
        let input = Input::read(
            "RedriveAllowPolicy",
            &value,
            &["redrivePermission", "sourceQueueArns"],
        )?;
        Ok((input.text("redrivePermission")?, input.texts("sourceQueueArns")?))
    };
    let (permission, sources) = read().map_err(|error: ApiError| wrong(&error.message))?;
    match (permission, sources.len()) {
        ("allowAll", 0) => Ok(None),
        ("denyAll", 0) => Ok(Some(Vec::new())),
        ("byQueue", 1..=10) => Ok(Some(sources)),
        _ => Err(wrong("`allowAll`, `denyAll`, or `byQueue` with 1 to 10 queues")),
    }
}

fn invalid(name: &str, text: &str, right: &str) -> ApiError {
    ApiError::new(
        "InvalidAttributeValue",
        format!("attribute `{name}` is `{text}`; it must be: {right}"),
    )
}
