//! Looking again and again.

use std::time::Duration;

use serde_json::Value;

use super::Watched;
use super::board::Board;
use super::goal::Goal;
use super::show::Show;
use crate::api::{Client, Error};
use crate::env::{list, read};
use crate::exit::Exit;
use crate::selection::Selection;
use crate::time::Time;

/// The longest pause while nothing changes, unless a longer one was asked for.
const CALM: Duration = Duration::from_secs(15);
/// The longest pause while the API does not answer.
const TROUBLE: Duration = Duration::from_secs(60);
/// How often in a row the API may not answer: about five minutes.
const FAILURES: u32 = 10;

/// What to look at.
pub(super) enum Sight {
    /// Environments by their ids.
    These(Vec<String>),
    /// All of a project by its id, or all that the caller may see.
    Listed(Option<String>),
}

/// A watch.
pub(super) struct Follow<'a> {
    pub(super) client: &'a Client,
    pub(super) time: &'a Time,
    pub(super) sight: Sight,
    /// Whether the API has accepted what is waited for: then it is there, and asked again from the first look on.
    pub(super) accepted: bool,
    pub(super) goal: Goal,
    pub(super) timeout: Option<Duration>,
    pub(super) interval: Duration,
}

impl Follow<'_> {
    /// Shows the environments until the goal is decided for each, or the time is over.
    ///
    /// # Errors
    /// The API refuses, or does not answer for long.
    pub(super) async fn run(&self, mut show: Show) -> anyhow::Result<Watched> {
        let began = self.time.now();
        let mut pace = Pace::new(self.interval);
        if self.accepted {
            pace.seen(true);
        }
        let mut board = Board::default();
        let exit = loop {
            match self.sight.look(self.client, &board).await {
                Ok(rows) => {
                    let news = board.take(rows)?;
                    pace.seen(!news.is_empty());
                    show.seen(&news, &board.rows());
                    if let Some(exit) = board.end(self.goal) {
                        break exit;
                    }
                }
                Err(error) if error.is_passing() && pace.bears_trouble() => show.trouble(&error.into()),
                Err(error) => return Err(error.into()),
            }
            let passed = self.time.now().duration_since(began).unsigned_abs();
            let left = self.timeout.map(|timeout| timeout.saturating_sub(passed));
            if left == Some(Duration::ZERO) {
                // Who only looks on has seen what there was to see.
                break if self.goal == Goal::Never {
                    Exit::Done
                } else {
                    Exit::TimedOut
                };
            }
            self.time
                .pass(pace.pause().min(left.unwrap_or(Duration::MAX)))
                .await;
        };
        let rows = board.rows();
        show.end(&rows);
        if exit == Exit::TimedOut {
            eprintln!("workbench: the time was over first");
        }
        Ok(Watched { rows, exit })
    }
}

impl Sight {
    async fn look(&self, client: &Client, board: &Board) -> Result<Vec<Value>, Error> {
        match self {
            Self::These(ids) => {
                let mut rows = Vec::new();
                for id in ids {
                    rows.push(read(client, id).await?);
                }
                Ok(rows)
            }
            Self::Listed(project) => {
                let mut rows = list::rows(client, project.as_deref(), &Selection::all()).await?;
                // Lists leave out what is TERMINATED: whoever watched it wants to see that.
                for id in board.living() {
                    if !rows.iter().any(|row| row["id"] == id) {
                        rows.push(read(client, id).await?);
                    }
                }
                Ok(rows)
            }
        }
    }
}

/// How long to pause: briefly while there is news, longer and longer while there is none.
struct Pace {
    shortest: Duration,
    pause: Duration,
    /// Looks in a row that failed; none counts before the API's first answer.
    failures: Option<u32>,
}

impl Pace {
    fn new(shortest: Duration) -> Self {
        Self {
            shortest,
            pause: shortest,
            failures: None,
        }
    }

    /// The API has answered.
    fn seen(&mut self, news: bool) {
        self.failures = Some(0);
        self.pause = if news {
            self.shortest
        } else {
            (self.pause * 3 / 2).min(CALM.max(self.shortest))
        };
    }

    /// The API has not answered: whether to ask again. If it never did, something else is wrong.
    fn bears_trouble(&mut self) -> bool {
        let Some(failures) = &mut self.failures else {
            return false;
        };
        *failures += 1;
        self.pause = (self.pause * 2).min(TROUBLE.max(self.shortest));
        *failures < FAILURES
    }

    const fn pause(&self) -> Duration {
        self.pause
    }
}

#[cfg(test)]
mod tests;
