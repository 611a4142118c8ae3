use serde_json::{Value, json};

use super::{HOST, OTHER, call, create, document, sleep, ssm, start, step, world};

/// A document with one thing wrong, and what the refusal has to name.
fn broken() -> Vec<(Value, &'static str)> {
    let one = |properties: Value| document(json!([step("A", properties)]));
    let with_parameter = |parameter: Value| {
        let mut content = one(json!({}));
        content["parameters"] = json!({ "P": parameter });
        content
    };
    let mut older = one(json!({}));
    older["schemaVersion"] = json!("2.2");
    let mut unknown_section = one(json!({}));
    unknown_section["files"] = json!({});
    let mut unknown_output = one(json!({}));
    unknown_output["outputs"] = json!(["A.Nothing"]);
    let mut unknown_role = one(json!({}));
    unknown_role["assumeRole"] = json!("{{ Role }}");
    let referring =
        |text: &str| one(json!({ "inputs": { "Service": "sts", "Api": "GetCallerIdentity", "X": text } }));
    let output = |output: Value| one(json!({ "outputs": [output] }));
    vec![
        (older, "`2.2`"),
        (unknown_section, "`files`"),
        (document(json!([])), "mainSteps"),
        (
            document(json!([step("A", json!({})), step("A", json!({}))])),
            "`A` is used twice",
        ),
        (document(json!([step("A-B", json!({}))])), "`A-B`"),
        (one(json!({ "action": "aws:runCommand" })), "`aws:runCommand`"),
        (one(json!({ "retries": 3 })), "`retries`"),
        (
            one(json!({ "nextStep": "Nowhere" })),
            "nextStep names step `Nowhere`",
        ),
        (
            one(json!({ "onFailure": "step:Nowhere" })),
            "onFailure names step `Nowhere`",
        ),
        (
            one(json!({ "onCancel": "step:Nowhere" })),
            "onCancel names step `Nowhere`",
        ),
        (one(json!({ "onFailure": "Retry" })), "`Retry`"),
        (
            one(json!({ "isEnd": true, "nextStep": "A" })),
            "isEnd and nextStep",
        ),
        (one(json!({ "isEnd": "maybe" })), "maybe"),
        (one(json!({ "maxAttempts": 0 })), "maxAttempts"),
        (one(json!({ "inputs": { "Service": "sts" } })), "`Api`"),
        (
            one(json!({ "inputs": { "Service": 1, "Api": "a" } })),
            "`Service`",
        ),
        (referring("{{ Missing }}"), "{{ Missing }}"),
        (referring("{{ B.Out }}"), "{{ B.Out }}"),
        (referring("{{ A.Out }}"), "declares no output `Out`"),
        (referring("{{ global:SHOE_SIZE }}"), "global:SHOE_SIZE"),
        (output(json!({ "Name": "O", "Selector": "A" })), "output `O`"),
        (
            output(json!({ "Name": "O", "Selector": "$.A", "Type": "Text" })),
            "`Text`",
        ),
        (output(json!({ "Name": "O" })), "Selector"),
        (unknown_output, "declares no output `Nothing`"),
        (unknown_role, "assumeRole"),
        (with_parameter(json!({ "type": "Text" })), "`Text`"),
        (
            with_parameter(json!({ "type": "String", "allowedPattern": "[" })),
            "allowedPattern `[`",
        ),
        (with_parameter(json!({ "type": "String", "hint": "" })), "`hint`"),
        (
            with_parameter(json!({ "type": "String", "default": "c", "allowedValues": ["a"] })),
            "allowedValues",
        ),
        (
            with_parameter(json!({ "type": "Integer", "default": "c" })),
            "type Integer",
        ),
    ]
}

#[test]
fn a_document_that_could_not_run_is_refused_when_it_is_created() {
    for (content, named) in broken() {
        let error = create(&mut world(), &content).unwrap_err();
        assert_eq!(error.code, "InvalidDocumentContent", "{content}");
        assert!(error.message.contains(named), "{named}: {error}");
    }
}

