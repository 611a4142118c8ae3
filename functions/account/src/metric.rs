//! Counts of hosting accounts and of what is in them, as CloudWatch reads them out of the log: one line a count.

use jiff::Timestamp;
use serde_json::json;
use workbench_aws::metric::{Metrics, Unit, line};

use crate::Summary;

/// The statuses that alarms and people watch; a status that no account has is counted as 0.
const COUNTED: [&str; 4] = ["PENDING", "CURRENT", "NEEDS_UPDATE", "ERRORED"];

/// `HostingAccounts` by status, `UnreadableAccounts`, `OrphanedResources` and `VanishedEnvironments`, one line of JSON for
/// each, of the installation with this namespace; nothing if not all accounts were looked at.
pub fn metrics(summary: &Summary, namespace: &str, now: Timestamp) -> Vec<String> {
    if !summary.all {
        return Vec::new();
    }
    let by_status = COUNTED.iter().map(|status| {
        let count = summary.statuses.get(status).copied().unwrap_or_default();
        let metrics = Metrics {
            by: Some("Status"),
            names: vec![("HostingAccounts", Unit::Count)],
        };
        let members = [("Status", json!(status)), ("HostingAccounts", json!(count))];
        line(&[metrics], members, namespace, now)
    });
    let in_all = [
        ("UnreadableAccounts", summary.unreadable),
        ("OrphanedResources", summary.orphaned),
        ("VanishedEnvironments", summary.vanished),
    ];
    let in_all = in_all.map(|(metric, count)| {
        let metrics = Metrics {
            by: None,
            names: vec![(metric, Unit::Count)],
        };
        line(&[metrics], [(metric, json!(count))], namespace, now)
    });
    by_status.chain(in_all).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn lines(all: bool) -> Vec<Value> {
        let summary = Summary {
            all,
            statuses: [("ERRORED", 3), ("REMOVED", 1)].into(),
            unreadable: 2,
            orphaned: 5,
            ..Summary::default()
        };
        metrics(
            &summary,
            "workbench-dev",
            "2026-11-24T10:00:00.123Z".parse().unwrap(),
        )
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
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
        assert_eq!(lines.len(), COUNTED.len() + 3);
        let in_all = &lines[COUNTED.len()..];
        assert_eq!(in_all[0]["UnreadableAccounts"], 2);
        assert_eq!(in_all[1]["OrphanedResources"], 5);
        assert_eq!(in_all[2]["VanishedEnvironments"], 0);
        for line in &lines {
            // Two installations in one account are counted apart.
            assert_eq!(
                line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0][0],
                "Namespace"
            );
            assert_eq!(line["Namespace"], "workbench-dev");
        }
    }

    #[test]
    fn a_check_of_one_account_counts_nothing() {
        assert!(lines(false).is_empty());
    }
}
