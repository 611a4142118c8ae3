//! Embeds the shipped deployment: `template.yaml`, the templates in `templates` and the files that they include.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let workspace = Path::new(&env::var("CARGO_MANIFEST_DIR")?)
        .join("../..")
        .canonicalize()?;
    let mut files = vec![workspace.join("template.yaml")];
    templates(&workspace.join("templates"), &mut files)?;
    files.sort();
    println!(
        "cargo::rerun-if-changed={}",
        workspace.join("template.yaml").display()
    );
    println!(
        "cargo::rerun-if-changed={}",
        workspace.join("templates").display()
    );

    let mut source = "&[\n".to_owned();
    for file in files {
        let name = file.strip_prefix(&workspace)?.display();
        writeln!(source, "    ({:?}, include_str!({file:?})),", name.to_string())?;
    }
    source.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("deployment.rs"), source)?;
    Ok(())
}

/// Every YAML file below a folder.
fn templates(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            templates(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
    Ok(())
}
