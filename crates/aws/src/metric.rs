//! Metrics as CloudWatch reads them out of a function's log: lines in the embedded metric format.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The dimension that tells one installation from another in the same account: the name of its stack.
const INSTALLATION: &str = "Namespace";

/// What a metric is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// How many.
    Count,
    /// How long.
    Milliseconds,
}

impl Unit {
    /// CloudWatch's word.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html>
    const fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
        }
    }
}

/// Metrics of a line that have the same dimensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metrics<'a> {
    /// The member of the line by which they are told apart, within an installation.
    pub by: Option<&'a str>,
    /// The members of the line that they are, with their units.
    pub names: Vec<(&'a str, Unit)>,
}

/// One line: `members`, and which of them are metrics of the installation with this namespace at that time.
pub fn line<'a>(
    metrics: &[Metrics<'_>],
    members: impl IntoIterator<Item = (&'a str, Value)>,
    namespace: &str,
    at: Timestamp,
) -> String {
    let directive = |Metrics { by, names }: &Metrics<'_>| {
        let dimensions: Vec<&str> = [INSTALLATION].into_iter().chain(*by).collect();
        let metric = |(name, unit): &(&str, Unit)| json!({ "Name": name, "Unit": unit.name() });
        let metrics: Vec<Value> = names.iter().map(metric).collect();
        json!({ "Namespace": "Workbench", "Dimensions": [dimensions], "Metrics": metrics })
    };
    let directives: Vec<Value> = metrics.iter().map(directive).collect();
    let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
    let mut line: Map<String, Value> = members.collect();
    line.insert(INSTALLATION.to_owned(), namespace.into());
    line.insert(
        "_aws".to_owned(),
        json!({ "Timestamp": at.as_millisecond(), "CloudWatchMetrics": directives }),
    );
    Value::Object(line).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_which_of_its_members_are_metrics_of_which_installation() {
        let metrics = [
            Metrics {
                by: Some("Route"),
                names: vec![("Latency", Unit::Milliseconds)],
            },
            Metrics {
                by: None,
                names: vec![("Requests", Unit::Count), ("Errors", Unit::Count)],
            },
        ];
        let members = [
            ("Route", json!("GET /x")),
            ("Latency", json!(42)),
            ("Requests", json!(1)),
            ("Errors", json!(0)),
        ];
        let at = "2026-11-24T10:00:00.123Z".parse().unwrap();
        let line = line(&metrics, members, "workbench-dev", at);
        assert!(!line.contains('\n'));
        let count = |name: &str| json!({ "Name": name, "Unit": "Count" });
        assert_eq!(
            serde_json::from_str::<Value>(&line).unwrap(),
            json!({
                "_aws": {
                    "Timestamp": 1_795_514_400_123_i64,
                    "CloudWatchMetrics": [
                        {
                            "Namespace": "Workbench",
                            "Dimensions": [["Namespace", "Route"]],
                            "Metrics": [{ "Name": "Latency", "Unit": "Milliseconds" }],
                        },
                        {
                            "Namespace": "Workbench",
                            "Dimensions": [["Namespace"]],
                            "Metrics": [count("Requests"), count("Errors")],
                        },
                    ],
                },
                "Namespace": "workbench-dev",
                "Route": "GET /x",
                "Latency": 42,
                "Requests": 1,
                "Errors": 0,
            })
        );
    }
}
