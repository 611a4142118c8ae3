//! Launches and terminates for which AWS has no room wait, and the sweep gives them their turns.

use std::collections::BTreeMap;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use workbench_core::environment::{Environment, Heard, Wait};
use workbench_core::id::AwsAccountId;
use workbench_core::queue::in_turn;
use workbench_core::status::Status;

use super::act::Refused;
use super::entry;
use super::repair::PATIENCE;
use crate::cloud::Cloud;
use crate::error::{Error, Fault, FaultKind};
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
    pub(super) async fn no_room(&self, environment: Environment, wait: Wait) -> Result<Environment, Error> {
        let account = &environment.home.account.aws_account_id;
        let queue = Queue::at(account, wait.reason.clone(), self.now());
        if let Err(error) = self.table().keep_queue(&queue).await {
            tracing::warn!(%account, %error, "that others wait can not be written; somebody may overtake them");
        }
        self.enqueue(environment, wait).await
    }

    /// Writes that a launch or terminate waits, unless somebody else has written so; the environment as it is then.
    pub(super) async fn enqueue(&self, environment: Environment, wait: Wait) -> Result<Environment, Error> {
        let (rev, status) = (environment.rev, environment.status());
        self.write_unless_begun(environment, |before, now| {
            if before.status() != status || before.waiting.is_some() {
                return None;
            }
            // Whoever was faster may have asked AWS, too.
            let heard = if before.rev == rev {
                wait.heard
            } else {
                Heard::Perhaps
            };
            let waits = before.waits(
                &Wait {
                    heard,
                    ..wait.clone()
                },
                now,
            );
            let entry = Entry {
                reason: Some(wait.reason.clone()),
                ..entry(before, &waits, CAUSE, None, now)
            };
            Some((waits, entry))
        })
        .await
    }

    /// Writes that AWS is about to be asked, before it is, by somebody who is not the first: what nobody asks for can be
    /// called off, and of two who would ask, one does.
    pub(super) async fn claim(&self, environment: &Environment) -> Result<Claimed, Error> {
        let asked = environment.asked(self.now());
        Ok(match self.table().postpone(environment, &asked).await? {
            Updated::Written => Claimed::Ours(Box::new(asked)),
            Updated::Stale => Claimed::Changed,
        })
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
                    let postponed = self.postpone(id).await;
                    postponed.map(|()| Turn::NoRoom(String::clone(reason)))
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
        let heard = environment
            .waiting
            .as_ref()
            .map_or(Heard::Perhaps, |waiting| waiting.heard);
        let environment = match self.claim(&environment).await? {
            Claimed::Ours(environment) => *environment,
            Claimed::Changed => return Ok(Turn::Over),
        };
        let id = environment.id;
        let launch = environment.status() == Status::Pending;
        let asked = async {
            if launch {
                self.ask_launch(&environment).await
            } else {
                self.ask_terminate(&environment).await
            }
        };
        let Ok(asked) = timeout(PATIENCE, asked).await else {
            tracing::warn!(environment.id = %id, "AWS does not answer in time");
            return Ok(Turn::Unanswered);
        };
        let fault = match asked {
            Ok(execution) => {
                self.remember_execution(environment, execution).await?;
                return Ok(Turn::Over);
            }
            Err(fault) => fault,
        };
        match fault.kind {
            FaultKind::Busy => {
                let reason = fault.reason();
                let wait = Wait {
                    reason: reason.clone(),
                    heard,
                    before: None,
                };
                let waits = environment.waits(&wait, self.now());
                if self.table().postpone(&environment, &waits).await? == Updated::Stale {
                    tracing::info!(environment.id = %id, "somebody was faster than the refusal; what they wrote stands");
                }
                Ok(Turn::NoRoom(reason))
            }
            FaultKind::Refused => {
                self.refused_at_its_turn(environment, heard, &fault).await?;
                Ok(Turn::Over)
            }
            FaultKind::Unclear => {
                tracing::warn!(environment.id = %id, %fault, "its turn came to nothing");
                Ok(Turn::Unanswered)
            }
        }
    }

    /// What AWS refuses at its turn is refused as it would have been without waiting, if AWS had not `heard` of it before.
    /// Else nothing is concluded: it is under way as far as anybody knows.
    async fn refused_at_its_turn(
        &self,
        environment: Environment,
        heard: Heard,
        fault: &Fault,
    ) -> Result<(), Error> {
        let before = environment
            .waiting
            .as_ref()
            .and_then(|waiting| waiting.before.clone());
        match (heard, environment.status(), before) {
            (Heard::No, Status::Pending, _) => {
                self.launch_refused(environment, fault.reason()).await?;
                return Ok(());
            }
            (Heard::No, _, Some(before)) => {
                if self.refused(&before, &environment, fault).await? != Refused::Gone {
                    return Ok(());
                }
            }
            (Heard::No, _, None) | (Heard::Perhaps, ..) => {}
        }
        tracing::warn!(environment.id = %environment.id, %fault, "refused at its turn; nothing is concluded");
        let now = self.now();
        let away = environment.turned_away(now);
        let entry = Entry {
            reason: Some(fault.reason()),
            ..entry(&environment, &away, "refused by AWS at its turn", None, now)
        };
        if self
            .table()
            .update_environment(&environment, &away, &entry)
            .await?
            == Updated::Stale
        {
            tracing::info!(environment.id = %environment.id, "somebody was faster than the refusal; what they wrote stands");
        }
        Ok(())
    }
}

/// What became of the wish to ask AWS.
pub(super) enum Claimed {
    /// The environment with the wish; nobody else asks.
    Ours(Box<Environment>),
    /// Somebody was faster: it has begun, was called off, or they ask.
    Changed,
}
