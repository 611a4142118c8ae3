//! `workbench env`: environments, from launch to termination. One file for each subcommand.

mod act;
mod connect;
mod explain;
mod get;
mod launch;
mod list;
mod watch;

use serde_json::Value;
use workbench_core::id::EnvironmentId;
use workbench_core::status::Status;

use crate::api::{Client, Error, Options};
use crate::exit::Exit;
use crate::named;
use crate::output::text;
use crate::selection::Selection;
use crate::time::Time;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Show environments: those of a project, or all that you may see. TERMINATED ones are left out
    List(list::List),
    /// Show one environment, and why it failed if it did
    Get(get::Get),
    /// Tell what happened to an environment, why it failed if it did, and what can be done
    Explain(explain::Explain),
    /// Launch an environment, and print its id
    Launch(launch::Launch),
    /// Start stopped environments
    Start(act::Act),
    /// Stop running environments; their data is kept
    Stop(act::Act),
    /// Terminate environments, for good
    Terminate(act::Act),
    /// Print how to connect to a running environment
    Connect(connect::Connect),
    /// Show statuses live
    Watch(watch::Watch),
}

pub(crate) async fn run(options: &Options, command: &Command, time: &Time) -> anyhow::Result<Exit> {
    let client = &options.client()?;
    match command {
        Command::List(list) => list.run(client, options.json).await,
        Command::Get(get) => get.run(client, options.json).await,
        Command::Explain(explain) => explain.run(client, options.json, time).await,
        Command::Launch(launch) => launch.run(client, options.json, time).await,
        Command::Start(act) => act.run(client, act::Verb::Start, options.json, time).await,
        Command::Stop(act) => act.run(client, act::Verb::Stop, options.json, time).await,
        Command::Terminate(act) => act.run(client, act::Verb::Terminate, options.json, time).await,
        Command::Connect(connect) => connect.run(client, options.json).await,
        Command::Watch(watch) => watch.run(client, options.json, time).await,
    }
}

/// The id of the environment that somebody means. A name that a TERMINATED one has means nothing.
async fn find(client: &Client, wanted: &str) -> Result<String, Error> {
    if wanted.parse::<EnvironmentId>().is_ok() {
        return Ok(wanted.to_owned());
    }
    let found = list::rows(client, None, &Selection::named(wanted)).await?;
    let environment = named::the_one("environment", found, wanted, &["name"])?;
    Ok(text(&environment, "id").to_owned())
}

/// An environment as the API answers it.
async fn read(client: &Client, id: &str) -> Result<Value, Error> {
    client.get(&format!("/environments/{id}")).await
}

/// The status that an environment has.
fn status(environment: &Value) -> anyhow::Result<Status> {
    Ok(text(environment, "status").parse()?)
}
