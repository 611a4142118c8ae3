//! Launches and terminates for which AWS has no room wait, and the sweep gives them their turns.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use workbench_core::environment::{Environment, Heard, Wait};
use workbench_core::id::{AwsAccountId, EnvironmentId};
use workbench_core::queue::in_turn;
use workbench_core::registry::DocumentKind;
use workbench_core::status::Status;

use super::act::AfterRefusal;
use super::entry;
use crate::cloud::Cloud;
use crate::error::{Error, Fault, FaultKind};
use crate::table::{Entry, Queue, Updated};

/// The cause of what is written about waiting, in the timeline.
const CAUSE: &str = "waits for its turn";

/// What those wait for of whom nobody knows more.
const REASON: &str = "others wait in its hosting account";

/// After how many turns that AWS has not answered an account's others are left to the next sweep.
const UNANSWERED: u32 = 2;

/// How long a turn may wait for AWS: one that begins at the sweep's last moment ends within the function's 30 seconds.
const TURN: Duration = Duration::from_secs(8);

/// How much of that the launch path may take. What is left is for the start of the automation.
const PATH: Duration = Duration::from_secs(4);

/// What came of a turn.
enum Turn {
    /// It has begun, or somebody else has moved it on.
    Over,
    /// AWS still has no room.
    NoRoom(String),
    /// AWS did not answer: it is tried again by the next sweep.
    Unanswered,
    /// Another sweep gives it.
    Elsewhere,
}

/// What came of the turns in one account.
#[derive(Default)]
struct Served {
    /// How many ended in which way.
    counts: BTreeMap<&'static str, u32>,
    /// Why AWS has no room, once it has said so.
    no_room: Option<String>,
    /// How many turns AWS has not answered.
    unanswered: u32,
    /// Whether somebody has had a turn.
    had_turn: bool,
    /// Whether somebody still waits.
    somebody_waits: bool,
}

impl Served {
    fn count(&mut self, label: &'static str) {
        *self.counts.entry(label).or_default() += 1;
    }

    fn waits(&mut self, label: &'static str) {
        self.somebody_waits = true;
        self.count(label);
    }
}

impl Cloud {
    /// The queue in an environment's account, if others wait there. Only the order depends on it: where it can not be read,
    /// nobody is taken to wait.
    pub(super) async fn others_wait(&self, environment: &Environment) -> Option<Queue> {
        let account = &environment.home.account.aws_account_id;
        let read = self.table().queue(account).await;
        let queue = read
            .inspect_err(|error| tracing::warn!(aws_account = %account, %error, "who waits can not be read"));
        queue.ok().flatten().filter(|queue| queue.is_joined(self.now()))
    }

