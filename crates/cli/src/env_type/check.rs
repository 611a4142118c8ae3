//! `workbench env-type check`

use std::path::PathBuf;
use std::process::ExitCode;

use workbench_core::compute;
use workbench_env_type::{ComputeFacts, Faults, read_and_check};

use super::{Project, code, roles};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folders of packages; all under templates/environments, what is generated from them, and the deployment's roles,
    /// if none is named
    #[arg(value_name = "DIR")]
    folders: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let faults = if arguments.folders.is_empty() {
        all()?
    } else {
        read_and_check(&arguments.folders, &compute::facts(ComputeFacts::new)).1
    };
    print!("{faults}");
    Ok(code(&faults))
}

/// The packages; and if they are right, what is generated from them, and the roles. What a role allows in vain is
/// printed and no fault.
fn all() -> anyhow::Result<Faults> {
    let mut project = Project::read()?;
    if project.faults.is_empty() {
        for (target, current) in Project::targets()? {
            let found = target.check(current.as_deref(), &project.packages, &project.computes);
            project.faults.extend(found);
            let Some(text) = current else { continue };
            let roles = roles::check(target.path, &text, &project);
            for unused in &roles.unused {
                println!("warning: {unused}");
            }
            project.faults.extend(roles.lacking);
        }
    }
    Ok(project.faults)
}