#[test]
fn an_action_checks_its_own_inputs_when_the_document_is_created() {
    let action =
        |action: &str, inputs: Value| document(json!([{ "name": "A", "action": action, "inputs": inputs }]));
    let wait = json!({ "Service": "sts", "Api": "GetCallerIdentity", "PropertySelector": "$.Account" });
    let mut pathless = wait.clone();
    pathless["PropertySelector"] = json!("Account");
    pathless["DesiredValues"] = json!(["a"]);
    let cases = [
        (
            action("aws:waitForAwsResourceProperty", wait.clone()),
            "`DesiredValues`",
        ),
        (action("aws:assertAwsResourceProperty", wait), "`DesiredValues`"),
        (action("aws:waitForAwsResourceProperty", pathless), "`Account`"),
        (action("aws:branch", json!({ "Default": "A" })), "`Choices`"),
        (
            action(
                "aws:branch",
                json!({ "Choices": [{ "Variable": "a", "StringEquals": "a", "NextStep": "Gone" }] }),
            ),
            "branch names step `Gone`",
        ),
        (action("aws:sleep", json!({})), "`Duration` or `Timestamp`"),
        (action("aws:sleep", json!({ "Duration": "soon" })), "`soon`"),
        (action("aws:sleep", json!({ "Duration": "P8D" })), "7 days"),
        (action("aws:sleep", json!({ "Duration": "-PT1M" })), "7 days"),
        (
            action("aws:sleep", json!({ "Duration": "5 minutes" })),
            "`5 minutes`",
        ),
        (action("aws:sleep", json!({ "Timestamp": "noon" })), "`noon`"),
        (action("aws:sleep", json!({ "Until": "noon" })), "`Until`"),
        (action("aws:pause", json!({ "Message": "wait" })), "`Message`"),
    ];
    for (content, named) in cases {
        let error = create(&mut world(), &content).unwrap_err();
        assert_eq!(error.code, "InvalidDocumentContent", "{content}");
        assert!(error.message.contains(named), "{named}: {error}");
    }
}

#[test]
fn a_document_is_described_with_its_parameters() {
    let mut world = world();
    let mut content = document(json!([step("A", json!({}))]));
    content["description"] = json!("what it does");
    content["parameters"] = json!({
        "Count": { "type": "Integer", "default": 3, "description": "how many" },
        "Vpc": { "type": "AWS::EC2::VPC::Id" },
    });
    let created = create(&mut world, &content).unwrap()["DocumentDescription"].clone();
    assert_eq!(created["Owner"], HOST);
    assert_eq!(created["Description"], "what it does");
    assert_eq!(
        created["Parameters"],
        json!([
            { "Name": "Count", "Type": "Integer", "Description": "how many", "DefaultValue": "3" },
            { "Name": "Vpc", "Type": "AWS::EC2::VPC::Id" },
        ])
    );
    let described = call(&mut world, "DescribeDocument", json!({ "Name": "Doc" })).unwrap();
    assert_eq!(described["Document"], created);
    let got = call(&mut world, "GetDocument", json!({ "Name": "Doc" })).unwrap();
    assert_eq!(got["Content"], content.to_string());
}

#[test]
fn content_may_have_64_kibibytes_and_no_more() {
    let mut content = document(json!([step("A", json!({}))]));
    let length = content.to_string().len() + r#","description":"""#.len();
    content["description"] = json!("d".repeat(64 * 1024 - length));
    assert_eq!(content.to_string().len(), 64 * 1024);
    create(&mut world(), &content).unwrap();
    content["description"] = json!("d".repeat(64 * 1024 - length + 1));
    assert_eq!(
        create(&mut world(), &content).unwrap_err().code,
        "MaxDocumentSizeExceeded"
    );
}

#[test]
fn content_may_be_yaml() {
    let mut world = world();
    let content = "schemaVersion: '0.3'\nmainSteps:\n  - name: A\n    action: aws:sleep\n    inputs: {Duration: PT1S}\n";
    let input =
        json!({ "Name": "Doc", "DocumentType": "Automation", "DocumentFormat": "YAML", "Content": content });
    call(&mut world, "CreateDocument", input).unwrap();
    let input = json!({ "Name": "Other", "DocumentType": "Automation", "Content": "a: [" });
    let error = call(&mut world, "CreateDocument", input).unwrap_err();
    assert_eq!(error.code, "InvalidDocumentContent");
}

#[test]
fn a_name_is_taken_once_and_has_only_letters_digits_and_a_few_signs() {
    let mut world = world();
    let content = document(json!([step("A", json!({}))]));
    create(&mut world, &content).unwrap();
    assert_eq!(
        create(&mut world, &content).unwrap_err().code,
        "DocumentAlreadyExists"
    );
    for name in ["ab", "a b c", "", &"a".repeat(129)] {
        let input = json!({ "Name": name, "DocumentType": "Automation", "Content": content.to_string() });
        let error = call(&mut world, "CreateDocument", input).unwrap_err();
        assert_eq!(error.code, "ValidationException", "{name}");
    }
    let input = json!({ "Name": "Other", "DocumentType": "Command", "Content": content.to_string() });
    let error = call(&mut world, "CreateDocument", input).unwrap_err();
    assert!(error.message.contains("DocumentType"), "{error}");
}

