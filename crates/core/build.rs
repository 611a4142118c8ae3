//! Reads and checks every environment type package and writes the registry's data; a fault stops the build.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use workbench_env_type::{ComputeFacts, Package, check, render};

#[expect(
    dead_code,
    unreachable_pub,
    reason = "the library's own module, of which the checks need three fields"
)]
#[path = "src/compute.rs"]
mod compute;

const PACKAGES: &str = "templates/environments";

fn main() -> Result<(), Box<dyn Error>> {
    // Faults name files as seen from the workspace, where people run cargo.
    let workspace = Path::new(&env::var("CARGO_MANIFEST_DIR")?)
        .join("../..")
        .canonicalize()?;
    env::set_current_dir(&workspace)?;

    let facts = compute::COMPUTES.iter().map(|compute| ComputeFacts {
        name: compute.name,
        driver_calls: compute.driver_calls,
        credential_keys: compute.credential_keys,
    });
    let facts: Vec<_> = facts.collect();
    let names: Vec<_> = facts.iter().map(|facts| facts.name).collect();

    println!("cargo::rerun-if-changed={}", workspace.join(PACKAGES).display());
    let mut packages = Vec::new();
    for dir in folders(Path::new(PACKAGES))? {
        rerun_if_changed(&workspace.join(&dir))?;
        let faults = match Package::read(&dir) {
            Ok(package) => {
                let faults = check(&package, &facts);
                packages.push(package);
                faults
            }
            Err(faults) => faults,
        };
        for fault in &faults {
            println!("cargo::error={fault}");
        }
    }
    fs::write(
        Path::new(&env::var("OUT_DIR")?).join("environment_types.rs"),
        render(&packages, &names),
    )?;
    Ok(())
}

fn folders(dir: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}

fn rerun_if_changed(dir: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", dir.display());
    for entry in fs::read_dir(dir)? {
        println!("cargo::rerun-if-changed={}", entry?.path().display());
    }
    Ok(())
}
