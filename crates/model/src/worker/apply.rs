//! After `operation/apply.rs`: read, decide by the table of transitions, write if nobody wrote in between.

use workbench_core::environment::{Answer, Applied, Question};
use workbench_core::repair::Product;
use workbench_core::report::{Facts, Report};
use workbench_core::status::Status;
use workbench_core::status::transition::{Operation, Source};

use super::repair::Repair;
use super::{Next, Task};
use crate::aws::Stage;
use crate::clock::Tick;
use crate::message::Message;
use crate::row::{Row, instance, number, product_id, record_id};
use crate::setup::{Setup, Switch};
use crate::state::{Snap, State};

/// What was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum News {
    /// An event came.
    Event(Message),
    /// AWS was asked.
    Asked {
        source: Source,
        status: Status,
        product: Option<u8>,
        explained: bool,
        at: Tick,
    },
}

/// For whom a report is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The queue.
    Queue,
    /// The sweep, which found the environment in a status.
    Repair { from: Status },
    /// The sweep, which has settled a launch and asks its instance.
    Look,
}

/// The applying of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Apply {
    /// Read the row.
    Read { news: News, origin: Origin },
    /// Ask AWS for what the report lacks.
    Ask { snap: Snap, news: News, origin: Origin },
    /// Write what it comes to.
    Write {
        snap: Snap,
        next: Row,
        news: News,
        origin: Origin,
    },
}

impl Apply {
    pub(super) fn step(self, setup: &Setup, state: &mut State) -> Next {
        match self {
            Self::Read { mut news, origin } => {
                let snap = state.read()?;
                if let News::Asked { at, .. } = &mut news
                    && setup.has(Switch::StampsAnswers)
                {
                    *at = state.stamp(setup);
                }
                if is_skipped(setup, &snap.row, news) {
                    return None;
                }
                let environment = state.environment(&snap.row);
                match environment.question(&report(state, news)) {
                    Some(_) => Some(Task::Apply(Self::Ask { snap, news, origin })),
                    None => decide(setup, state, snap, news, origin, None),
                }
            }
            Self::Ask { snap, news, origin } => {
                let question = state.environment(&snap.row).question(&report(state, news));
                let answer = question.map(|question| ask(state, question));
                decide(setup, state, snap, news, origin, answer)
            }
            Self::Write {
                snap,
                next,
                news,
                origin,
            } => match state.write(setup, Some(snap), next) {
                Some(_) => over(origin, Some(next.status), news),
                None => Some(Task::Apply(Self::Read { news, origin })),
            },
        }
    }

    pub(super) const fn origin(self) -> Origin {
        match self {
            Self::Read { origin, .. } | Self::Ask { origin, .. } | Self::Write { origin, .. } => origin,
        }
    }

    pub(super) fn grow_stale(&mut self, setup: &Setup) {
        match *self {
            Self::Ask { news, origin, .. } | Self::Write { news, origin, .. }
                if !setup.has(Switch::Unconditional) =>
            {
                *self = Self::Read { news, origin };
            }
            Self::Read { .. } | Self::Ask { .. } | Self::Write { .. } => {}
        }
    }

    pub(super) fn each_tick(&mut self, visit: &mut dyn FnMut(&mut Tick)) {
        let news = match self {
            Self::Read { news, .. } => news,
            Self::Ask { snap, news, .. } => {
                snap.each_tick(visit);
                news
            }
            Self::Write { snap, next, news, .. } => {
                snap.each_tick(visit);
                next.each_tick(visit);
                news
            }
        };
        match news {
            News::Event(Message { at, .. }) | News::Asked { at, .. } => visit(at),
        }
    }
}

fn report(state: &State, news: News) -> Report {
    match news {
        News::Event(message) => message.report(state.present()),
        News::Asked {
            source,
            status,
            product,
            explained,
            at,
        } => {
            let facts = Facts {
                product: product.map(product_id),
                record: product.map(|_| record_id()),
                error_message: explained.then(String::new),
            };
            let row = crate::row::requested(state.present());
            state
                .environment(&row)
                .found(source, status, facts, state.time(at))
        }
    }
}

/// F7 and F8.
fn is_skipped(setup: &Setup, row: &Row, news: News) -> bool {
    let News::Event(message) = news else {
        return false;
    };
    let of_instance = message.source == Source::Instance;
    let unknown = setup.has(Switch::SkipsUnknownInstance) && of_instance && !row.instance;
    let old = row
        .written
        .is_some_and(|written| of_instance && message.at <= written);
    unknown || old
}

fn decide(
    setup: &Setup,
    state: &mut State,
    snap: Snap,
    news: News,
    origin: Origin,
    answer: Option<Answer>,
) -> Next {
    let mut environment = state.environment(&snap.row);
    let terminates = environment.lifecycle.operation == Operation::Terminate;
    let moves = setup.has(Switch::InstanceMovesTerminating) && terminates;
    let report = report(state, news);
    if moves && report.source == Source::Instance {
        environment.lifecycle.operation = Operation::Stop;
    }
    match environment.apply(&report, answer, state.time(state.now)) {
        Applied::Changed(mut next) => {
            next.lifecycle.operation = snap.row.operation;
            let next = state.row_of(&next);
            Some(Task::Apply(Apply::Write {
                snap,
                next,
                news,
                origin,
            }))
        }
        Applied::Kept(_) => over(origin, None, news),
    }
}

/// What whoever applied the report does next; `to` is the status that was written.
fn over(origin: Origin, to: Option<Status>, news: News) -> Next {
    let Origin::Repair { from } = origin else {
        return None;
    };
    let launch = matches!(
        news,
        News::Asked {
            source: Source::Launch,
            ..
        }
    );
    match to {
        Some(Status::Completed) if from != Status::Completed && launch => Some(Task::Repair(Repair::Look)),
        Some(to) if to != from => None,
        Some(_) | None if from.in_flight() => Some(Task::Repair(Repair::Postpone)),
        Some(_) | None => Some(Task::Repair(Repair::Confirm)),
    }
}

fn ask(state: &State, question: Question) -> Answer {
    match question {
        Question::Outputs(_) => {
            let made = |product: &crate::aws::Product| product.stage != Stage::Creating;
            match state.account.product(0).is_some_and(made) {
                true => Answer::Instance(instance()),
                false => Answer::Reason(String::new()),
            }
        }
        Question::TerminateFailure {
            product: Some(product),
            record: None,
            ..
        } if state.account.found(number(product.as_str())) == Product::Absent => Answer::Gone,
        Question::LaunchFailure { .. } | Question::TerminateFailure { .. } => Answer::Reason(String::new()),
    }
}
