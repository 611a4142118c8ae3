//! Who may do what: the Cedar policies in `policies/`, asked before anything else is read or written.
//!
//! Being an IT admin comes with the token. What somebody is in a project is read from the table on every request, so
//! that a change counts from the next one on; it is not read where being an IT admin decides.

mod reason;

use std::collections::{HashMap, HashSet};
use std::str::FromStr as _;
use std::sync::LazyLock;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression,
};
use workbench_aws::{Cloud, Error};
use workbench_core::caller::Caller;
use workbench_core::environment::Environment;
use workbench_core::id::{EnvironmentId, ProjectId};
use workbench_core::project::{Membership, ProjectRole};

pub(crate) use reason::refusal;

const POLICIES: &str = include_str!("../policies/workbench.cedar");

#[expect(clippy::expect_used, reason = "a test parses and validates the policies")]
static POLICY_SET: LazyLock<PolicySet> =
    LazyLock::new(|| PolicySet::from_str(POLICIES).expect("policies that parse"));

macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident, $name:literal;)*) => {
        /// What a route does. The policies know it by its name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Action {
            $($(#[$doc])* $action,)*
        }

        impl Action {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$action),*];

            const fn name(self) -> &'static str {
                match self { $(Self::$action => $name,)* }
            }
        }
    };
}

actions! {
    /// List the projects that one may see.
    ListProjects, "listProjects";
    /// Make a project.
    CreateProject, "createProject";
    /// Read a project.
    ReadProject, "readProject";
    /// Change a project.
    UpdateProject, "updateProject";
    /// Delete a project.
    DeleteProject, "deleteProject";
    /// List a project's members.
    ReadMembers, "readMembers";
    /// Make and unmake members of a project.
    WriteMembers, "writeMembers";
    /// List or read users.
    ReadUsers, "readUsers";
    /// Make, change or delete users.
    WriteUsers, "writeUsers";
    /// List or read environment types.
    ReadEnvTypes, "readEnvTypes";
    /// Make or change environment types.
    WriteEnvTypes, "writeEnvTypes";
    /// List or read a type's configurations, whatever project they are for.
    ReadConfigs, "readConfigs";
    /// List or read the configurations that a project may use.
    ReadProjectConfigs, "readProjectConfigs";
    /// Make, change or delete configurations.
    WriteConfigs, "writeConfigs";
    /// Associate configurations with projects, and end that.
    AssociateConfigs, "associateConfigs";
    /// List the projects that are associated with a configuration.
    ReadConfigProjects, "readConfigProjects";
    /// List or read hosting accounts, and get the links to onboard them.
    ReadAccounts, "readAccounts";
    /// Register, change, check or let go hosting accounts.
    WriteAccounts, "writeAccounts";
    /// List or read cost centres.
    ReadCostCenters, "readCostCenters";
    /// Make, change or delete cost centres.
    WriteCostCenters, "writeCostCenters";
    /// List the environments of all projects.
    ListAllEnvironments, "listAllEnvironments";
    /// List a project's environments, or read one.
    ReadEnvironment, "readEnvironment";
    /// Launch an environment for a project.
    LaunchEnvironment, "launchEnvironment";
    /// Start, stop or terminate one.
    OperateEnvironment, "operateEnvironment";
    /// Get credentials to connect to one.
    ConnectEnvironment, "connectEnvironment";
}

/// Which environment a request is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    /// The environment.
    pub(crate) environment: EnvironmentId,
    /// The project of the path, where the path names one: an environment of another does not exist there.
    pub(crate) project: Option<ProjectId>,
}

/// Decides whether `caller` may do `action`, in `project` if it is about one, by what they are in projects.
pub(crate) fn allows(
    caller: &Caller,
    action: Action,
    project: Option<ProjectId>,
    memberships: &[Membership],
) -> bool {
    decide(caller, action, project, memberships).unwrap_or_else(|problem| {
        tracing::error!(problem, action = action.name(), "the policies could not be asked");
        false
    })
}

/// As [`allows`], by what the caller is in the one project.
///
/// # Errors
/// Not authorized.
pub(crate) fn check(
    caller: &Caller,
    action: Action,
    project: ProjectId,
    membership: Option<&Membership>,
) -> Result<(), workbench_core::Error> {
    let memberships = membership.map(std::slice::from_ref).unwrap_or_default();
    if allows(caller, action, Some(project), memberships) {
        Ok(())
    } else {
        Err(refusal(caller, action, memberships))
    }
}

/// Refuses a caller who may not do `action`, in `project` if it is about one. The memberships are read only where
/// being an IT admin does not decide.
///
/// # Errors
/// Not authorized, or the table's.
pub(crate) async fn authorize(
    cloud: &Cloud,
    caller: &Caller,
    action: Action,
    project: Option<ProjectId>,
) -> Result<(), Error> {
    if allows(caller, action, project, &[]) {
        return Ok(());
    }
    let memberships = match project {
        Some(project) => {
            let membership = cloud.table().membership(caller.user_id, project).await?;
            membership.into_iter().collect()
        }
        None => cloud.table().memberships(caller.user_id).await?,
    };
    if allows(caller, action, project, &memberships) {
        return Ok(());
    }
    Err(refusal(caller, action, &memberships).into())
}

