//! Marked blocks in templates that people write.
//!
//! A block stands between `# BEGIN env-type generate: <block>` and `# END env-type generate: <block>`; the first
//! mark's indentation is the block's.

use std::path::Path;

use super::text::{indented, scalar};
use super::{policy, template};
use crate::check::ComputeFacts;
use crate::fault::{Code, Faults, one_of};
use crate::package::Package;

const BEGIN: &str = "# BEGIN env-type generate: ";
const END: &str = "# END env-type generate: ";

/// What a block says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// Statements of a policy: what `EnvManagementRole` may do for the types.
    ManageStatements,
    /// Alternatives of an event pattern: the events that say something about environments.
    EventPatterns,
    /// A list in a mapping: the sources of those events.
    EventSources,
    /// Resources of a hosting account: the launch role of each type.
    LaunchRoles,
    /// A key of a condition: the services that those roles may pass instances' roles to.
    PassedToServices,
    /// The value of an output: the names of those roles.
    LaunchRoleNames,
    /// The value of an output: the file's own [structure](fn@super::structure).
    Structure,
}

impl Block {
    /// As in its marks.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ManageStatements => "manage-statements",
            Self::EventPatterns => "event-patterns",
            Self::EventSources => "event-sources",
            Self::LaunchRoles => "launch-roles",
            Self::PassedToServices => "passed-to-services",
            Self::LaunchRoleNames => "launch-role-names",
            Self::Structure => "structure",
        }
    }

    /// Its text without indentation. `structure` is that of the file, once the other blocks are in it.
    pub(super) fn render(
        self,
        packages: &[Package],
        computes: &[ComputeFacts<'_>],
        structure: &str,
    ) -> String {
        match self {
            Self::ManageStatements => manage_statements(packages),
            Self::EventPatterns => event_patterns(computes),
            Self::EventSources => event_sources(computes),
            Self::LaunchRoles => template::hosting_launch_roles(packages),
            Self::PassedToServices => passed_to_services(packages),
            Self::LaunchRoleNames => template::launch_role_names(packages),
            Self::Structure => format!("Value: '{structure}'\n"),
        }
    }
}

fn manage_statements(packages: &[Package]) -> String {
    let all = packages.iter().flat_map(|package| {
        let permissions = &package.manifest.content.manage_permissions;
        policy::statements(package, permissions)
    });
    policy::render(&policy::merge(all))
}

/// As in [`event_patterns`].
fn event_sources(computes: &[ComputeFacts<'_>]) -> String {
    let services = computes.iter().map(|compute| format!("aws.{}", compute.name));
    let mut sources: Vec<String> = services
        .chain(["automation".to_owned(), "aws.ssm".to_owned()])
        .collect();
    sources.sort();
    sources.dedup();
    format!("Sources: [{}]\n", sources.join(", "))
}

fn event_patterns(computes: &[ComputeFacts<'_>]) -> String {
    let documents = pattern("automation", &["Launch", "Terminate"]);
    let changes = computes.iter().map(|compute| {
        let source = format!("aws.{}", compute.name);
        pattern(&source, &[compute.detail_type])
    });
    let ended = pattern(
        "aws.ssm",
        &["EC2 Automation Execution Status-change Notification"],
    );
    format!(
        "{documents}{}{ended}  detail:\n    Status: [Failed, TimedOut, Cancelled]\n",
        changes.collect::<String>()
    )
}

fn passed_to_services(packages: &[Package]) -> String {
    let statements = packages
        .iter()
        .flat_map(|package| &package.manifest.content.launch_permissions.statements);
    let mut services: Vec<String> = statements
        .flat_map(|statement| &statement.conditions)
        .filter(|condition| condition.key.text == "iam:PassedToService")
        .flat_map(|condition| &condition.values)
        .map(|service| scalar(&service.text))
        .collect();
    services.sort();
    services.dedup();
    format!("iam:PassedToService: [{}]\n", services.join(", "))
}

fn pattern(source: &str, detail_types: &[&str]) -> String {
    let detail_types: Vec<String> = detail_types.iter().map(|name| scalar(name)).collect();
    format!(
        "- source: [{source}]\n  detail-type: [{}]\n",
        detail_types.join(", ")
    )
}

/// The text with every block as `render` says.
///
/// # Errors
/// [`Code::GeneratedBlock`] for each of `wanted` that is missing, and for marks that make no block.
pub(super) fn replace(
    file: &Path,
    text: &str,
    wanted: &[Block],
    render: impl Fn(Block) -> String,
) -> Result<String, Faults> {
    let names = || one_of(wanted.iter().map(|block| block.as_str()));
    let mut faults = Faults::default();
    let mut out = String::new();
    let mut found = Vec::new();
    let mut open: Option<(Block, usize)> = None;
    for (place, line) in text.lines().enumerate() {
        let number = place + 1;
        let mark = line.trim();
        if let Some(name) = mark.strip_prefix(BEGIN) {
            refuse_open(file, open.take(), &mut faults);
            let block = wanted.iter().find(|block| block.as_str() == name);
            match block {
                None => {
                    let wrong = format!("`{name}` is no block of this file");
                    faults.add(file, number, Code::GeneratedBlock, wrong, names());
                }
                Some(block) if found.contains(block) => {
                    let wrong = format!("block `{name}` begins a second time");
                    faults.add(file, number, Code::GeneratedBlock, wrong, "each block once");
                }
                Some(block) => {
                    found.push(*block);
                    open = Some((*block, number));
                    push_line(&mut out, line);
                    let spaces = line.len() - line.trim_start().len();
                    out.push_str(&indented(&render(*block), spaces));
                }
            }
        } else if let Some(name) = mark.strip_prefix(END) {
            if open.take().is_none_or(|(block, _)| block.as_str() != name) {
                let wrong = format!("block `{name}` ends here and did not begin");
                let right = format!("`{BEGIN}{name}` before it");
                faults.add(file, number, Code::GeneratedBlock, wrong, right);
            }
            push_line(&mut out, line);
        } else if open.is_none() {
            push_line(&mut out, line);
        }
    }
    refuse_open(file, open, &mut faults);
    for block in wanted.iter().filter(|block| !found.contains(block)) {
        let name = block.as_str();
        let wrong = format!("the block `{name}` is missing");
        let right = format!("`{BEGIN}{name}` and `{END}{name}` where it belongs");
        faults.add(file, 1, Code::GeneratedBlock, wrong, right);
    }
    if faults.is_empty() { Ok(out) } else { Err(faults) }
}

fn refuse_open(file: &Path, open: Option<(Block, usize)>, faults: &mut Faults) {
    if let Some((block, line)) = open {
        let wrong = format!("block `{}` does not end", block.as_str());
        let right = format!("`{END}{}` after it", block.as_str());
        faults.add(file, line, Code::GeneratedBlock, wrong, right);
    }
}

fn push_line(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}
