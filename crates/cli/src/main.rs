//! The `workbench` command.

mod accounts;
mod api;
mod completions;
mod configs;
mod connection;
mod cost_centers;
mod demo;
mod env;
mod env_type;
mod exit;
mod named;
mod openapi;
mod output;
mod projects;
mod selection;
mod simulate;
mod time;
mod types;
mod up;
mod users;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::exit::Exit;
use crate::time::Time;

/// The local AWS makes and drops many small values: a simulation takes a fifth less time with it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Approved compute environments for researchers, on AWS.
#[derive(Parser)]
#[command(name = "workbench", version, about, after_help = exit::HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Launch environments, use them, and be rid of them
    Env(Asking<env::Command>),
    /// Look after projects and who is in them
    Projects(Asking<projects::Command>),
    /// Look after users: who may sign in
    Users(Asking<users::Command>),
    /// See and approve environment types
    Types(Asking<types::Command>),
    /// Look after configurations: what a type is launched with, and who may
    Configs(Asking<configs::Command>),
    /// Look after cost centres: which hosting account a project uses
    CostCenters(Asking<cost_centers::Command>),
    /// Look after hosting accounts
    Accounts(Asking<accounts::Command>),
    /// Take one environment of each type through its whole life on a local AWS
    Demo(demo::Arguments),
    /// Serve the API on a local AWS until Ctrl-C
    Up(up::Arguments),
    /// Play schedules of requests, faults and deaths on a local AWS, and look for broken promises
    Simulate(simulate::Arguments),
    /// Print the description of the API, as OpenAPI 3.1
    Openapi,
    /// Work on environment types
    #[command(subcommand)]
    EnvType(env_type::Command),
    /// Print what a shell needs to complete commands and options
    Completions(completions::Arguments),
}

/// A command that asks the API of any Workbench.
#[derive(clap::Args)]
#[command(after_help = exit::HELP)]
struct Asking<C: Subcommand> {
    #[command(flatten)]
    options: api::Options,
    #[command(subcommand)]
    command: C,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let command = Arguments::parse().command;
    // A simulation is full of what would be errors elsewhere.
    let level = match command {
        Command::Simulate(_) => LevelFilter::OFF,
        _ => LevelFilter::ERROR,
    };
    let filter = EnvFilter::builder()
        .with_default_directive(level.into())
        .with_env_var("WORKBENCH_LOG")
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let done = match command {
        Command::Env(Asking { options, command }) => ended(env::run(&options, &command, &Time::real()).await),
        Command::Projects(Asking { options, command }) => ended(projects::run(&options, &command).await),
        Command::Users(Asking { options, command }) => ended(users::run(&options, &command).await),
        Command::Types(Asking { options, command }) => ended(types::run(&options, &command).await),
        Command::Configs(Asking { options, command }) => ended(configs::run(&options, &command).await),
        Command::CostCenters(Asking { options, command }) => {
            ended(cost_centers::run(&options, &command).await)
        }
        Command::Accounts(Asking { options, command }) => ended(accounts::run(&options, &command).await),
        Command::Demo(arguments) => demo::run(&arguments).await,
        Command::Up(arguments) => up::run(&arguments).await,
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Openapi => openapi::run(),
        Command::EnvType(command) => env_type::run(&command),
        Command::Completions(arguments) => completions::run::<Arguments>(&arguments),
    };
    done.unwrap_or_else(|error| Exit::told(&error).into())
}

fn ended(done: anyhow::Result<Exit>) -> anyhow::Result<ExitCode> {
    done.map(ExitCode::from)
}
