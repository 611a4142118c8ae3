//! awsJson 1.0 and 1.1: <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>.

use http::{HeaderValue, Request, Response, header};
use serde_json::{Value, json};

use super::response;
use crate::error::ApiError;
use crate::world::{Principal, Service, World};

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// The service that an `X-Amz-Target` names.
pub(super) fn service(target: &HeaderValue) -> Option<Service> {
    match target.to_str().ok()?.split_once('.')?.0 {
        "DynamoDB_20120810" => Some(Service::DynamoDb),
        "AWSCognitoIdentityProviderService" => Some(Service::Cognito),
        "AWSEvents" => Some(Service::Events),
        "TrentService" => Some(Service::Kms),
        "ResourceGroupsTaggingAPI_20170126" => Some(Service::Tagging),
        "SageMaker" => Some(Service::SageMaker),
        "AWS242ServiceCatalogService" => Some(Service::ServiceCatalog),
        "AmazonSQS" => Some(Service::Sqs),
        "AmazonSSM" => Some(Service::Ssm),
        _ => None,
    }
}

pub(super) fn call(
    world: &mut World,
    principal: &Principal,
    service: Service,
    request: &Request<Vec<u8>>,
) -> Result<Response<Vec<u8>>, ApiError> {
    let target = request
        .headers()
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    let operation = target
        .and_then(|target| target.split_once('.'))
        .map_or("", |(_, operation)| operation);
    let input: Value = match request.body().as_slice() {
        [] => json!({}),
        body => serde_json::from_slice(body).map_err(|error| {
            ApiError::new("SerializationException", format!("the body is not JSON: {error}"))
        })?,
    };
    let answer = world.external_call(principal, service, operation, &input)?;
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    Ok(response(
        world,
        200,
        content_type.unwrap_or(CONTENT_TYPE),
        answer.to_string().into_bytes(),
    ))
}

pub(super) fn encode_error(world: &mut World, error: &ApiError) -> Response<Vec<u8>> {
    let mut body = error
        .details
        .clone()
        .filter(Value::is_object)
        .unwrap_or_else(|| json!({}));
    if body.get("__type").is_none() {
        body["__type"] = json!(error.code);
    }
    if body.get("message").is_none() && body.get("Message").is_none() {
        body["message"] = json!(error.message);
    }
    response(world, error.status, CONTENT_TYPE, body.to_string().into_bytes())
}
