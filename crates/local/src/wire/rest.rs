//! The REST requests of S3: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{parameters, percent, query, response};
use crate::error::ApiError;
use crate::s3;
use crate::world::{Principal, Service, World};

const XML: &str = "application/xml";

pub(super) fn call(
    world: &mut World,
    principal: &Principal,
    request: &Request<Vec<u8>>,
) -> Result<Response<Vec<u8>>, ApiError> {
    let host = header_text(request, &header::HOST).or_else(|| request.uri().host());
    let Some((bucket, key)) = s3::locate(host.unwrap_or_default(), request.uri().path()) else {
        return Err(ApiError::unknown_operation("s3", "requests without a bucket"));
    };
    let key = percent::decode(key);
    let parameters = parameters(request);
    if s3::is_presigned(&parameters) {
        s3::check_presigned(world, &parameters, request.method(), bucket, &key)?;
    }
    let is_own = |name: &str| !name.starts_with("X-Amz-") && name != "x-id";
    let parameters: Vec<(&str, &str)> = (parameters.iter())
        .filter(|(name, _)| is_own(name))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    if key.is_empty() {
        of_bucket(world, principal, request, bucket, &parameters)
    } else if let Some((name, _)) = parameters.first() {
        Err(ApiError::unknown_operation(
            "s3",
            &format!("requests for an object's `{name}`"),
        ))
    } else {
        of_object(world, principal, request, bucket, &key)
    }
}

fn of_object(
    world: &mut World,
    principal: &Principal,
    request: &Request<Vec<u8>>,
    bucket: &str,
    key: &str,
) -> Result<Response<Vec<u8>>, ApiError> {
    let mut input = json!({ "Bucket": bucket, "Key": key });
    match *request.method() {
        Method::PUT => {
            if header_text(request, &header::CONTENT_ENCODING).is_some_and(|it| it.contains("aws-chunked")) {
                return Err(ApiError::unknown_operation("s3", "bodies that are aws-chunked"));
            }
            input["Body"] = json!(STANDARD.encode(request.body()));
            if let Some(kind) = header_text(request, &header::CONTENT_TYPE).filter(|kind| !kind.is_empty()) {
                input["ContentType"] = json!(kind);
            }
            let answer = world.external_call(principal, Service::S3, "PutObject", &input)?;
            let mut response = response(world, 200, XML, Vec::new());
            set(response.headers_mut(), header::ETAG, text(&answer, "ETag"));
            Ok(response)
        }
        Method::GET => {
            let answer = world.external_call(principal, Service::S3, "GetObject", &input)?;
            let body = STANDARD
                .decode(text(&answer, "Body"))
                .map_err(|error| ApiError::internal(error.to_string()))?;
            Ok(object(world, &answer, body))
        }
        Method::HEAD => {
            let answer = world.external_call(principal, Service::S3, "HeadObject", &input)?;
            let length = answer.get("ContentLength").map(Value::to_string);
            let mut response = object(world, &answer, Vec::new());
            set(
                response.headers_mut(),
                header::CONTENT_LENGTH,
                &length.unwrap_or_default(),
            );
            Ok(response)
        }
        Method::DELETE => {
            world.external_call(principal, Service::S3, "DeleteObject", &input)?;
            Ok(response(world, 204, XML, Vec::new()))
        }
        _ => Err(ApiError::unknown_operation("s3", request.method().as_str())),
    }
}

