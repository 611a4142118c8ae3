//! GET `/environments/:id/connections` and the same below a project

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use workbench_aws::{Cloud, Connection};

use super::target;
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// How to connect, section 7.4 of the contract: the instruction's placeholders name keys of the
/// credentials.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectionAnswer {
    auth_cred_response: BTreeMap<String, String>,
    instruction_response: String,
}

impl From<Connection> for ConnectionAnswer {
    fn from(connection: Connection) -> Self {
        let Connection {
            credentials,
            instruction,
        } = connection;
        Self {
            auth_cred_response: credentials,
            instruction_response: instruction,
        }
    }
}

/// Get what is needed to connect to an environment
///
/// Members of its project may, while it is COMPLETED.
#[utoipa::path(get, path = "/environments/{id}/connections", tag = "environments",
    responses((status = 200, description = "Credentials, and an instruction whose placeholders name them", body = ConnectionAnswer)))]
pub(crate) async fn connect(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<Json<ConnectionAnswer>, Problem> {
    let target = target(&path, query)?;
    let environment = access::environment(&cloud, &caller, target, Action::ConnectEnvironment).await?;
    let connection = cloud.connect(&environment).await?;
    Ok(Json(connection.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_and_instruction_are_answered_side_by_side() {
        let connection = Connection {
            credentials: BTreeMap::from([("url".to_owned(), "https://notebook.example/?token=1".to_owned())]),
            instruction: "Open #{\"type\":\"link\",\"hrefKey\":\"url\",\"text\":\"Sagemaker URL\"}"
                .to_owned(),
        };
        insta::assert_json_snapshot!(ConnectionAnswer::from(connection));
    }
}
