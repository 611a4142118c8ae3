//! `AWS::Serverless::Api`: a REST API with one deployment and one stage.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::serverless::{Resources, inherit};

/// Properties of an API that are the stage's.
const OF_THE_STAGE: [&str; 8] = [
    "AccessLogSetting",
    "CacheClusterEnabled",
    "CacheClusterSize",
    "CanarySetting",
    "MethodSettings",
    "StageName",
    "TracingEnabled",
    "Variables",
];

/// Properties of an API that are the REST API's.
const OF_THE_API: [&str; 8] = [
    "ApiKeySourceType",
    "BinaryMediaTypes",
    "Description",
    "DisableExecuteApiEndpoint",
    "FailOnWarnings",
    "MinimumCompressionSize",
    "Mode",
    "Name",
];

pub(super) fn expand(name: &str, mut resource: Value, globals: &Value) -> Result<Resources, String> {
    let mut given = resource["Properties"].take();
    inherit(&mut given, globals);
    let Value::Object(given) = given else {
        return Err("Properties must be a map".to_owned());
    };
    let mut api = Map::new();
    let mut stage = Map::new();
    for (property, value) in given {
        match property.as_str() {
            "DefinitionBody" => {
                api.insert("Body".to_owned(), value);
            }
            "EndpointConfiguration" => {
                let kind = value.get("Type").unwrap_or(&value).clone();
                api.insert(property, json!({ "Types": [kind] }));
            }
            // The one only decides whether SAM makes a second stage, the other how it names the deployment, which
            // makes nothing here.
            "OpenApiVersion" | "AlwaysDeploy" => {}
            of_stage if OF_THE_STAGE.contains(&of_stage) => {
                stage.insert(property, value);
            }
            of_api if OF_THE_API.contains(&of_api) => {
                api.insert(property, value);
            }
            _ => return Err(format!("AWS::Serverless::Api has no property `{property}` here")),
        }
    }
    let stage_name = stage
        .get("StageName")
        .ok_or("AWS::Serverless::Api needs StageName")?;
    let stage_id = format!("{name}{}Stage", stage_name.as_str().unwrap_or_default());
    // A changed body is a new deployment.
    let hash = Uuid::new_v5(
        &Uuid::NAMESPACE_OID,
        Value::Object(api.clone()).to_string().as_bytes(),
    );
    let deployment_id = format!("{name}Deployment{}", &hash.simple().to_string()[..10]);
    stage.insert("RestApiId".to_owned(), json!({ "Ref": name }));
    stage.insert("DeploymentId".to_owned(), json!({ "Ref": deployment_id }));
    let mut deployment = json!({
        "Type": "AWS::ApiGateway::Deployment",
        "Properties": { "RestApiId": { "Ref": name } },
    });
    let mut stage = json!({ "Type": "AWS::ApiGateway::Stage", "Properties": stage });
    if let Some(condition) = resource.get("Condition") {
        deployment["Condition"] = condition.clone();
        stage["Condition"] = condition.clone();
    }
    resource["Type"] = json!("AWS::ApiGateway::RestApi");
    resource["Properties"] = Value::Object(api);
    Ok(vec![
        (name.to_owned(), resource),
        (deployment_id, deployment),
        (stage_id, stage),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_body_is_another_deployment_on_the_same_stage() {
        let ids = |body: &str| {
            let api = json!({ "Properties": { "StageName": "dev", "DefinitionBody": { "info": body } } });
            let made = expand("Api", api, &Value::Null).unwrap();
            made.into_iter().map(|(id, _)| id).collect::<Vec<_>>()
        };
        let (one, other) = (ids("a"), ids("b"));
        assert_eq!(one[0], "Api");
        assert_ne!(one[1], other[1]);
        assert_eq!(
            (one[2].as_str(), other[2].as_str()),
            ("ApidevStage", "ApidevStage")
        );
    }

    #[test]
    fn an_api_may_be_deployed_with_each_deployment_of_the_stack() {
        let api = json!({ "Properties": { "StageName": "dev", "AlwaysDeploy": true } });
        let made = expand("Api", api, &Value::Null).unwrap();
        assert!(
            made.iter()
                .all(|(_, resource)| resource["Properties"].get("AlwaysDeploy").is_none())
        );
    }
}
