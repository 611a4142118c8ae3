//! `workbench env start`, `stop` and `terminate`

use serde_json::Value;
use workbench_core::status::Status;

use super::watch::{Goal, Patience};
use super::{find, read};
use crate::api::{Client, Error};
use crate::exit::Exit;
use crate::output;
use crate::time::Time;

#[derive(clap::Args)]
pub(crate) struct Act {
    /// The environments: their ids or their names
    #[arg(required = true)]
    environments: Vec<String>,
    /// Wait until that is done or has failed, as --timeout does, too
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    patience: Patience,
}

/// What becomes of them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Verb {
    Start,
    Stop,
    Terminate,
}

impl Verb {
    const fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Terminate => "terminate",
        }
    }

    const fn ends_as(self) -> Status {
        match self {
            Self::Start => Status::Completed,
            Self::Stop => Status::Stopped,
            Self::Terminate => Status::Terminated,
        }
    }
}

impl Act {
    /// Each of them is asked for, whatever becomes of the others. The first that is refused says how it ends.
    pub(super) async fn run(
        &self,
        client: &Client,
        verb: Verb,
        json: bool,
        time: &Time,
    ) -> anyhow::Result<Exit> {
        let mut exit = Exit::Done;
        let mut accepted = Vec::new();
        for wanted in &self.environments {
            match ask(client, verb, wanted).await {
                Ok(id) => accepted.push(id),
                Err(error) => {
                    let error = anyhow::Error::from(error).context(format!("{} {wanted}", verb.word()));
                    exit = exit.or(Exit::told(&error));
                }
            }
        }
        if self.patience.waits(self.wait) && !accepted.is_empty() {
            let goal = Goal::EndsAs(verb.ends_as());
            let watched = self.patience.wait(client, accepted, goal, time).await?;
            if json {
                output::json(&Value::Array(watched.rows));
            }
            return Ok(exit.or(watched.exit));
        }
        if json {
            let mut rows = Vec::new();
            for id in &accepted {
                rows.push(read(client, id).await?);
            }
            output::json(&Value::Array(rows));
        }
        Ok(exit)
    }
}

/// The id of what was asked for.
async fn ask(client: &Client, verb: Verb, wanted: &str) -> Result<String, Error> {
    let id = find(client, wanted).await?;
    let word = verb.word();
    client
        .send("PUT", &format!("/environments/{id}/{word}"), None)
        .await?;
    eprintln!("{word} {id}: accepted");
    Ok(id)
}
