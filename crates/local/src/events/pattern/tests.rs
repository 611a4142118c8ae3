use serde_json::json;

use super::*;

fn matches(pattern: Value, event: Value) -> bool {
    Pattern::parse(&pattern.to_string()).unwrap().matches(&event)
}

#[test]
fn each_operator_matches_what_it_names_and_nothing_else() {
    let cases = [
        (json!("Stopped"), json!("Stopped"), json!("stopped")),
        (json!(5), json!(5.0), json!("5")),
        (json!(null), json!(null), json!("null")),
        (json!({"prefix": "aws."}), json!("aws.ec2"), json!("my.aws.ec2")),
        (
            json!({"prefix": {"equals-ignore-case": "AWS."}}),
            json!("aws.ec2"),
            json!("ec2"),
        ),
        (json!({"suffix": ".png"}), json!("a.png"), json!("a.jpg")),
        (
            json!({"equals-ignore-case": "FAILED"}),
            json!("Failed"),
            json!("Pending"),
        ),
        (
            json!({"wildcard": "arn:*:notebook/*"}),
            json!("arn:x:notebook/a"),
            json!("arn:x:role/a"),
        ),
        (json!({"anything-but": ["a", "b"]}), json!("c"), json!("a")),
        (
            json!({"anything-but": {"prefix": "AWS API Call"}}),
            json!("other"),
            json!("AWS API Call via X"),
        ),
        (
            json!({"anything-but": {"suffix": [".a", ".b"]}}),
            json!("x.c"),
            json!("x.b"),
        ),
        (json!({"numeric": [">", 0, "<=", 5]}), json!(5), json!(0)),
    ];
    for (matcher, good, bad) in cases {
        let pattern = json!({"detail": {"field": [matcher]}});
        assert!(
            matches(pattern.clone(), json!({"detail": {"field": good}})),
            "{pattern} on {good}"
        );
        assert!(
            !matches(pattern.clone(), json!({"detail": {"field": bad}})),
            "{pattern} on {bad}"
        );
        assert!(
            !matches(pattern.clone(), json!({"detail": {}})),
            "{pattern} on nothing"
        );
    }
}

#[test]
fn exists_looks_at_presence_alone() {
    assert!(matches(
        json!({"detail": {"a": [{"exists": true}]}}),
        json!({"detail": {"a": null}})
    ));
    assert!(!matches(
        json!({"detail": {"a": [{"exists": true}]}}),
        json!({"detail": {}})
    ));
    assert!(matches(
        json!({"detail": {"a": [{"exists": false}]}}),
        json!({"source": "x"})
    ));
}

#[test]
fn every_field_must_match_and_one_alternative_of_or() {
    let pattern = json!({"source": ["a"], "$or": [{"detail": {"x": [1]}}, {"detail": {"y": [2]}}]});
    assert!(matches(
        pattern.clone(),
        json!({"source": "a", "detail": {"y": 2}})
    ));
    assert!(!matches(
        pattern.clone(),
        json!({"source": "a", "detail": {"y": 3}})
    ));
    assert!(!matches(pattern, json!({"source": "b", "detail": {"y": 2}})));
}

#[test]
fn a_list_in_the_event_matches_by_any_of_its_elements() {
    assert!(matches(
        json!({"resources": ["b"]}),
        json!({"resources": ["a", "b"]})
    ));
    assert!(!matches(
        json!({"resources": ["c"]}),
        json!({"resources": ["a", "b"]})
    ));
}

#[test]
fn patterns_that_are_wrong_or_unknown_are_refused_by_name() {
    let cases = [
        (json!({"source": "aws.ec2"}), "`source`"),
        (json!({"source": []}), "`source`"),
        (json!({"detail": {}}), "`detail`"),
        (json!({"source": [{"cidr": "10.0.0.0/8"}]}), "`cidr`"),
        (json!({"source": [{"numeric": [">"]}]}), "`numeric`"),
        (json!({"$or": [{"source": ["a"]}]}), "`$or`"),
    ];
    for (pattern, named) in cases {
        let error = Pattern::parse(&pattern.to_string()).unwrap_err();
        assert_eq!(error.code, "InvalidEventPatternException");
        assert!(error.message.contains(named), "{error}");
    }
}
