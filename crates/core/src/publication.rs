//! What is published of an environment, for others to follow: each change of its status, once it is stored.

use jiff::Timestamp;
use serde::Serialize;

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    fn a_long_reason_is_cut_between_two_characters() {
        assert_eq!(beginning(&"ü".repeat(9000)).len(), 8192);
        assert_eq!(beginning(&format!("x{}", "ü".repeat(9000))).len(), 8191);
    }
}
