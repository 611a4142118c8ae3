//! awsQuery, for STS, IAM and CloudFormation: <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>.

use std::fmt::Write as _;

use http::{Request, Response};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{percent, response};
use crate::error::ApiError;
use crate::world::{Principal, Service, World};

const CONTENT_TYPE: &str = "text/xml";

/// Members that are integers; on the wire all are texts.
const INTEGERS: [&str; 4] = [
    "DurationSeconds",
    "MaxItems",
    "MaxSessionDuration",
    "TimeoutInMinutes",
];

/// Members that are booleans.
const FLAGS: [&str; 4] = [
    "DisableRollback",
    "EnableTerminationProtection",
    "SetAsDefault",
    "UsePreviousValue",
];

/// Policies, which IAM answers percent-encoded.
const POLICIES: [&str; 3] = ["AssumeRolePolicyDocument", "Document", "PolicyDocument"];

fn namespace(service: Service) -> Option<&'static str> {
    match service {
        Service::CloudFormation => Some("http://cloudformation.amazonaws.com/doc/2010-05-15/"),
        Service::Iam => Some("https://iam.amazonaws.com/doc/2010-05-08/"),
        Service::Sts => Some("https://sts.amazonaws.com/doc/2011-06-15/"),
        _ => None,
    }
}

pub(super) fn call(
    world: &mut World,
    principal: &Principal,
    service: Service,
    request: &Request<Vec<u8>>,
) -> Result<Response<Vec<u8>>, ApiError> {
    let parameters: Vec<(String, String)> = serde_urlencoded::from_bytes(request.body())
        .map_err(|error| malformed(&format!("the body is not a form: {error}")))?;
    let mut input = read_members(&parameters)?;
    input.remove("Version");
    let operation = input.remove("Action");
    let operation = operation.as_ref().and_then(Value::as_str);
    let (Some(operation), Some(namespace)) = (operation, namespace(service)) else {
        let operation = operation.unwrap_or("this request");
        return Err(ApiError::unknown_operation(
            service.prefix(),
            &format!("{operation} over HTTP"),
        ));
    };
    let answer = world.external_call(principal, service, operation, &Value::Object(input))?;
    let mut body = format!("<{operation}Response xmlns=\"{namespace}\"><{operation}Result>");
    write_members(&mut body, "", &answer);
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
        "<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
    );
    response(world, error.status, CONTENT_TYPE, body.into_bytes())
}

/// The members behind names such as `Tags.member.1.Key`.
fn read_members(parameters: &[(String, String)]) -> Result<Map<String, Value>, ApiError> {
    let mut root = json!({});
    for (name, value) in parameters {
        let mut place = &mut root;
        let mut last = "";
        for part in name.split('.').filter(|part| *part != "member") {
            place = match part.parse::<usize>() {
                // Lists count from 1, and each element comes after those before it.
                Ok(number) => {
                    if place.is_null() {
                        *place = json!([]);
                    }
                    let list = place
                        .as_array_mut()
                        .filter(|list| (1..=list.len() + 1).contains(&number));
                    let list = list.ok_or_else(|| malformed(&format!("`{name}` is out of order")))?;
                    if list.len() < number {
                        list.push(Value::Null);
                    }
                    &mut list[number - 1]
                }
                Err(_) => {
                    last = part;
                    if place.is_null() {
                        *place = json!({});
                    }
                    let members = place.as_object_mut();
                    let members = members.ok_or_else(|| malformed(&format!("`{name}` is of two kinds")))?;
                    members.entry(part).or_insert(Value::Null)
                }
            };
        }
        *place = if INTEGERS.contains(&last) {
            let number: Option<i64> = value.parse().ok();
            json!(number.ok_or_else(|| malformed(&format!("`{last}` must be an integer")))?)
        } else if FLAGS.contains(&last) {
            let flag: Option<bool> = value.parse().ok();
            json!(flag.ok_or_else(|| malformed(&format!("`{last}` must be `true` or `false`")))?)
        } else {
            json!(value)
        };
    }
    match root {
        Value::Object(members) => Ok(members),
        _ => Err(malformed("the body has no members")),
    }
}

/// Writes the value of a member. Numbers whose names say that they are times are written as times.
pub(super) fn write_members(xml: &mut String, name: &str, value: &Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(_, member)| !member.is_null()) {
                let _ = write!(xml, "<{name}>");
                write_members(xml, name, member);
                let _ = write!(xml, "</{name}>");
            }
        }
        Value::Array(elements) => {
            for element in elements {
                xml.push_str("<member>");
                write_members(xml, name, element);
                xml.push_str("</member>");
            }
        }
        Value::Number(number) => match time(name, number) {
            Some(time) => xml.push_str(&time.to_string()),
            None => xml.push_str(&number.to_string()),
        },
        Value::String(text) if POLICIES.contains(&name) => xml.push_str(&percent::encode(text)),
        Value::String(text) => xml.push_str(&escape(text)),
        Value::Bool(flag) => xml.push_str(&flag.to_string()),
        Value::Null => {}
    }
}