/// The environment, if `caller` may do `action` with it. Two reads at most; one where the path names the project or the
/// caller is an IT admin.
///
/// # Errors
/// Not authorized, not found, or the table's.
pub(crate) async fn environment(
    cloud: &Cloud,
    caller: &Caller,
    target: Target,
    action: Action,
) -> Result<Environment, Error> {
    let id = target.environment;
    let missing = || Error::from(workbench_core::Error::not_found("environment", id));
    if let Some(project) = target.project {
        let table = cloud.table();
        let (environment, membership) = table
            .environment_and_membership(id, caller.user_id, project)
            .await?;
        check(caller, action, project, membership.as_ref())?;
        return environment
            .filter(|found| found.project_id() == project)
            .ok_or_else(missing);
    }
    match cloud.table().environment(id).await? {
        Some(environment) => {
            authorize(cloud, caller, action, Some(environment.project_id())).await?;
            Ok(environment)
        }
        None if caller.it_admin => Err(missing()),
        // Whoever is no member learns nothing, not even that the environment does not exist.
        None => Err(refusal(caller, action, &[]).into()),
    }
}

fn decide(
    caller: &Caller,
    action: Action,
    project: Option<ProjectId>,
    memberships: &[Membership],
) -> Result<bool, String> {
    let principal = uid("User", &caller.user_id)?;
    let resource = match project {
        Some(project) => uid("Project", &project)?,
        None => uid("Deployment", &"workbench")?,
    };
    let own = memberships
        .iter()
        .filter(|member| member.user_id == caller.user_id);
    let projects = |role: ProjectRole| {
        let with_role = own.clone().filter(|member| member.roles.contains(&role));
        let projects: Result<Vec<_>, String> = with_role
            .map(|member| {
                Ok(RestrictedExpression::new_entity_uid(uid(
                    "Project",
                    &member.project_id,
                )?))
            })
            .collect();
        Ok::<_, String>(RestrictedExpression::new_set(projects?))
    };
    let attributes = HashMap::from([
        ("leads".to_owned(), projects(ProjectRole::ProjectAdmin)?),
        ("worksIn".to_owned(), projects(ProjectRole::Researcher)?),
    ]);
    let groups = if caller.it_admin {
        HashSet::from([uid("Group", &crate::caller::IT_ADMIN_GROUP)?])
    } else {
        HashSet::new()
    };
    let user = Entity::new(principal.clone(), attributes, groups).map_err(text)?;
    let entities = Entities::from_entities([user], None).map_err(text)?;
    let action = uid("Action", &action.name())?;
    let request = Request::new(principal, action, resource, Context::empty(), None).map_err(text)?;
    let response = Authorizer::new().is_authorized(&request, &POLICY_SET, &entities);
    match response.diagnostics().errors().next() {
        Some(error) => Err(error.to_string()),
        None => Ok(response.decision() == Decision::Allow),
    }
}

fn uid(kind: &str, id: &impl std::fmt::Display) -> Result<EntityUid, String> {
    let kind = EntityTypeName::from_str(kind).map_err(text)?;
    Ok(EntityUid::from_type_name_and_id(
        kind,
        EntityId::new(id.to_string()),
    ))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use cedar_policy::{Schema, ValidationMode, Validator};

    use super::*;

    const SCHEMA: &str = include_str!("../policies/workbench.cedarschema");
    pub(super) const UUID: &str = "b590a734-5adc-4a43-a24b-edf3795b812d";
    const OTHER: &str = "00000000-0000-4000-8000-000000000000";

    pub(super) fn caller(it_admin: bool) -> Caller {
        Caller {
            user_id: UUID.parse().unwrap(),
            it_admin,
        }
    }

    pub(super) fn project(uuid: &str) -> ProjectId {
        format!("proj-{uuid}").parse().unwrap()
    }

    pub(super) fn member(user: &str, role: ProjectRole) -> Membership {
        Membership {
            user_id: user.parse().unwrap(),
            project_id: project(UUID),
            roles: vec![role],
        }
    }

    #[test]
    fn the_policies_are_valid_by_the_schema() {
        let (schema, warnings) = Schema::from_cedarschema_str(SCHEMA).unwrap();
        assert_eq!(warnings.count(), 0);
        let result = Validator::new(schema).validate(&POLICY_SET, ValidationMode::Strict);
        assert!(result.validation_passed_without_warnings(), "{result}");
    }

    #[test]
    fn a_membership_counts_only_in_its_project_and_for_its_user() {
        let allowed = |project, user| {
            let membership = member(user, ProjectRole::Researcher);
            allows(
                &caller(false),
                Action::ReadEnvironment,
                Some(project),
                &[membership],
            )
        };
        assert!(allowed(project(UUID), UUID));
        assert!(!allowed(project(OTHER), UUID));
        assert!(!allowed(project(UUID), OTHER));
    }

    #[test]
    fn it_admins_neither_launch_nor_connect_unless_they_are_members() {
        for action in [Action::LaunchEnvironment, Action::ConnectEnvironment] {
            assert!(!allows(&caller(true), action, Some(project(UUID)), &[]));
            let membership = member(UUID, ProjectRole::Researcher);
            assert!(allows(&caller(true), action, Some(project(UUID)), &[membership]));
        }
    }
}