fn update(world: &mut crate::world::World, content: &Value) -> Result<Value, crate::error::ApiError> {
    let input = json!({ "Name": "Doc", "Content": content.to_string(), "DocumentVersion": "$LATEST" });
    call(world, "UpdateDocument", input)
}

#[test]
fn a_new_version_is_run_only_once_it_is_the_default_or_asked_for() {
    let mut world = world();
    create(&mut world, &document(json!([sleep("First", "PT1S")]))).unwrap();
    let second = document(json!([sleep("Second", "PT1S")]));
    let updated = update(&mut world, &second).unwrap()["DocumentDescription"].clone();
    assert_eq!(
        (&updated["LatestVersion"], &updated["DefaultVersion"]),
        (&json!("2"), &json!("1"))
    );
    let mut version = |input: Value| {
        let id =
            call(&mut world, "StartAutomationExecution", input).unwrap()["AutomationExecutionId"].clone();
        let id = id.as_str().unwrap().to_owned();
        super::execution(&mut world, &id)["DocumentVersion"].clone()
    };
    assert_eq!(version(json!({ "DocumentName": "Doc" })), "1");
    assert_eq!(
        version(json!({ "DocumentName": "Doc", "DocumentVersion": "$LATEST" })),
        "2"
    );
    assert_eq!(
        version(json!({ "DocumentName": "Doc", "DocumentVersion": "2" })),
        "2"
    );
    call(
        &mut world,
        "UpdateDocumentDefaultVersion",
        json!({ "Name": "Doc", "DocumentVersion": "2" }),
    )
    .unwrap();
    let id = start(&mut world);
    assert_eq!(super::execution(&mut world, &id)["DocumentVersion"], "2");
}

#[test]
fn a_version_that_is_the_same_or_not_there_is_refused() {
    let mut world = world();
    let content = document(json!([sleep("A", "PT1S")]));
    create(&mut world, &content).unwrap();
    assert_eq!(
        update(&mut world, &content).unwrap_err().code,
        "DuplicateDocumentContent"
    );
    assert_eq!(
        update(&mut world, &document(json!([]))).unwrap_err().code,
        "InvalidDocumentContent"
    );
    let version = json!({ "Name": "Doc", "DocumentVersion": "7" });
    for operation in ["GetDocument", "DescribeDocument", "UpdateDocumentDefaultVersion"] {
        let error = call(&mut world, operation, version.clone()).unwrap_err();
        assert_eq!(error.code, "InvalidDocumentVersion", "{operation}");
    }
    let input = json!({ "Name": "Doc", "Content": "{}", "DocumentVersion": "7" });
    assert_eq!(
        call(&mut world, "UpdateDocument", input).unwrap_err().code,
        "InvalidDocumentVersion"
    );
    let input = json!({ "DocumentName": "Doc", "DocumentVersion": "7" });
    let error = call(&mut world, "StartAutomationExecution", input).unwrap_err();
    assert_eq!(error.code, "AutomationDefinitionVersionNotFoundException");
}

fn share(
    world: &mut crate::world::World,
    member: &str,
    accounts: Value,
) -> Result<Value, crate::error::ApiError> {
    let mut input = json!({ "Name": "Doc", "PermissionType": "Share" });
    input[member] = accounts;
    call(world, "ModifyDocumentPermission", input)
}