    /// Writes that AWS has no room for a launch or terminate: it waits, and so do those that come after it.
    pub(super) async fn no_room(&self, environment: Environment, wait: Wait) -> Result<Environment, Error> {
        let account = &environment.home.account.aws_account_id;
        let queue = Queue::at(account, wait.reason.clone(), self.now());
        if let Err(error) = self.table().keep_queue(&queue).await {
            tracing::warn!(aws_account = %account, %error, "that others wait can not be written; somebody may overtake them");
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
        Ok(match self.table().update_quietly(environment, &asked).await? {
            Updated::Written => Claimed::Ours(Box::new(asked)),
            Updated::Stale => Claimed::Changed,
        })
    }

    /// Gives those that wait their turns, each account for itself, and counts how many ended in which way.
    pub(super) async fn serve(
        &self,
        accounts: BTreeSet<AwsAccountId>,
        end: Instant,
        counts: &mut BTreeMap<&'static str, u32>,
    ) {
        let mut work = JoinSet::new();
        for account in accounts {
            let cloud = self.clone();
            work.spawn(async move {
                let served = Box::pin(cloud.give_turns(&account, end)).await;
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
                    tracing::error!(aws_account = %account, %error, "who waits in an account got no turn");
                    *counts.entry("failed").or_default() += 1;
                }
                Err(panic) => {
                    tracing::error!(%panic, "who waits in an account got no turn");
                    *counts.entry("failed").or_default() += 1;
                }
            }
        }
    }

    /// Gives those that wait in one account their turns, until AWS has no room or `end` has come; how many ended in which
    /// way. Who gets none is not written: a minute without room costs the same however many wait.
    async fn give_turns(
        &self,
        account: &AwsAccountId,
        end: Instant,
    ) -> Result<BTreeMap<&'static str, u32>, Error> {
        let queue = self.table().queue(account).await?;
        let waiters = self.table().waiters(account).await?;
        let mut turns = if waiters.is_empty() {
            BTreeMap::new()
        } else {
            self.table().turns(account).await?
        };
        let places = waiters
            .into_iter()
            .map(|waiter| (waiter.project, waiter.since, (waiter.project, waiter.environment)));
        let mut served = Served::default();
        for (project, id) in in_turn(places, &turns) {
            if served.no_room.is_some() {
                served.waits("waiting");
                continue;
            }
            // The sweep's time is over, or AWS does not answer in this account: the next one begins with it.
            if Instant::now() > end || served.unanswered == UNANSWERED {
                served.waits("left");
                continue;
            }
            match self.give_turn(id).await {
                Ok(Some(Turn::Over)) => {
                    turns.insert(project, self.now());
                    served.had_turn = true;
                    served.count("begun");
                }
                Ok(Some(Turn::NoRoom(reason))) => {
                    served.no_room = Some(reason);
                    served.waits("waiting");
                }
                Ok(Some(Turn::Unanswered)) => {
                    served.unanswered += 1;
                    served.waits("unanswered");
                }
                Ok(Some(Turn::Elsewhere)) => served.waits("waiting"),
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(environment.id = %id, %error, "no turn");
                    served.waits("failed");
                }
            }
        }
        if served.had_turn
            && let Err(error) = self.table().keep_turns(account, turns, self.now()).await
        {
            tracing::warn!(aws_account = %account, %error, "who had a turn can not be written; a project may have two in a row");
        }
        self.keep_or_end(account, queue, &served).await?;
        Ok(served.counts)
    }

    /// Writes whether somebody still waits in an account.
    async fn keep_or_end(
        &self,
        account: &AwsAccountId,
        queue: Option<Queue>,
        served: &Served,
    ) -> Result<(), Error> {
        let now = self.now();
        if served.somebody_waits {
            let known = || queue.map(|queue| queue.reason);
            let reason = served.no_room.clone().or_else(known);
            let reason = reason.unwrap_or_else(|| REASON.to_owned());
            return self.table().keep_queue(&Queue::at(account, reason, now)).await;
        }
        let Some(queue) = queue else { return Ok(()) };
        if queue.is_over(now) {
            if self.table().end_queue(&queue).await? == Updated::Stale {
                tracing::debug!(aws_account = %account, "somebody has begun to wait meanwhile");
            }
            return Ok(());
        }
        let ending = queue.ending(now);
        if ending == queue {
            return Ok(());
        }
        self.table().keep_queue(&ending).await
    }

    /// Gives one that waits its turn; nothing if it does not wait any more.
    async fn give_turn(&self, id: EnvironmentId) -> Result<Option<Turn>, Error> {
        let read = self.table().environment(id).await?;
        let Some(environment) = read.filter(|found| found.is_in_queue(self.now())) else {
            return Ok(None);
        };
        if environment.is_being_asked(self.now()) {
            return Ok(Some(Turn::Elsewhere));
        }
        let heard = environment
            .waiting
            .as_ref()
            .map_or(Heard::Perhaps, |waiting| waiting.heard);
        // What does not begin anything is asked before the claim: it can be called off all the same.
        let kind = match environment.status() {
            Status::Pending => DocumentKind::Launch,
            _ => DocumentKind::Terminate,
        };
        let path = async {
            match kind {
                DocumentKind::Launch => self.launch_path(&environment).await.map(Some),
                DocumentKind::Terminate => Ok(None),
            }
        };
        let begun = Instant::now();
        let path = match in_time(id, begun + PATH, path).await {
            Some(Ok(path)) => path,
            Some(Err(fault)) => return self.turned_down(environment, heard, &fault).await.map(Some),
            None => return Ok(Some(Turn::Unanswered)),
        };
        let environment = match self.claim(&environment).await? {
            Claimed::Ours(environment) => *environment,
            Claimed::Changed => return Ok(Some(Turn::Elsewhere)),
        };
        let asked = self.start_document(kind, &environment, path.as_deref());
        match in_time(id, begun + TURN, asked).await {
            Some(Ok(execution)) => {
                self.remember_execution(environment, execution).await?;
                Ok(Some(Turn::Over))
            }
            Some(Err(fault)) => {
                if fault.kind == FaultKind::Busy {
                    self.give_back(&environment, heard, fault.reason()).await?;
                }
                self.turned_down(environment, heard, &fault).await.map(Some)
            }
            None => Ok(Some(Turn::Unanswered)),
        }
    }

    /// Writes that one that was claimed waits again, as it did before.
    async fn give_back(&self, environment: &Environment, heard: Heard, reason: String) -> Result<(), Error> {
        let wait = Wait {
            reason,
            heard,
            before: None,
        };
        let waits = environment.waits(&wait, self.now());
        if self.table().update_quietly(environment, &waits).await? == Updated::Stale {
            tracing::info!(environment.id = %environment.id, "somebody was faster than the refusal; what they wrote stands");
        }
        Ok(())
    }

    /// What a turn comes to where AWS does not do what it is asked.
    async fn turned_down(
        &self,
        environment: Environment,
        heard: Heard,
        fault: &Fault,
    ) -> Result<Turn, Error> {
        match fault.kind {
            FaultKind::Busy => Ok(Turn::NoRoom(fault.reason())),
            FaultKind::Refused => {
                self.refused_at_its_turn(environment, heard, fault).await?;
                Ok(Turn::Over)
            }
            FaultKind::Unclear => {
                tracing::warn!(environment.id = %environment.id, %fault, "its turn came to nothing");
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
                self.write_launch_refusal(environment, fault.reason()).await?;
                return Ok(());
            }
            (Heard::No, _, Some(before)) => {
                if self.write_refusal(&before, &environment, fault).await? != AfterRefusal::NoInstance {
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

/// What AWS answers about an environment, if it does in time.
async fn in_time<T>(id: EnvironmentId, until: Instant, asked: impl Future<Output = T>) -> Option<T> {
    let answer = timeout_at(until, asked).await;
    answer
        .inspect_err(|_| tracing::warn!(environment.id = %id, "AWS does not answer in time"))
        .ok()
}
