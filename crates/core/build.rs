//! Reads and checks every environment type package and writes the registry's data; a fault stops the build.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use workbench_env_type::deployment::structure;
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
    fs::write(
        Path::new(&env::var("OUT_DIR")?).join("onboarding.rs"),
        onboarding(&workspace)?,
    )?;
    Ok(())
}

/// The templates of hosting accounts, as data.
fn onboarding(workspace: &Path) -> Result<String, Box<dyn Error>> {
    let mut source = String::from("static TEMPLATES: [Template; 2] = [\n");
    for name in ["onboard-account", "onboard-account-byon"] {
        let path = workspace.join(format!("templates/{name}.cfn.yaml"));
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path)?;
        let structure = structure(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        source.push_str(&format!(
            "Template {{ name: {name:?}, text: {text:?}, structure: {structure:?} }},\n"
        ));
    }
    source.push_str("];\n");
    Ok(source)
}
