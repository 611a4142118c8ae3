//! The functions as they are, under schedules of requests, faults and deaths that a seed stands for.
//!
//! A run puts Workbench on a local AWS of its own. Processes of the api, the status and the account function work at the
//! same time; each of their calls waits until the run's dice say which is next. Calls are refused, answers and events
//! are lost, processes die, machines stop by themselves, time passes. Then the disturbance ends, and every environment
//! must reach its true status.
//! `docs/decisions/0012-simulation.md` says what is in it and what is not.
//!
//! The same seed plays the same run, to the last line of its trace.

mod chance;
mod clients;
mod crew;
mod home;
mod observed;
mod play;
mod promise;
mod published;
mod schedule;
mod settle;
mod stage;
mod trace;
mod truth;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use workbench_core::registry::environment_types;
use workbench_local::{Endpoints, FunctionError, OfferedType, Snapshot, StartError, Workbench};

use home::Home;
pub use promise::{Promise, Violation};
pub use schedule::Schedule;
pub use trace::Trace;

/// Why nothing can be simulated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The local Workbench does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A function does not run.
    #[error(transparent)]
    Function(#[from] FunctionError),
    /// The table can not be read by whoever looks on.
    #[error("the table can not be read: {0}")]
    Table(#[from] workbench_aws::Error),
    /// There is no second project.
    #[error("there is no second project: {0}")]
    Home(String),
    /// No environment type can be offered.
    #[error("no environment type can be offered: {0}")]
    Offer(String),
}

/// Workbench as every run begins.
#[derive(Clone)]
pub struct Simulation {
    base: Snapshot,
    offered: OfferedType,
    homes: Vec<Home>,
}

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Run {
    /// What was played.
    pub schedule: Schedule,
    /// What happened.
    pub trace: Trace,
    /// The promises that were broken.
    pub violations: Vec<Violation>,
    /// How many environments there were.
    pub environments: usize,
    /// How many calls the functions made.
    pub calls: usize,
    /// How long the slowest environment took until its status was true.
    pub recovery: Recovery,
}

/// How long it takes until a status is true, once the disturbance is over and AWS rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Recovery {
    /// In simulated time.
    pub time: SignedDuration,
    /// In sweeps that asked about the environment.
    pub sweeps: u32,
}

impl Simulation {
    /// Installs Workbench once; runs begin with copies of it.
    ///
    /// # Errors
    /// It can not be installed.
    pub async fn new() -> Result<Self, Error> {
        let now = Timestamp::from_second(1_795_600_800).unwrap_or_default();
        let mut workbench = Workbench::start(now, Endpoints::Local).await?;
        let homes = vec![Home::first(&workbench), Home::second(&mut workbench).await?];
        let ty = environment_types()
            .iter()
            .find(|ty| ty.name == "sagemakerNotebook");
        let ty = ty.ok_or_else(|| Error::Offer("there is no sagemakerNotebook".to_owned()))?;
        let offered = workbench.offer(ty).await;
        let offered = offered.map_err(|answer| Error::Offer(reason(&answer.body)))?;
        Ok(Self {
            base: workbench.snapshot().await?,
            offered,
            homes,
        })
    }

    /// Plays a schedule.
    ///
    /// # Errors
    /// A copy can not be made, or the table can not be read: never because of what the schedule holds.
    pub async fn run(&self, schedule: &Schedule) -> Result<Run, Error> {
        stage::Stage::set(self, schedule).await?.play().await
    }
}

fn reason(body: &Value) -> String {
    body["message"].as_str().unwrap_or("no reason").to_owned()
}
