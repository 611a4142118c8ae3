//! A package: the folder of one environment type.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::document::{Document, Operation};
use crate::fault::{Code, Faults, Findings, one_of};
use crate::manifest::Manifest;
use crate::template::Template;
use crate::yaml;

/// Where the packages of a project are, seen from its folder.
pub const PACKAGES: &str = "templates/environments";

/// The folder of a package for what its instances fetch on start.
const FILES: &str = "files";

/// How the names of template, launch document and terminate document go on behind the type.
const ENDS: [&str; 3] = [".cfn.yaml", "LaunchSSM.yaml", "TerminateSSM.yaml"];

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

/// A file that a type's instances fetch on start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceFile {
    /// Its name in the folder `files`.
    pub name: String,
    /// Its content.
    pub content: Vec<u8>,
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
    /// `files/`, sorted by name; often none.
    pub files: Vec<InstanceFile>,
}

impl Package {
    /// Reads the package in a folder.
    ///
    /// # Errors
    /// Every fault that keeps a file from being understood: missing, no YAML, unknown or missing keys, values of
    /// the wrong type.
    pub fn read(dir: &Path) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        if !dir.is_dir() {
            let wrong = format!("`{}` is no folder", dir.display());
            faults.add(dir, 1, Code::PackageFile, wrong, "the folder of a package");
            return Err(faults);
        }
        let name = folder_name(dir);
        refuse_other_files(dir, &name, &mut faults);
        let [manifest, template, launch, terminate] = file_names(&name);
        let manifest = read_file(dir, &manifest, &mut faults, Manifest::read);
        let template = read_file(dir, &template, &mut faults, Template::read);
        let launch = read_file(dir, &launch, &mut faults, Document::read);
        let terminate = read_file(dir, &terminate, &mut faults, Document::read);
        let files = instance_files(&dir.join(FILES), &mut faults);
        match (manifest, template, launch, terminate) {
            (Some(manifest), Some(template), Some(launch), Some(terminate)) if faults.is_empty() => {
                Ok(Self {
                    name,
                    manifest,
                    template,
                    launch,
                    terminate,
                    files,
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

/// The folders in a folder, sorted: each is a package.
///
/// # Errors
/// The folder cannot be read.
pub fn package_dirs(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut dirs = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            dirs.push(path);
        }
    }
    dirs.sort();
    Ok(dirs)
}

/// The last part of the folder's path, also for `.` and `..`.
fn folder_name(dir: &Path) -> String {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    name(dir)
        .or_else(|| name(&dir.canonicalize().ok()?))
        .unwrap_or_default()
}

fn file_names(name: &str) -> [String; 4] {
    let [template, launch, terminate] = ENDS.map(|end| format!("{name}{end}"));
    ["env-type.yaml".to_owned(), template, launch, terminate]
}

fn refuse_other_files(dir: &Path, name: &str, faults: &mut Faults) {
    let names = file_names(name);
    // An unreadable folder shows as four missing files.
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        let is_yaml = file.ends_with(".yaml") || file.ends_with(".yml");
        if is_yaml && !names.contains(&file) {
            let wrong = format!("`{file}` is no file of the package `{name}`");
            let right = one_of(names.iter().map(String::as_str));
            faults.add(&entry.path(), 1, Code::PackageFile, wrong, right);
        }
        let is_folder = entry.path().is_dir();
        if is_folder && file != FILES {
            let wrong = format!("`{file}` is no folder of a package");
            faults.add(&entry.path(), 1, Code::PackageFile, wrong, one_of([FILES]));
        }
        if !is_folder && file == FILES {
            let wrong = "`files` is no folder";
            faults.add(
                &entry.path(),
                1,
                Code::PackageFile,
                wrong,
                "a folder with the instances' files",
            );
        }
    }
}

/// What is in the folder of the instances' files. It is flat: the names become keys in a bucket.
fn instance_files(dir: &Path, faults: &mut Faults) -> Vec<InstanceFile> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let content = if !name.chars().all(is_plain) {
            let right = "letters, digits, `.`, `_` and `-`";
            Err((format!("`{name}` has a character that keys do not have"), right))
        } else if path.is_dir() {
            Err((format!("`{name}` is a folder"), "files only"))
        } else {
            fs::read(&path).map_err(|error| (format!("cannot be read ({error})"), "a readable file"))
        };
        match content {
            Ok(content) => files.push(InstanceFile { name, content }),
            Err((wrong, right)) => faults.add(&path, 1, Code::PackageFile, wrong, right),
        }
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    files
}

/// What to do about a missing file: where there is one other of its kind, it has the name of another type.
fn instead_of(dir: &Path, missing: &str) -> String {
    let kind = |name: &str| ENDS.into_iter().find(|end| name.ends_with(end));
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let others: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| kind(name).is_some() && kind(name) == kind(missing))
        .collect();
    match others.as_slice() {
        [other] => format!("rename `{other}` to it"),
        _ => "add it".to_owned(),
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
            let (wrong, right) = if error.kind() == io::ErrorKind::NotFound {
                (format!("`{name}` is missing"), instead_of(dir, name))
            } else {
                (format!("cannot be read ({error})"), "a readable file".to_owned())
            };
            faults.add(&path, 1, Code::PackageFile, wrong, right);
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
