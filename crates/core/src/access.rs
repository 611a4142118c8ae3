//! Who may do what: sections 4.5 to 4.8 of the contract as one table.

use crate::error::Error;
use crate::id::{ProjectId, UserId};
use crate::project::{Membership, ProjectRole};

/// The caller, as the authorizer's claims describe him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Cognito's `sub`.
    pub user_id: UserId,
    /// Whether he is in the group `ITAdmin`.
    pub it_admin: bool,
}

/// What a route does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// List or read environment types.
    ReadEnvTypes,
    /// Make or change environment types.
    WriteEnvTypes,
    /// List or read a type's configurations, whatever project they are for.
    ReadConfigs,
    /// Make, change or delete configurations, and associate them with projects.
    WriteConfigs,
    /// List the environments of all projects.
    ListAllEnvironments,
    /// List a project's environments, or read one.
    ReadEnvironment,
    /// Launch an environment for a project.
    LaunchEnvironment,
    /// Start, stop or terminate one.
    OperateEnvironment,
    /// Get credentials to connect to one.
    ConnectEnvironment,
    /// Register, change, check and let go hosting accounts.
    ManageAccounts,
    /// Make, change and delete cost centres.
    ManageCostCenters,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::ReadEnvTypes,
        Self::WriteEnvTypes,
        Self::ReadConfigs,
        Self::WriteConfigs,
        Self::ListAllEnvironments,
        Self::ReadEnvironment,
        Self::LaunchEnvironment,
        Self::OperateEnvironment,
        Self::ConnectEnvironment,
        Self::ManageAccounts,
        Self::ManageCostCenters,
    ];

    /// Whether an IT admin has it as such.
    #[must_use]
    pub const fn of_it_admin(self) -> bool {
        match self {
            Self::ReadEnvTypes
            | Self::WriteEnvTypes
            | Self::ReadConfigs
            | Self::WriteConfigs
            | Self::ListAllEnvironments
            | Self::ReadEnvironment
            | Self::OperateEnvironment
            | Self::ManageAccounts
            | Self::ManageCostCenters => true,
            Self::LaunchEnvironment | Self::ConnectEnvironment => false,
        }
    }

    /// Whether this role has it in its project. [`Permission::ReadEnvTypes`] is had by the members
    /// of any project.
    #[must_use]
    pub const fn of_role(self, role: ProjectRole) -> bool {
        match role {
            ProjectRole::ProjectAdmin | ProjectRole::Researcher => matches!(
                self,
                Self::ReadEnvTypes
                    | Self::ReadEnvironment
                    | Self::LaunchEnvironment
                    | Self::OperateEnvironment
                    | Self::ConnectEnvironment
            ),
        }
    }
}

/// Decides whether `caller` may use `permission`, in `project` if the route is about one.
///
/// # Errors
/// [`Error::NotAuthorized`].
pub fn authorize(
    caller: &Caller,
    permission: Permission,
    project: Option<ProjectId>,
    membership: Option<&Membership>,
) -> Result<(), Error> {
    let as_admin = caller.it_admin && permission.of_it_admin();
    let as_member = membership.is_some_and(|member| {
        member.user_id == caller.user_id
            && project.is_none_or(|project| member.project_id == project)
            && member.roles.iter().any(|role| permission.of_role(*role))
    });
    if as_admin || as_member {
        Ok(())
    } else {
        Err(Error::NotAuthorized)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::test_data::UUID;

    fn caller(it_admin: bool) -> Caller {
        Caller {
            user_id: UUID.parse().unwrap(),
            it_admin,
        }
    }

    fn member(role: ProjectRole) -> Membership {
        Membership {
            user_id: UUID.parse().unwrap(),
            project_id: project(),
            roles: vec![role],
        }
    }

    fn project() -> ProjectId {
        format!("proj-{UUID}").parse().unwrap()
    }

    #[test]
    fn the_matrix_of_roles_and_permissions() {
        let mut matrix = String::new();
        for permission in Permission::ALL {
            let _ = write!(matrix, "{:20}", format!("{permission:?}"));
            let admin = member(ProjectRole::ProjectAdmin);
            let researcher = member(ProjectRole::Researcher);
            for (name, it_admin, membership) in [
                ("nobody", false, None),
                ("ITAdmin", true, None),
                ("ProjectAdmin", false, Some(&admin)),
                ("Researcher", false, Some(&researcher)),
            ] {
                let allowed = authorize(&caller(it_admin), permission, Some(project()), membership).is_ok();
                let _ = write!(matrix, " | {name} {}", if allowed { "yes" } else { "no" });
            }
            matrix.push('\n');
        }
        insta::assert_snapshot!(matrix);
    }

    #[test]
    fn a_membership_counts_only_in_its_project_and_for_its_user() {
        let other: ProjectId = "proj-00000000-0000-4000-8000-000000000000".parse().unwrap();
        let researcher = member(ProjectRole::Researcher);
        let allowed = |project, membership| {
            authorize(
                &caller(false),
                Permission::ReadEnvironment,
                Some(project),
                Some(membership),
            )
            .is_ok()
        };
        assert!(allowed(project(), &researcher));
        assert!(!allowed(other, &researcher));
        let stranger = Membership {
            user_id: "00000000-0000-4000-8000-000000000000".parse().unwrap(),
            ..researcher.clone()
        };
        assert!(!allowed(project(), &stranger));
    }
}
