//! The one list of routes.

use std::sync::LazyLock;

use axum::routing::get;
use axum::{Extension, Router};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use workbench_aws::Cloud;

use crate::idempotency::{keyed, with_key};
use crate::projects::members;
use crate::{accounts, configurations, cost_centers, docs, env_types, environments, layer, projects, users};

/// The routes, and the document about them. Made once: on a local AWS one process answers in many places.
pub(crate) static PARTS: LazyLock<(Router<Cloud>, OpenApi)> = LazyLock::new(|| described().split_for_parts());

/// All routes of the API over `cloud`.
pub fn router(cloud: Cloud) -> Router {
    let (routes, _) = &*PARTS;
    // Whoever has no token yet may read how to use one.
    let open = Router::new()
        .route("/openapi.json", get(docs::openapi))
        .route("/docs", get(docs::page));
    let clock = cloud.clock();
    let routes = routes.clone().layer(Extension(cloud.clone())).with_state(cloud);
    layer::around(routes.merge(open), clock)
}

/// The routes, each with what the OpenAPI document says about it.
fn described() -> OpenApiRouter<Cloud> {
    let environments = OpenApiRouter::new()
        .routes(with_key(routes!(
            environments::launch::launch,
            environments::list::list
        )))
        .routes(routes!(environments::read::read))
        .routes(routes!(environments::events::events))
        .routes(keyed(routes!(environments::act::start)))
        .routes(keyed(routes!(environments::act::stop)))
        .routes(keyed(routes!(environments::act::terminate)))
        .routes(routes!(environments::connect::connect));

    let env_types = OpenApiRouter::new()
        .routes(keyed(routes!(env_types::create::create, env_types::list::list)))
        .routes(routes!(env_types::read::read, env_types::update::update));

    let configurations = OpenApiRouter::new()
        .routes(keyed(routes!(
            configurations::create::create,
            configurations::list::list
        )))
        .routes(routes!(
            configurations::read::read,
            configurations::update::update,
            configurations::delete::delete
        ))
        .routes(routes!(configurations::projects::list))
        .routes(routes!(configurations::of_project::list))
        .routes(routes!(configurations::of_project::read))
        .routes(keyed(routes!(
            configurations::associate::associate,
            configurations::associate::disassociate
        )));

    let projects = OpenApiRouter::new()
        .routes(keyed(routes!(projects::create::create, projects::list::list)))
        .routes(routes!(
            projects::read::read,
            projects::update::update,
            projects::delete::delete
        ))
        .routes(routes!(members::list))
        .routes(keyed(routes!(members::add, members::remove)));

    let users = OpenApiRouter::new()
        .routes(keyed(routes!(users::create::create, users::list::list)))
        .routes(routes!(users::read::read, users::update::update))
        .routes(routes!(users::purge::purge));

    let accounts = OpenApiRouter::new()
        .routes(routes!(accounts::template_urls::template_urls))
        .routes(keyed(routes!(accounts::create::create, accounts::list::list)))
        .routes(routes!(
            accounts::read::read,
            accounts::update::update,
            accounts::delete::delete
        ))
        .routes(routes!(accounts::check::check));

    let cost_centers = OpenApiRouter::new()
        .routes(keyed(routes!(
            cost_centers::create::create,
            cost_centers::list::list
        )))
        .routes(routes!(
            cost_centers::read::read,
            cost_centers::update::update,
            cost_centers::delete::delete
        ));

    env_types
        .merge(accounts)
        .merge(cost_centers)
        .merge(configurations)
        .merge(projects)
        .merge(users)
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

    /// Every route, with words in the place of ids.
    fn all_routes() -> impl Iterator<Item = (Method, String)> {
        let paths = crate::document()["paths"].as_object().unwrap();
        paths.iter().flat_map(|(path, item)| {
            let path = path.replace(['{', '}'], "");
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| (method.to_uppercase().parse().unwrap(), path.clone()))
        })
    }

    const UUID: &str = "b590a734-5adc-4a43-a24b-edf3795b812d";

    /// The routes over an AWS that can not be called: there are neither region nor credentials.
    fn unreachable() -> Router {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .build();
        let number = |name: &str| (name == "MAIN_ACCOUNT_ID").then(|| "222222222222".to_owned());
        let settings = Settings::read(|name| number(name).or_else(|| Some(name.to_lowercase()))).unwrap();
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
        for (method, path) in all_routes() {
            let (status, _) = ask(&method, &path, "", false).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }

    #[tokio::test]
    async fn a_malformed_id_is_refused_on_every_route_before_anything_is_called() {
        for (method, path) in all_routes() {
            // A malformed id of a cost centre is one that does not exist.
            let lenient = method == Method::GET && path.starts_with("/costCenters/");
            if lenient || !path.contains("Id") && !path.contains("/id") {
                continue;
            }
            let (status, message) = ask(&method, &path, "", true).await;
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
    async fn the_description_needs_no_token() {
        for (path, kind) in [
            ("/openapi.json", "application/json"),
            ("/docs", "text/html; charset=utf-8"),
        ] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = unreachable().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(response.headers()["content-type"], kind);
            assert!(response.headers().contains_key("content-security-policy"));
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
