//! After `operation/repair.rs`: ask AWS about an environment that is due, and report what it says.

use workbench_core::environment::Heard;
use workbench_core::repair::{self, Automation, Finding, Product};
use workbench_core::report::Facts;
use workbench_core::status::Status;
use workbench_core::status::transition::{Operation, Source};

use super::act::Act;
use super::apply::{Apply, News, Origin};
use super::launch::{Launch, Then, claim, enqueue, remember, waits};
use super::{Answer, Next, Task};
use crate::clock::Tick;
use crate::row::number;
use crate::setup::{Setup, Switch};
use crate::state::{Snap, State};

/// What the sweep does about one environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repair {
    /// GetAutomationExecution.
    Progress {
        snap: Snap,
        execution: u8,
        at: Tick,
        late: bool,
    },
    /// DescribeProvisionedProduct.
    Product { snap: Snap, at: Tick, late: bool },
    /// Write that it gets its turn.
    GiveTurn { snap: Snap },
    /// Start what has its turn.
    Turn { snap: Snap, heard: Heard },
    /// Write that there was no room.
    Back { snap: Snap, heard: Heard },
    /// Write that it was refused, from which nothing is concluded.
    TurnAway { snap: Snap },
    /// Write that the launch that was cut off is started.
    Claim { snap: Snap },
    /// Start the launch that was cut off.
    Launch { snap: Snap },
    /// Start the terminate that was cut off.
    Terminate { snap: Snap },
    /// Ask the instance.
    Describe { snap: Snap, at: Tick, look: bool },
    /// There is no such instance: ask for the product.
    Vanished { snap: Snap, at: Tick, look: bool },
    /// Read the launch that was settled, to ask its instance.
    Look,
    /// Ask again later.
    Postpone,
    /// Ask no more.
    Confirm,
}

/// One sweep's care for the environment, up to its first read.
pub(crate) fn begin(setup: &Setup, state: &mut State) -> Next {
    let snap = state.read().filter(|_| state.age.due)?;
    let at = state.stamp(setup);
    let row = snap.row;
    let late = state.age.overdue;
    if state.environment(&row).is_in_queue(state.present().at) {
        return Some(Task::Repair(Repair::GiveTurn { snap }));
    }
    Some(Task::Repair(match (row.status, row.operation, row.execution) {
        (Status::Pending | Status::TerminatingFailed, _, Some(execution))
        | (Status::Failed, Operation::Launch, Some(execution))
        | (Status::Terminating, Operation::Terminate, Some(execution)) => Repair::Progress {
            snap,
            execution,
            at,
            late,
        },
        (Status::Pending | Status::TerminatingFailed, _, None)
        | (Status::Failed, Operation::Launch, None)
        | (Status::Terminating, Operation::Terminate, None) => Repair::Product { snap, at, late },
        _ => Repair::Describe {
            snap,
            at,
            look: false,
        },
    }))
}

