//! PATCH `/projects/:projectId`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use workbench_aws::Cloud;
use workbench_aws::table::Saved;
use workbench_core::Error;
use workbench_core::project::Project;
use workbench_core::text::{Description, Name};

use super::{ProjectAnswer, available};
use crate::access::{self, Action};
use crate::body::{Body, given};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;
use crate::schema;

/// What changes; at least one of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectChange {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = schema::Name)]
    name: Option<Name>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = schema::Description)]
    description: Option<Description>,
}

/// Change a project
///
/// IT admins and the project's admins may.
#[utoipa::path(patch, path = "/projects/{projectId}", tag = "projects", request_body = ProjectChange,
    responses((status = 200, description = "The project", body = ProjectAnswer)))]
pub(crate) async fn update(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    mut query: Query,
    body: Body,
) -> Result<Json<ProjectAnswer>, Problem> {
    let id = path.get("projectId")?;
    access::authorize(&cloud, &caller, Action::UpdateProject, Some(id)).await?;
    query.same_project(Some(id))?;
    query.end()?;
    let change: ProjectChange = body.read()?;
    change.check()?;
    for _ in 0..crate::TRIES {
        let before = available(&cloud, id).await?;
        let after = change.of(&before, cloud.now());
        match cloud.table().update_project(&before, &after).await? {
            Saved::Written => return Ok(Json(ProjectAnswer::of(after, &caller))),
            Saved::NameTaken => return Err(super::name_taken(&after.name).into()),
            Saved::Stale => {}
        }
    }
    Err(crate::busy("project", id).into())
}

impl ProjectChange {
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.name.is_none() && self.description.is_none() {
            let problem = "nothing to change; give name or description";
            return Err(Error::invalid("body", problem));
        }
        Ok(())
    }

    fn of(&self, before: &Project, now: Timestamp) -> Project {
        Project {
            name: self.name.clone().unwrap_or_else(|| before.name.clone()),
            description: self
                .description
                .clone()
                .unwrap_or_else(|| before.description.clone()),
            rev: before.rev + 1,
            updated_at: now,
            ..before.clone()
        }
    }
}
