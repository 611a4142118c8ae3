//! Reads and checks every environment type package and writes the registry's data; a fault stops the build.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use workbench_env_type::{ComputeFacts, PACKAGES, package_dirs, read_and_check, render};

#[expect(
    dead_code,
    unreachable_pub,
    reason = "the library's own module, of which the checks need a few fields"
)]
#[path = "src/compute.rs"]
mod compute;

fn main() -> Result<(), Box<dyn Error>> {
    // Faults name files as seen from the workspace, where people run cargo.
    let workspace = Path::new(&env::var("CARGO_MANIFEST_DIR")?)
        .join("../..")
        .canonicalize()?;
    env::set_current_dir(&workspace)?;
    // Of a folder, cargo watches everything below.
    println!("cargo::rerun-if-changed={}", workspace.join(PACKAGES).display());

    let facts = compute::facts(ComputeFacts::new);
    let names: Vec<_> = facts.iter().map(|facts| facts.name).collect();
    let (packages, faults) = read_and_check(&package_dirs(Path::new(PACKAGES))?, &facts);
    for fault in &faults {
        println!("cargo::error={fault}");
    }
    fs::write(
        Path::new(&env::var("OUT_DIR")?).join("environment_types.rs"),
        render(&packages, &names),
    )?;
    Ok(())
}
