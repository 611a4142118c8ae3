//! The state of the world: the row, the hosting account, the queue and the workers.

use std::hash::{DefaultHasher, Hash, Hasher};

use workbench_core::environment::Environment;
use workbench_core::status::Status;
use workbench_core::status::transition::Operation;

use crate::aws::{Account, Automation, Instance, Product, Stage, Step};
use crate::clock::{Present, Renumber, Tick, timestamp};
use crate::message::Message;
use crate::row::{Age, Row, requested};
use crate::setup::{Setup, Start, Switch};
use crate::worker::Task;

/// What else may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Left {
    pub(crate) calls: u8,
    pub(crate) wanders: u8,
    pub(crate) faults: u8,
    pub(crate) full: u8,
    pub(crate) doubles: u8,
}

/// A rule about changes that a write broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Broken {
    /// TERMINATED was left.
    Final,
    /// A terminate under way was left for something else than its end.
    Terminating,
}

/// A row as it was read or written, and whether it is still so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Snap {
    pub(crate) row: Row,
    pub(crate) fresh: bool,
}

/// Everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    /// The latest moment.
    pub now: Tick,
    /// How long the operation under way is under way.
    pub age: Age,
    /// The environment's row, once there is one.
    pub row: Option<Row>,
    /// The hosting account.
    pub account: Account,
    /// Events on their way.
    pub queue: Vec<Message>,
    /// What is being done.
    pub workers: Vec<Task>,
    /// What else may happen.
    pub left: Left,
    /// Whether somebody has called the launch off.
    pub called_off: bool,
    /// A rule that was broken.
    pub broken: Option<Broken>,
}

impl State {
    /// Where a run begins.
    pub(crate) fn first(setup: &Setup) -> Self {
        let mut state = Self {
            now: Tick::default().next(setup.pace),
            age: Age::default(),
            row: None,
            account: Account::default(),
            queue: Vec::new(),
            workers: Vec::new(),
            left: Left {
                calls: setup.calls,
                wanders: setup.wanders,
                faults: setup.faults,
                full: setup.full,
                doubles: setup.doubles,
            },
            called_off: false,
            broken: None,
        };
        if setup.start == Start::Running {
            let row = requested(state.present());
            state.row = Some(Row {
                status: Status::Completed,
                reported: Some((row.requested_at, Status::Completed)),
                execution: Some(0),
                product: Some(0),
                instance: true,
                written: setup.has(Switch::ComparesWithWrite).then_some(state.now),
                ..row
            });
            state.account.automations.push(Automation {
                operation: Operation::Launch,
                token: row.generation,
                product: None,
                step: Step::Over,
            });
            state.account.products.push(Product {
                stage: Stage::Available,
                instance: Instance::InService,
                unasked: false,
            });
            state.now = state.now.later().next(setup.pace);
        }
        state.canonical()
    }

    /// The present, in which what was waited for has passed.
    pub(crate) fn present(&self) -> Present {
        let mut present = Present::at(self.now);
        let Some(row) = self.row.filter(|_| self.age != Age::default()) else {
            return present;
        };
        let environment = row.environment(present, false);
        if let Some(look) = environment.look_at().filter(|_| self.age.due && !row.postponed) {
            present.at = present.at.max(look);
        }
        if let Some(deadline) = environment.deadline().filter(|_| self.age.overdue) {
            present.at = present.at.max(deadline + jiff::SignedDuration::from_secs(1));
        }
        present
    }

    /// The real environment of a row that was read.
    pub(crate) fn environment(&self, row: &Row) -> Environment {
        row.environment(self.present(), self.age.due)
    }

    /// The time of a moment.
    pub(crate) fn time(&self, tick: Tick) -> jiff::Timestamp {
        let present = self.present();
        if tick == present.tick {
            present.at
        } else {
            timestamp(tick)
        }
    }

    /// What a decision made now says.
    pub(crate) fn row_of(&self, environment: &Environment) -> Row {
        Row::of(environment, self.present())
    }

    /// A new moment, as the clock reads.
    pub(crate) fn stamp(&mut self, setup: &Setup) -> Tick {
        self.now = self.now.next(setup.pace);
        self.now
    }

    /// The row, read.
    pub(crate) fn read(&self) -> Option<Snap> {
        self.row.map(|row| Snap { row, fresh: true })
    }

    /// Writes a row on condition that it is still what was read.
    pub(crate) fn write(&mut self, setup: &Setup, read: Option<Snap>, mut next: Row) -> Option<Snap> {
        let holds = read.map_or(self.row.is_none(), |snap| snap.fresh);
        if !holds && !setup.has(Switch::Unconditional) {
            return None;
        }
        if let Some(before) = self.row {
            self.hold_rules(&before, &next);
        }
        if setup.has(Switch::ComparesWithWrite) {
            next.written = Some(self.stamp(setup));
        }
        if setup.has(Switch::NeverDoubts) && !next.status.in_flight() {
            next.postponed = false;
        }
        let present = self.present();
        let environment = next.environment(present, self.age.due);
        let just_doubted = next.postponed
            && self
                .row
                .is_none_or(|before| !before.postponed || before.status != next.status);
        self.age = Age {
            due: !just_doubted && environment.look_at().is_some_and(|at| at <= present.at),
            overdue: environment.is_overdue(present.at),
        };
        self.row = Some(next);
        for worker in &mut self.workers {
            worker.grow_stale(setup);
        }
        self.read()
    }

    fn hold_rules(&mut self, before: &Row, next: &Row) {
        let left = before.status != next.status;
        let ends = matches!(next.status, Status::Terminated | Status::TerminatingFailed);
        let refused = next.operation != Operation::Terminate || next.generation != before.generation;
        if left && before.status == Status::Terminated {
            self.broken = Some(Broken::Final);
        } else if left
            && before.status == Status::Terminating
            && before.operation == Operation::Terminate
            && !ends
            && !refused
        {
            self.broken = Some(Broken::Terminating);
        }
    }

    /// The same state, with moments numbered by their order, and in an order of its own where none matters.
    pub(crate) fn canonical(mut self) -> Self {
        let mut ticks = Vec::new();
        self.each_tick(&mut |tick| ticks.push(*tick));
        let renumber = Renumber::of(ticks);
        self.each_tick(&mut |tick| renumber.apply(tick));
        self.queue.sort_by_key(Message::place);
        self.workers.sort_by_cached_key(|task| {
            let mut hasher = DefaultHasher::new();
            task.hash(&mut hasher);
            hasher.finish()
        });
        self
    }

    fn each_tick(&mut self, visit: &mut dyn FnMut(&mut Tick)) {
        visit(&mut self.now);
        if let Some(row) = &mut self.row {
            row.each_tick(visit);
        }
        for message in &mut self.queue {
            visit(&mut message.at);
        }
        for worker in &mut self.workers {
            worker.each_tick(visit);
        }
    }
}

impl Snap {
    pub(crate) fn each_tick(&mut self, visit: &mut dyn FnMut(&mut Tick)) {
        self.row.each_tick(visit);
    }
}
