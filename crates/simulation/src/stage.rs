//! Where a run plays: Workbench, its processes, its people, and what was seen of it; and what can be done there.

use std::collections::{BTreeMap, VecDeque};

use axum::http::StatusCode;
use fastrand::Rng;
use jiff::Timestamp;
use serde_json::Value;
use workbench_aws::Cloud;
use workbench_core::environment::Environment;
use workbench_core::id::EnvironmentId;
use workbench_local::{Answer, Gate, Invocation, Workbench};

use crate::clients::{Ask, Clients};
use crate::crew::{Crew, Done, Ended, Work};
use crate::home::Home;
use crate::observed::Observed;
use crate::promise::{Promise, Violation};
use crate::schedule::Schedule;
use crate::trace::Trace;
use crate::{Error, Recovery, Simulation};

/// How often something happens by itself, at most, once the people have asked for everything.
const AFTERWARDS: u32 = 60;

/// The error codes with which DynamoDB answers what was decided by an old state: that is no fault of AWS's.
const OVERTAKEN: [&str; 2] = ["ConditionalCheckFailedException", "TransactionCanceledException"];

/// Calls after which a row may be another one.
const WRITES: [&str; 4] = ["TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem"];

/// Where a run plays.
pub(crate) struct Stage {
    pub(crate) workbench: Workbench,
    pub(crate) onlooker: Cloud,
    pub(crate) homes: Vec<Home>,
    pub(crate) observed: Observed,
    pub(crate) trace: Trace,
    pub(crate) violations: Vec<Violation>,
    pub(crate) recovery: Recovery,
    pub(crate) clients: Clients,
    pub(crate) crew: Crew,
    pub(crate) schedule: Schedule,
    pub(crate) gate: Gate,
    pub(crate) dice: Rng,
    /// The ARN of the status function.
    status_function: String,
    /// What waits for it.
    pub(crate) inbox: VecDeque<Invocation>,
    /// For how many leaps nobody asks anything.
    pub(crate) patience: u32,
    /// Things that may yet happen once everything was asked.
    pub(crate) afterwards: u32,
    pub(crate) sweeps: u32,
    pub(crate) checks: u32,
    /// When a row was last written.
    pub(crate) written_at: Timestamp,
    pub(crate) calls: usize,
}

