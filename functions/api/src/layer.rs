//! What every answer goes through: body limit, panics, the error body, headers, one line in the log.

use std::any::Any;

use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Extensions, StatusCode};
use lambda_http::request::RequestContext;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use uuid::Uuid;
use workbench_aws::Clock;

use crate::audit::Asked;
use crate::body;
use crate::made::MadeId;
use crate::problem::{Problem, RETRY_AFTER};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers are for one caller, are data and nothing else, and come over TLS.
const SECURITY: [(HeaderName, HeaderValue); 6] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        header::STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=31536000; includeSubDomains"),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// Wraps all routes.
pub(crate) fn around(router: Router, clock: Clock) -> Router {
    router
        .layer(RequestBodyLimitLayer::new(body::LIMIT))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(clock, answer))
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no text");
    Problem::failure(StatusCode::INTERNAL_SERVER_ERROR, format!("panic: {text}")).into_response()
}

async fn answer(State(clock): State<Clock>, request: Request, next: Next) -> Response {
    let id = request_id(request.extensions());
    let (asked, request) = Asked::of(request, &id, clock.now()).await;
    let mut response = next.run(request).await;
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        let problem = response
            .extensions_mut()
            .remove::<Problem>()
            .unwrap_or_else(|| Problem::of_status(status));
        asked.done(status, Err(&problem), clock.now());
        response = written(&problem, response.headers(), &id);
    } else {
        let made = response.extensions_mut().remove::<MadeId>();
        asked.done(status, Ok(made.as_ref()), clock.now());
    }
    let headers = response.headers_mut();
    for (name, value) in SECURITY {
        headers.entry(name).or_insert(value);
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

/// API Gateway's id of the request, or one of our own.
fn request_id(extensions: &Extensions) -> String {
    match extensions.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV1(context)) => context.request_id.clone(),
        _ => None,
    }
    .unwrap_or_else(|| Uuid::new_v4().to_string())
}

fn written(problem: &Problem, before: &HeaderMap, request_id: &str) -> Response {
    let mut response = (problem.status(), Json(problem.body(request_id))).into_response();
    let headers = response.headers_mut();
    if let Some(allow) = before.get(header::ALLOW) {
        headers.insert(header::ALLOW, allow.clone());
    }
    if problem.status() == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if problem.status() == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::routing::{get, post};
    use http_body_util::BodyExt as _;
    use serde_json::Value;
    use tower::ServiceExt as _;

    use super::*;
    use crate::body::Body;
    use crate::caller::{self, SignedIn};

    async fn ask(request: http::request::Builder, body: String) -> (Response<()>, Value) {
        let router = Router::new()
            .route("/", get(async |SignedIn(caller)| caller.user_id.to_string()))
            .route("/panic", get(async || -> String { panic!("of a secret") }))
            .route(
                "/busy",
                get(async || Problem::failure(StatusCode::SERVICE_UNAVAILABLE, "throttled")),
            )
            .route(
                "/echo",
                post(async |body: Body| body.read::<Value>().map(Json).map_err(Problem::from)),
            );
        let response = around(router, Clock::system())
            .oneshot(request.body(axum::body::Body::from(body)).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (
            Response::from_parts(parts, ()),
            serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        )
    }

    async fn get_path(path: &str) -> (Response<()>, Value) {
        ask(http::Request::get(path), String::new()).await
    }

    #[tokio::test]
    async fn every_error_has_the_same_shape_and_a_request_id() {
        for (method, path, status, reason) in [
            ("GET", "/", 401, "Unauthorized"),
            ("GET", "/nowhere", 404, "Not Found"),
            ("DELETE", "/", 405, "Method Not Allowed"),
            ("GET", "/panic", 500, "Internal Server Error"),
            ("GET", "/busy", 503, "Service Unavailable"),
            ("POST", "/echo", 400, "Bad Request"),
        ] {
            let (response, body) =
                ask(http::Request::builder().method(method).uri(path), String::new()).await;
            assert_eq!(response.status(), status, "{path}");
            assert_eq!(body["error"], reason, "{path}");
            assert!(body["message"].is_string(), "{path}");
            assert_eq!(body.as_object().unwrap().len(), 2, "{path}");
            assert!(response.headers().contains_key(REQUEST_ID), "{path}");
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store", "{path}");
        }
    }

    #[tokio::test]
    async fn a_panic_is_a_500_that_leaks_nothing() {
        let (response, body) = get_path("/panic").await;
        assert!(!body.to_string().contains("secret"));
        let id = response.headers()[REQUEST_ID].to_str().unwrap();
        assert!(body["message"].as_str().unwrap().contains(id), "{body}");
    }

    #[tokio::test]
    async fn what_may_be_tried_again_says_when_and_what_is_allowed_is_named() {
        let (busy, _) = get_path("/busy").await;
        assert_eq!(busy.headers()[header::RETRY_AFTER], RETRY_AFTER);
        let (nobody, _) = get_path("/").await;
        assert_eq!(nobody.headers()[header::WWW_AUTHENTICATE], "Bearer");
        let (not_allowed, _) = ask(http::Request::delete("/echo"), String::new()).await;
        assert_eq!(not_allowed.headers()[header::ALLOW], "POST");
    }

    #[tokio::test]
    async fn a_body_may_have_100_kb_and_no_more() {
        let body = |length: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(length - r#"{"a":""}"#.len()));
        let (fits, _) = ask(http::Request::post("/echo"), body(body::LIMIT)).await;
        assert_eq!(fits.status(), 200);
        for announced in [true, false] {
            let text = body(body::LIMIT + 1);
            let mut request = http::Request::post("/echo");
            if announced {
                request = request.header(header::CONTENT_LENGTH, text.len());
            }
            let (response, body) = ask(request, text).await;
            assert_eq!(
                (response.status().as_u16(), &body["error"]),
                (413, &"Payload Too Large".into())
            );
            assert_eq!(body["message"], "body: must not be larger than 100 kB");
        }
    }

    #[tokio::test]
    async fn the_gateways_request_id_is_used() {
        let event = include_str!("../tests/events/rest-proxy.json");
        let request = lambda_http::request::from_str(event).unwrap();
        let id = request_id(request.extensions());
        assert_eq!(id, "0f6d3a52-5a0e-4f4c-8f0e-3d7f3b3a1c11");
        let context = caller::context("b590a734-5adc-4a43-a24b-edf3795b812d".parse().unwrap(), &[]);
        let (response, _) = ask(http::Request::get("/").extension(context), String::new()).await;
        assert_eq!(response.status(), 200);
    }
}
