//! Counts of what became of what the function does, as CloudWatch reads them out of the log: one line a count.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;
use workbench_aws::metric::{self, Metrics, Unit};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Messages of the queue.
    StatusEvents,
    /// Environments that the repair sweep looked after.
    Repairs,
    /// Changes of the table, of which others are told.
    Publications,
}

impl Metric {
    const fn name(self) -> &'static str {
        match self {
            Self::StatusEvents => "StatusEvents",
            Self::Repairs => "Repairs",
            Self::Publications => "Publications",
        }
    }
}

/// The metric by outcome, one line of JSON for each outcome, of the installation with this namespace.
pub fn metrics(
    metric: Metric,
    counts: &BTreeMap<&'static str, u32>,
    namespace: &str,
    now: Timestamp,
) -> impl Iterator<Item = String> {
    let name = metric.name();
    counts.iter().map(move |(outcome, count)| {
        let by_outcome = Metrics {
            by: Some("Outcome"),
            names: vec![(name, Unit::Count)],
        };
        let members = [("Outcome", json!(outcome)), (name, json!(count))];
        metric::line(&[by_outcome], members, namespace, now)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn each_outcome_is_one_line_that_names_its_own_members() {
        let counts = BTreeMap::from([("changed", 3), ("foreign account", 1)]);
        let lines: Vec<String> = metrics(
            Metric::Repairs,
            &counts,
            "workbench-dev",
            "2026-11-24T10:00:00.123Z".parse().unwrap(),
        )
        .collect();
        assert_eq!(lines.len(), 2);
        for (line, (outcome, count)) in lines.iter().zip(&counts) {
            assert!(!line.contains('\n'));
            let line: Value = serde_json::from_str(line).unwrap();
            let directive = &line["_aws"]["CloudWatchMetrics"][0];
            assert_eq!(line[directive["Metrics"][0]["Name"].as_str().unwrap()], *count);
            assert_eq!(line[directive["Dimensions"][0][1].as_str().unwrap()], *outcome);
            // Two installations in one account are counted apart.
            assert_eq!(
                line[directive["Dimensions"][0][0].as_str().unwrap()],
                "workbench-dev"
            );
            assert_eq!(line["_aws"]["Timestamp"], 1_795_514_400_123_i64);
        }
    }
}
