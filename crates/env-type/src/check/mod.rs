//! The rules. Each file of this module is one group of them.

mod api;
mod calls;
mod event;
mod flow;
mod letter_case;
mod manifest;
mod names;
mod parameters;
mod pattern;
pub(crate) mod permissions;
mod resource;
mod template;

use std::io::{self, Write};
use std::path::Path;

use crate::document::{Document, Operation};
use crate::fault::{Faults, Findings};
use crate::manifest::SourceOf;
use crate::package::{File, Package};
use crate::source::Source;

/// What a compute's driver needs and gives.
#[derive(Debug, Clone, Copy)]
pub struct ComputeFacts<'a> {
    /// Name of the compute, such as `sagemaker`.
    pub name: &'a str,
    /// Detail type of its state-change events.
    pub detail_type: &'a str,
    /// IAM actions of the calls that the driver makes.
    pub driver_calls: &'a [&'a str],
    /// Type of the template's resource that the driver starts and stops.
    pub resource_type: &'a str,
    /// Properties of that resource, and the IAM actions that starting it takes where the template sets them.
    pub dependent_actions: &'a [(&'a str, &'a [&'a str])],
    /// Keys of the credentials that the driver hands out on connect.
    pub credential_keys: &'a [&'a str],
}

impl<'a> ComputeFacts<'a> {
    /// The facts about one compute.
    #[must_use]
    pub const fn new(
        name: &'a str,
        detail_type: &'a str,
        driver_calls: &'a [&'a str],
        resource_type: &'a str,
        dependent_actions: &'a [(&'a str, &'a [&'a str])],
        credential_keys: &'a [&'a str],
    ) -> Self {
        Self {
            name,
            detail_type,
            driver_calls,
            resource_type,
            dependent_actions,
            credential_keys,
        }
    }
}

/// One of a package's documents with what the manifest says about it.
struct Subject<'a> {
    operation: Operation,
    file: &'a File<Document>,
    sources: &'a [SourceOf],
    package: &'a Package,
}

impl<'a> Subject<'a> {
    fn document(&self) -> &'a Document {
        &self.file.content
    }

    /// Whether a document parameter gets its value from `<group>.<field>`.
    fn is_fed(&self, parameter: &str, group: &str, field: &str) -> bool {
        let fed = self.sources.iter().find(|fed| fed.parameter == parameter);
        fed.is_some_and(
            |fed| matches!(&fed.source, Source::Field(of, name) if of.name == group && *name == field),
        )
    }
}

/// Checks a package against every rule.
#[must_use]
pub fn check(package: &Package, computes: &[ComputeFacts<'_>]) -> Faults {
    let mut faults = Faults::default();
    let compute = computes
        .iter()
        .find(|compute| compute.name == package.manifest.content.compute.text);
    let subjects = [
        Subject {
            operation: Operation::Launch,
            file: &package.launch,
            sources: &package.manifest.content.launch,
            package,
        },
        Subject {
            operation: Operation::Terminate,
            file: &package.terminate,
            sources: &package.manifest.content.terminate,
            package,
        },
    ];
    let mut manifest = Findings {
        file: &package.manifest.path,
        faults: &mut faults,
    };
    manifest::check(package, compute, computes, &mut manifest);
    permissions::check(package, compute, &mut manifest);
    letter_case::check(package, &mut manifest);
    let [launch, _] = &subjects;
    names::check(launch, &mut manifest);
    for subject in &subjects {
        parameters::check_sources(subject, &mut manifest);
    }
    template::check(
        &package.template,
        &mut Findings {
            file: &package.template.path,
            faults: &mut faults,
        },
    );
    for subject in &subjects {
        let mut findings = Findings {
            file: &subject.file.path,
            faults: &mut faults,
        };
        parameters::check(subject, &mut findings);
        calls::check(subject, &mut findings);
        let flow = flow::check(subject.document(), &mut findings);
        event::check(subject, flow.as_ref(), &mut findings);
    }
    faults
}

/// Reads and checks the packages in `dirs`: those that can be read, and every fault.
#[must_use]
pub fn read_and_check(dirs: &[impl AsRef<Path>], computes: &[ComputeFacts<'_>]) -> (Vec<Package>, Faults) {
    let mut packages = Vec::new();
    let mut faults = Faults::default();
    for dir in dirs {
        match Package::read(dir.as_ref()) {
            Ok(package) => {
                faults.extend(check(&package, computes));
                packages.push(package);
            }
            Err(found) => faults.extend(found),
        }
    }
    (packages, faults)
}

/// Reads and checks the packages in `dirs` and writes each finding as a line to `out`. Whether all are right.
///
/// # Errors
/// Only those of `out`.
pub fn check_dirs(
    dirs: &[impl AsRef<Path>],
    computes: &[ComputeFacts<'_>],
    out: &mut dyn Write,
) -> io::Result<bool> {
    let (_, faults) = read_and_check(dirs, computes);
    write!(out, "{faults}")?;
    Ok(faults.is_empty())
}
