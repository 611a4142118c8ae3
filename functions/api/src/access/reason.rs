//! What somebody is told who may not do something: who may, or what to ask for instead.
//!
//! It follows from what was asked and from what the caller is, never from what is there: an id that exists and one that
//! does not are refused in the same words.

use workbench_core::Error;
use workbench_core::caller::Caller;
use workbench_core::project::Membership;

use super::Action;

const NEEDS_IT_ADMIN: &str = "needs the role ITAdmin";
const NEEDS_PROJECT_ADMIN: &str = "needs the role ProjectAdmin in the project";
const NO_PROJECT: &str = "you are in no project yet: an IT admin or the project's admin adds you";
const NOT_IN_PROJECT: &str = "you are not in the project: an IT admin or the project's admin adds you";
const LAUNCHES_NOTHING: &str = "IT admins launch nothing; ask a member of the project";
const CONNECTS_NOWHERE: &str = "IT admins get into no environment; ask a member of the project";

/// The refusal of `action`. The memberships are those by which it was decided: of the one project, if it is about one.
pub(crate) fn refusal(caller: &Caller, action: Action, memberships: &[Membership]) -> Error {
    Error::NotAuthorized(match action {
        Action::ListProjects | Action::ReadEnvTypes => NO_PROJECT,
        Action::LaunchEnvironment if caller.it_admin => LAUNCHES_NOTHING,
        Action::ConnectEnvironment if caller.it_admin => CONNECTS_NOWHERE,
        Action::ReadProject
        | Action::ReadProjectConfigs
        | Action::ReadEnvironment
        | Action::LaunchEnvironment
        | Action::OperateEnvironment
        | Action::ConnectEnvironment => NOT_IN_PROJECT,
        Action::UpdateProject | Action::DeleteProject | Action::ReadMembers | Action::WriteMembers => {
            if memberships.is_empty() {
                NOT_IN_PROJECT
            } else {
                NEEDS_PROJECT_ADMIN
            }
        }
        Action::ReadUsers => "needs the role ITAdmin, or ProjectAdmin in a project",
        Action::ListAllEnvironments => {
            "only IT admins may list all environments: use /projects/{projectId}/environments"
        }
        Action::ReadConfigs => {
            "only IT admins may read all configurations: use \
             /projects/{projectId}/environmentTypes/{envTypeId}/configurations"
        }
        Action::CreateProject
        | Action::WriteUsers
        | Action::WriteEnvTypes
        | Action::WriteConfigs
        | Action::AssociateConfigs
        | Action::ReadConfigProjects
        | Action::ReadAccounts
        | Action::WriteAccounts
        | Action::ReadCostCenters
        | Action::WriteCostCenters => NEEDS_IT_ADMIN,
    })
}

#[cfg(test)]
mod tests {
    use workbench_core::project::ProjectRole::{self, ProjectAdmin, Researcher};

    use super::*;
    use crate::access::allows;
    use crate::access::tests::{UUID, caller, member, project};

    /// Whether it is allowed, and if not, in which words it is refused.
    fn told(it_admin: bool, action: Action, role: Option<ProjectRole>) -> Result<(), String> {
        let caller = caller(it_admin);
        let memberships: Vec<Membership> = role.into_iter().map(|role| member(UUID, role)).collect();
        let of_project = [None, Some(project(UUID))];
        if of_project
            .into_iter()
            .any(|project| allows(&caller, action, project, &memberships))
        {
            return Ok(());
        }
        Err(refusal(&caller, action, &memberships).to_string())
    }

    #[test]
    fn whoever_becomes_what_a_refusal_names_may() {
        for &action in Action::ALL {
            for role in [None, Some(Researcher), Some(ProjectAdmin)] {
                let Err(words) = told(false, action, role) else {
                    continue;
                };
                let becomes = [
                    (
                        words.contains("ITAdmin") || words.contains("only IT admins"),
                        true,
                        role,
                    ),
                    (words.contains("ProjectAdmin"), false, Some(ProjectAdmin)),
                    (words == NO_PROJECT, false, Some(Researcher)),
                ];
                let mut named = becomes.into_iter().filter(|(named, ..)| *named).peekable();
                assert!(
                    named.peek().is_some() || words == NOT_IN_PROJECT,
                    "{action:?}: {words}"
                );
                for (_, it_admin, role) in named {
                    assert_eq!(told(it_admin, action, role), Ok(()), "{action:?}: {words}");
                }
                if words == NOT_IN_PROJECT {
                    assert_eq!((role, told(false, action, Some(ProjectAdmin))), (None, Ok(())));
                }
            }
        }
    }

    #[test]
    fn it_admins_hear_only_that_they_neither_launch_nor_connect() {
        let refused = |action: &&Action| told(true, **action, None).is_err();
        let found: Vec<Action> = Action::ALL.iter().filter(refused).copied().collect();
        let refused = [Action::LaunchEnvironment, Action::ConnectEnvironment];
        assert_eq!(found, refused);
        let words = refused.map(|action| told(true, action, None).unwrap_err());
        assert_eq!(words, [LAUNCHES_NOTHING, CONNECTS_NOWHERE]);
    }
}
