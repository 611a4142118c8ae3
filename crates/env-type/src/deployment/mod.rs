//! What the deployment's templates say about the packages: one template that is generated whole, and marked blocks
//! in templates that people write; and what the roles in these must allow. Texts in, texts out; `workbench env-type generate` reads and writes the files.

mod blocks;
mod policy;
pub mod roles;
mod structure;
mod template;
mod text;

use std::path::Path;

use crate::check::ComputeFacts;
use crate::fault::{Code, Fault, Faults};
use crate::package::Package;

pub use blocks::Block;
pub use structure::structure;

/// What is generated in a template of a hosting account.
const ONBOARDING: &[Block] = &[
    Block::ManageStatements,
    Block::EventPatterns,
    Block::LaunchRoles,
    Block::PassedToServices,
    Block::LaunchRoleNames,
    Block::Structure,
];

/// A file of the deployment that says something about the packages.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// The file, seen from the project's folder.
    pub path: &'static str,
    /// The marked blocks that are generated in it; the file is generated whole if there are none.
    pub blocks: &'static [Block],
}

/// Every such file.
pub const TARGETS: [Target; 4] = [
    Target {
        path: "template.yaml",
        blocks: &[Block::EventPatterns, Block::EventSources],
    },
    Target {
        path: "templates/environment-types.cfn.yaml",
        blocks: &[],
    },
    Target {
        path: "templates/onboard-account-byon.cfn.yaml",
        blocks: ONBOARDING,
    },
    Target {
        path: "templates/onboard-account.cfn.yaml",
        blocks: ONBOARDING,
    },
];

impl Target {
    /// The file as it should be, given what it is now: `None` if it is not there and people have to write it.
    /// `packages` are checked and sorted by name.
    ///
    /// # Errors
    /// [`Code::GeneratedBlock`] for each block that is missing or whose marks are wrong.
    pub fn render(
        &self,
        current: Option<&str>,
        packages: &[Package],
        computes: &[ComputeFacts<'_>],
    ) -> Result<Option<String>, Faults> {
        if self.blocks.is_empty() {
            return Ok(Some(template::environment_types(packages)));
        }
        let Some(current) = current else {
            return Ok(None);
        };
        let path = Path::new(self.path);
        let with = |text: &str, structure: &str| {
            let render = |block: Block| block.render(packages, computes, structure);
            blocks::replace(path, text, self.blocks, render)
        };
        let rendered = with(current, "")?;
        if !self.blocks.contains(&Block::Structure) {
            return Ok(Some(rendered));
        }
        let structure = structure(&rendered).map_err(|error| Fault {
            file: path.into(),
            line: error.line,
            code: Code::GeneratedBlock,
            wrong: error.wrong,
            right: error.right,
        })?;
        with(&rendered, &structure).map(Some)
    }

    /// What keeps the file from being as it should.
    #[must_use]
    pub fn check(
        &self,
        current: Option<&str>,
        packages: &[Package],
        computes: &[ComputeFacts<'_>],
    ) -> Faults {
        let wanted = match self.render(current, packages, computes) {
            Ok(Some(wanted)) => wanted,
            Ok(None) => return Faults::default(),
            Err(faults) => return faults,
        };
        let wrong = match current {
            None => "the file is missing",
            Some(current) if current == wanted => return Faults::default(),
            Some(_) => "the packages say otherwise from here on",
        };
        Faults::from(Fault {
            file: self.path.into(),
            line: first_difference(current.unwrap_or_default(), &wanted),
            code: Code::GeneratedStale,
            wrong: wrong.to_owned(),
            right: "run `workbench env-type generate`".to_owned(),
        })
    }
}

/// The first line, from 1, of `current` that is not as in `wanted`.
fn first_difference(current: &str, wanted: &str) -> usize {
    let same = current
        .lines()
        .zip(wanted.lines())
        .take_while(|(one, other)| one == other);
    let last = current.lines().count().max(1);
    (same.count() + 1).min(last)
}
