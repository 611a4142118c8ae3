//! The local AWS over loopback HTTP, for the AWS CLI, boto3 and other programs.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use http::{Request, Response, StatusCode};

use crate::local_aws::LocalAws;

/// Larger than any request that the services here accept.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// A router that answers every path.
pub(crate) fn router(aws: LocalAws) -> Router {
    Router::new().fallback(answer).with_state(aws)
}

async fn answer(State(aws): State<LocalAws>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST_BYTES).await else {
        return status(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let request = Request::from_parts(parts, body.to_vec());
    let answer = super::answer(&mut aws.world(), &request);
    match answer {
        Ok(response) => response.map(Body::from),
        // HTTP has no way to say nothing; a gateway that lost its server comes nearest.
        Err(_) => status(StatusCode::BAD_GATEWAY),
    }
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