#[test]
fn a_document_runs_in_another_account_only_while_it_is_shared_with_it() {
    let mut world = world();
    create(&mut world, &document(json!([step("A", json!({}))]))).unwrap();
    let arn = format!("arn:aws:ssm:us-east-1:{HOST}:document/Doc");
    let start = json!({ "DocumentName": arn });
    let named = json!({ "Name": arn });
    let refused = ssm(&mut world, OTHER, "StartAutomationExecution", start.clone()).unwrap_err();
    assert_eq!(refused.code, "AutomationDefinitionNotFoundException");
    let hidden = ssm(&mut world, OTHER, "DescribeDocument", named.clone()).unwrap_err();
    assert_eq!(hidden.code, "InvalidDocument");
    share(&mut world, "AccountIdsToAdd", json!([OTHER])).unwrap();
    let permission = json!({ "Name": "Doc", "PermissionType": "Share" });
    let permitted = call(&mut world, "DescribeDocumentPermission", permission).unwrap();
    assert_eq!(permitted["AccountIds"], json!([OTHER]));
    let started = ssm(&mut world, OTHER, "StartAutomationExecution", start.clone()).unwrap();
    let id = json!({ "AutomationExecutionId": started["AutomationExecutionId"] });
    let got = ssm(&mut world, OTHER, "GetAutomationExecution", id.clone()).unwrap();
    assert_eq!(got["AutomationExecution"]["DocumentName"], arn);
    let foreign = call(&mut world, "GetAutomationExecution", id).unwrap_err();
    assert_eq!(foreign.code, "AutomationExecutionNotFoundException");
    ssm(&mut world, OTHER, "GetDocument", named.clone()).unwrap();
    assert_eq!(
        ssm(&mut world, OTHER, "DeleteDocument", named).unwrap_err().code,
        "InvalidDocument"
    );
    share(&mut world, "AccountIdsToRemove", json!([OTHER])).unwrap();
    assert!(ssm(&mut world, OTHER, "StartAutomationExecution", start).is_err());
}

#[test]
fn a_document_is_shared_with_at_most_20_accounts_at_a_time() {
    let mut world = world();
    create(&mut world, &document(json!([step("A", json!({}))]))).unwrap();
    let accounts = |from: u64, to: u64| json!((from..to).map(|n| format!("{n:012}")).collect::<Vec<_>>());
    share(&mut world, "AccountIdsToAdd", accounts(0, 20)).unwrap();
    share(&mut world, "AccountIdsToAdd", accounts(20, 40)).unwrap();
    for member in ["AccountIdsToAdd", "AccountIdsToRemove"] {
        let error = share(&mut world, member, accounts(0, 21)).unwrap_err();
        assert!(
            error.message.contains(member) && error.message.contains("20"),
            "{error}"
        );
    }
    let error = share(&mut world, "AccountIdsToAdd", json!(["all"])).unwrap_err();
    assert!(error.message.contains("`all`"), "{error}");
    let input = json!({ "Name": "Doc", "PermissionType": "Public" });
    let error = call(&mut world, "ModifyDocumentPermission", input).unwrap_err();
    assert_eq!(error.code, "InvalidPermissionType");
}

#[test]
fn a_shared_document_cannot_be_deleted() {
    let mut world = world();
    create(&mut world, &document(json!([step("A", json!({}))]))).unwrap();
    share(&mut world, "AccountIdsToAdd", json!([OTHER])).unwrap();
    let named = json!({ "Name": "Doc" });
    let error = call(&mut world, "DeleteDocument", named.clone()).unwrap_err();
    assert_eq!(error.code, "InvalidDocumentOperation");
    share(&mut world, "AccountIdsToRemove", json!([OTHER])).unwrap();
    call(&mut world, "DeleteDocument", named.clone()).unwrap();
    assert_eq!(
        call(&mut world, "DescribeDocument", named).unwrap_err().code,
        "InvalidDocument"
    );
    let error = call(
        &mut world,
        "StartAutomationExecution",
        json!({ "DocumentName": "Doc" }),
    )
    .unwrap_err();
    assert_eq!(error.code, "AutomationDefinitionNotFoundException");
}

#[test]
fn the_accounts_that_a_document_is_shared_with_come_in_pages() {
    let mut world = world();
    create(&mut world, &document(json!([step("A", json!({}))]))).unwrap();
    let accounts = ["100000000001", "100000000002", "100000000003"];
    share(&mut world, "AccountIdsToAdd", json!(accounts)).unwrap();
    let mut input = json!({ "Name": "Doc", "PermissionType": "Share", "MaxResults": 2 });
    let first = call(&mut world, "DescribeDocumentPermission", input.clone()).unwrap();
    assert_eq!(first["AccountIds"], json!(accounts[..2]));
    input["NextToken"] = first["NextToken"].clone();
    let second = call(&mut world, "DescribeDocumentPermission", input.clone()).unwrap();
    assert_eq!(second["AccountIds"], json!(accounts[2..]));
    assert_eq!(second.get("NextToken"), None);
    input["MaxResults"] = json!(201);
    let refused = call(&mut world, "DescribeDocumentPermission", input).unwrap_err();
    assert!(refused.message.contains("MaxResults"), "{refused}");
}
