//! What others were told of the environments.

use std::collections::BTreeMap;

use workbench_aws::table::Entry;
use workbench_core::id::EnvironmentId;
use workbench_core::publication::SOURCE;
use workbench_core::status::Status;
use workbench_local::Workbench;

/// The statuses that were published, by the place of the change in the environment's timeline.
#[derive(Debug, Default)]
pub(crate) struct Published {
    statuses: BTreeMap<String, Status>,
    /// A change that came for the first time after a later one.
    late: Option<String>,
}

impl Published {
    /// What the main account's bus has taken, by environment. What becomes of events after that is not Workbench's.
    pub(crate) fn by(workbench: &Workbench) -> BTreeMap<EnvironmentId, Self> {
        let world = workbench.aws.world();
        let mut all: BTreeMap<EnvironmentId, Self> = BTreeMap::new();
        for taken in world.taken_events(&workbench.main.account) {
            let (event, detail) = (&taken.event, &taken.event["detail"]);
            let text = |member: &str| detail[member].as_str().unwrap_or_default();
            let (id, status) = (text("environmentId").parse(), text("newStatus").parse());
            if let (Some(SOURCE), Ok(id), Ok(status)) = (event["source"].as_str(), id, status) {
                all.entry(id).or_default().take(text("timelineId"), status);
            }
        }
        all
    }

    fn take(&mut self, id: &str, status: Status) {
        let last = self.statuses.last_key_value().map(|(last, _)| last.as_str());
        if !self.statuses.contains_key(id) && last.is_some_and(|last| last > id) {
            self.late = Some(format!("{status} came after what followed it"));
        }
        self.statuses.insert(id.to_owned(), status);
    }

    /// What is wrong with it, as the timeline tells the changes, the first entry first.
    pub(crate) fn differs(&self, timeline: &[Entry]) -> Option<String> {
        let changes = timeline.iter().filter(|entry| entry.from != entry.to);
        let stored: Vec<Status> = [Status::Pending]
            .into_iter()
            .chain(changes.map(|entry| entry.to))
            .collect();
        let told: Vec<Status> = self.statuses.values().copied().collect();
        if stored != told {
            return Some(format!(
                "it was {}, but was told to be {}",
                list(&stored),
                list(&told)
            ));
        }
        self.late.clone()
    }
}

fn list(statuses: &[Status]) -> String {
    let labels: Vec<&str> = statuses.iter().map(|status| status.label()).collect();
    labels.join(", ")
}
