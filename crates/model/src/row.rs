//! The environment's row, without what no decision depends on, and the way to the real one and back.

use std::sync::LazyLock;

use workbench_core::account::{AccountStatus, ExternalId, HostingAccount};
use workbench_core::env_type::{ConfigStatus, EnvTypeConfig, Offer};
use workbench_core::environment::{Environment, Heard, Instance, Waiting};
use workbench_core::id::{ExecutionId, ProvisionedProductId, RecordId};
use workbench_core::project::{Project, ProjectStatus};
use workbench_core::status::Status;
use workbench_core::status::order::{Order, ReportTime, Resolution};
use workbench_core::status::transition::{Held, Lifecycle, Operation};
use workbench_core::text::{Description, Name, Title};

use crate::clock::{Present, Tick, timestamp};

const UUID: &str = "b590a734-5adc-4a43-a24b-edf3795b812d";

/// What a row says, as far as decisions depend on it. `rev` is not in it: whoever holds a row knows whether it was
/// written since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Row {
    /// The status that the API shows.
    pub status: Status,
    /// What was last asked.
    pub operation: Operation,
    /// How many operations were asked so far.
    pub generation: u32,
    /// When the latest was.
    pub requested_at: Tick,
    /// The newest report that was applied.
    pub reported: Option<(Tick, Status)>,
    /// When the launch was over, by the report that it has succeeded.
    pub launched: Option<Tick>,
    /// The newest instance report during the launch.
    pub held: Option<(Tick, Status)>,
    /// The automation of the latest operation.
    pub execution: Option<u8>,
    /// The product.
    pub product: Option<u8>,
    /// Whether the instance is known.
    pub instance: bool,
    /// Whether it waits for its turn.
    pub waiting: Option<Queued>,
    /// Whether AWS was asked about the operation, and is to be asked again.
    pub postponed: bool,
    /// When the row was last written. Kept only where something is decided by it: fault F8.
    pub written: Option<Tick>,
}

/// That a launch or terminate waits for its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Queued {
    /// Whether AWS may have heard of it.
    pub heard: Heard,
    /// When it was last tried.
    pub tried_at: Tick,
    /// What it was before a terminate was asked for.
    pub before: Option<Before>,
}

/// What a terminate is taken back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Before {
    /// The status.
    pub status: Status,
    /// What was last asked.
    pub operation: Operation,
    /// When.
    pub requested_at: Tick,
}

impl Before {
    /// What a row is before something else is asked for.
    pub(crate) const fn of(row: &Row) -> Self {
        Self {
            status: row.status,
            operation: row.operation,
            requested_at: row.requested_at,
        }
    }

    /// A row that is what it was.
    pub(crate) const fn row(self, row: Row) -> Row {
        Row {
            status: self.status,
            operation: self.operation,
            requested_at: self.requested_at,
            ..row
        }
    }
}

/// How long an operation is under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Age {
    /// It is time to ask AWS.
    pub due: bool,
    /// It takes longer than it may.
    pub overdue: bool,
}

impl Row {
    /// The real environment that the row stands for.
    pub(crate) fn environment(&self, present: Present, due: bool) -> Environment {
        let template = &*TEMPLATE;
        let instant = |tick| {
            if tick == present.tick {
                present.at
            } else {
                timestamp(tick)
            }
        };
        let time = |tick| ReportTime {
            at: instant(tick),
            resolution: Resolution::Milliseconds,
        };
        let hour = jiff::SignedDuration::from_hours(1);
        let lifecycle = Lifecycle {
            status: self.status,
            operation: self.operation,
            generation: self.generation,
            requested_at: instant(self.requested_at),
            reported: self.reported.map(|(tick, status)| Order::new(time(tick), status)),
            launched_at: self.launched.map(instant),
            held: self.held.map(|(tick, status)| Held {
                status,
                time: time(tick),
            }),
        };
        let waiting = self.waiting.map(|waiting| Waiting {
            since: instant(waiting.tried_at),
            tried_at: instant(waiting.tried_at),
            heard: waiting.heard,
            before: waiting.before.map(|before| Lifecycle {
                status: before.status,
                operation: before.operation,
                requested_at: instant(before.requested_at),
                ..lifecycle.clone()
            }),
            reason: String::new(),
        });
        Environment {
            lifecycle,
            waiting,
            execution: self.execution.map(execution_id),
            product: self.product.map(product_id),
            instance: self.instance.then(instance),
            postponed_until: self
                .postponed
                .then(|| if due { present.at } else { present.at + hour }),
            ..template.clone()
        }
    }

