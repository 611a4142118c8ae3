//! The door to API Gateway.

use axum::Router;
use http::Uri;
use lambda_http::{Request, RequestExt as _, request::RequestContext};
use tower::util::MapRequest;

/// The router as API Gateway calls it.
pub type BehindGateway = MapRequest<Router, fn(Request) -> Request>;

/// Prepares the router for the requests that `lambda_http` makes of REST proxy events.
#[must_use]
pub fn behind_gateway(router: Router) -> BehindGateway {
    MapRequest::new(router, without_stage)
}

/// Takes off the stage that `lambda_http` puts before the path unless the variable
/// `AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH` is set: routes are the same in every stage.
fn without_stage(mut request: Request) -> Request {
    if let Some(uri) = stripped(&request) {
        *request.uri_mut() = uri;
    }
    request
}

fn stripped(request: &Request) -> Option<Uri> {
    let RequestContext::ApiGatewayV1(context) = request.extensions().get::<RequestContext>()? else {
        return None;
    };
    let prefix = format!("/{}", context.stage.as_deref()?);
    let below = |path: &str| {
        path.strip_prefix(&prefix)
            .filter(|rest| rest.starts_with('/'))
            .map(str::to_owned)
    };
    if below(request.raw_http_path()).is_some() {
        return None;
    }
    let path = below(request.uri().path())?;
    let query = request
        .uri()
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    format!("{path}{query}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(path: &str) -> Request {
        let text = include_str!("../tests/events/rest-proxy.json").replace("/environments", path);
        lambda_http::request::from_str(&text).unwrap()
    }

    #[test]
    fn the_stage_is_not_in_the_path() {
        for path in [
            "/environments",
            "/environmentTypes/et-prod-hxwmltpkg2edy,pa-fh6spfcycydtq",
        ] {
            let request = without_stage(event(path));
            assert_eq!(request.uri().path(), path);
            assert_eq!(request.uri().query(), Some("pageSize=10"));
        }
    }

    #[test]
    fn a_path_that_carries_the_stages_name_is_kept() {
        for path in ["/dev/environments", "/dev"] {
            let request = without_stage(event(path));
            assert_eq!(request.uri().path(), path);
        }
    }

    #[test]
    fn a_request_without_a_gateway_is_kept() {
        let request = Request::new(lambda_http::Body::Empty);
        assert_eq!(without_stage(request).uri().path(), "/");
    }
}
