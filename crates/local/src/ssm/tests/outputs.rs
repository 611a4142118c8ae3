use serde_json::{Value, json};

use super::{create, create_notebook, document, execution, failure, run, start, step, turn, way, world};

fn describe(outputs: Value) -> Value {
    step(
        "Describe",
        json!({
            "inputs": { "Service": "sagemaker", "Api": "DescribeNotebookInstance", "NotebookInstanceName": "n" },
            "outputs": outputs,
        }),
    )
}

#[test]
fn outputs_are_selected_converted_and_shown_as_lists_of_strings() {
    let mut world = world();
    create_notebook(&mut world);
    let tags = json!({
        "Service": "sagemaker", "Api": "ListTags",
        "ResourceArn": "arn:aws:sagemaker:us-east-1:444455556666:notebook-instance/n",
    });
    let mut content = document(json!([
        describe(json!([
            { "Name": "Name", "Selector": "$.NotebookInstanceName", "Type": "String" },
            { "Name": "Size", "Selector": "$.VolumeSizeInGB", "Type": "Integer" },
            { "Name": "SizeText", "Selector": "$.VolumeSizeInGB" },
            { "Name": "Groups", "Selector": "$.SecurityGroups", "Type": "StringList" },
            { "Name": "Whole", "Selector": "$", "Type": "StringMap" },
        ])),
        step(
            "Tags",
            json!({
                "inputs": tags,
                "outputs": [
                    { "Name": "Maps", "Selector": "$.Tags", "Type": "MapList" },
                    { "Name": "Keys", "Selector": "$.Tags[*].Key", "Type": "StringList" },
                    { "Name": "First", "Selector": "$.Tags[0].Value", "Type": "String" },
                ],
            })
        ),
    ]));
    content["outputs"] = json!(["Describe.Name", "Describe.Size", "Tags.Keys", "{{ Tags.First }}"]);
    let execution = run(&mut world, &content);
    assert_eq!(way(&execution), ["Success", "Describe:Success", "Tags:Success"]);
    let of = |step: usize| execution["StepExecutions"][step]["Outputs"].clone();
    assert_eq!(
        (
            &of(0)["Name"],
            &of(0)["Size"],
            &of(0)["SizeText"],
            &of(0)["Groups"]
        ),
        (&json!(["n"]), &json!(["5"]), &json!(["5"]), &json!([]))
    );
    assert!(
        of(0)["Whole"][0]
            .as_str()
            .unwrap()
            .contains("\"NotebookInstanceName\":\"n\"")
    );
    assert_eq!(of(1)["Maps"], json!([r#"{"Key":"Env","Value":"e"}"#]));
    assert_eq!(
        execution["Outputs"],
        json!({
            "Describe.Name": ["n"],
            "Describe.Size": ["5"],
            "Tags.Keys": ["Env"],
            "{{ Tags.First }}": ["e"],
        })
    );
}

#[test]
fn a_later_step_takes_an_output_in_its_own_type() {
    let mut world = world();
    create_notebook(&mut world);
    let content = document(json!([
        describe(json!([
            { "Name": "Arn", "Selector": "$.NotebookInstanceArn" },
            { "Name": "Size", "Selector": "$.VolumeSizeInGB", "Type": "Integer" },
        ])),
        step(
            "Put",
            json!({ "inputs": {
            "Service": "events", "Api": "PutEvents",
            "Entries": [{ "Source": "s", "DetailType": "d",
                "Detail": "{\"Arn\": \"{{ Describe.Arn }}\", \"Size\": {{ Describe.Size }},
                    \"By\": \"{{ automation:EXECUTION_ID }} in {{ global:ACCOUNT_ID }} {{ global:REGION }}\"}" }],
        } })
        ),
    ]));
    let execution = run(&mut world, &content);
    assert_eq!(
        way(&execution),
        ["Success", "Describe:Success", "Put:Success"],
        "{execution}"
    );
    let put = world
        .events(super::HOST)
        .find(|seen| seen.event["source"] == "s")
        .unwrap();
    let id = execution["AutomationExecutionId"].as_str().unwrap();
    assert_eq!(
        put.event["detail"],
        json!({
            "Arn": "arn:aws:sagemaker:us-east-1:444455556666:notebook-instance/n",
            "Size": 5,
            "By": format!("{id} in 444455556666 us-east-1"),
        })
    );
}

#[test]
fn a_selector_that_matches_nothing_fails_the_step() {
    let mut world = world();
    create_notebook(&mut world);
    let content = document(json!([describe(
        json!([{ "Name": "Why", "Selector": "$.FailureReason" }])
    )]));
    let execution = run(&mut world, &content);
    assert_eq!(way(&execution), ["Failed", "Describe:Failed"]);
    let message = failure(&execution, "Describe");
    assert!(
        message.contains("`$.FailureReason`") && message.contains("`Why`"),
        "{message}"
    );
}

#[test]
fn a_value_that_is_not_of_the_outputs_type_fails_the_step() {
    for (selector, kind) in [
        ("$.NotebookInstanceName", "Integer"),
        ("$", "String"),
        ("$", "StringList"),
    ] {
        let mut world = world();
        create_notebook(&mut world);
        let content = document(json!([describe(
            json!([{ "Name": "O", "Selector": selector, "Type": kind }])
        )]));
        let execution = run(&mut world, &content);
        assert_eq!(way(&execution), ["Failed", "Describe:Failed"]);
        assert!(failure(&execution, "Describe").contains(kind), "{execution}");
    }
}

#[test]
fn an_output_of_a_step_that_was_not_taken_fails_the_step_that_needs_it() {
    let mut world = world();
    create_notebook(&mut world);
    let mut skipped = describe(json!([{ "Name": "Name", "Selector": "$.NotebookInstanceName" }]));
    skipped["isEnd"] = json!(true);
    let content = document(json!([
        step("Jump", json!({ "nextStep": "Use" })),
        skipped,
        step(
            "Use",
            json!({ "inputs": { "Service": "sagemaker", "Api": "DescribeNotebookInstance",
            "NotebookInstanceName": "{{ Describe.Name }}" } })
        ),
    ]));
    create(&mut world, &content).unwrap();
    let id = start(&mut world);
    turn(&mut world, 60);
    let execution = execution(&mut world, &id);
    assert_eq!(way(&execution), ["Failed", "Jump:Success", "Use:Failed"]);
    assert!(
        failure(&execution, "Use").contains("`Describe.Name` has no value"),
        "{execution}"
    );
}