    /// What an environment that was decided at `present` says.
    pub(crate) fn of(environment: &Environment, present: Present) -> Self {
        let lifecycle = &environment.lifecycle;
        Self {
            status: lifecycle.status,
            operation: lifecycle.operation,
            generation: lifecycle.generation,
            requested_at: present.tick_of(lifecycle.requested_at),
            reported: lifecycle
                .reported
                .map(|order| (present.tick_of(order.at()), status_of(order))),
            launched: lifecycle.launched_at.map(|at| present.tick_of(at)),
            held: lifecycle
                .held
                .map(|held| (present.tick_of(held.time.at), held.status)),
            execution: environment.execution.as_ref().map(|id| number(id.as_str())),
            product: environment.product.as_ref().map(|id| number(id.as_str())),
            instance: environment.instance.is_some(),
            waiting: environment.waiting.as_ref().map(|waiting| Queued {
                heard: waiting.heard,
                tried_at: present.tick_of(waiting.tried_at),
                before: waiting.before.as_ref().map(|before| Before {
                    status: before.status,
                    operation: before.operation,
                    requested_at: present.tick_of(before.requested_at),
                }),
            }),
            postponed: environment.postponed_until.is_some(),
            written: None,
        }
    }

    /// All its moments.
    pub(crate) fn each_tick(&mut self, visit: &mut dyn FnMut(&mut Tick)) {
        visit(&mut self.requested_at);
        for (tick, _) in [&mut self.reported, &mut self.held].into_iter().flatten() {
            visit(tick);
        }
        if let Some(waiting) = &mut self.waiting {
            visit(&mut waiting.tried_at);
            if let Some(before) = &mut waiting.before {
                visit(&mut before.requested_at);
            }
        }
        self.launched.iter_mut().chain(&mut self.written).for_each(visit);
    }
}

/// The status whose rank an order has: each status has a rank of its own.
fn status_of(order: Order) -> Status {
    let time = ReportTime {
        at: order.at(),
        resolution: Resolution::Milliseconds,
    };
    let found = Status::ALL
        .into_iter()
        .find(|status| Order::new(time, *status) == order);
    found.unwrap_or(Status::Pending)
}

pub(crate) fn execution_id(number: u8) -> ExecutionId {
    valid(&format!("b590a734-5adc-4a43-a24b-0000000000{number:02}"))
}

pub(crate) fn product_id(number: u8) -> ProvisionedProductId {
    valid(&format!("pp-{number:02}"))
}

pub(crate) fn record_id() -> RecordId {
    valid("rec-1")
}

/// The number with which an id ends.
pub(crate) fn number(id: &str) -> u8 {
    let digits = id.len().saturating_sub(2);
    id.get(digits..).and_then(|text| text.parse().ok()).unwrap_or(0)
}

pub(crate) fn instance() -> Instance {
    TEMPLATE_INSTANCE.clone()
}

pub(crate) fn account() -> workbench_core::id::AwsAccountId {
    TEMPLATE.home.account.aws_account_id.clone()
}

pub(crate) fn environment_id() -> workbench_core::id::EnvironmentId {
    TEMPLATE.id
}

static TEMPLATE_INSTANCE: LazyLock<Instance> = LazyLock::new(|| Instance {
    id: valid("BasicNotebookInstance-x4CC6ZFJzqJJ"),
    arn: String::new(),
    role_arn: String::new(),
});

/// An environment that was just asked for.
static TEMPLATE: LazyLock<Environment> = LazyLock::new(|| {
    let now = timestamp(Tick::default());
    let account = HostingAccount {
        id: valid(&format!("acc-{UUID}")),
        name: known(Name::new("model")),
        aws_account_id: valid("111111111111"),
        env_mgmt_role_arn: String::new(),
        hosting_account_handler_role_arn: String::new(),
        external_id: ExternalId::new("workbench"),
        status: AccountStatus::Current,
        vpc_id: String::new(),
        subnet_id: String::new(),
        encryption_key_arn: String::new(),
        environment_instance_files: String::new(),
        rev: 1,
        created_at: now,
        updated_at: now,
    };
    let project = Project {
        id: valid(&format!("proj-{UUID}")),
        name: known(Name::new("model")),
        description: known(Description::new("model")),
        status: ProjectStatus::Available,
        cost_center_id: valid(&format!("cc-{UUID}")),
        account,
        rev: 1,
        created_at: now,
        updated_at: now,
    };
    let config = EnvTypeConfig {
        id: valid(&format!("etc-{UUID}")),
        env_type_id: valid("et-prod-hxwmltpkg2edy,pa-fh6spfcycydtq"),
        type_name: "sagemakerNotebook".into(),
        name: known(Title::new("model")),
        description: known(Description::new("model")),
        estimated_cost: None,
        params: Vec::new(),
        offer: Offer::EveryProject,
        status: ConfigStatus::Available,
        rev: 1,
        created_at: now,
        updated_at: now,
    };
    Environment::request(
        valid(&format!("env-{UUID}")),
        known(Name::new("model")),
        known(Description::new("model")),
        valid(UUID),
        &config,
        &project,
        now,
    )
});

/// An environment that is asked for now, and not yet launched.
pub(crate) fn requested(present: Present) -> Row {
    let mut row = Row::of(&TEMPLATE, present);
    row.requested_at = present.tick;
    row
}

/// A text of the model's own as the id that it is.
fn valid<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    known(text.parse())
}

#[expect(
    clippy::expect_used,
    reason = "only texts of this file, and each run reads them all"
)]
fn known<T, E: std::fmt::Debug>(value: Result<T, E>) -> T {
    value.expect("the model's own texts are valid")
}
