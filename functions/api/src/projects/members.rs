//! Who is in a project: GET `/projects/:projectId/users`, and POST and DELETE of
//! `/projects/:projectId/users/:userId/relationships`

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use workbench_aws::Cloud;
use workbench_aws::table::{MOST_PROJECTS, Updated};
use workbench_core::Error;
use workbench_core::caller::Caller;
use workbench_core::id::{ProjectId, UserId};
use workbench_core::project::{Membership, ProjectRole, RoleId};
use workbench_core::user::User;

use super::available;
use crate::access::{self, Action};
use crate::body::Body;
use crate::caller::SignedIn;
use crate::page::PageAnswer;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;
use crate::schema;
use crate::users;

/// The most rows that a page of members has.
const MOST_ROWS: u16 = 60;

/// A member as they are answered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemberAnswer {
    #[schema(value_type = schema::UserId)]
    id: UserId,
    /// Absent, like the other fields, if somebody deleted the user past Workbench: what is left of them can be taken
    /// out of the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("Ada"))]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("Lovelace"))]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("ada@example.org"))]
    email: Option<String>,
    /// 1 for ACTIVE, 0 for INACTIVE.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::UserStatusNumber>)]
    status: Option<u8>,
    /// What they are in this project.
    #[schema(value_type = Vec<schema::RoleId>)]
    roles: Vec<RoleId>,
}

/// The query of the list, as the OpenAPI document describes it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct MembersParams {
    /// Only members with this role.
    #[param(inline, value_type = schema::ProjectRole)]
    role: ProjectRole,
    /// How many rows a page has.
    #[param(rename = "pageSize", minimum = 1, maximum = 60, default = 50)]
    page_size: Option<u16>,
    /// The token of the page before.
    #[param(rename = "paginationToken", inline, value_type = Option<schema::PaginationToken>)]
    pagination_token: Option<String>,
}

impl MemberAnswer {
    fn of(id: UserId, user: Option<User>, project_id: ProjectId, roles: Vec<ProjectRole>) -> Self {
        let text = |of: fn(&User) -> &String| user.as_ref().map(of).cloned();
        Self {
            id,
            first_name: text(|user| &user.first_name),
            last_name: text(|user| &user.last_name),
            email: text(|user| &user.email),
            status: user.as_ref().map(|user| users::number(user.status)),
            roles: roles
                .into_iter()
                .map(|role| RoleId { project_id, role })
                .collect(),
        }
    }
}

/// What somebody becomes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRole {
    #[schema(value_type = schema::ProjectRole)]
    role: ProjectRole,
}

/// List a project's members
///
/// IT admins and the project's admins may.
#[utoipa::path(get, path = "/projects/{projectId}/users", tag = "projects",
    params(MembersParams),
    responses((status = 200, description = "A page", body = PageAnswer<MemberAnswer>)))]
pub(crate) async fn list(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    mut query: Query,
) -> Result<Json<PageAnswer<MemberAnswer>>, Problem> {
    let project = authorized(&cloud, &caller, &path, Action::ReadMembers).await?;
    query.same_project(Some(project))?;
    let role = role(query.take("role")?)?;
    let request = query.page_of(&[], MOST_ROWS)?;
    query.end()?;
    available(&cloud, project).await?;
    let page = cloud.table().members(project, role, &request).await?;
    let memberships = cloud.table().memberships_in(project, &page.data).await?;
    let mut people = cloud.users().by_id(page.data.clone()).await?;
    Ok(Json(PageAnswer::of(page, |id| {
        // Who was taken out between the reads is shown as they were.
        let roles = memberships
            .get(&id)
            .map_or_else(|| vec![role], |found| found.roles.clone());
        MemberAnswer::of(id, people.remove(&id), project, roles)
    })))
}

