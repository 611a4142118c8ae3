//! POST `/environments` and `/projects/:projectId/environments`

use axum::extract::State;
use http::HeaderMap;
use serde::Deserialize;
use utoipa::ToSchema;
use workbench_aws::table::IdempotencyKey;
use workbench_aws::{Cloud, LaunchRequest};
use workbench_core::Error;
use workbench_core::id::{EnvTypeConfigId, EnvTypeId, ProjectId};
use workbench_core::project::Membership;
use workbench_core::text::{Description, Name};

use super::answer::EnvironmentAnswer;
use super::scope;
use crate::access::{self, Action};
use crate::body::{Body, given};
use crate::caller::SignedIn;
use crate::idempotency;
use crate::made::Made;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::{Query, same_project};
use crate::schema;

/// The request's body. Below a project, the path names the project.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewEnvironment {
    #[schema(value_type = schema::Name)]
    name: Name,
    #[schema(value_type = schema::Description)]
    description: Description,
    #[schema(value_type = schema::EnvTypeId)]
    env_type_id: EnvTypeId,
    #[schema(value_type = schema::EnvTypeConfigId)]
    env_type_config_id: EnvTypeConfigId,
    /// Required where the path names no project; where it does, the same.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = schema::ProjectId)]
    project_id: Option<ProjectId>,
    /// Must be empty: there are no datasets yet.
    #[serde(default)]
    #[schema(max_items = 0)]
    dataset_ids: Vec<String>,
    /// The name of the environment type that `envTypeId` is of.
    #[schema(value_type = schema::EnvTypeName)]
    env_type: String,
}

/// Launch an environment
///
/// Members of the project may. The same Idempotency-Key with the same body launches once.
#[utoipa::path(post, path = "/environments", tag = "environments", request_body = NewEnvironment,
    responses((status = 201, description = "The environment: PENDING, or FAILED with the reason where AWS has refused it at once", body = EnvironmentAnswer)))]
pub(crate) async fn launch(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    mut query: Query,
    headers: HeaderMap,
    body: Body,
) -> Result<Made<EnvironmentAnswer>, Problem> {
    let project = scope(&path)?;
    query.same_project(project)?;
    query.end()?;
    let request = body
        .read::<NewEnvironment>()?
        .of(project, idempotency::key(&headers)?)?;
    let id = request.project_id;
    let may =
        |membership: Option<&Membership>| access::check(&caller, Action::LaunchEnvironment, id, membership);
    let environment = cloud.launch(caller.user_id, request, may).await?;
    Ok(Made::created(
        environment.id,
        EnvironmentAnswer::of(environment, &caller),
    ))
}

impl NewEnvironment {
    pub(crate) fn of(
        self,
        path: Option<ProjectId>,
        idempotency_key: Option<IdempotencyKey>,
    ) -> Result<LaunchRequest, Error> {
        let Self {
            name,
            description,
            env_type_id,
            env_type_config_id,
            project_id,
            dataset_ids,
            env_type,
        } = self;
        if let Some(path) = path {
            same_project(path, project_id.map(|given| given.to_string()).as_deref())?;
        }
        let project_id = path
            .or(project_id)
            .ok_or_else(|| Error::invalid("projectId", "Required"))?;
        if !dataset_ids.is_empty() {
            return Err(Error::invalid(
                "datasetIds",
                "must be []: there are no datasets yet",
            ));
        }
        let request_hash = idempotency::hash(&[
            project_id.to_string().as_bytes(),
            env_type_id.to_string().as_bytes(),
            env_type_config_id.to_string().as_bytes(),
            env_type.as_bytes(),
            name.as_str().as_bytes(),
            description.as_str().as_bytes(),
        ]);
        Ok(LaunchRequest {
            project_id,
            env_type_id,
            config_id: env_type_config_id,
            env_type,
            name,
            description,
            idempotency_key,
            request_hash,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const OTHER: &str = "proj-00000000-0000-4000-8000-000000000000";

    fn body() -> Value {
        serde_json::from_str(include_str!("../../tests/bodies/seed-environment.json")).unwrap()
    }

    fn with(field: &str, value: Value) -> Value {
        let mut body = body();
        body[field] = value;
        body
    }

    fn without(field: &str) -> Value {
        let mut body = body();
        body.as_object_mut().unwrap().remove(field);
        body
    }

    fn request(body: &Value, path: Option<&str>) -> Result<LaunchRequest, String> {
        let read: NewEnvironment = Body::from(body).read().map_err(|error| error.to_string())?;
        read.of(path.map(|id| id.parse().unwrap()), None)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_seed_guides_body_is_accepted() {
        let launch = request(&body(), None).unwrap();
        assert_eq!(
            launch.project_id.to_string(),
            body()["projectId"].as_str().unwrap()
        );
        assert_eq!(
            launch.env_type_id.to_string(),
            body()["envTypeId"].as_str().unwrap()
        );
        assert_eq!(
            launch.config_id.to_string(),
            body()["envTypeConfigId"].as_str().unwrap()
        );
        assert_eq!(
            (launch.env_type.as_str(), launch.name.as_str()),
            ("sagemakerExample", "test")
        );
        assert_eq!(launch.description.as_str(), "test-sagemakerExample AWS");
    }

    #[test]
    fn w04_the_path_names_the_project() {
        assert_eq!(
            request(&without("projectId"), Some(OTHER))
                .unwrap()
                .project_id
                .to_string(),
            OTHER
        );
        assert_eq!(
            request(&with("projectId", json!(OTHER)), Some(OTHER))
                .unwrap()
                .project_id
                .to_string(),
            OTHER
        );
        let differs = request(&body(), Some(OTHER)).unwrap_err();
        assert!(
            differs.starts_with("projectId: differs from the path's"),
            "{differs}"
        );
        assert_eq!(
            request(&without("projectId"), None).unwrap_err(),
            "projectId: Required"
        );
    }

    #[test]
    fn datasets_are_refused_until_there_are_any() {
        assert!(request(&without("datasetIds"), None).is_ok());
        let refused = request(&with("datasetIds", json!(["dataset-1"])), None).unwrap_err();
        assert_eq!(refused, "datasetIds: must be []: there are no datasets yet");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (body, field) in [
            (without("name"), "name: Required"),
            (with("name", json!("a b")), "name: must be 1 to 112"),
            (with("description", json!("")), "description: must be 1 to 400"),
            (
                with("envTypeConfigId", json!("etc-1")),
                "envTypeConfigId: Invalid ID",
            ),
            (with("id", json!("env-1")), "id: Unrecognized key(s): 'id'"),
        ] {
            let error = request(&body, None).unwrap_err();
            assert!(error.starts_with(field), "{error}");
        }
    }

    #[test]
    fn the_hash_tells_requests_apart_and_knows_repeated_ones() {
        let hashed = |body: &Value| request(body, None).unwrap().request_hash;
        assert_eq!(hashed(&body()), hashed(&without("datasetIds")));
        assert_eq!(hashed(&body()).len(), 64);
        assert_ne!(hashed(&body()), hashed(&with("name", json!("other"))));
    }
}