impl Repair {
    pub(super) fn step(self, setup: &Setup, state: &mut State, answer: Answer) -> Next {
        match self {
            Self::Progress {
                snap,
                execution,
                at,
                late,
            } => match state.account.progress(execution) {
                Automation::UnderWay => Some(Task::Repair(Self::Postpone)),
                Automation::Over => Some(Task::Repair(Self::Product { snap, at, late })),
            },
            Self::Product { snap, at, late } => product(setup, state, snap, at, late),
            Self::GiveTurn { snap } => {
                let heard = snap.row.waiting.map_or(Heard::Perhaps, |waiting| waiting.heard);
                let snap = if setup.has(Switch::AsksUnclaimed) {
                    snap
                } else {
                    claim(setup, state, snap)?
                };
                Some(Task::Repair(Self::Turn { snap, heard }))
            }
            Self::Turn { snap, heard } => turn(setup, state, answer, snap, heard),
            Self::Back { snap, heard } => {
                let now = state.stamp(setup);
                let row = waits(state, &snap.row, heard, None, now);
                state.write(setup, Some(snap), row)?;
                state.age.due = false;
                None
            }
            Self::TurnAway { snap } => {
                let now = state.stamp(setup);
                let away = state.environment(&snap.row).turned_away(state.time(now));
                let row = state.row_of(&away);
                state.write(setup, Some(snap), row)?;
                state.age.due = false;
                None
            }
            Self::Claim { snap } => Some(Task::Repair(match claim(setup, state, snap) {
                Some(snap) => Self::Launch { snap },
                None => Self::Postpone,
            })),
            Self::Launch { snap } => match answer {
                Answer::Done => {
                    let tokens = !setup.has(Switch::NoTokens);
                    let token = snap.row.generation;
                    let execution = state.account.start(Operation::Launch, token, None, tokens);
                    Some(remember(snap, Operation::Launch, execution, Then::Postpone))
                }
                Answer::NoRoom => Some(enqueue(snap, Heard::Perhaps, None)),
                Answer::Refused => Some(Task::Repair(Self::Postpone)),
            },
            Self::Terminate { snap } => match answer {
                Answer::Done => {
                    let tokens = !setup.has(Switch::NoTokens);
                    let row = snap.row;
                    let execution =
                        state
                            .account
                            .start(Operation::Terminate, row.generation, row.product, tokens);
                    Some(remember(snap, Operation::Terminate, execution, Then::Postpone))
                }
                Answer::NoRoom => Some(enqueue(snap, Heard::Perhaps, None)),
                Answer::Refused => Some(Task::Repair(Self::Postpone)),
            },
            Self::Describe { snap, at, look } => match state.account.described() {
                Some(status) if !look && status == snap.row.status && status.in_flight() => {
                    Some(Task::Repair(Self::Postpone))
                }
                Some(status) => {
                    let finding = Finding::Over(Source::Instance, status, Facts::default());
                    settle(snap, finding, at, look)
                }
                None => Some(Task::Repair(Self::Vanished { snap, at, look })),
            },
            Self::Vanished { snap, at, look } => {
                let product = known(state, snap);
                settle(snap, repair::vanished(&product), at, look)
            }
            Self::Look => {
                let snap = state.read()?;
                let at = state.stamp(setup);
                Some(Task::Repair(Self::Describe { snap, at, look: true }))
            }
            Self::Postpone => {
                let snap = state.read().filter(|_| state.age.due)?;
                let later = state.environment(&snap.row).postponed(state.present().at);
                let row = state.row_of(&later);
                let _: Option<Snap> = state.write(setup, Some(snap), row);
                state.age.due = false;
                None
            }
            Self::Confirm => {
                let snap = state.read().filter(|_| state.age.due)?;
                let sure = state.environment(&snap.row).confirmed(state.present().at);
                let row = state.row_of(&sure);
                let _: Option<Snap> = state.write(setup, Some(snap), row);
                None
            }
        }
    }

    pub(super) const fn leaves_traces(self) -> bool {
        matches!(
            self,
            Self::Look
                | Self::Describe { look: true, .. }
                | Self::Vanished { look: true, .. }
                | Self::Turn { .. }
                | Self::Back { .. }
                | Self::TurnAway { .. }
                | Self::Launch { .. }
        )
    }

    /// Whether it asks AWS for an automation.
    pub(super) const fn asks(self) -> bool {
        matches!(
            self,
            Self::Turn { .. } | Self::Launch { .. } | Self::Terminate { .. }
        )
    }

    pub(super) fn each_snap(&mut self, visit: &mut dyn FnMut(&mut Snap)) {
        match self {
            Self::Progress { snap, .. }
            | Self::Product { snap, .. }
            | Self::GiveTurn { snap }
            | Self::Turn { snap, .. }
            | Self::Back { snap, .. }
            | Self::TurnAway { snap }
            | Self::Claim { snap }
            | Self::Launch { snap }
            | Self::Terminate { snap }
            | Self::Describe { snap, .. }
            | Self::Vanished { snap, .. } => visit(snap),
            Self::Look | Self::Postpone | Self::Confirm => {}
        }
    }

