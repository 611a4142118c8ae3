//! Launches and terminates for which AWS has no room wait, and the sweep gives them their turns.

use std::collections::BTreeMap;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use workbench_core::environment::Environment;
use workbench_core::id::AwsAccountId;
use workbench_core::queue::in_turn;
use workbench_core::status::Status;

use super::repair::PATIENCE;
use super::{TRIES, busy, entry};
use crate::cloud::Cloud;
use crate::error::{Error, FaultKind};
use crate::table::{Entry, Queue, Updated};

/// The cause of what is written about waiting, in the timeline.
const CAUSE: &str = "waits for its turn";

/// What came of a turn.
enum Turn {
    /// It has begun, or somebody else has moved it on.
    Over,
    /// AWS still has no room.
    NoRoom(String),
    /// AWS did not answer: it is tried again by the next sweep.
    Unanswered,
    /// The sweep's time was over: the next one begins with it.
    Left,
}

impl Turn {
    /// The word under which turns are counted.
    const fn label(&self) -> &'static str {
        match self {
            Self::Over => "begun",
            Self::NoRoom(_) => "waiting",
            Self::Unanswered => "unanswered",
            Self::Left => "left",
        }
    }
}

impl Cloud {
    /// The queue in an environment's account, if others wait there. Only the order depends on it: where it can not be read,
    /// nobody is taken to wait.
    pub(super) async fn others_wait(&self, environment: &Environment) -> Option<Queue> {
        let account = &environment.home.account.aws_account_id;
        self.table()
            .queue(account, self.now())
            .await
            .inspect_err(|error| tracing::warn!(%account, %error, "who waits can not be read"))
            .ok()
            .flatten()
    }

    /// Writes that AWS has no room for a launch or terminate: it waits, and so do those that come after it.
    pub(super) async fn no_room(
        &self,
        environment: Environment,
        reason: String,
    ) -> Result<Environment, Error> {
        let account = &environment.home.account.aws_account_id;
        let queue = Queue::at(account, reason.clone(), self.now());
        if let Err(error) = self.table().keep_queue(&queue).await {
            tracing::warn!(%account, %error, "that others wait can not be written; somebody may overtake them");
        }
        self.enqueue(environment, reason).await
    }

    /// Writes that a launch or terminate waits; the environment as it is then.
    pub(super) async fn enqueue(
        &self,
        mut environment: Environment,
        reason: String,
    ) -> Result<Environment, Error> {
        let (generation, status) = (environment.lifecycle.generation, environment.status());
        for _ in 0..TRIES {
            let now = self.now();
            let waiting = environment.waits(reason.clone(), now);
            let updated = if environment.waiting.is_some() {
                self.table().postpone(&environment, &waiting).await?
            } else {
                let entry = Entry {
                    reason: Some(reason.clone()),
                    ..entry(&environment, &waiting, CAUSE, None, now)
                };
                self.table()
                    .update_environment(&environment, &waiting, &entry)
                    .await?
            };
            if updated == Updated::Written {
                return Ok(waiting);
            }
            let id = environment.id;
            environment = self
                .table()
                .environment(id)
                .await?
                .ok_or_else(|| workbench_core::Error::not_found("environment", id))?;
            let other = environment.lifecycle.generation != generation || environment.status() != status;
            if other || environment.execution.is_some() {
                return Ok(environment);
            }
        }
        Err(busy(environment.id))
    }

    /// Gives those that wait their turns, each account for itself, and counts how many ended in which way.
    pub(super) async fn serve(
        &self,
        queues: BTreeMap<AwsAccountId, Vec<Environment>>,
        end: Instant,
        counts: &mut BTreeMap<&'static str, u32>,
    ) {
        let mut work = JoinSet::new();
        for (account, waiting) in queues {
            let cloud = self.clone();
            work.spawn(async move {
                let served = Box::pin(cloud.give_turns(&account, waiting, end)).await;
                (account, served)
            });
        }
        while let Some(done) = work.join_next().await {
            match done {
                Ok((_, Ok(served))) => {
                    for (label, count) in served {
                        *counts.entry(label).or_default() += count;
                    }
                }
                Ok((account, Err(error))) => {
                    tracing::error!(%account, %error, "who waits in an account got no turn");
                    *counts.entry("failed").or_default() += 1;
                }
                Err(panic) => {
                    tracing::error!(%panic, "who waits in an account got no turn");
                    *counts.entry("failed").or_default() += 1;
                }
            }
        }
    }

