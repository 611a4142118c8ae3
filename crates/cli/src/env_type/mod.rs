//! `workbench env-type`: checks packages and writes what the deployment says about them.

mod check;
mod generate;
mod roles;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use workbench_core::compute;
use workbench_env_type::deployment::{TARGETS, Target};
use workbench_env_type::{ComputeFacts, Faults, PACKAGES, Package, package_dirs, read_and_check};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Check packages: print what contradicts itself, and how to mend it
    Check(check::Arguments),
    /// Write what the deployment's templates say about the packages
    Generate,
}

pub(crate) fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Check(arguments) => check::run(arguments),
        Command::Generate => generate::run(),
    }
}

/// The project in the current folder: its packages, and the deployment's files.
struct Project {
    computes: Vec<ComputeFacts<'static>>,
    packages: Vec<Package>,
    /// What is wrong with the packages.
    faults: Faults,
}

impl Project {
    fn read() -> anyhow::Result<Self> {
        let computes = compute::facts(ComputeFacts::new);
        let (packages, faults) = read_and_check(&folders()?, &computes);
        Ok(Self {
            computes,
            packages,
            faults,
        })
    }

    /// The deployment's files and what they say now, none if they are not there.
    fn targets() -> anyhow::Result<Vec<(&'static Target, Option<String>)>> {
        let read = |target: &'static Target| match std::fs::read_to_string(target.path) {
            Ok(text) => Ok((target, Some(text))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok((target, None)),
            Err(error) => Err(error).with_context(|| format!("{} can not be read", target.path)),
        };
        TARGETS.iter().map(read).collect()
    }
}

/// The folders of all packages.
fn folders() -> anyhow::Result<Vec<PathBuf>> {
    package_dirs(Path::new(PACKAGES)).with_context(|| {
        format!("{PACKAGES} can not be read; name the folders, or run this in the project's folder")
    })
}

/// Success if there are no faults.
fn code(faults: &Faults) -> ExitCode {
    if faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
