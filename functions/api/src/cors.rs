//! Web pages of other origins that may read answers. API Gateway answers their preflights; the answers themselves are
//! marked here.

use axum::Router;
use http::header::{self, HeaderName};
use http::{HeaderValue, Method};
use tower_http::cors::CorsLayer;

/// The variable with the origins, commas between them.
pub const ALLOWED_ORIGINS: &str = "ALLOWED_ORIGINS";

/// Lets pages of `origins` read answers; none if it is empty.
///
/// # Errors
/// Names the origin that is none.
pub fn allow_origins(router: Router, origins: &str) -> Result<Router, InvalidOrigin> {
    let origins = origins
        .split(',')
        .map(str::trim)
        .filter(|origin| !origin.is_empty())
        .map(origin)
        .collect::<Result<Vec<_>, _>>()?;
    if origins.is_empty() {
        return Ok(router);
    }
    let layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("idempotency-key"),
        ])
        .expose_headers([HeaderName::from_static("x-request-id"), header::RETRY_AFTER]);
    Ok(router.layer(layer))
}

/// A text that is no origin.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{ALLOWED_ORIGINS}: `{0}` is no origin; must be https://host, or http://localhost:port")]
pub struct InvalidOrigin(String);

/// Scheme and host, with a port perhaps, and nothing after it; `*` is none: tokens are for pages that are known.
fn origin(text: &str) -> Result<HeaderValue, InvalidOrigin> {
    let invalid = || InvalidOrigin(text.to_owned());
    let host = text
        .strip_prefix("https://")
        .or_else(|| {
            text.strip_prefix("http://")
                .filter(|host| host.starts_with("localhost"))
        })
        .ok_or_else(invalid)?;
    if host.is_empty() || host.contains(['/', '*', '?', '#', ' ']) {
        return Err(invalid());
    }
    HeaderValue::from_str(text).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use http::Request;
    use tower::ServiceExt as _;

    use super::*;

    async fn allowed(origins: &str, from: &str) -> Option<String> {
        let router = Router::new().route("/", get(|| async { "hello" }));
        let router = allow_origins(router, origins).unwrap();
        let request = Request::get("/")
            .header("origin", from)
            .body(Body::empty())
            .unwrap();
        let answer = router.oneshot(request).await.unwrap();
        let header = answer.headers().get("access-control-allow-origin")?;
        Some(header.to_str().unwrap().to_owned())
    }

    #[tokio::test]
    async fn only_the_named_origins_may_read_answers() {
        let origins = "https://workbench.example, http://localhost:3000";
        for origin in ["https://workbench.example", "http://localhost:3000"] {
            assert_eq!(allowed(origins, origin).await.as_deref(), Some(origin));
        }
        assert_eq!(allowed(origins, "https://elsewhere.example").await, None);
        assert_eq!(allowed("", "https://workbench.example").await, None);
    }

    #[test]
    fn what_is_no_origin_is_named() {
        for wrong in [
            "*",
            "https://*",
            "workbench.example",
            "http://workbench.example",
            "https://a/b",
            "https://",
        ] {
            let error = allow_origins(Router::new(), wrong).unwrap_err();
            assert_eq!(error, InvalidOrigin(wrong.to_owned()));
        }
    }
}
