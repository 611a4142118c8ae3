//! What was seen of the environments, step by step, past the code that is on trial.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;
use workbench_aws::Ids;
use workbench_core::id::EnvironmentId;
use workbench_core::status::Status;
use workbench_local::Workbench;

use crate::home::Home;
use crate::promise::{Promise, Violation};

/// The environments by the order in which they were thought of, and what is known of them.
#[derive(Default)]
pub(crate) struct Observed {
    made: Arc<Mutex<Vec<EnvironmentId>>>,
    statuses: BTreeMap<EnvironmentId, Status>,
}

impl Observed {
    /// Ids that follow from a seed, each of which is remembered.
    pub(crate) fn ids(&self, seed: u64) -> Ids {
        let made = Arc::clone(&self.made);
        Ids::new(move || {
            let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
            let name = format!("{seed}:{}", made.len());
            let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes());
            made.push(EnvironmentId::from_uuid(id));
            id
        })
    }

    /// The ids that were made so far. Not all of them were written.
    fn made(&self) -> Vec<EnvironmentId> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The environments that were written.
    pub(crate) fn environments(&self) -> Vec<EnvironmentId> {
        let written = |id: &EnvironmentId| self.statuses.contains_key(id);
        self.made().into_iter().filter(written).collect()
    }

    /// What an environment was when it was last looked at.
    pub(crate) fn status(&self, id: EnvironmentId) -> Option<Status> {
        self.statuses.get(&id).copied()
    }

    /// The name of an environment in the trace.
    pub(crate) fn name(&self, id: EnvironmentId) -> String {
        let place = self.made().iter().position(|made| *made == id);
        format!("environment {}", place.map_or(0, |place| place + 1))
    }

    /// Looks at all rows: what has changed, and whether that may be.
    pub(crate) fn look(&mut self, workbench: &Workbench) -> (Vec<String>, Vec<Violation>) {
        let (mut changes, mut violations) = (Vec::new(), Vec::new());
        for id in self.made() {
            let Some(status) = row_status(workbench, id) else {
                continue;
            };
            let before = self.statuses.insert(id, status);
            if before == Some(status) {
                continue;
            }
            let name = self.name(id);
            let from = before.map_or("nothing", Status::label);
            changes.push(format!("{name}: {from} -> {status}"));
            if before == Some(Status::Terminated) {
                violations.push(Violation {
                    promise: Promise::Final,
                    found: format!("{name} was TERMINATED and is {status}"),
                });
            }
        }
        (changes, violations)
    }

    /// Whether AWS has more than one product of an environment.
    pub(crate) fn one_product(&self, workbench: &Workbench, homes: &[Home]) -> Option<Violation> {
        let world = workbench.aws.world();
        self.made().into_iter().find_map(|id| {
            let uuid = id.uuid().to_string();
            let products = homes
                .iter()
                .flat_map(|home| world.provisioned_products(&home.account));
            let many = products.filter(|(name, _)| name.contains(&uuid)).count();
            (many > 1).then(|| Violation {
                promise: Promise::OneProduct,
                found: format!("{} has {many} products", self.name(id)),
            })
        })
    }
}

/// Read past the SDK, as it is asked after every step; where the row is, is said in `crates/aws/src/table/key.rs`.
fn row_status(workbench: &Workbench, id: EnvironmentId) -> Option<Status> {
    let (main, pk) = (&workbench.main, format!("ENV#{id}"));
    let mut world = workbench.aws.world();
    let status = world.row_text(
        &main.account,
        main.table_name(),
        [("pk", pk.as_str()), ("sk", "ENV")],
        &["lifecycle", "status"],
    );
    status?.parse().ok()
}
