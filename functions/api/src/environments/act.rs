//! PUT `/environments/:id/start`, `stop` and `terminate`, and the same below a project

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use workbench_aws::Cloud;
use workbench_core::action::Change;
use workbench_core::id::ProjectId;

use super::target;
use crate::access::{self, Action};
use crate::body::{Body, Nothing};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::{Query, same_project};

/// Start an environment
///
/// IT admins and members of its project may.
#[utoipa::path(put, path = "/environments/{id}/start", tag = "environments",
    responses((status = 204, description = "It is under way")))]
pub(crate) async fn start(
    cloud: State<Cloud>,
    caller: SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
) -> Result<StatusCode, Problem> {
    act(cloud, caller, path, query, body, Change::Start).await
}

/// Stop an environment
///
/// IT admins and members of its project may.
#[utoipa::path(put, path = "/environments/{id}/stop", tag = "environments",
    responses((status = 204, description = "It is under way")))]
pub(crate) async fn stop(
    cloud: State<Cloud>,
    caller: SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
) -> Result<StatusCode, Problem> {
    act(cloud, caller, path, query, body, Change::Stop).await
}

/// Terminate an environment
///
/// IT admins and members of its project may. A launch that waits for its turn (`queued`) is called off: it is TERMINATED
/// at once, and nothing is made. In the moment of its turn, and once AWS may have heard of it, this is refused (400).
#[utoipa::path(put, path = "/environments/{id}/terminate", tag = "environments",
    responses((status = 204, description = "It is under way")))]
pub(crate) async fn terminate(
    cloud: State<Cloud>,
    caller: SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
) -> Result<StatusCode, Problem> {
    act(cloud, caller, path, query, body, Change::Terminate).await
}

/// The request needs no body; one that repeats the path's project does no harm.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ProjectAlone {
    #[serde(default)]
    project_id: Option<ProjectId>,
}

async fn act(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
    change: Change,
) -> Result<StatusCode, Problem> {
    let target = target(&path, query)?;
    check(&body, target.project)?;
    let environment = access::environment(&cloud, &caller, target, Action::OperateEnvironment).await?;
    cloud.act(environment, caller.user_id, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) fn check(body: &Body, project: Option<ProjectId>) -> Result<(), workbench_core::Error> {
    match project {
        Some(project) => {
            let given: ProjectAlone = body.read_optional()?;
            same_project(project, given.project_id.map(|id| id.to_string()).as_deref())
        }
        None => body.read_optional::<Nothing>().map(|Nothing {}| ()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const PROJECT: &str = "proj-b590a734-5adc-4a43-a24b-edf3795b812d";

    fn checked(body: Value, project: Option<&str>) -> Result<(), String> {
        check(&Body::from(&body), project.map(|id| id.parse().unwrap())).map_err(|error| error.to_string())
    }

    #[test]
    fn w04_a_body_can_not_name_another_project() {
        assert_eq!(checked(json!({}), None), Ok(()));
        assert_eq!(checked(json!({ "projectId": PROJECT }), Some(PROJECT)), Ok(()));
        let other = json!({ "projectId": "proj-00000000-0000-4000-8000-000000000000" });
        let differs = checked(other.clone(), Some(PROJECT)).unwrap_err();
        assert!(
            differs.starts_with("projectId: differs from the path's"),
            "{differs}"
        );
        let unknown = checked(other, None).unwrap_err();
        assert!(
            unknown.starts_with("projectId: Unrecognized key(s): 'projectId'"),
            "{unknown}"
        );
    }
}
