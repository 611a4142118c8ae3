//! After `operation/act.rs`: write what is intended, ask AWS for it, take it back if AWS refuses.

use workbench_core::action::{self, Action, Permit, Progress};
use workbench_core::environment::{Applied, Heard};
use workbench_core::status::Status;
use workbench_core::status::transition::Operation;

use super::launch::{Then, enqueue, remember};
use super::repair::Repair;
use super::{Answer, Next, Task, stale};
use crate::aws::{Instance, Stage};
use crate::clock::Tick;
use crate::moves;
use crate::row::{Before, Row};
use crate::setup::{Setup, Switch};
use crate::state::{Snap, State};

/// A request to start, stop or terminate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Read again: somebody was faster.
    Again { operation: Operation },
    /// Look for the product by its name.
    FindProduct { snap: Snap, asked_at: Tick },
    /// F10: ask AWS before the intent is written.
    CallFirst {
        snap: Snap,
        operation: Operation,
        asked_at: Tick,
    },
    /// Write the intent.
    Intend {
        snap: Snap,
        operation: Operation,
        asked_at: Tick,
        called: bool,
    },
    /// Start or stop the instance.
    Call { before: Row, intent: Snap },
    /// Start the terminate document.
    AskTerminate { before: Option<Row>, intent: Snap },
    /// It was refused: ask what the instance is.
    Describe { before: Row, intent: Snap, at: Tick },
    /// Take the intent back, with what was heard.
    TakeBack {
        before: Row,
        intent: Snap,
        truth: Option<Status>,
        at: Tick,
    },
    /// It is so already, they say: ask what the instance is.
    Verify {
        snap: Snap,
        operation: Operation,
        at: Tick,
    },
    /// Mend the status, and decide again.
    Mend {
        snap: Snap,
        operation: Operation,
        truth: Status,
        at: Tick,
    },
}

/// A request, up to the first read and what is decided by it.
pub(crate) fn begin(setup: &Setup, state: &mut State, operation: Operation) -> Next {
    let action = match operation {
        Operation::Start => Action::Start,
        Operation::Stop => Action::Stop,
        Operation::Terminate => Action::Terminate,
        Operation::Launch => return None,
    };
    let snap = state.read()?;
    let row = snap.row;
    if operation == Operation::Terminate {
        let stuck = setup.has(Switch::RefusesFailedTerminate) && row.status == Status::TerminatingFailed;
        let bare = setup.has(Switch::TerminateNeedsProduct) && row.product.is_none();
        if stuck || bare {
            return None;
        }
    }
    let environment = state.environment(&row);
    let progress = environment.progress(state.present().at);
    let Ok(permit) = action::permit(action, row.status, progress) else {
        return None;
    };
    if permit == Permit::AlreadySo {
        return take_up(setup, state, snap, operation);
    }
    let asked_at = state.stamp(setup);
    Some(Task::Act(match operation {
        Operation::Terminate if row.product.is_none() && progress != Progress::Queued => {
            Act::FindProduct { snap, asked_at }
        }
        Operation::Start | Operation::Stop if setup.has(Switch::CallsFirst) => Act::CallFirst {
            snap,
            operation,
            asked_at,
        },
        _ => Act::Intend {
            snap,
            operation,
            asked_at,
            called: false,
        },
    }))
}

fn take_up(setup: &Setup, state: &mut State, snap: Snap, operation: Operation) -> Next {
    let row = snap.row;
    if operation == Operation::Terminate {
        let cut_off = row.status == Status::Terminating
            && row.operation == Operation::Terminate
            && row.execution.is_none()
            && row.waiting.is_none();
        return cut_off.then_some(Task::Act(Act::AskTerminate {
            before: None,
            intent: snap,
        }));
    }
    row.instance.then(|| {
        let at = state.stamp(setup);
        Task::Act(Act::Verify { snap, operation, at })
    })
}