impl Stage {
    pub(crate) async fn set(simulation: &Simulation, schedule: &Schedule) -> Result<Self, Error> {
        let observed = Observed::default();
        let workbench = simulation.base.open(observed.ids(schedule.seed)).await?;
        let homes: Vec<Home> = simulation.homes.iter().take(schedule.homes).cloned().collect();
        let gate = Gate::default();
        let mut dice = Rng::with_seed(schedule.seed);
        {
            let faults = &mut workbench.aws.world().faults;
            faults.seed(dice.u64(..));
            faults.provisioning_takes = schedule.slow;
            faults.automations_left = schedule.room;
            (schedule.faults.iter().cloned()).for_each(|fault| faults.switch_on(fault));
        }
        let mut trace = Trace::new(workbench.aws.now());
        let faults: Vec<String> = schedule.faults.iter().map(ToString::to_string).collect();
        trace.note(
            workbench.aws.now(),
            format!("seed {}: {}", schedule.seed, faults.join(", ")),
        );
        Ok(Self {
            onlooker: workbench.onlooker().await?,
            crew: Crew::gather(&workbench, &gate).await?,
            clients: Clients::new(&workbench.people, &simulation.offered, &homes, schedule),
            homes,
            status_function: workbench.status_function(),
            workbench,
            observed,
            trace,
            violations: Vec::new(),
            recovery: Recovery::default(),
            schedule: schedule.clone(),
            gate,
            afterwards: dice.u32(0..=AFTERWARDS),
            dice,
            inbox: VecDeque::new(),
            patience: 0,
            sweeps: 0,
            checks: 0,
            written_at: Timestamp::MIN,
            calls: 0,
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.workbench.aws.now()
    }

    pub(crate) fn note(&mut self, what: impl Into<String>) {
        let now = self.now();
        self.trace.note(now, what);
    }

    pub(crate) fn broken(&mut self, promise: Promise, found: impl Into<String>) {
        let violation = Violation {
            promise,
            found: found.into(),
        };
        self.note(format!("BROKEN: {violation}"));
        self.violations.push(violation);
    }

    /// Lets one call through, and whoever made it go on.
    pub(crate) async fn call(&mut self, id: u64, process: u32) -> Result<(), Error> {
        let before = self.workbench.aws.world().calls().len();
        self.gate.let_through(id);
        self.crew.still().await;
        let made = self.workbench.aws.world().calls().get(before).cloned();
        let Some(made) = made.filter(|call| call.external) else {
            return self.look_round(false).await;
        };
        self.calls += 1;
        let error = made.error.as_deref();
        if error.is_some_and(|code| !OVERTAKEN.contains(&code)) {
            self.crew.hinder(process);
        }
        let (name, service) = (self.crew.name(process), made.service.prefix());
        let outcome = error.map(|code| format!(" -> {code}")).unwrap_or_default();
        self.note(format!("{name}: {service}:{}{outcome}", made.operation));
        self.look_round(WRITES.contains(&made.operation.as_str())).await
    }

    pub(crate) async fn ask(&mut self, ask: Ask) -> Result<(), Error> {
        let now = self.now();
        let Some(request) = self.clients.request(ask) else {
            return Ok(());
        };
        let begun = self.crew.answer(ask, request, now);
        let what = format!("{} {} begins", ask.what.word(), ask.client);
        self.begin(begun, &what).await
    }

    pub(crate) async fn deliver(&mut self) -> Result<(), Error> {
        let now = self.now();
        let Some(invocation) = self.inbox.pop_front() else {
            return Ok(());
        };
        let told = told(&invocation.payload);
        let begun = self.crew.handle(invocation, now);
        self.begin(begun, &format!("is told {told}")).await
    }

    pub(crate) async fn sweep(&mut self) -> Result<(), Error> {
        let begun = self.crew.sweep(self.now());
        self.begin(begun, "sweep begins").await
    }

    pub(crate) async fn check_accounts(&mut self) -> Result<(), Error> {
        let begun = self.crew.check_accounts(self.now());
        self.begin(begun, "looks after the accounts").await
    }

    /// Lets a process come to its first call, if one was free.
    async fn begin(&mut self, process: Option<String>, what: &str) -> Result<(), Error> {
        if let Some(name) = process {
            self.note(format!("{name}: {what}"));
        }
        self.crew.still().await;
        self.look_round(false).await
    }

    /// Turns the time. Whoever takes longer than Lambda allows is ended.
    pub(crate) async fn pass(&mut self, until: Timestamp) -> Result<(), Error> {
        self.workbench.aws.world().run_until(until);
        self.crew.time_out(self.now());
        self.crew.still().await;
        self.look_round(false).await?;
        if let Some(violation) = self.observed.one_product(&self.workbench, &self.homes) {
            self.broken(violation.promise, violation.found);
        }
        Ok(())
    }

    /// Takes in what is over, what is new in the rows, and what waits for the functions.
    async fn look_round(&mut self, written: bool) -> Result<(), Error> {
        if written {
            self.written_at = self.now();
            let (changes, violations) = self.observed.look(&self.workbench);
            changes.into_iter().for_each(|change| self.note(change));
            for violation in violations {
                self.broken(violation.promise, violation.found);
            }
        }
        for ended in self.crew.take_ended(&self.workbench).await? {
            self.end(ended);
        }
        let mut world = self.workbench.aws.world();
        for invocation in world.take_invocations() {
            if invocation.function == self.status_function {
                self.inbox.push_back(invocation);
            } else {
                world.end_invocation(invocation, Ok(Value::Null));
            }
        }
        Ok(())
    }

    fn end(&mut self, ended: Ended) {
        let Ended {
            name,
            work,
            done,
            hindered,
        } = ended;
        match (work, done) {
            (Work::Answer(ask), Done::Answered(answer)) => {
                self.note(format!(
                    "{name}: answers {} to {} {}",
                    answer.status,
                    ask.what.word(),
                    ask.client
                ));
                let (status, failed) = (answer.status.as_u16(), answer.status.is_server_error());
                if status == 500 || failed && !hindered {
                    self.broken(
                        Promise::Answers,
                        format!("{} was answered {status}: {}", ask.what.word(), answer.body),
                    );
                }
                if let Some([one, other]) = self.clients.answered(&mut self.dice, ask, &answer) {
                    self.broken(Promise::OneProduct, format!("one key has made {one} and {other}"));
                }
            }
            (Work::Answer(ask), _) => {
                self.note(format!(
                    "{name}: dies before it answers {} {}",
                    ask.what.word(),
                    ask.client
                ));
                let gone = Answer {
                    status: StatusCode::BAD_GATEWAY,
                    body: Value::Null,
                };
                self.clients.answered(&mut self.dice, ask, &gone);
            }
            (Work::Handle(invocation), done) => {
                let answer = match done {
                    Done::Handled(answer) => answer,
                    _ => Err("the process died".to_owned()),
                };
                match &answer {
                    Ok(answer)
                        if answer["batchItemFailures"]
                            .as_array()
                            .is_some_and(|failed| !failed.is_empty()) =>
                    {
                        self.note(format!("{name}: could not handle all"));
                    }
                    Ok(_) => self.note(format!("{name}: is done")),
                    Err(error) => self.note(format!("{name}: {error}")),
                }
                self.workbench.aws.world().end_invocation(*invocation, answer);
            }
            (Work::Check, Done::Checked(Ok(summary))) => {
                self.note(format!("{name}: has seen {:?}", summary.statuses));
                // What AWS has refused to show is a finding as well.
                if !summary.troubled.is_empty() && !hindered {
                    self.broken(Promise::Accounts, format!("{:?}", summary.troubled));
                }
            }
            (Work::Check, Done::Checked(Err(error))) => self.note(format!("{name}: {error}")),
            (Work::Check, _) => self.note(format!("{name}: dies while it looks after the accounts")),
            (Work::Sweep, Done::Swept(counts)) => self.note(format!("{name}: has swept {counts}")),
            (Work::Sweep, _) => self.note(format!("{name}: dies in its sweep")),
        }
    }

    /// Lets everything that is under way come to its end, in the order in which it is due.
    pub(crate) async fn rest(&mut self) -> Result<(), Error> {
        loop {
            if let Some(call) = self.gate.waiting().first() {
                self.call(call.id, call.process).await?;
            } else if !self.crew.is_idle() {
                // Its last call was a moment ago.
                self.crew.still().await;
                self.look_round(false).await?;
            } else if !self.inbox.is_empty() {
                self.deliver().await?;
            } else {
                let due = self.workbench.aws.world().next_due();
                let Some(due) = due else { return Ok(()) };
                self.pass(due).await?;
            }
        }
    }

    /// Turns the time, sweeps once, and lets AWS come to rest.
    pub(crate) async fn sweep_at(&mut self, at: Timestamp) -> Result<(), Error> {
        self.pass(at).await?;
        self.sweep().await?;
        self.rest().await
    }

    /// The environments by their ids.
    pub(crate) async fn environments(&self) -> Result<BTreeMap<EnvironmentId, Environment>, Error> {
        let mut environments = BTreeMap::new();
        for id in self.observed.environments() {
            if let Some(environment) = self.onlooker.table().environment(id).await? {
                environments.insert(id, environment);
            }
        }
        Ok(environments)
    }
}

/// What the messages of a batch say.
fn told(payload: &Value) -> String {
    let bodies = payload["Records"].as_array().into_iter().flatten();
    let events = bodies.filter_map(|record| serde_json::from_str::<Value>(record["body"].as_str()?).ok());
    let words = events.map(|event| {
        let detail = &event["detail"];
        let status = detail["Status"]
            .as_str()
            .or_else(|| detail["NotebookInstanceStatus"].as_str());
        let status = status
            .or_else(|| detail["status"].as_str())
            .unwrap_or("something");
        format!(
            "{}: {status}",
            event["detail-type"].as_str().unwrap_or("an event")
        )
    });
    words.collect::<Vec<_>>().join("; ")
}
