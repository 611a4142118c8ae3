//! The processes of the functions, and what each is at.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use workbench_account::Summary;
use workbench_aws::Cloud;
use workbench_aws::accounts::Patience;
use workbench_local::{Answer, FunctionError, Gate, Invocation, Process, Workbench};

use crate::clients::Ask;

/// The functions of the processes, by their numbers. Accounts are looked after once in five minutes: one is enough.
const FUNCTIONS: [Function; 5] = [
    Function::Api,
    Function::Api,
    Function::Status,
    Function::Status,
    Function::Account,
];

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Api,
    Status,
    Account,
}

impl Function {
    /// How long an invocation may take, as `template.yaml` says. Then Lambda ends the process.
    const fn timeout(self) -> SignedDuration {
        match self {
            Self::Api | Self::Status => SignedDuration::from_secs(29),
            Self::Account => SignedDuration::from_secs(240),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Status => "status",
            Self::Account => "account",
        }
    }
}

/// What a process is at.
#[derive(Debug, Clone)]
pub(crate) enum Work {
    /// A request of the API.
    Answer(Ask),
    /// Something that waits for a function.
    Handle(Box<Invocation>),
    /// The sweep.
    Sweep,
    /// A look at the hosting accounts.
    Check,
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Done {
    Answered(Answer),
    Handled(Result<Value, String>),
    Swept(String),
    Checked(Result<Summary, String>),
    Died,
}

/// A process with what runs in it.
struct Member {
    process: Process,
    runs: Runs,
    at: Option<At>,
}

#[derive(Clone)]
enum Runs {
    Api(Router),
    Status(Cloud),
    Account(Cloud),
}

impl Runs {
    /// A new process that knows nothing.
    async fn new(
        function: Function,
        workbench: &Workbench,
        process: &Process,
    ) -> Result<Self, FunctionError> {
        Ok(match function {
            Function::Api => Self::Api(workbench.api_process(process).await?),
            Function::Status => Self::Status(workbench.status_process(process).await?),
            Function::Account => Self::Account(workbench.account_process(process).await?),
        })
    }

    const fn function(&self) -> Function {
        match self {
            Self::Api(_) => Function::Api,
            Self::Status(_) => Function::Status,
            Self::Account(_) => Function::Account,
        }
    }
}

/// What a process is at, since when, and whether AWS did what it asked.
#[derive(Debug)]
struct At {
    work: Work,
    since: Timestamp,
    hindered: bool,
}

/// Something that is over.
pub(crate) struct Ended {
    /// The process, by its name in the trace.
    pub(crate) name: String,
    pub(crate) work: Work,
    pub(crate) done: Done,
    /// Whether a call of it was refused, or its answer was lost.
    pub(crate) hindered: bool,
}

/// All processes.
pub(crate) struct Crew {
    gate: Gate,
    members: Vec<Member>,
    ended: Arc<Mutex<Vec<(usize, Done)>>>,
}

impl Crew {
    pub(crate) async fn gather(workbench: &Workbench, gate: &Gate) -> Result<Self, FunctionError> {
        let mut members = Vec::new();
        for (number, function) in (0..).zip(FUNCTIONS) {
            let process = Process::behind(gate, number);
            members.push(Member {
                runs: Runs::new(function, workbench, &process).await?,
                process,
                at: None,
            });
        }
        Ok(Self {
            gate: gate.clone(),
            members,
            ended: Arc::default(),
        })
    }

    /// Whether nobody does anything.
    pub(crate) fn is_idle(&self) -> bool {
        self.members.iter().all(|member| member.at.is_none())
    }

    /// Whether a process of the api function is free.
    pub(crate) fn can_answer(&self) -> bool {
        self.free(Function::Api).is_some()
    }

    /// Whether a process of the status function is free.
    pub(crate) fn can_handle(&self) -> bool {
        self.free(Function::Status).is_some()
    }

    /// Whether the process of the account function is free.
    pub(crate) fn can_check(&self) -> bool {
        self.free(Function::Account).is_some()
    }

    fn free(&self, function: Function) -> Option<usize> {
        let free = |member: &Member| member.at.is_none() && member.runs.function() == function;
        self.members.iter().position(free)
    }

    /// The name of a process in the trace.
    pub(crate) fn name(&self, number: u32) -> String {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let Some(function) = FUNCTIONS.get(number) else {
            return "nobody".to_owned();
        };
        let before = FUNCTIONS.iter().take(number).filter(|other| *other == function);
        format!("{} {}", function.word(), before.count() + 1)
    }

    /// Begins to answer a request, if a process is free for it; its name.
    pub(crate) fn answer(&mut self, ask: Ask, request: Request<Body>, now: Timestamp) -> Option<String> {
        let number = self.free(Function::Api)?;
        let Runs::Api(router) = self.members.get(number)?.runs.clone() else {
            return None;
        };
        let work = async move { Done::Answered(Answer::of(router, request).await) };
        self.begin(number, Work::Answer(ask), now, work)
    }

