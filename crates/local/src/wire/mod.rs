//! Requests as AWS's SDKs send them, and answers as they read them.
//!
//! awsJson 1.0 and 1.1 for Cognito, DynamoDB, EventBridge, KMS, SageMaker, Service Catalog, SQS, Systems Manager and the tagging API;
//! awsQuery for STS, IAM and CloudFormation; REST for S3, where a presigned URL takes the place of a signed request. Signatures are not verified, but access keys must exist and sessions must not have
//! expired.

pub(crate) mod connector;
mod json;
mod percent;
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
    let scope = signature.as_ref().map(|signature| signature.service.as_str());
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

/// The parameters of a request's query.
fn parameters(request: &Request<Vec<u8>>) -> Vec<(String, String)> {
    let query = request.uri().query().unwrap_or_default();
    serde_urlencoded::from_str(query).unwrap_or_default()
}

/// What a request's signature says about its sender.
struct Signature {
    key_id: String,
    /// The signing name of the service, from the credential scope.
    service: String,
    token: Option<String>,
}

impl Signature {
    /// From the header, or from the query of a presigned URL.
    fn read(request: &Request<Vec<u8>>) -> Option<Self> {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        if let Some(authorization) = header(header::AUTHORIZATION.as_str()) {
            let (_, credential) = authorization.split_once("Credential=")?;
            let token = header("x-amz-security-token").map(str::to_owned);
            return Self::of(credential.split([',', ' ']).next()?, token);
        }
        let parameters = parameters(request);
        let value = |name: &str| {
            let found = parameters.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        Self::of(
            value("X-Amz-Credential")?,
            value("X-Amz-Security-Token").map(str::to_owned),
        )
    }

    fn of(credential: &str, token: Option<String>) -> Option<Self> {
        let scope: Vec<&str> = credential.split('/').collect();
        let &[key_id, _, _, service, "aws4_request"] = scope.as_slice() else {
            return None;
        };
        Some(Self {
            key_id: key_id.to_owned(),
            service: service.to_owned(),
            token,
        })
    }
}

fn authenticate(
    world: &World,
    protocol: Protocol,
    signature: Option<&Signature>,
) -> Result<Principal, ApiError> {
    let Some(signature) = signature else {
        let code = match protocol {
            Protocol::Rest => "AccessDenied",
            Protocol::Json | Protocol::Query => "MissingAuthenticationTokenException",
        };
        return Err(forbidden(protocol, code, "the request is not signed"));
    };
    sts::authenticate(world, &signature.key_id, signature.token.as_deref()).map_err(|error| {
        match (error, protocol) {
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
        }
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
