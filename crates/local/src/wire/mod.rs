//! Requests as AWS's SDKs send them, and answers as they read them.
//!
//! awsJson 1.0 and 1.1 for DynamoDB, EventBridge, SageMaker, Service Catalog and Systems Manager; awsQuery for STS
//! and for reading stacks; REST for the objects of S3. Signatures are not verified, but access keys must exist and sessions must not have
//! expired.

pub(crate) mod connector;
mod json;
mod query;
mod rest;
pub(crate) mod server;

use http::{Request, Response, header};

use crate::error::ApiError;
use crate::sts::{self, KeyError};
use crate::world::{Principal, Service, World};

/// The connection breaks instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection broke before the answer arrived")]
pub(crate) struct ConnectionLost;

/// How a service's requests are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Json,
    Query,
    Rest,
}

/// Answers one request.
pub(crate) fn answer(
    world: &mut World,
    request: &Request<Vec<u8>>,
) -> Result<Response<Vec<u8>>, ConnectionLost> {
    let signature = Signature::read(request);
    let scope = signature.as_ref().map(|signature| signature.service);
    let (protocol, service) = match request.headers().get("x-amz-target") {
        Some(target) => (Protocol::Json, json::service(target)),
        None => match scope.and_then(Service::from_prefix) {
            Some(Service::S3) => (Protocol::Rest, Some(Service::S3)),
            service => (Protocol::Query, service),
        },
    };
    let Some(service) = service else {
        let name = scope.unwrap_or("AWS");
        return Ok(encode_error(
            world,
            protocol,
            &ApiError::unknown_operation(name, "this request"),
        ));
    };
    let answer = match authenticate(world, protocol, signature.as_ref()) {
        Err(error) => Err(error),
        Ok(principal) => match protocol {
            Protocol::Json => json::call(world, &principal, service, request),
            Protocol::Query => query::call(world, &principal, service, request),
            Protocol::Rest => rest::call(world, &principal, request),
        },
    };
    match answer {
        Ok(response) => Ok(response),
        Err(error) if error.status == 0 => Err(ConnectionLost),
        Err(error) => Ok(encode_error(world, protocol, &error)),
    }
}

/// What a request's signature says about its sender.
struct Signature<'a> {
    key_id: &'a str,
    /// The signing name of the service, from the credential scope.
    service: &'a str,
    token: Option<&'a str>,
}

impl<'a> Signature<'a> {
    fn read(request: &'a Request<Vec<u8>>) -> Option<Self> {
        let authorization = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
        let (_, credential) = authorization.split_once("Credential=")?;
        let scope: Vec<&str> = credential.split([',', ' ']).next()?.split('/').collect();
        let &[key_id, _, _, service, "aws4_request"] = scope.as_slice() else {
            return None;
        };
        let token = request
            .headers()
            .get("x-amz-security-token")
            .and_then(|token| token.to_str().ok());
        Some(Self {
            key_id,
            service,
            token,
        })
    }
}

fn authenticate(
    world: &World,
    protocol: Protocol,
    signature: Option<&Signature<'_>>,
) -> Result<Principal, ApiError> {
    let Some(signature) = signature else {
        let code = match protocol {
            Protocol::Rest => "AccessDenied",
            Protocol::Json | Protocol::Query => "MissingAuthenticationTokenException",
        };
        return Err(forbidden(protocol, code, "the request is not signed"));
    };
    sts::authenticate(world, signature.key_id, signature.token).map_err(|error| match (error, protocol) {
        (KeyError::Unknown, Protocol::Json) => forbidden(
            protocol,
            "UnrecognizedClientException",
            "the security token in the request is invalid",
        ),
        (KeyError::Unknown, Protocol::Query) => forbidden(
            protocol,
            "InvalidClientTokenId",
            "the security token in the request is invalid",
        ),
        (KeyError::Unknown, Protocol::Rest) => {
            forbidden(protocol, "InvalidAccessKeyId", "the access key id does not exist")
        }
        (KeyError::Expired, Protocol::Json) => forbidden(
            protocol,
            "ExpiredTokenException",
            "the security token in the request has expired",
        ),
        (KeyError::Expired, Protocol::Query | Protocol::Rest) => forbidden(
            protocol,
            "ExpiredToken",
            "the security token in the request has expired",
        ),
    })
}

/// awsJson services answer 400 where the others answer 403.
fn forbidden(protocol: Protocol, code: &str, message: &str) -> ApiError {
    let status = if protocol == Protocol::Json { 400 } else { 403 };
    ApiError {
        status,
        ..ApiError::new(code, message)
    }
}

fn encode_error(world: &mut World, protocol: Protocol, error: &ApiError) -> Response<Vec<u8>> {
    match protocol {
        Protocol::Json => json::encode_error(world, error),
        Protocol::Query => query::encode_error(world, error),
        Protocol::Rest => rest::encode_error(world, error),
    }
}

/// A response with a request id.
fn response(world: &mut World, status: u16, content_type: &str, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    if let Ok(content_type) = content_type.parse() {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    if let Ok(id) = world.new_request_id().parse() {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
