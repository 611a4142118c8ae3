//! Counts as CloudWatch reads them out of the log: the embedded metric format, one line a count.

use jiff::Timestamp;
use serde_json::json;

use crate::Summary;

/// The statuses that alarms and people watch; a status that no account has is counted as 0.
const COUNTED: [&str; 4] = ["PENDING", "CURRENT", "NEEDS_UPDATE", "ERRORED"];

/// `HostingAccounts` by status, one line of JSON for each; nothing if not all accounts were looked at.
pub fn metrics(summary: &Summary, now: Timestamp) -> impl Iterator<Item = String> {
    let now = now.as_millisecond();
    let counted = COUNTED.iter().filter(|_| summary.all);
    counted.map(move |status| {
        json!({
            "_aws": {
                "Timestamp": now,
                "CloudWatchMetrics": [{
                    "Namespace": "Workbench",
                    "Dimensions": [["Status"]],
                    "Metrics": [{ "Name": "HostingAccounts", "Unit": "Count" }],
                }],
            },
            "Status": status,
            "HostingAccounts": summary.statuses.get(status).copied().unwrap_or_default(),
        })
        .to_string()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn lines(all: bool) -> Vec<Value> {
        let summary = Summary {
            all,
            statuses: [("ERRORED", 3), ("REMOVED", 1)].into(),
            ..Summary::default()
        };
        metrics(&summary, "2026-11-24T10:00:00.123Z".parse().unwrap())
            .map(|line| serde_json::from_str(&line).unwrap())
            .collect()
    }

    #[test]
    fn each_status_is_one_line_that_names_its_own_members() {
        let lines = lines(true);
        let count = |status: &str| {
            let line = lines.iter().find(|line| line["Status"] == status).unwrap();
            let directive = &line["_aws"]["CloudWatchMetrics"][0];
            line[directive["Metrics"][0]["Name"].as_str().unwrap()].clone()
        };
        assert_eq!((count("ERRORED"), count("CURRENT")), (3.into(), 0.into()));
        assert_eq!(lines.len(), COUNTED.len());
    }

    #[test]
    fn a_check_of_one_account_counts_nothing() {
        assert!(lines(false).is_empty());
    }
}
