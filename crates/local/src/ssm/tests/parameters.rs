use serde_json::{Value, json};

use super::{create, document, execution, start_with, step, world};

/// Starts a document with one parameter `P`; its value in the execution, or the refusal.
fn given(declared: Value, parameters: Value) -> Result<Value, String> {
    let mut world = world();
    let mut content = document(json!([step("A", json!({}))]));
    content["parameters"] = json!({ "P": declared });
    create(&mut world, &content).unwrap();
    match start_with(&mut world, parameters) {
        Ok(id) => Ok(execution(&mut world, &id)["Parameters"]["P"].clone()),
        Err(error) => {
            assert_eq!(error.code, "InvalidAutomationExecutionParametersException");
            Err(error.message)
        }
    }
}

#[test]
fn a_default_stands_in_for_a_parameter_that_is_not_given() {
    let declared = json!({ "type": "String", "default": "d" });
    assert_eq!(given(declared.clone(), json!({})), Ok(json!(["d"])));
    assert_eq!(given(declared, json!({ "P": ["g"] })), Ok(json!(["g"])));
}

#[test]
fn a_required_parameter_and_an_unknown_one_are_refused_by_name() {
    let missing = given(json!({ "type": "String" }), json!({})).unwrap_err();
    assert!(missing.contains("`P` is required"), "{missing}");
    let unknown = given(json!({ "type": "String" }), json!({ "P": ["a"], "Q": ["b"] })).unwrap_err();
    assert!(unknown.contains("`Q` is not defined"), "{unknown}");
}

#[test]
fn a_value_has_to_be_of_the_declared_type() {
    let cases = [
        ("String", json!(["a"]), json!(["a"])),
        ("StringList", json!(["a", "b"]), json!(["a", "b"])),
        ("Boolean", json!(["true"]), json!(["true"])),
        ("Integer", json!(["7"]), json!(["7"])),
        ("StringMap", json!(["{\"a\":\"b\"}"]), json!(["{\"a\":\"b\"}"])),
        (
            "MapList",
            json!(["{\"a\":\"b\"}", "{}"]),
            json!(["{\"a\":\"b\"}", "{}"]),
        ),
        ("AWS::EC2::Subnet::Id", json!(["subnet-1"]), json!(["subnet-1"])),
        (
            "List<AWS::EC2::Subnet::Id>",
            json!(["subnet-1", "subnet-2"]),
            json!(["subnet-1", "subnet-2"]),
        ),
    ];
    for (kind, value, shown) in cases {
        assert_eq!(
            given(json!({ "type": kind }), json!({ "P": value })),
            Ok(shown),
            "{kind}"
        );
    }
    let cases = [
        ("String", json!(["a", "b"])),
        ("Boolean", json!(["maybe"])),
        ("Integer", json!(["seven"])),
        ("StringMap", json!(["[1]"])),
        ("MapList", json!(["{}", "a"])),
    ];
    for (kind, value) in cases {
        let refused = given(json!({ "type": kind }), json!({ "P": value })).unwrap_err();
        assert!(refused.contains("`P`"), "{kind}: {refused}");
    }
}

#[test]
fn a_value_has_to_keep_the_parameters_rules() {
    let cases = [
        (
            json!({ "allowedPattern": "^[a-z]+$" }),
            json!(["ab"]),
            json!(["a1"]),
            "allowedPattern",
        ),
        (
            json!({ "allowedValues": ["a", "b"] }),
            json!(["a"]),
            json!(["c"]),
            "allowedValues [a, b]",
        ),
        (json!({ "minChars": 2 }), json!(["ab"]), json!(["a"]), "minChars"),
        (
            json!({ "maxChars": 2 }),
            json!(["ab"]),
            json!(["abc"]),
            "maxChars",
        ),
        (
            json!({ "type": "StringList", "minItems": 2 }),
            json!(["a", "b"]),
            json!(["a"]),
            "minItems",
        ),
        (
            json!({ "type": "StringList", "maxItems": 1 }),
            json!(["a"]),
            json!(["a", "b"]),
            "maxItems",
        ),
        (
            json!({ "type": "StringList", "allowedPattern": "^a$" }),
            json!(["a"]),
            json!(["a", "b"]),
            "allowedPattern",
        ),
        (
            json!({ "type": "Integer", "allowedValues": [1, 2] }),
            json!(["2"]),
            json!(["3"]),
            "allowedValues [1, 2]",
        ),
    ];
    for (mut declared, right, wrong, named) in cases {
        if declared["type"].is_null() {
            declared["type"] = json!("String");
        }
        assert!(
            given(declared.clone(), json!({ "P": right })).is_ok(),
            "{declared}"
        );
        let refused = given(declared, json!({ "P": wrong })).unwrap_err();
        assert!(refused.contains(named), "{named}: {refused}");
    }
}