fn time(name: &str, seconds: &serde_json::Number) -> Option<Timestamp> {
    let is_time = ["Date", "Expiration", "LastModified", "Time", "Timestamp"]
        .iter()
        .any(|end| name.ends_with(end));
    // Answers have whole seconds.
    let seconds = seconds.as_f64()? as i64;
    is_time.then(|| Timestamp::from_second(seconds).ok()).flatten()
}

/// Text as XML character data.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn malformed(message: &str) -> ApiError {
    ApiError::new("MalformedInput", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_become_elements_and_times_are_written_out() {
        let mut xml = String::new();
        write_members(
            &mut xml,
            "",
            &json!({"Credentials": {"Expiration": 0, "SecretAccessKey": "a<b&c"}, "Tags": [{"Key": "k"}],
                "MaxSessionDuration": 3600, "PolicyDocument": "{}", "Description": null}),
        );
        assert_eq!(
            xml,
            "<Credentials><Expiration>1970-01-01T00:00:00Z</Expiration>\
             <SecretAccessKey>a&lt;b&amp;c</SecretAccessKey></Credentials>\
             <MaxSessionDuration>3600</MaxSessionDuration><PolicyDocument>%7B%7D</PolicyDocument>\
             <Tags><member><Key>k</Key></member></Tags>"
        );
    }

    fn read(parameters: &[(&str, &str)]) -> Result<Value, ApiError> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let parameters: Vec<_> = parameters.iter().map(owned).collect();
        read_members(&parameters).map(Value::Object)
    }

    #[test]
    fn lists_and_structures_are_read_from_the_names_of_parameters() {
        let read = read(&[
            ("RoleName", "r"),
            ("MaxSessionDuration", "7200"),
            ("Tags.member.1.Key", "a"),
            ("Tags.member.1.Value", "1"),
            ("Tags.member.2.Key", "b"),
            ("TagKeys.member.1", "x"),
        ]);
        let expected = json!({"RoleName": "r", "MaxSessionDuration": 7200, "TagKeys": ["x"],
            "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b"}]});
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn parameters_out_of_order_or_of_the_wrong_kind_are_refused_by_name() {
        for (name, value) in [
            ("Tags.member.3.Key", "a"),
            ("MaxItems", "many"),
            ("SetAsDefault", "yes"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert!(error.message.contains(name.split('.').next().unwrap()), "{error}");
        }
    }

    /// Sends a request that the root of an account has signed; status and body.
    fn send(world: &mut World, key: &str, body: &str) -> (u16, String) {
        let scope =
            format!("AWS4-HMAC-SHA256 Credential={key}/20231114/us-east-1/iam/aws4_request, Signature=0");
        let request = Request::post("https://iam.amazonaws.com/").header("authorization", scope);
        let request = request.body(body.as_bytes().to_vec()).unwrap();
        let response = crate::wire::answer(world, &request).unwrap();
        let status = response.status().as_u16();
        (status, String::from_utf8(response.into_body()).unwrap())
    }

    #[test]
    fn iam_answers_over_http_with_its_documents_encoded() {
        let mut world = World::new("us-east-1", Timestamp::from_second(1_700_000_000).unwrap());
        let (key, _) = crate::sts::issue_key(&mut world, &Principal::root("111122223333"));
        let trust = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}]});
        let trust = percent::encode(&trust.to_string());
        let create = format!(
            "Action=CreateRole&Version=2010-05-08&RoleName=r&MaxSessionDuration=7200\
             &Tags.member.1.Key=a&Tags.member.1.Value=1&AssumeRolePolicyDocument={trust}"
        );
        assert_eq!(send(&mut world, &key, &create).0, 200);
        let (status, body) = send(&mut world, &key, "Action=GetRole&Version=2010-05-08&RoleName=r");
        assert_eq!(status, 200, "{body}");
        for part in [
            trust.as_str(),
            "<CreateDate>2023-11-14T22:13:20Z</CreateDate>",
            "<MaxSessionDuration>7200</MaxSessionDuration>",
            "<Tags><member><Key>a</Key><Value>1</Value></member></Tags>",
        ] {
            assert!(body.contains(part), "{part} in {body}");
        }
        let (status, body) = send(
            &mut world,
            &key,
            "Action=GetRole&Version=2010-05-08&RoleName=none",
        );
        assert_eq!(status, 404);
        assert!(body.contains("<Code>NoSuchEntity</Code>"), "{body}");
    }
}
