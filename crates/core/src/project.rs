//! Projects: who works together on what, in which hosting account.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::HostingAccount;
use crate::id::{CostCenterId, ProjectId, UserId};
use crate::text::{Description, Name};

/// Whether a project can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProjectStatus {
    /// In use.
    Available,
    /// Closed for the time being.
    Suspended,
    /// Gone; kept as a record.
    Deleted,
}

impl ProjectStatus {
    /// The spelling on the wire.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Available => "AVAILABLE",
            Self::Suspended => "SUSPENDED",
            Self::Deleted => "DELETED",
        }
    }
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    pub name: Name,
    /// What it is about.
    pub description: Description,
    /// Whether it can be used.
    pub status: ProjectStatus,
    /// Who pays for it, and by whom it has its account.
    pub cost_center_id: CostCenterId,
    /// The hosting account as it was when last read. A launch proves in its transaction that the
    /// account still has this revision, and reads it anew if not.
    pub account: HostingAccount,
    /// Raised by every write.
    pub rev: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

/// What a member may do in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ProjectRole {
    /// Leads the project.
    ProjectAdmin,
    /// Works in it.
    Researcher,
}

impl ProjectRole {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::ProjectAdmin, Self::Researcher];

    /// The word in role ids.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::ProjectAdmin => "ProjectAdmin",
            Self::Researcher => "Researcher",
        }
    }
}

/// That a user has roles in a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Membership {
    /// Who.
    pub user_id: UserId,
    /// Where.
    pub project_id: ProjectId,
    /// As what.
    pub roles: Vec<ProjectRole>,
}

/// A role of one project, `<projectId>#ProjectAdmin` or `<projectId>#Researcher`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleId {
    /// The project.
    pub project_id: ProjectId,
    /// The role in it.
    pub role: ProjectRole,
}

impl std::str::FromStr for RoleId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = "must be `<projectId>#ProjectAdmin` or `<projectId>#Researcher`";
        let (project, role) = text.split_once('#').ok_or(form)?;
        let role = match role {
            "ProjectAdmin" => ProjectRole::ProjectAdmin,
            "Researcher" => ProjectRole::Researcher,
            _ => return Err(form),
        };
        Ok(Self {
            project_id: project.parse().map_err(|_| form)?,
            role,
        })
    }
}

impl std::fmt::Display for RoleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.project_id, self.role.label())
    }
}

impl Serialize for RoleId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RoleId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_id_is_project_and_role() {
        let text = "proj-b590a734-5adc-4a43-a24b-edf3795b812d#Researcher";
        let id: RoleId = text.parse().unwrap();
        assert_eq!(id.role, ProjectRole::Researcher);
        assert_eq!(id.to_string(), text);
        assert!("ITAdmin".parse::<RoleId>().is_err());
        assert!("proj-x#Researcher".parse::<RoleId>().is_err());
    }
}
