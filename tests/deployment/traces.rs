//! Every request and every function leaves a trace in X-Ray. What that needs in the functions' roles is held by
//! `workbench env-type check`.

use serde_json::Value;
use workbench_env_type::yaml;
use workbench_local::Deployment;

/// The resources of a type, by their logical ids, with their properties.
fn of_type<'t>(template: &'t Value, kind: &str) -> Vec<(&'t String, &'t Value)> {
    let all = template["Resources"].as_object().unwrap();
    let found = all.iter().filter(|(_, resource)| resource["Type"] == kind);
    found
        .map(|(name, resource)| (name, &resource["Properties"]))
        .collect()
}

#[test]
fn every_function_and_the_stage_of_the_api_are_traced() {
    let shipped = Deployment::shipped();
    let template = yaml::to_json(shipped.file("template.yaml").unwrap()).unwrap();
    let everywhere = &template["Globals"]["Function"]["Tracing"];
    let functions = of_type(&template, "AWS::Serverless::Function");
    assert_eq!(functions.len(), 4);
    for (name, function) in functions {
        let tracing = function.get("Tracing").unwrap_or(everywhere);
        assert_eq!(tracing, "Active", "{name}");
    }
    let apis = of_type(&template, "AWS::Serverless::Api");
    assert_eq!(apis.len(), 1);
    for (name, api) in apis {
        assert_eq!(api["TracingEnabled"], true, "{name}");
    }
    // SAM makes no function and no stage that is not traced; another resource type would.
    for kind in ["AWS::Lambda::Function", "AWS::ApiGateway::Stage"] {
        assert!(of_type(&template, kind).is_empty(), "{kind}");
    }
}
