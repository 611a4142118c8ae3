//! What is published of an environment, for others to follow: each change of its status, once it is stored.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::id::{EnvironmentId, ProjectId, UserId};
use crate::status::Status;
use crate::text::Name;
use crate::timeline::change_id;

/// The source of what is published. No rule of Workbench's own listens to it.
pub const SOURCE: &str = "workbench";
/// The detail type of a change of status.
pub const STATUS_CHANGE: &str = "Environment Status Change";

/// How much of a reason is published, in bytes: with it, an event stays far below what a bus takes.
const MOST_OF_A_REASON: usize = 8192;

/// A change of status, as it is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusChange {
    /// The environment.
    pub environment_id: EnvironmentId,
    /// Its name.
    pub name: Name,
    /// Its project.
    pub project_id: ProjectId,
    /// Who launched it.
    pub owner: UserId,
    /// The status before; absent when it was just asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_status: Option<Status>,
    /// The status after.
    pub new_status: Status,
    /// Why, where something failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The id of its entry in the timeline. A change that is published twice has the same one, and ids of an environment
    /// sort as its changes came.
    pub timeline_id: String,
    /// When.
    pub time: Timestamp,
}

impl StatusChange {
    /// What is published when an environment has become `after`; nothing if its status is what it was.
    #[must_use]
    pub fn between(before: Option<&Environment>, after: &Environment) -> Option<Self> {
        let old_status = before.map(Environment::status);
        let new_status = after.status();
        (old_status != Some(new_status)).then(|| Self {
            environment_id: after.id,
            name: after.name.clone(),
            project_id: after.project_id(),
            owner: after.owner,
            old_status,
            new_status,
            reason: after.error.as_ref().map(|failure| beginning(&failure.value)),
            timeline_id: change_id(after.rev),
            time: after.updated_at,
        })
    }
}

/// Sorts changes so that the oldest is first. Those of an environment, which are given in their order, keep it whatever
/// the clocks said that told their times.
#[must_use]
pub fn oldest_first(changes: Vec<StatusChange>) -> Vec<StatusChange> {
    let mut latest = BTreeMap::new();
    let mut placed: Vec<(Timestamp, StatusChange)> = changes
        .into_iter()
        .map(|change| {
            let latest = latest.entry(change.environment_id).or_insert(change.time);
            *latest = change.time.max(*latest);
            (*latest, change)
        })
        .collect();
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, change)| change).collect()
}

/// As much of a text as is published.
fn beginning(text: &str) -> String {
    text.get(..text.floor_char_boundary(MOST_OF_A_REASON))
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::environment::Failure;
    use crate::status::transition::Operation;
    use crate::test_data::{environment, now};

    #[test]
    fn a_change_of_status_is_told_with_its_reason() {
        let before = environment();
        let mut after = before.intend(Operation::Stop, now());
        after.error = Some(Failure {
            kind: "STOP".into(),
            value: "no".into(),
        });
        let change = StatusChange::between(Some(&before), &after).unwrap();
        assert_eq!(
            serde_json::to_value(change).unwrap(),
            json!({
                "environmentId": after.id,
                "name": after.name,
                "projectId": after.project_id(),
                "owner": after.owner,
                "oldStatus": before.status(),
                "newStatus": "STOPPING",
                "reason": "no",
                "timelineId": change_id(before.rev + 1),
                "time": now(),
            })
        );
    }

    #[test]
    fn a_new_environment_has_no_old_status_and_what_keeps_its_status_is_not_told() {
        let new = environment();
        assert_eq!(StatusChange::between(None, &new).unwrap().old_status, None);
        assert_eq!(StatusChange::between(Some(&new), &new.postponed(now())), None);
    }

    #[test]
    fn the_oldest_is_first_but_an_environment_keeps_its_order() {
        let change = |number: u128, id: &str, second: i64| StatusChange {
            environment_id: EnvironmentId::from_uuid(uuid::Uuid::from_u128(number)),
            timeline_id: id.to_owned(),
            time: Timestamp::from_second(second).unwrap(),
            ..StatusChange::between(None, &environment()).unwrap()
        };
        let changes = vec![
            change(1, "1a", 50),
            // Another clock was behind.
            change(1, "1b", 20),
            change(2, "2a", 10),
            change(2, "2b", 60),
        ];
        let sorted: Vec<String> = oldest_first(changes)
            .into_iter()
            .map(|change| change.timeline_id)
            .collect();
        assert_eq!(sorted, ["2a", "1a", "1b", "2b"]);
    }

    #[test]
    fn a_long_reason_is_cut_between_two_characters() {
        assert_eq!(beginning(&"ü".repeat(9000)).len(), 8192);
        assert_eq!(beginning(&format!("x{}", "ü".repeat(9000))).len(), 8191);
    }
}
