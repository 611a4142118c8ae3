//! `workbench env-type check`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use workbench_core::compute::COMPUTES;
use workbench_env_type::ComputeFacts;

/// Where packages are when no folder is named.
const PACKAGES: &str = "templates/environments";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folders of packages; all under templates/environments if none is named
    #[arg(value_name = "DIR")]
    folders: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let folders = if arguments.folders.is_empty() {
        all()?
    } else {
        arguments.folders.clone()
    };
    let computes: Vec<ComputeFacts<'_>> = COMPUTES
        .iter()
        .map(|compute| ComputeFacts {
            name: compute.name,
            driver_calls: compute.driver_calls,
            credential_keys: compute.credential_keys,
        })
        .collect();
    let clean = workbench_env_type::check_dirs(&folders, &computes, &mut std::io::stdout().lock())?;
    Ok(if clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn all() -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(PACKAGES).with_context(|| {
        format!("{PACKAGES} can not be read; name the folders, or run this in the project's folder")
    })?;
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}
