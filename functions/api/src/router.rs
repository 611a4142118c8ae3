//! The one list of routes.

use axum::Router;
use axum::routing::{get, post, put};
use workbench_aws::Cloud;

use crate::{accounts, configurations, cost_centers, env_types, environments, layer};

/// All routes of the API over `cloud`.
pub fn router(cloud: Cloud) -> Router {
    layer::around(routes().with_state(cloud))
}

fn routes() -> Router<Cloud> {
    let environments = Router::new()
        .route(
            "/environments",
            post(environments::launch::launch).get(environments::list::list),
        )
        .route("/environments/{id}", get(environments::read::read))
        .route("/environments/{id}/start", put(environments::act::start))
        .route("/environments/{id}/stop", put(environments::act::stop))
        .route("/environments/{id}/terminate", put(environments::act::terminate))
        .route(
            "/environments/{id}/connections",
            get(environments::connect::connect),
        );

    let env_types = Router::new()
        .route(
            "/environmentTypes",
            post(env_types::create::create).get(env_types::list::list),
        )
        .route(
            "/environmentTypes/{envTypeId}",
            get(env_types::read::read).patch(env_types::update::update),
        );

    let configurations = Router::new()
        .route(
            "/environmentTypes/{envTypeId}/configurations",
            post(configurations::create::create).get(configurations::list::list),
        )
        .route(
            "/environmentTypes/{envTypeId}/configurations/{envTypeConfigId}",
            get(configurations::read::read)
                .patch(configurations::update::update)
                .delete(configurations::delete::delete),
        )
        .route(
            "/projects/{projectId}/environmentTypes/{envTypeId}/configurations/{envTypeConfigId}/relationships",
            put(configurations::associate::associate).delete(configurations::associate::disassociate),
        );

    let accounts = Router::new()
        .route(
            "/awsAccountTemplateUrls",
            post(accounts::template_urls::template_urls),
        )
        .route(
            "/awsAccounts",
            post(accounts::create::create).get(accounts::list::list),
        )
        .route(
            "/awsAccounts/{id}",
            get(accounts::read::read)
                .patch(accounts::update::update)
                .delete(accounts::delete::delete),
        )
        .route("/awsAccounts/{id}/check", post(accounts::check::check));

    let cost_centers = Router::new()
        .route(
            "/costCenters",
            post(cost_centers::create::create).get(cost_centers::list::list),
        )
        .route(
            "/costCenters/{id}",
            get(cost_centers::read::read)
                .patch(cost_centers::update::update)
                .delete(cost_centers::delete::delete),
        );

    env_types
        .merge(accounts)
        .merge(cost_centers)
        .merge(configurations)
        .merge(environments.clone())
        .nest("/projects/{projectId}", environments)
}

#[cfg(test)]
mod tests {
    use aws_config::{BehaviorVersion, SdkConfig};
    use axum::body::Body;
    use http::{Method, Request, StatusCode};
    use http_body_util::BodyExt as _;
    use serde_json::Value;
    use tower::ServiceExt as _;
    use workbench_aws::{Clock, Settings};

    use super::*;
    use crate::caller::{self, IT_ADMIN_GROUP};

    const ROUTES: [(Method, &str); 37] = [
        (Method::POST, "/awsAccountTemplateUrls"),
        (Method::POST, "/awsAccounts"),
        (Method::GET, "/awsAccounts"),
        (Method::GET, "/awsAccounts/ACC"),
        (Method::PATCH, "/awsAccounts/ACC"),
        (Method::DELETE, "/awsAccounts/ACC"),
        (Method::POST, "/awsAccounts/ACC/check"),
        (Method::POST, "/costCenters"),
        (Method::GET, "/costCenters"),
        (Method::GET, "/costCenters/cc-x"),
        (Method::PATCH, "/costCenters/CC"),
        (Method::DELETE, "/costCenters/CC"),
        (Method::GET, "/environmentTypes"),
        (Method::POST, "/environmentTypes"),
        (Method::GET, "/environmentTypes/ET"),
        (Method::PATCH, "/environmentTypes/ET"),
        (Method::GET, "/environmentTypes/ET/configurations"),
        (Method::POST, "/environmentTypes/ET/configurations"),
        (Method::GET, "/environmentTypes/ET/configurations/ETC"),
        (Method::PATCH, "/environmentTypes/ET/configurations/ETC"),
        (Method::DELETE, "/environmentTypes/ET/configurations/ETC"),
        (
            Method::PUT,
            "/projects/PROJ/environmentTypes/ET/configurations/ETC/relationships",
        ),
        (
            Method::DELETE,
            "/projects/PROJ/environmentTypes/ET/configurations/ETC/relationships",
        ),
        (Method::POST, "/environments"),
        (Method::GET, "/environments"),
        (Method::GET, "/environments/ENV"),
        (Method::PUT, "/environments/ENV/start"),
        (Method::PUT, "/environments/ENV/stop"),
        (Method::PUT, "/environments/ENV/terminate"),
        (Method::GET, "/environments/ENV/connections"),
        (Method::POST, "/projects/PROJ/environments"),
        (Method::GET, "/projects/PROJ/environments"),
        (Method::GET, "/projects/PROJ/environments/ENV"),
        (Method::PUT, "/projects/PROJ/environments/ENV/start"),
        (Method::PUT, "/projects/PROJ/environments/ENV/stop"),
        (Method::PUT, "/projects/PROJ/environments/ENV/terminate"),
        (Method::GET, "/projects/PROJ/environments/ENV/connections"),
    ];