impl Act {
    pub(super) fn step(self, setup: &Setup, state: &mut State, answer: Answer) -> Next {
        match self {
            Self::Again { operation } => begin(setup, state, operation),
            Self::FindProduct { mut snap, asked_at } => {
                let product = state.account.found_by_name();
                snap.row.product = product.id().map(|id| crate::row::number(id.as_str()));
                let operation = Operation::Terminate;
                if !snap.fresh {
                    return Some(Task::Act(Self::Again { operation }));
                }
                Some(Task::Act(Self::Intend {
                    snap,
                    operation,
                    asked_at,
                    called: false,
                }))
            }
            Self::CallFirst {
                snap,
                operation,
                asked_at,
            } => call(setup, state, operation).then_some(Task::Act(Self::Intend {
                snap,
                operation,
                asked_at,
                called: true,
            })),
            Self::Intend {
                snap,
                operation,
                asked_at,
                called,
            } => {
                let environment = state.environment(&snap.row);
                let calls_off = environment.progress(state.present().at) == Progress::Queued;
                let intended = if calls_off && operation == Operation::Terminate {
                    environment.called_off(state.time(asked_at))
                } else {
                    environment.intend(operation, state.time(asked_at))
                };
                let row = state.row_of(&intended);
                let Some(intent) = state.write(setup, Some(snap), row) else {
                    return Some(Task::Act(Self::Again { operation }));
                };
                state.called_off |= calls_off;
                let before = snap.row;
                match row.status {
                    Status::Starting | Status::Stopping if !called => {
                        Some(Task::Act(Self::Call { before, intent }))
                    }
                    Status::Terminating => Some(Task::Act(Self::AskTerminate {
                        before: Some(before),
                        intent,
                    })),
                    _ => None,
                }
            }
            Self::Call { before, intent } => {
                if answer == Answer::Done && call(setup, state, intent.row.operation) {
                    return None;
                }
                let at = state.stamp(setup);
                Some(Task::Act(Self::Describe { before, intent, at }))
            }
            Self::AskTerminate { before, intent } => {
                if answer == Answer::Done {
                    let tokens = !setup.has(Switch::NoTokens);
                    let Row {
                        generation, product, ..
                    } = intent.row;
                    let execution = state
                        .account
                        .start(Operation::Terminate, generation, product, tokens);
                    return Some(remember(intent, Operation::Terminate, execution, Then::End));
                }
                if answer == Answer::NoRoom {
                    let heard = before.map_or(Heard::Perhaps, |_| Heard::No);
                    return Some(enqueue(intent, heard, before.as_ref().map(Before::of)));
                }
                let before = before?;
                let blind = !intent.row.instance;
                let at = state.stamp(setup);
                Some(Task::Act(if blind {
                    Self::TakeBack {
                        before,
                        intent,
                        truth: None,
                        at,
                    }
                } else {
                    Self::Describe { before, intent, at }
                }))
            }
            Self::Describe { before, intent, at } => {
                // Whether the product is gone, too, is the sweep's to find out.
                let truth = state.account.described();
                if truth.is_none() && intent.row.waiting.is_some() {
                    return Some(Task::Repair(Repair::TurnAway { snap: intent }));
                }
                let truth = Some(truth?);
                intent.fresh.then_some(Task::Act(Self::TakeBack {
                    before,
                    intent,
                    truth,
                    at,
                }))
            }
            Self::TakeBack {
                before,
                intent,
                truth,
                at,
            } => {
                take_back(setup, state, before, intent, truth, at);
                None
            }
            Self::Verify { snap, operation, at } => {
                let truth = state.account.described()?;
                let seen = state.environment(&snap.row).seen(truth, state.time(at));
                match seen {
                    Applied::Changed(seen) if seen.status() != snap.row.status => {
                        Some(Task::Act(Self::Mend {
                            snap,
                            operation,
                            truth,
                            at,
                        }))
                    }
                    Applied::Changed(_) | Applied::Kept(_) => None,
                }
            }
            Self::Mend {
                snap,
                operation,
                truth,
                at,
            } => {
                let at = answered_at(setup, state, at);
                if let Applied::Changed(seen) = state.environment(&snap.row).seen(truth, state.time(at)) {
                    let row = state.row_of(&seen);
                    let _: Option<Snap> = state.write(setup, Some(snap), row);
                }
                Some(Task::Act(Self::Again { operation }))
            }
        }
    }

