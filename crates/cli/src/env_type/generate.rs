//! `workbench env-type generate`

use std::process::ExitCode;

use anyhow::Context as _;

use super::{Project, code};

/// Writes every file that is not up to date. Nothing is written while something is wrong.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let project = Project::read()?;
    let mut faults = project.faults;
    let mut changed = Vec::new();
    if faults.is_empty() {
        for (target, current) in Project::targets()? {
            match target.render(current.as_deref(), &project.packages, &project.computes) {
                Ok(Some(wanted)) if current.as_deref() != Some(&wanted) => changed.push((target, wanted)),
                Ok(_) => {}
                Err(found) => faults.extend(found),
            }
        }
    }
    if faults.is_empty() {
        write(changed.iter().map(|(target, text)| (target.path, text.as_str())))?;
    }
    print!("{faults}");
    Ok(code(&faults))
}

fn write<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> anyhow::Result<()> {
    let mut count = 0;
    for (path, text) in files {
        std::fs::write(path, text).with_context(|| format!("{path} can not be written"))?;
        println!("{path}: written");
        count += 1;
    }
    if count == 0 {
        println!("Everything is up to date.");
    }
    Ok(())
}
