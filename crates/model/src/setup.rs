//! What may happen in a run of the checker, and which fault is put back.

use workbench_core::status::transition::Operation;

use crate::clock::Pace;

/// A fault that was mended, or never made, put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// F1: the launch document's wait has no failure branch.
    WaitEndsSilently,
    /// F2: a refused ProvisionProduct has no failure branch.
    RefusalEndsSilently,
    /// F4: the rule leaves out Systems Manager's own notices.
    NoNotices,
    /// F6: only what has a product can be terminated.
    TerminateNeedsProduct,
    /// F7: events are skipped while the instance is unknown.
    SkipsUnknownInstance,
    /// F8: an event's time is compared with the time of the row's last write.
    ComparesWithWrite,
    /// F9: writes have no condition.
    Unconditional,
    /// F10: AWS is called first, and then written.
    CallsFirst,
    /// F11: no client tokens.
    NoTokens,
    /// F12: TERMINATING_FAILED refuses terminate.
    RefusesFailedTerminate,
    /// W1: what the instance says moves TERMINATING.
    InstanceMovesTerminating,
    /// What AWS answers counts from the answer on, not from the question on.
    StampsAnswers,
    /// A launch is started however late it is.
    StartsOverdue,
    /// What was given up is not asked about again.
    NeverDoubts,
    /// A sweep asks for what waits without writing first that it does.
    AsksUnclaimed,
}

/// Where a run begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Nobody has asked for anything.
    Nothing,
    /// The environment runs, and everybody knows.
    Running,
}

/// The bounds of a run.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Where it begins.
    pub start: Start,
    /// What is asked through the API; a repeated launch is the same request again.
    pub asks: &'static [Operation],
    /// How many requests there are.
    pub calls: u8,
    /// How often the instance changes, or is removed, by nobody's request.
    pub wanders: u8,
    /// How often AWS refuses, fails or times out.
    pub faults: u8,
    /// How often AWS has no room for an automation, or others wait for it.
    pub full: u8,
    /// Whether the run ends once an automation has started: what begins is visited by the other runs.
    pub until_begun: bool,
    /// How often an event comes twice.
    pub doubles: u8,
    /// How many workers run at once.
    pub workers: usize,
    /// How many events are on their way at once.
    pub queue: usize,
    /// Whether events get lost.
    pub loses: bool,
    /// Whether workers die.
    pub crashes: bool,
    /// Whether the sweep runs.
    pub sweeps: bool,
    /// How far apart things happen.
    pub pace: Pace,
    /// The fault that is put back.
    pub switch: Option<Switch>,
}

impl Setup {
    pub(crate) fn has(&self, switch: Switch) -> bool {
        self.switch == Some(switch)
    }
}