/// Give somebody a role in a project
///
/// IT admins and the project's admins may. It counts from that person's next request on. IT admins are in no project.
#[utoipa::path(post, path = "/projects/{projectId}/users/{userId}/relationships", tag = "projects",
    request_body = NewRole, responses((status = 204, description = "The user has the role")))]
pub(crate) async fn add(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    mut query: Query,
    body: Body,
) -> Result<StatusCode, Problem> {
    let user: UserId = path.get("userId")?;
    let project = authorized(&cloud, &caller, &path, Action::WriteMembers).await?;
    query.same_project(Some(project))?;
    query.end()?;
    let NewRole { role } = body.read()?;
    available(&cloud, project).await?;
    match cloud.users().is_it_admin(user).await? {
        None => return Err(users::missing(user).into()),
        Some(true) => {
            let problem = "the user is an IT admin, who looks after all projects and is in none";
            return Err(Error::invalid("userId", problem).into());
        }
        Some(false) => {}
    }
    for _ in 0..crate::TRIES {
        let all = cloud.table().memberships(user).await?;
        let before = all.iter().find(|membership| membership.project_id == project);
        if before.is_none() && all.len() >= MOST_PROJECTS {
            let problem = format!("the user is in {MOST_PROJECTS} projects, which is the most");
            return Err(Error::invalid("userId", problem).into());
        }
        let after = with_role(before, user, project, role)?;
        match cloud.table().set_membership(before, &after).await? {
            Updated::Written => return Ok(StatusCode::NO_CONTENT),
            Updated::Stale => {}
        }
    }
    Err(crate::busy("user", user).into())
}

/// Take somebody out of a project
///
/// IT admins and the project's admins may. All roles in the project go; it counts from that person's next request on.
#[utoipa::path(delete, path = "/projects/{projectId}/users/{userId}/relationships", tag = "projects",
    responses((status = 204, description = "The user has no role in the project")))]
pub(crate) async fn remove(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    mut query: Query,
) -> Result<StatusCode, Problem> {
    let user: UserId = path.get("userId")?;
    let project = authorized(&cloud, &caller, &path, Action::WriteMembers).await?;
    query.same_project(Some(project))?;
    query.end()?;
    available(&cloud, project).await?;
    for _ in 0..crate::TRIES {
        let Some(before) = cloud.table().membership(user, project).await? else {
            // Only who is nothing here has to exist: what is left of a deleted user can be taken out.
            let known = cloud.users().is_it_admin(user).await?.is_some();
            return if known {
                Ok(StatusCode::NO_CONTENT)
            } else {
                Err(users::missing(user).into())
            };
        };
        match cloud.table().remove_membership(&before).await? {
            Updated::Written => return Ok(StatusCode::NO_CONTENT),
            Updated::Stale => {}
        }
    }
    Err(crate::busy("user", user).into())
}

async fn authorized(
    cloud: &Cloud,
    caller: &Caller,
    path: &PathIds,
    action: Action,
) -> Result<ProjectId, Problem> {
    let project = path.get("projectId")?;
    access::authorize(cloud, caller, action, Some(project)).await?;
    Ok(project)
}

fn role(text: Option<String>) -> Result<ProjectRole, Error> {
    let text = text.ok_or_else(|| Error::invalid("role", "Required"))?;
    let found = ProjectRole::ALL.into_iter().find(|role| role.label() == text);
    found.ok_or_else(|| Error::invalid("role", "must be 'ProjectAdmin' or 'Researcher'"))
}

fn with_role(
    before: Option<&Membership>,
    user_id: UserId,
    project_id: ProjectId,
    role: ProjectRole,
) -> Result<Membership, Error> {
    let mut roles = before.map(|before| before.roles.clone()).unwrap_or_default();
    if roles.contains(&role) {
        let problem = format!("the user is {} of the project already", role.label());
        return Err(Error::invalid("role", problem));
    }
    roles.push(role);
    Ok(Membership {
        user_id,
        project_id,
        roles,
    })
}
