//! `Events` of a function: what calls it.

use serde_json::{Map, Value, json};

use super::serverless::Resources;

/// The resources of a function's events, named after the function and the event.
pub(super) fn expand(function: &str, events: &Value, condition: Option<&Value>) -> Result<Resources, String> {
    let mut made = Vec::new();
    for (event, source) in events.as_object().into_iter().flatten() {
        let name = format!("{function}{event}");
        let kind = source["Type"].as_str().unwrap_or_default();
        let given = source["Properties"].as_object().cloned().unwrap_or_default();
        let wrong = |error: String| format!("event `{event}`: {error}");
        match kind {
            "SQS" => made.push((name, mapping(function, given, &QUEUE).map_err(wrong)?)),
            "DynamoDB" => made.push((name, mapping(function, given, &STREAM).map_err(wrong)?)),
            "Schedule" | "EventBridgeRule" | "CloudWatchEvent" => {
                let rule = rule(function, event, given).map_err(wrong)?;
                made.push((
                    format!("{name}Permission"),
                    permission(
                        function,
                        "events.amazonaws.com",
                        &json!({ "Fn::GetAtt": [name, "Arn"] }),
                    ),
                ));
                made.push((name, rule));
            }
            "Api" => {
                let api = given.get("RestApiId").and_then(|id| id["Ref"].as_str());
                let api = api.ok_or_else(|| wrong("RestApiId must be a Ref".to_owned()))?;
                let arn = format!(
                    "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{api}}}/*/*"
                );
                made.push((
                    format!("{name}Permission"),
                    permission(function, "apigateway.amazonaws.com", &json!({ "Fn::Sub": arn })),
                ));
            }
            _ => return Err(format!("event `{event}`: unknown type `{kind}`")),
        }
    }
    if let Some(condition) = condition {
        for (_, resource) in &mut made {
            resource["Condition"] = condition.clone();
        }
    }
    Ok(made)
}

/// What a function is fed from: how SAM calls the type and its ARN, and what else it can say.
struct Feed {
    name: &'static str,
    arn: &'static str,
    properties: &'static [&'static str],
}

const QUEUE: Feed = Feed {
    name: "SQS",
    arn: "Queue",
    properties: &[
        "BatchSize",
        "Enabled",
        "FilterCriteria",
        "FunctionResponseTypes",
        "MaximumBatchingWindowInSeconds",
        "ScalingConfig",
    ],
};

const STREAM: Feed = Feed {
    name: "DynamoDB",
    arn: "Stream",
    properties: &[
        "BatchSize",
        "Enabled",
        "FilterCriteria",
        "FunctionResponseTypes",
        "MaximumBatchingWindowInSeconds",
        "StartingPosition",
    ],
};

fn mapping(function: &str, given: Map<String, Value>, feed: &Feed) -> Result<Value, String> {
    let mut properties = Map::from_iter([("FunctionName".to_owned(), json!({ "Ref": function }))]);
    for (property, value) in given {
        let name = if property == feed.arn {
            "EventSourceArn"
        } else if feed.properties.contains(&property.as_str()) {
            &property
        } else {
            return Err(format!("{} has no property `{property}` here", feed.name));
        };
        properties.insert(name.to_owned(), value);
    }
    Ok(json!({ "Type": "AWS::Lambda::EventSourceMapping", "Properties": properties }))
}

/// A schedule or a pattern, with the function as its target.
fn rule(function: &str, event: &str, given: Map<String, Value>) -> Result<Value, String> {
    let mut properties = Map::new();
    let mut target = json!({
        "Id": format!("{function}{event}LambdaTarget"),
        "Arn": { "Fn::GetAtt": [function, "Arn"] },
    });
    for (property, value) in given {
        match property.as_str() {
            "Schedule" => {
                properties.insert("ScheduleExpression".to_owned(), value);
            }
            "Pattern" => {
                properties.insert("EventPattern".to_owned(), value);
            }
            "Name" | "RuleName" => {
                properties.insert("Name".to_owned(), value);
            }
            "Enabled" => {
                let state = if value == Value::Bool(true) {
                    "ENABLED"
                } else {
                    "DISABLED"
                };
                properties.insert("State".to_owned(), json!(state));
            }
            "Description" | "State" | "EventBusName" => {
                properties.insert(property, value);
            }
            "Input" | "InputPath" | "RetryPolicy" | "DeadLetterConfig" => target[property] = value,
            _ => return Err(format!("a rule has no property `{property}` here")),
        }
    }
    properties.insert("Targets".to_owned(), json!([target]));
    Ok(json!({ "Type": "AWS::Events::Rule", "Properties": properties }))
}

fn permission(function: &str, principal: &str, source: &Value) -> Value {
    json!({
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": { "Ref": function },
            "Principal": principal,
            "SourceArn": source,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_a_rule_that_may_invoke_the_function() {
        let events =
            json!({ "Hourly": { "Type": "Schedule", "Properties": { "Schedule": "rate(1 hour)" } } });
        let made = expand("Account", &events, None).unwrap();
        let [(permission_name, permission), (rule_name, rule)] = made.as_slice() else {
            panic!("{made:?}");
        };
        assert_eq!(
            (permission_name.as_str(), rule_name.as_str()),
            ("AccountHourlyPermission", "AccountHourly")
        );
        assert_eq!(rule["Properties"]["ScheduleExpression"], "rate(1 hour)");
        assert_eq!(
            rule["Properties"]["Targets"][0]["Arn"],
            json!({ "Fn::GetAtt": ["Account", "Arn"] })
        );
        assert_eq!(
            permission["Properties"]["SourceArn"],
            json!({ "Fn::GetAtt": ["AccountHourly", "Arn"] })
        );
    }
}
