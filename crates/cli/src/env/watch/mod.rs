//! `workbench env watch`, and the waiting of `launch`, `start`, `stop` and `terminate`

mod board;
mod follow;
mod goal;
mod show;

use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use jiff::SignedDuration;
use serde_json::Value;
use workbench_core::status::Status;

use super::find;
use crate::api::Client;
use crate::exit::Exit;
use crate::projects;
use crate::time::Time;
use follow::{Follow, Sight};
pub(super) use goal::Goal;
use show::Show;

#[derive(clap::Args)]
pub(crate) struct Watch {
    /// Environments, by ids or names, until no operation on them is under way. Without any: all that you may see, until
    /// Ctrl-C
    environments: Vec<String>,
    /// All of a project: its id or its name
    #[arg(long, conflicts_with = "environments")]
    project: Option<String>,
    /// Go on until each has this status
    #[arg(long, value_name = "STATUS", ignore_case = true, value_parser = statuses())]
    until: Option<Status>,
    #[command(flatten)]
    patience: Patience,
}

/// How long to wait, and how often to ask.
#[derive(clap::Args)]
pub(super) struct Patience {
    /// Wait at most so long, such as 20m or 1h30m; else as long as it takes
    #[arg(long, value_name = "TIME", value_parser = duration)]
    timeout: Option<Duration>,
    /// How often to ask while there is news; less often while there is none
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = duration)]
    interval: Duration,
}

/// What waiting came to.
pub(super) struct Watched {
    /// The environments as the API answered them last.
    pub(super) rows: Vec<Value>,
    pub(super) exit: Exit,
}

impl Watch {
    pub(super) async fn run(&self, client: &Client, json: bool, time: &Time) -> anyhow::Result<Exit> {
        let mut ids = Vec::new();
        for wanted in &self.environments {
            ids.push(find(client, wanted).await?);
        }
        let goal = match self.until {
            Some(status) => Goal::Reaches(status),
            None if ids.is_empty() => Goal::Never,
            None => Goal::Ends,
        };
        let sight = match &self.project {
            Some(project) => Sight::Listed(Some(projects::find(client, project).await?)),
            None if ids.is_empty() => Sight::Listed(None),
            None => Sight::These(ids),
        };
        let show = if json { Show::json() } else { Show::on_stdout() };
        let follow = self.patience.follow(client, sight, goal, time);
        Ok(follow.run(show).await?.exit)
    }
}

impl Patience {
    /// Whether to wait: whoever says for how long wants to.
    pub(super) const fn waits(&self, asked: bool) -> bool {
        asked || self.timeout.is_some()
    }

    /// Waits until `goal` is decided for each of the environments, for which the API has accepted it, and shows them
    /// meanwhile, beside the command's output.
    pub(super) async fn wait(
        &self,
        client: &Client,
        ids: Vec<String>,
        goal: Goal,
        time: &Time,
    ) -> anyhow::Result<Watched> {
        let follow = Follow {
            accepted: true,
            ..self.follow(client, Sight::These(ids), goal, time)
        };
        follow.run(Show::on_stderr()).await
    }

    const fn follow<'a>(&self, client: &'a Client, sight: Sight, goal: Goal, time: &'a Time) -> Follow<'a> {
        Follow {
            client,
            time,
            sight,
            accepted: false,
            goal,
            timeout: self.timeout,
            interval: self.interval,
        }
    }
}

fn statuses() -> impl clap::builder::TypedValueParser<Value = Status> {
    PossibleValuesParser::new(Status::ALL.map(Status::label)).try_map(|label| label.parse::<Status>())
}

fn duration(text: &str) -> Result<Duration, String> {
    let duration: SignedDuration = text
        .parse()
        .map_err(|_| "give a time such as 30s, 20m or 1h30m".to_owned())?;
    match Duration::try_from(duration) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("must be longer than nothing".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(duration("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        for wrong in ["20", "soon", "0s", "-5s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
