//! `AWS::Serverless-2016-10-31`: SAM's functions and APIs as the resources they stand for.
//!
//! Facts are from the AWS SAM specification. What stands for nothing here is refused by its name.

use serde_json::{Map, Value, json};

use super::{api, event_sources};

/// Resources by their logical ids.
pub(super) type Resources = Vec<(String, Value)>;

/// Expands every resource of SAM's types and takes `Globals` away.
pub(super) fn expand(template: &mut Value) -> Result<(), String> {
    let template = template.as_object_mut().ok_or("the template is not a map")?;
    let globals = template.remove("Globals").unwrap_or_default();
    if let Some(section) = globals.as_object().and_then(|globals| {
        globals
            .keys()
            .find(|name| !["Function", "Api"].contains(&name.as_str()))
    }) {
        return Err(format!("Globals: unknown section `{section}`"));
    }
    let Some(Value::Object(resources)) = template.get_mut("Resources") else {
        return Ok(());
    };
    for (name, resource) in std::mem::take(resources) {
        let kind = resource["Type"].as_str().unwrap_or_default();
        let place = |error: String| format!("resource `{name}`: {error}");
        let expanded = match kind.strip_prefix("AWS::Serverless::") {
            None => vec![(name.clone(), resource)],
            Some("Function") => function(&name, resource, &globals["Function"]).map_err(place)?,
            Some("Api") => api::expand(&name, resource, &globals["Api"]).map_err(place)?,
            Some(_) => return Err(format!("resource `{name}`: unknown resource type `{kind}`")),
        };
        for (name, resource) in expanded {
            if resources.insert(name.clone(), resource).is_some() {
                return Err(format!("resource `{name}` comes from two resources"));
            }
        }
    }
    Ok(())
}

/// Properties of a function that Lambda's resource type has by the same name.
const SAME: [&str; 18] = [
    "Architectures",
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FunctionName",
    "Handler",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "ReservedConcurrentExecutions",
    "Role",
    "Runtime",
    "SnapStart",
    "Timeout",
    "VpcConfig",
];

fn function(name: &str, mut resource: Value, globals: &Value) -> Result<Resources, String> {
    let mut given = resource["Properties"].take();
    inherit(&mut given, globals);
    let Value::Object(given) = given else {
        return Err("Properties must be a map".to_owned());
    };
    let mut properties = Map::new();
    let mut beside = Vec::new();
    let mut policies = Vec::new();
    for (property, value) in given {
        match property.as_str() {
            "CodeUri" => {
                properties.insert("Code".to_owned(), code(&value)?);
            }
            "Tracing" => {
                properties.insert("TracingConfig".to_owned(), json!({ "Mode": value }));
            }
            "Tags" => {
                properties.insert("Tags".to_owned(), tags(&value));
            }
            "Events" => beside.extend(event_sources::expand(name, &value, resource.get("Condition"))?),
            "EventInvokeConfig" => beside.push(invoke_config(name, value, resource.get("Condition"))?),
            "Policies" => policies = one_or_many(value),
            same if SAME.contains(&same) => {
                properties.insert(property, value);
            }
            _ => {
                return Err(format!(
                    "AWS::Serverless::Function has no property `{property}` here"
                ));
            }
        }
    }
    if !properties.contains_key("Role") {
        let role = format!("{name}Role");
        properties.insert("Role".to_owned(), json!({ "Fn::GetAtt": [role, "Arn"] }));
        beside.push((role.clone(), role_of(&role, policies, resource.get("Condition"))?));
    }
    resource["Type"] = json!("AWS::Lambda::Function");
    resource["Properties"] = Value::Object(properties);
    beside.push((name.to_owned(), resource));
    Ok(beside)
}

/// How a function is called by what does not wait for its answer, such as a schedule.
fn invoke_config(function: &str, given: Value, condition: Option<&Value>) -> Result<(String, Value), String> {
    let Value::Object(mut properties) = given else {
        return Err("EventInvokeConfig must be a map".to_owned());
    };
    if let Some(unknown) = properties
        .keys()
        .find(|name| !["MaximumEventAgeInSeconds", "MaximumRetryAttempts"].contains(&name.as_str()))
    {
        return Err(format!("EventInvokeConfig has no property `{unknown}` here"));
    }
    properties.insert("FunctionName".to_owned(), json!({ "Ref": function }));
    properties.insert("Qualifier".to_owned(), json!("$LATEST"));
    let mut resource = json!({ "Type": "AWS::Lambda::EventInvokeConfig", "Properties": properties });
    if let Some(condition) = condition {
        resource["Condition"] = condition.clone();
    }
    Ok((format!("{function}EventInvokeConfig"), resource))
}

/// Globals under what the resource says: maps are merged, lists are put together, the rest is overridden.
pub(super) fn inherit(given: &mut Value, globals: &Value) {
    match (given, globals) {
        (Value::Object(given), Value::Object(globals)) => {
            for (name, global) in globals {
                match given.get_mut(name) {
                    Some(own) => inherit(own, global),
                    None => {
                        given.insert(name.clone(), global.clone());
                    }
                }
            }
        }
        (Value::Array(given), Value::Array(globals)) => {
            let own = std::mem::take(given);
            given.extend(globals.iter().cloned().chain(own));
        }
        (given @ Value::Null, globals) => *given = globals.clone(),
        _ => {}
    }
}