    pub(super) const fn asked_at(&mut self) -> Option<&mut Tick> {
        match self {
            Self::Progress { at, .. }
            | Self::Product { at, .. }
            | Self::Describe { at, .. }
            | Self::Vanished { at, .. } => Some(at),
            Self::GiveTurn { .. }
            | Self::Turn { .. }
            | Self::Back { .. }
            | Self::TurnAway { .. }
            | Self::Claim { .. }
            | Self::Launch { .. }
            | Self::Terminate { .. }
            | Self::Look
            | Self::Postpone
            | Self::Confirm => None,
        }
    }
}

/// What comes of a turn.
fn turn(setup: &Setup, state: &mut State, answer: Answer, snap: Snap, heard: Heard) -> Next {
    let row = snap.row;
    let launch = row.status == Status::Pending;
    match answer {
        Answer::Done => {
            let (operation, product) = if launch {
                (Operation::Launch, None)
            } else {
                (Operation::Terminate, row.product)
            };
            let tokens = !setup.has(Switch::NoTokens);
            let execution = state.account.start(operation, row.generation, product, tokens);
            Some(remember(snap, operation, execution, Then::End))
        }
        Answer::NoRoom => Some(Task::Repair(Repair::Back { snap, heard })),
        Answer::Refused if heard == Heard::Perhaps => Some(Task::Repair(Repair::TurnAway { snap })),
        Answer::Refused if launch => Some(Task::Launch(Launch::Refuse { snap })),
        Answer::Refused => {
            let before = row.waiting.and_then(|waiting| waiting.before);
            Some(match before {
                Some(before) if row.instance => {
                    let at = state.stamp(setup);
                    let before = before.row(row);
                    Task::Act(Act::Describe {
                        before,
                        intent: snap,
                        at,
                    })
                }
                Some(_) | None => Task::Repair(Repair::TurnAway { snap }),
            })
        }
    }
}

fn known(state: &State, snap: Snap) -> Product {
    snap.row
        .product
        .map_or(Product::Absent, |product| state.account.found(product))
}

fn product(setup: &Setup, state: &State, snap: Snap, at: Tick, late: bool) -> Next {
    let cut_off = snap.row.execution.is_none();
    if matches!(snap.row.status, Status::Pending | Status::Failed) {
        let product = state.account.found_by_name();
        if cut_off && product == Product::Absent {
            // Past the time in which an automation may still begin is not in the model.
            if snap.row.status == Status::Failed {
                return Some(Task::Repair(Repair::Postpone));
            }
            if late && !setup.has(Switch::StartsOverdue) {
                return settle(snap, refusal(Source::Launch, Status::Failed), at, false);
            }
            if snap.row.waiting.is_some() {
                return Some(Task::Repair(Repair::Postpone));
            }
            return Some(Task::Repair(Repair::Claim { snap }));
        }
        return settle(snap, repair::launch(product), at, false);
    }
    let product = known(state, snap);
    if cut_off && !matches!(product, Product::Absent | Product::Changing(_)) {
        if snap.row.status == Status::TerminatingFailed {
            return Some(Task::Repair(Repair::Postpone));
        }
        return Some(Task::Repair(Repair::Terminate { snap }));
    }
    settle(snap, repair::terminate(&product), at, false)
}

fn refusal(source: Source, status: Status) -> Finding {
    let facts = Facts {
        error_message: Some(String::new()),
        ..Facts::default()
    };
    Finding::Over(source, status, facts)
}

fn settle(snap: Snap, finding: Finding, at: Tick, look: bool) -> Next {
    let Finding::Over(source, status, facts) = finding else {
        return (!look).then_some(Task::Repair(Repair::Postpone));
    };
    let news = News::Asked {
        source,
        status,
        product: facts.product.map(|id| number(id.as_str())),
        explained: facts.error_message.is_some(),
        at,
    };
    let origin = if look {
        Origin::Look
    } else {
        Origin::Repair {
            from: snap.row.status,
        }
    };
    Some(Task::Apply(Apply::Read { news, origin }))
}
