//! `workbench demo`: the life of an environment of each type, on the local AWS.

mod life;
mod show;
mod trace;

use std::process::ExitCode;

use anyhow::Context as _;
use jiff::Timestamp;
use workbench_core::registry::{EnvironmentType, environment_type, environment_types};
use workbench_local::{Endpoints, Workbench};

use show::Show;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The environment type to show; each one if none is named
    #[arg(long = "type", value_name = "TYPE")]
    type_name: Option<String>,
    /// Print one JSON object a line for each status reached, and nothing else
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let types: Vec<&EnvironmentType> = match &arguments.type_name {
        Some(name) => vec![environment_type(name).with_context(|| {
            let known: Vec<_> = environment_types().iter().map(|ty| ty.name).collect();
            format!(
                "`{name}` is no environment type; must be one of {}",
                known.join(", ")
            )
        })?],
        None => environment_types().iter().collect(),
    };
    let workbench = Workbench::start(Timestamp::now(), Endpoints::FromEnvironment).await?;
    // No event is lost here: what the sweep would read each minute is no part of a life.
    workbench.hold_schedules()?;
    let mut show = Show::new(arguments.json);
    let mut lives = Vec::new();
    for ty in types {
        lives.push(life::live(&workbench, ty, &mut show).await?);
    }
    show.summary(&lives);
    Ok(ExitCode::SUCCESS)
}
