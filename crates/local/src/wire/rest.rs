//! The REST requests of S3 that concern one object.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, Request, Response, header};
use serde_json::{Value, json};

use super::{query, response};
use crate::error::ApiError;
use crate::s3;
use crate::world::{Principal, Service, World};

pub(super) fn call(
    world: &mut World,
    principal: &Principal,
    request: &Request<Vec<u8>>,
) -> Result<Response<Vec<u8>>, ApiError> {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().host()).unwrap_or_default();
    let Some((bucket, key)) = s3::locate(host, request.uri().path()).filter(|(_, key)| !key.is_empty())
    else {
        return Err(ApiError::unknown_operation("s3", "requests without a key"));
    };
    match *request.method() {
        Method::PUT => {
            let input = json!({ "Bucket": bucket, "Key": key, "Body": STANDARD.encode(request.body()) });
            world.external_call(principal, Service::S3, "PutObject", &input)?;
            Ok(response(world, 200, "application/xml", Vec::new()))
        }
        Method::GET => {
            let input = json!({ "Bucket": bucket, "Key": key });
            let answer = world.external_call(principal, Service::S3, "GetObject", &input)?;
            let body = answer.get("Body").and_then(Value::as_str).unwrap_or_default();
            let body = STANDARD
                .decode(body)
                .map_err(|error| ApiError::internal(error.to_string()))?;
            Ok(response(world, 200, "binary/octet-stream", body))
        }
        _ => Err(ApiError::unknown_operation("s3", request.method().as_str())),
    }
}

pub(super) fn encode_error(world: &mut World, error: &ApiError) -> Response<Vec<u8>> {
    let (code, message) = (query::escape(&error.code), query::escape(&error.message));
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    response(world, error.status, "application/xml", body.into_bytes())
}