    pub(super) const fn leaves_traces(self) -> bool {
        match self {
            Self::Call { .. } | Self::AskTerminate { .. } | Self::Describe { .. } | Self::TakeBack { .. } => {
                true
            }
            Self::Intend { called, .. } => called,
            Self::Again { .. }
            | Self::FindProduct { .. }
            | Self::CallFirst { .. }
            | Self::Verify { .. }
            | Self::Mend { .. } => false,
        }
    }

    pub(super) fn grow_stale(&mut self) {
        self.each_snap(&mut stale);
        match *self {
            Self::Intend {
                operation,
                called: false,
                ..
            } => *self = Self::Again { operation },
            Self::Mend { operation, .. } => *self = Self::Again { operation },
            _ => {}
        }
    }

    fn each_snap(&mut self, visit: &mut dyn FnMut(&mut Snap)) {
        match self {
            Self::Again { .. } => {}
            Self::FindProduct { snap, .. }
            | Self::CallFirst { snap, .. }
            | Self::Intend { snap, .. }
            | Self::Verify { snap, .. }
            | Self::Mend { snap, .. } => visit(snap),
            Self::Call { intent, .. }
            | Self::AskTerminate { intent, .. }
            | Self::Describe { intent, .. }
            | Self::TakeBack { intent, .. } => visit(intent),
        }
    }

    pub(super) fn each_tick(&mut self, visit: &mut dyn FnMut(&mut Tick)) {
        self.each_snap(&mut |snap| snap.each_tick(visit));
        match self {
            Self::Again { .. } => {}
            Self::FindProduct { asked_at: at, .. }
            | Self::CallFirst { asked_at: at, .. }
            | Self::Intend { asked_at: at, .. }
            | Self::Verify { at, .. }
            | Self::Mend { at, .. } => visit(at),
            Self::Call { before, .. } => before.each_tick(visit),
            Self::AskTerminate { before, .. } => {
                if let Some(before) = before {
                    before.each_tick(visit);
                }
            }
            Self::Describe { before, at, .. } | Self::TakeBack { before, at, .. } => {
                before.each_tick(visit);
                visit(at);
            }
        }
    }
}

/// From when on an answer counts.
fn answered_at(setup: &Setup, state: &mut State, asked_at: Tick) -> Tick {
    if setup.has(Switch::StampsAnswers) {
        state.stamp(setup)
    } else {
        asked_at
    }
}

fn take_back(
    setup: &Setup,
    state: &mut State,
    before: Row,
    intent: Snap,
    truth: Option<Status>,
    asked_at: Tick,
) {
    let at = answered_at(setup, state, asked_at);
    let now = state.time(at);
    let before = state.environment(&before);
    let back = state
        .environment(&intent.row)
        .taken_back(&before.lifecycle, truth, String::new(), now)
        .environment;
    let row = state.row_of(&back);
    let _: Option<Snap> = state.write(setup, Some(intent), row);
}

/// StartNotebookInstance or StopNotebookInstance: refused unless the instance is in the state for it.
fn call(setup: &Setup, state: &mut State, operation: Operation) -> bool {
    let Some(product) = state.account.product_mut(0) else {
        return false;
    };
    let next = match (operation, product.stage, product.instance) {
        (Operation::Start, Stage::Available | Stage::Broken, Instance::Stopped) => Instance::Pending,
        (Operation::Stop, Stage::Available | Stage::Broken, Instance::InService) => Instance::Stopping,
        _ => return false,
    };
    product.instance = next;
    product.unasked = false;
    moves::say(setup, state, next, false);
    true
}