/// `s3://bucket/key`, as packaging leaves it, as Lambda's `Code`.
fn code(uri: &Value) -> Result<Value, String> {
    let packaged = uri
        .as_str()
        .and_then(|uri| uri.strip_prefix("s3://")?.split_once('/'));
    match packaged {
        Some((bucket, key)) => Ok(json!({ "S3Bucket": bucket, "S3Key": key })),
        None => Err(format!(
            "CodeUri {uri} must be an address in S3: package the template first"
        )),
    }
}

fn tags(tags: &Value) -> Value {
    let tags = tags.as_object().into_iter().flatten();
    tags.map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

fn one_or_many(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        one => vec![one],
    }
}

/// The role that SAM makes for a function which names none.
fn role_of(role: &str, policies: Vec<Value>, condition: Option<&Value>) -> Result<Value, String> {
    let mut managed = vec![json!({
        "Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    })];
    let mut inline = Vec::new();
    for policy in policies {
        match &policy {
            Value::String(_) => managed.push(policy),
            Value::Object(members) if members.contains_key("Statement") => inline.push(json!({
                "PolicyName": format!("{role}Policy{}", inline.len()),
                "PolicyDocument": policy,
            })),
            _ => {
                return Err(format!(
                    "Policies: {policy} is neither an ARN nor a policy document"
                ));
            }
        }
    }
    let mut made = json!({
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                    "Effect": "Allow",
                    "Principal": { "Service": "lambda.amazonaws.com" },
                    "Action": "sts:AssumeRole",
                }],
            },
            "ManagedPolicyArns": managed,
        },
    });
    if !inline.is_empty() {
        made["Properties"]["Policies"] = json!(inline);
    }
    if let Some(condition) = condition {
        made["Condition"] = condition.clone();
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(mut template: Value) -> Result<Value, String> {
        expand(&mut template).map(|()| template)
    }

    #[test]
    fn a_function_inherits_globals_and_gets_its_events_as_resources() {
        let template = expanded(json!({
            "Globals": { "Function": {
                "CodeUri": "s3://packages/a.zip", "Tracing": "Active",
                "Environment": { "Variables": { "A": "global", "B": "global" } },
            } },
            "Resources": { "Status": { "Type": "AWS::Serverless::Function", "Properties": {
                "Role": "arn:role",
                "Environment": { "Variables": { "B": "own" } },
                "Events": { "Queue": { "Type": "SQS", "Properties": { "Queue": "arn:queue", "BatchSize": 10 } } },
            } } },
        }))
        .unwrap();
        let function = &template["Resources"]["Status"];
        assert_eq!(function["Type"], "AWS::Lambda::Function");
        assert_eq!(
            function["Properties"]["Environment"]["Variables"],
            json!({ "A": "global", "B": "own" })
        );
        assert_eq!(
            function["Properties"]["Code"],
            json!({ "S3Bucket": "packages", "S3Key": "a.zip" })
        );
        let mapping = &template["Resources"]["StatusQueue"];
        assert_eq!(mapping["Type"], "AWS::Lambda::EventSourceMapping");
        assert_eq!(mapping["Properties"]["EventSourceArn"], "arn:queue");
        assert!(template.get("Globals").is_none());
    }

    #[test]
    fn how_a_function_is_called_without_waiting_is_a_resource_of_its_own() {
        let template = |config: Value| {
            json!({ "Resources": { "F": { "Type": "AWS::Serverless::Function", "Properties": {
                "Role": "arn:role", "EventInvokeConfig": config,
            } } } })
        };
        let made = expanded(template(json!({ "MaximumRetryAttempts": 0 }))).unwrap();
        assert_eq!(
            made["Resources"]["FEventInvokeConfig"],
            json!({ "Type": "AWS::Lambda::EventInvokeConfig", "Properties": {
                "FunctionName": { "Ref": "F" }, "Qualifier": "$LATEST", "MaximumRetryAttempts": 0,
            } })
        );
        let refused = expanded(template(json!({ "Retries": 0 }))).unwrap_err();
        assert_eq!(
            refused,
            "resource `F`: EventInvokeConfig has no property `Retries` here"
        );
    }

    #[test]
    fn a_function_without_a_role_gets_one() {
        let template = expanded(json!({ "Resources": { "F": {
            "Type": "AWS::Serverless::Function",
            "Properties": { "CodeUri": "s3://packages/a.zip", "Policies": [{ "Statement": [] }] },
        } } }))
        .unwrap();
        let role = &template["Resources"]["FRole"];
        assert_eq!(role["Type"], "AWS::IAM::Role");
        assert_eq!(
            role["Properties"]["Policies"][0]["PolicyDocument"],
            json!({ "Statement": [] })
        );
        let reference = &template["Resources"]["F"]["Properties"]["Role"];
        assert_eq!(reference, &json!({ "Fn::GetAtt": ["FRole", "Arn"] }));
    }

    #[test]
    fn what_is_not_known_is_refused_by_its_name() {
        let of = |kind: &str, properties: Value| {
            expanded(json!({ "Resources": { "R": { "Type": kind, "Properties": properties } } })).unwrap_err()
        };
        assert!(of("AWS::Serverless::StateMachine", json!({})).contains("AWS::Serverless::StateMachine"));
        assert!(of("AWS::Serverless::Function", json!({ "Colour": "red" })).contains("`Colour`"));
        let event = json!({ "CodeUri": "s3://a/b", "Events": { "E": { "Type": "MSK" } } });
        assert!(of("AWS::Serverless::Function", event).contains("`MSK`"));
        assert!(of("AWS::Serverless::Function", json!({ "CodeUri": "." })).contains("CodeUri"));
    }
}