    /// Begins what waits for the status function, if a process is free for it; its name.
    pub(crate) fn handle(&mut self, invocation: Invocation, now: Timestamp) -> Option<String> {
        let (number, cloud) = self.status()?;
        let payload = invocation.payload.clone();
        let work = async move {
            Done::Handled(match serde_json::from_value(payload) {
                Ok(payload) => {
                    let done = Box::pin(workbench_status::invoke(&cloud, payload)).await;
                    match done.failed {
                        None => serde_json::to_value(done.response).map_err(|error| error.to_string()),
                        Some(reason) => Err(reason),
                    }
                }
                Err(error) => Err(error.to_string()),
            })
        };
        self.begin(number, Work::Handle(Box::new(invocation)), now, work)
    }

    /// Begins a sweep, if a process is free for it; its name.
    pub(crate) fn sweep(&mut self, now: Timestamp) -> Option<String> {
        let (number, cloud) = self.status()?;
        let work = async move {
            Done::Swept(match Box::pin(workbench_status::sweep(&cloud)).await.repairs {
                Ok(counts) => format!("{counts:?}"),
                Err(error) => error.to_string(),
            })
        };
        self.begin(number, Work::Sweep, now, work)
    }

    /// Begins to look after the hosting accounts, if the process for it is free; its name.
    pub(crate) fn check_accounts(&mut self, now: Timestamp) -> Option<String> {
        let number = self.free(Function::Account)?;
        let Runs::Account(cloud) = self.members.get(number)?.runs.clone() else {
            return None;
        };
        let work = async move {
            let checked = workbench_account::handle(&cloud, &Value::Null, Patience::RUN).await;
            Done::Checked(checked.map_err(|error| error.to_string()))
        };
        self.begin(number, Work::Check, now, work)
    }

    fn status(&self) -> Option<(usize, Cloud)> {
        let number = self.free(Function::Status)?;
        match self.members.get(number)?.runs.clone() {
            Runs::Status(cloud) => Some((number, cloud)),
            Runs::Api(_) | Runs::Account(_) => None,
        }
    }

    fn begin(
        &mut self,
        number: usize,
        work: Work,
        since: Timestamp,
        does: impl Future<Output = Done> + Send + 'static,
    ) -> Option<String> {
        let member = self.members.get_mut(number)?;
        let (process, ended) = (member.process.clone(), Arc::clone(&self.ended));
        tokio::spawn(async move {
            let before = process.deaths();
            let done = process.run(does).await.unwrap_or(Done::Died);
            // Who asks the api is answered by API Gateway where the process is gone.
            let died = process.deaths() != before;
            let done = if died { Done::Died } else { done };
            lock(&ended).push((number, done));
        });
        member.at = Some(At {
            work,
            since,
            hindered: false,
        });
        Some(self.name(u32::try_from(number).unwrap_or_default()))
    }

    /// Lets everybody go on until each has made a call that waits, or is done.
    pub(crate) async fn still(&self) {
        let progress = || {
            (
                self.gate.arrivals(),
                self.gate.waiting().len(),
                lock(&self.ended).len(),
            )
        };
        let (mut seen, mut calm) = (progress(), 0);
        // Twice: what was woken by the last one to run has its turn after that.
        while calm < 2 {
            tokio::task::yield_now().await;
            let now = progress();
            calm = if now == seen { calm + 1 } else { 0 };
            seen = now;
        }
    }

    /// Remembers that AWS did not do what a process asked.
    pub(crate) fn hinder(&mut self, number: u32) {
        let member = self
            .members
            .get_mut(usize::try_from(number).unwrap_or(usize::MAX));
        if let Some(at) = member.and_then(|member| member.at.as_mut()) {
            at.hindered = true;
        }
    }

    /// Ends the processes that are at one thing for longer than Lambda lets them.
    pub(crate) fn time_out(&self, now: Timestamp) {
        for member in &self.members {
            let timeout = member.runs.function().timeout();
            if (member.at.as_ref()).is_some_and(|at| now.duration_since(at.since) > timeout) {
                member.process.die();
            }
        }
    }

    /// Takes what has ended since. Where a process died, a new one takes its place.
    pub(crate) async fn take_ended(&mut self, workbench: &Workbench) -> Result<Vec<Ended>, FunctionError> {
        let ended = std::mem::take(&mut *lock(&self.ended));
        let mut taken = Vec::new();
        for (number, done) in ended {
            let name = self.name(u32::try_from(number).unwrap_or_default());
            let Some(member) = self.members.get_mut(number) else {
                continue;
            };
            if matches!(done, Done::Died) {
                let function = member.runs.function();
                member.runs = Runs::new(function, workbench, &member.process).await?;
            }
            if let Some(At { work, hindered, .. }) = member.at.take() {
                taken.push(Ended {
                    name,
                    work,
                    done,
                    hindered,
                });
            }
        }
        Ok(taken)
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
