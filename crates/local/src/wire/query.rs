//! awsQuery, for STS: <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>.

use std::fmt::Write as _;

use http::{Request, Response};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::response;
use crate::error::ApiError;
use crate::world::{Principal, Service, World};

const CONTENT_TYPE: &str = "text/xml";
const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

pub(super) fn call(
    world: &mut World,
    principal: &Principal,
    service: Service,
    request: &Request<Vec<u8>>,
) -> Result<Response<Vec<u8>>, ApiError> {
    let mut input = Map::new();
    let parameters: Vec<(String, String)> = serde_urlencoded::from_bytes(request.body())
        .map_err(|error| ApiError::new("MalformedInput", format!("the body is not a form: {error}")))?;
    for (name, value) in parameters {
        let value = match name.as_str() {
            "DurationSeconds" => {
                let seconds: i64 = value
                    .parse()
                    .map_err(|_| ApiError::new("MalformedInput", "`DurationSeconds` must be an integer"))?;
                Value::from(seconds)
            }
            _ => Value::String(value),
        };
        input.insert(name, value);
    }
    input.remove("Version");
    let operation = match input.remove("Action") {
        Some(Value::String(operation)) if service == Service::Sts => operation,
        operation => {
            let operation = operation
                .as_ref()
                .and_then(Value::as_str)
                .unwrap_or("this request");
            return Err(ApiError::unknown_operation(
                service.prefix(),
                &format!("{operation} over HTTP"),
            ));
        }
    };
    let answer = world.external_call(principal, service, &operation, &Value::Object(input))?;
    let mut body = format!("<{operation}Response xmlns=\"{NAMESPACE}\"><{operation}Result>");
    write_members(&mut body, &answer);
    let id = world.new_request_id();
    let _ = write!(
        body,
        "</{operation}Result><ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{operation}Response>"
    );
    Ok(response(world, 200, CONTENT_TYPE, body.into_bytes()))
}

pub(super) fn encode_error(world: &mut World, error: &ApiError) -> Response<Vec<u8>> {
    let kind = if error.status < 500 { "Sender" } else { "Receiver" };
    let (code, message) = (escape(&error.code), escape(&error.message));
    let id = world.new_request_id();
    let body = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{kind}</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
    );
    response(world, error.status, CONTENT_TYPE, body.into_bytes())
}

/// STS answers structures of strings; its only number is the time of expiry.
fn write_members(xml: &mut String, value: &Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let _ = write!(xml, "<{name}>");
                write_members(xml, member);
                let _ = write!(xml, "</{name}>");
            }
        }
        Value::Number(seconds) => {
            let time = seconds
                .as_i64()
                .and_then(|seconds| Timestamp::from_second(seconds).ok());
            xml.push_str(&time.unwrap_or(Timestamp::UNIX_EPOCH).to_string());
        }
        Value::String(text) => xml.push_str(&escape(text)),
        Value::Null | Value::Bool(_) | Value::Array(_) => {}
    }
}

/// Text as XML character data.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_become_elements_and_times_are_written_out() {
        let mut xml = String::new();
        write_members(
            &mut xml,
            &json!({"Credentials": {"Expiration": 0, "SecretAccessKey": "a<b&c"}}),
        );
        assert_eq!(
            xml,
            "<Credentials><Expiration>1970-01-01T00:00:00Z</Expiration>\
             <SecretAccessKey>a&lt;b&amp;c</SecretAccessKey></Credentials>"
        );
    }
}
