//! A package: the folder of one environment type.

use std::fs;
use std::path::{Path, PathBuf};

use crate::document::{Document, Operation};
use crate::fault::{Code, Faults, Findings};
use crate::manifest::Manifest;
use crate::template::Template;
use crate::yaml;

/// A file of a package and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File<T> {
    /// The file, as the package's folder was given.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// Its content.
    pub content: T,
}

/// One environment type package, read but not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The folder's name, which is the environment type.
    pub name: String,
    /// `env-type.yaml`
    pub manifest: File<Manifest>,
    /// `<type>.cfn.yaml`
    pub template: File<Template>,
    /// `<type>LaunchSSM.yaml`
    pub launch: File<Document>,
    /// `<type>TerminateSSM.yaml`
    pub terminate: File<Document>,
}

impl Package {
    /// Reads the package in a folder.
    ///
    /// # Errors
    /// Every fault that keeps a file from being understood: missing, no YAML, unknown or missing keys, values of
    /// the wrong type.
    pub fn read(dir: &Path) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let name = folder_name(dir);
        refuse_other_files(dir, &name, &mut faults);
        let manifest = read_file(dir, "env-type.yaml", &mut faults, Manifest::read);
        let template = read_file(dir, &format!("{name}.cfn.yaml"), &mut faults, Template::read);
        let launch = read_file(dir, &format!("{name}LaunchSSM.yaml"), &mut faults, Document::read);
        let terminate = read_file(
            dir,
            &format!("{name}TerminateSSM.yaml"),
            &mut faults,
            Document::read,
        );
        match (manifest, template, launch, terminate) {
            (Some(manifest), Some(template), Some(launch), Some(terminate)) if faults.is_empty() => {
                Ok(Self {
                    name,
                    manifest,
                    template,
                    launch,
                    terminate,
                })
            }
            _ => Err(faults),
        }
    }

    /// The package's documents.
    pub(crate) fn documents(&self) -> [(Operation, &File<Document>); 2] {
        [
            (Operation::Launch, &self.launch),
            (Operation::Terminate, &self.terminate),
        ]
    }
}

/// The last part of the folder's path, also for `.` and `..`.
fn folder_name(dir: &Path) -> String {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    name(dir)
        .or_else(|| name(&dir.canonicalize().ok()?))
        .unwrap_or_default()
}

fn file_names(name: &str) -> [String; 4] {
    [
        "env-type.yaml".to_owned(),
        format!("{name}.cfn.yaml"),
        format!("{name}LaunchSSM.yaml"),
        format!("{name}TerminateSSM.yaml"),
    ]
}

fn refuse_other_files(dir: &Path, name: &str, faults: &mut Faults) {
    let names = file_names(name);
    // An unreadable folder shows as four missing files.
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        let is_yaml = file.ends_with(".yaml") || file.ends_with(".yml");
        if is_yaml && !names.contains(&file) {
            let wrong = format!("`{file}` is no file of the package `{name}`");
            faults.add(
                &entry.path(),
                1,
                Code::PackageFile,
                wrong,
                crate::fault::one_of(names.iter().map(String::as_str)),
            );
        }
    }
}

fn read_file<T>(
    dir: &Path,
    name: &str,
    faults: &mut Faults,
    read: impl FnOnce(&yaml::Node, &mut Findings<'_>) -> Option<T>,
) -> Option<File<T>> {
    let path = dir.join(name);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            faults.add(
                &path,
                1,
                Code::PackageFile,
                format!("cannot be read ({error})"),
                format!("a file `{name}`"),
            );
            return None;
        }
    };
    let node = match yaml::parse(&text) {
        Ok(node) => node,
        Err(error) => {
            faults.add(&path, error.line, Code::Yaml, error.wrong, error.right);
            return None;
        }
    };
    let content = read(&node, &mut Findings { file: &path, faults })?;
    Some(File { path, text, content })
}