    const UUID: &str = "b590a734-5adc-4a43-a24b-edf3795b812d";

    /// The routes over an AWS that can not be called: there are neither region nor credentials.
    fn unreachable() -> Router {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .build();
        let settings = Settings::read(|name| Some(name.to_lowercase())).unwrap();
        router(Cloud::new(&config, settings, Clock::system()))
    }

    async fn ask(method: &Method, path: &str, body: &str, signed_in: bool) -> (StatusCode, String) {
        let mut request = Request::builder().method(method).uri(path);
        if signed_in {
            request = request.extension(caller::context(UUID.parse().unwrap(), &[IT_ADMIN_GROUP]));
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = unreachable().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&bytes).unwrap();
        (status, body["message"].as_str().unwrap().to_owned())
    }

    #[tokio::test]
    async fn every_route_is_there_and_wants_a_token() {
        for (method, path) in ROUTES {
            let (status, _) = ask(&method, path, "", false).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }

    #[tokio::test]
    async fn a_malformed_id_is_refused_on_every_route_before_anything_is_called() {
        for (method, path) in ROUTES {
            if !["/E", "/PROJ", "/ACC", "/CC"].iter().any(|id| path.contains(id)) {
                continue;
            }
            let (status, message) = ask(&method, path, "", true).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{method} {path}");
            assert!(message.contains("Invalid ID: `"), "{method} {path}: {message}");
        }
    }

    #[tokio::test]
    async fn a_bad_request_is_refused_before_anything_is_called() {
        let project = format!("/projects/proj-{UUID}/environments");
        let environment = format!("/environments/env-{UUID}");
        for (method, path, body, message) in [
            (
                Method::POST,
                "/environments",
                "{\"name\":",
                "body: Malformed JSON",
            ),
            (Method::POST, "/environmentTypes", "{}", "productId: Required"),
            (
                Method::GET,
                "/environments?size=1",
                "",
                "query: Unrecognized key(s): 'size'",
            ),
            (
                Method::GET,
                "/environmentTypes?pageSize=101",
                "",
                "pageSize: Must be Between 1 and 100",
            ),
            (
                Method::PUT,
                &format!("{environment}/stop"),
                "{\"force\":true}",
                "force: Unrecognized key(s)",
            ),
            (
                Method::POST,
                &format!("{project}?projectId=other"),
                "{}",
                "projectId: differs from the path's",
            ),
            (
                Method::GET,
                &format!("{project}/env-{UUID}?projectId=other"),
                "",
                "projectId: differs from the path's",
            ),
        ] {
            let (status, found) = ask(&method, path, body, true).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{method} {path}");
            assert!(found.starts_with(message), "{method} {path}: {found}");
        }
    }

    #[tokio::test]
    async fn a_body_over_100_kb_is_413_on_every_route_that_reads_one() {
        let body = format!("{{\"name\":\"{}\"}}", "x".repeat(crate::body::LIMIT));
        let configurations = "/environmentTypes/et-prod-hxwmltpkg2edy,pa-fh6spfcycydtq/configurations";
        for path in ["/environments", "/environmentTypes", configurations] {
            assert_eq!(
                ask(&Method::POST, path, &body, true).await.0,
                StatusCode::PAYLOAD_TOO_LARGE,
                "{path}"
            );
        }
    }

    #[tokio::test]
    async fn a_rest_proxy_event_reaches_its_route() {
        let event = include_str!("../tests/events/rest-proxy.json")
            .replace("/environments", "/environmentTypes/et-1");
        let request = lambda_http::request::from_str(&event).unwrap();
        let response = crate::behind_gateway(unreachable())
            .oneshot(request)
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn what_aws_does_not_do_is_told_without_saying_what() {
        let (status, message) = ask(&Method::GET, "/environments", "", true).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(
            message.starts_with("an AWS service is busy or unreachable; try again (request "),
            "{message}"
        );
    }
}
