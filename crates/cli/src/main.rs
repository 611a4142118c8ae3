//! The `workbench` command.

mod accounts;
mod api;
mod demo;
mod env_type;
mod openapi;
mod output;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("WORKBENCH_LOG"))
        .with_writer(std::io::stderr)
        .init();
    let done = match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(&arguments).await,
        Command::Up(arguments) => up::run(&arguments).await,
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
