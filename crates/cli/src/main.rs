//! The `workbench` command.

mod accounts;
mod api;
mod demo;
mod env_type;
mod openapi;
mod output;
mod simulate;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Approved compute environments for researchers, on AWS.
#[derive(Parser)]
#[command(name = "workbench", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Take one environment of each type through its whole life on a local AWS
    Demo(demo::Arguments),
    /// Serve the API on a local AWS until Ctrl-C
    Up(up::Arguments),
    /// Play schedules of requests, faults and deaths on a local AWS, and look for broken promises
    Simulate(simulate::Arguments),
    /// Look after the hosting accounts of any Workbench
    #[command(subcommand)]
    Accounts(accounts::Command),
    /// Print the description of the API, as OpenAPI 3.1
    Openapi,
    /// Work on environment types
    #[command(subcommand)]
    EnvType(env_type::Command),
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
        Command::Demo(arguments) => demo::run(&arguments).await,
        Command::Up(arguments) => up::run(&arguments).await,
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Accounts(command) => accounts::run(&command).await,
        Command::Openapi => openapi::run(),
        Command::EnvType(command) => env_type::run(&command),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("workbench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