fn of_bucket(
    world: &mut World,
    principal: &Principal,
    request: &Request<Vec<u8>>,
    bucket: &str,
    parameters: &[(&str, &str)],
) -> Result<Response<Vec<u8>>, ApiError> {
    let mut input = json!({ "Bucket": bucket });
    match (request.method(), parameters) {
        (&Method::PUT, []) => {
            let body = String::from_utf8_lossy(request.body());
            if let Some(place) = element(&body, "LocationConstraint") {
                input["CreateBucketConfiguration"] = json!({ "LocationConstraint": place });
            }
            world.external_call(principal, Service::S3, "CreateBucket", &input)?;
            Ok(response(world, 200, XML, Vec::new()))
        }
        (&Method::DELETE, []) => {
            world.external_call(principal, Service::S3, "DeleteBucket", &input)?;
            Ok(response(world, 204, XML, Vec::new()))
        }
        (&Method::HEAD, []) => {
            world.external_call(principal, Service::S3, "HeadBucket", &input)?;
            Ok(response(world, 200, XML, Vec::new()))
        }
        (&Method::PUT, [("policy", _)]) => {
            input["Policy"] = json!(String::from_utf8_lossy(request.body()));
            world.external_call(principal, Service::S3, "PutBucketPolicy", &input)?;
            Ok(response(world, 204, XML, Vec::new()))
        }
        (&Method::GET, [("policy", _)]) => {
            let answer = world.external_call(principal, Service::S3, "GetBucketPolicy", &input)?;
            let policy = text(&answer, "Policy").to_owned();
            Ok(response(world, 200, "application/json", policy.into_bytes()))
        }
        (&Method::GET, parameters) if parameters.contains(&("list-type", "2")) => {
            let input = listing(bucket, parameters)?;
            let answer = world.external_call(principal, Service::S3, "ListObjectsV2", &input)?;
            let body = listed(&answer).into_bytes();
            Ok(response(world, 200, XML, body))
        }
        (method, parameters) => {
            let names: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
            Err(ApiError::unknown_operation(
                "s3",
                &format!("{method} of a bucket with `{}` over HTTP", names.join("`, `")),
            ))
        }
    }
}

fn listing(bucket: &str, parameters: &[(&str, &str)]) -> Result<Value, ApiError> {
    let mut input = Map::from_iter([("Bucket".to_owned(), json!(bucket))]);
    for (name, value) in parameters {
        let (member, value) = match *name {
            "list-type" => continue,
            "prefix" => ("Prefix", json!(value)),
            "continuation-token" => ("ContinuationToken", json!(value)),
            "start-after" => ("StartAfter", json!(value)),
            "max-keys" => ("MaxKeys", json!(value.parse::<i64>().ok())),
            other => {
                return Err(ApiError::unknown_operation(
                    "s3",
                    &format!("listings with `{other}`"),
                ));
            }
        };
        input.insert(member.to_owned(), value);
    }
    Ok(Value::Object(input))
}

fn listed(answer: &Value) -> String {
    let mut xml = String::from("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (name, value) in answer.as_object().into_iter().flatten() {
        for one in value
            .as_array()
            .map_or_else(|| vec![value], |all| all.iter().collect())
        {
            let _ = write!(xml, "<{name}>");
            query::write_members(&mut xml, name, one);
            let _ = write!(xml, "</{name}>");
        }
    }
    xml.push_str("</ListBucketResult>");
    xml
}

/// The content of the only element of this name.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (content, _) = rest.split_once(&format!("</{name}>"))?;
    Some(content.trim().to_owned())
}

fn object(world: &mut World, answer: &Value, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = response(world, 200, text(answer, "ContentType"), body);
    set(response.headers_mut(), header::ETAG, text(answer, "ETag"));
    let written = answer.get("LastModified").and_then(Value::as_i64);
    if let Some(written) = written.and_then(|seconds| Timestamp::from_second(seconds).ok()) {
        let written = written.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        set(response.headers_mut(), header::LAST_MODIFIED, &written);
    }
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn header_text<'a>(request: &'a Request<Vec<u8>>, name: &HeaderName) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

fn text<'a>(answer: &'a Value, member: &str) -> &'a str {
    answer.get(member).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn encode_error(world: &mut World, error: &ApiError) -> Response<Vec<u8>> {
    let (code, message) = (query::escape(&error.code), query::escape(&error.message));
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let mut response = response(world, error.status, XML, body.into_bytes());
    if response.status() == StatusCode::NOT_FOUND {
        // A HEAD has no body to say it in.
        set(
            response.headers_mut(),
            HeaderName::from_static("x-amz-error-code"),
            &error.code,
        );
    }
    response
}
