//! `aws:sleep`: until a duration (ISO 8601, at most 7 days) has passed or a time is reached.

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use serde_json::{Map, Value};

use super::Progress;

const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);

enum Until {
    Passed(SignedDuration),
    Reached(Timestamp),
}

pub(super) fn check(inputs: &Map<String, Value>) -> Result<(), String> {
    if let Some(input) = inputs
        .keys()
        .find(|name| !["Duration", "Timestamp"].contains(&name.as_str()))
    {
        return Err(format!("aws:sleep has no input `{input}`"));
    }
    match inputs.values().next() {
        Some(Value::String(text)) if inputs.len() == 1 && text.contains("{{") => Ok(()),
        _ => read(inputs).map(|_| ()),
    }
}

fn read(inputs: &Map<String, Value>) -> Result<Until, String> {
    let text = |name: &str| inputs.get(name).and_then(Value::as_str);
    match (text("Duration"), text("Timestamp")) {
        (Some(duration), None) => {
            let parsed = iso_8601(duration).ok_or_else(|| {
                format!("aws:sleep: Duration `{duration}` must be ISO 8601, such as `PT10M`")
            })?;
            if parsed.is_negative() || parsed > LONGEST {
                return Err(format!(
                    "aws:sleep: Duration `{duration}` must be from 0 to 7 days"
                ));
            }
            Ok(Until::Passed(parsed))
        }
        (None, Some(at)) => at.parse().map(Until::Reached).map_err(|_| {
            format!("aws:sleep: Timestamp `{at}` must be ISO 8601, such as `2030-01-01T00:00:00Z`")
        }),
        _ => Err("aws:sleep needs the input `Duration` or `Timestamp`".to_owned()),
    }
}

/// An ISO 8601 duration of days of 24 hours, hours, minutes and seconds.
fn iso_8601(text: &str) -> Option<SignedDuration> {
    let span: Span = text.starts_with(['P', '-']).then(|| text.parse().ok())??;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}

pub(super) fn sleep(now: Timestamp, inputs: &Map<String, Value>, elapsed: SignedDuration) -> Progress {
    let left = match read(inputs) {
        Ok(Until::Passed(duration)) => duration.saturating_sub(elapsed),
        Ok(Until::Reached(at)) => at.duration_since(now),
        Err(reason) => return Progress::Failed(reason),
    };
    if left.is_positive() {
        Progress::Again(left)
    } else {
        Progress::Done {
            answer: Value::Null,
            next: None,
        }
    }
}
