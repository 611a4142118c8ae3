//! awsQuery, for STS and for reading stacks: <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use http::{Request, Response};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::response;
use crate::error::ApiError;
use crate::world::{Principal, Service, World};

const CONTENT_TYPE: &str = "text/xml";
const STS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
const CLOUDFORMATION: &str = "http://cloudformation.amazonaws.com/doc/2010-05-15/";

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
        Some(Value::String(operation)) if is_offered(service, &operation) => operation,
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
    let namespace = if service == Service::Sts { STS } else { CLOUDFORMATION };
    let mut body = format!("<{operation}Response xmlns=\"{namespace}\"><{operation}Result>");
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
        "<ErrorResponse xmlns=\"{STS}\"><Error><Type>{kind}</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
    );
    response(world, error.status, CONTENT_TYPE, body.into_bytes())
}

/// What Workbench's functions call. Parameters of other operations have a structure, which is not read here.
fn is_offered(service: Service, operation: &str) -> bool {
    match service {
        Service::Sts => true,
        Service::CloudFormation => operation == "DescribeStacks",
        _ => false,
    }
}

/// Structures, lists and strings; the numbers are times.
fn write_members(xml: &mut String, value: &Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let _ = write!(xml, "<{name}>");
                write_members(xml, member);
                let _ = write!(xml, "</{name}>");
            }
        }
        Value::Array(items) => {
            for item in items {
                xml.push_str("<member>");
                write_members(xml, item);
                xml.push_str("</member>");
            }
        }
        Value::Number(seconds) => {
            let time = seconds.as_f64().map(Duration::from_secs_f64);
            let time = time.and_then(|time| Timestamp::try_from(SystemTime::UNIX_EPOCH + time).ok());
            xml.push_str(&time.unwrap_or(Timestamp::UNIX_EPOCH).to_string());
        }
        Value::String(text) => xml.push_str(&escape(text)),
        Value::Bool(yes) => xml.push_str(if *yes { "true" } else { "false" }),
        Value::Null => {}
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

    #[test]
    fn items_of_a_list_are_members() {
        let mut xml = String::new();
        write_members(&mut xml, &json!({"Outputs": [{"OutputKey": "a"}, {"OutputKey": "b"}]}));
        assert_eq!(
            xml,
            "<Outputs><member><OutputKey>a</OutputKey></member><member><OutputKey>b</OutputKey></member></Outputs>"
        );
    }
}