    /// Gives those that wait in one account their turns, until AWS has no room or `end` has come. How many ended in which
    /// way.
    async fn give_turns(
        &self,
        account: &AwsAccountId,
        waiting: Vec<Environment>,
        end: Instant,
    ) -> Result<BTreeMap<&'static str, u32>, Error> {
        let queue = self.table().queue(account, self.now()).await?;
        let mut turns = self.table().turns(account).await?;
        let places = waiting.into_iter().map(|environment| {
            let since = environment.waiting.as_ref().map(|waiting| waiting.since);
            let since = since.unwrap_or(environment.lifecycle.requested_at);
            (environment.project_id(), since, environment)
        });
        let mut counts = BTreeMap::new();
        let mut no_room = None;
        for environment in in_turn(places, &turns) {
            let (id, project) = (environment.id, environment.project_id());
            let turn = match &no_room {
                _ if Instant::now() > end => Ok(Turn::Left),
                Some(reason) => {
                    let waits = self.enqueue(environment, String::clone(reason)).await;
                    waits.map(|_| Turn::NoRoom(reason.clone()))
                }
                None => self.give_turn(environment).await,
            };
            match &turn {
                Ok(Turn::Over) => {
                    turns.insert(project, self.now());
                }
                Ok(Turn::NoRoom(reason)) => no_room = Some(reason.clone()),
                Ok(Turn::Unanswered | Turn::Left) => {}
                Err(error) => tracing::error!(environment.id = %id, %error, "no turn"),
            }
            *counts
                .entry(turn.map_or("failed", |turn| turn.label()))
                .or_default() += 1;
        }
        self.table().keep_turns(account, turns, self.now()).await?;
        let somebody_waits = counts.keys().any(|label| *label != Turn::Over.label());
        let now = self.now();
        match (no_room, queue) {
            (Some(reason), _) => self.table().keep_queue(&Queue::at(account, reason, now)).await?,
            (None, Some(queue)) if somebody_waits => {
                self.table()
                    .keep_queue(&Queue::at(account, queue.reason, now))
                    .await?;
            }
            (None, Some(queue)) => self.table().keep_queue(&queue.ending(now)).await?,
            (None, None) => {}
        }
        Ok(counts)
    }

    async fn give_turn(&self, environment: Environment) -> Result<Turn, Error> {
        let id = environment.id;
        let launch = environment.status() == Status::Pending;
        let asked = async {
            if launch {
                self.ask_launch(&environment).await
            } else {
                self.ask_terminate(&environment).await
            }
        };
        let fault = match timeout(PATIENCE, asked).await {
            Ok(Ok(execution)) => {
                self.remember_execution(environment, execution).await?;
                return Ok(Turn::Over);
            }
            Ok(Err(fault)) => fault,
            Err(_) => {
                tracing::warn!(environment.id = %id, "AWS does not answer in time");
                self.postpone(id).await?;
                return Ok(Turn::Unanswered);
            }
        };
        match fault.kind {
            FaultKind::Busy => {
                let reason = fault.reason();
                self.enqueue(environment, reason.clone()).await?;
                Ok(Turn::NoRoom(reason))
            }
            FaultKind::Refused if launch => {
                self.launch_refused(environment, fault.reason()).await?;
                Ok(Turn::Over)
            }
            // From the refusal of a terminate nothing is concluded: an earlier try may have been heard.
            FaultKind::Refused | FaultKind::Unclear => {
                tracing::warn!(environment.id = %id, %fault, "its turn came to nothing");
                self.enqueue(environment, fault.reason()).await?;
                Ok(Turn::Unanswered)
            }
        }
    }
}
