//! What is generated for the deployment, and what is found when it is not up to date.

#![expect(clippy::unwrap_used, reason = "a test stops where its ground is missing")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use workbench_env_type::deployment::{TARGETS, Target, structure};
use workbench_env_type::{ComputeFacts, Package, yaml};

const COMPUTES: &[ComputeFacts<'_>] = &[
    ComputeFacts::new(
        "sagemaker",
        "SageMaker Notebook Instance State Change",
        &["sagemaker:StartNotebookInstance"],
        "AWS::SageMaker::NotebookInstance",
        &[("RoleArn", &["iam:PassRole"]), ("KmsKeyId", &["kms:CreateGrant"])],
        &["url"],
    ),
    ComputeFacts::new(
        "ec2",
        "EC2 Instance State-change Notification",
        &[],
        "AWS::EC2::Instance",
        &[],
        &[],
    ),
];

const HOSTING: &str = "templates/onboard-account.cfn.yaml";
const GENERATED: &str = "templates/environment-types.cfn.yaml";

const HAND_WRITTEN: &str = "\
Statement:
  # BEGIN env-type generate: manage-statements
  - Effect: Deny
  # END env-type generate: manage-statements
  - Effect: Allow
Pattern:
  $or:
      # BEGIN env-type generate: event-patterns
      # END env-type generate: event-patterns
Resources:
  # BEGIN env-type generate: launch-roles
  # END env-type generate: launch-roles
  # BEGIN env-type generate: passed-to-services
  # END env-type generate: passed-to-services
Outputs:
  LaunchRoleNames:
    # BEGIN env-type generate: launch-role-names
    # END env-type generate: launch-role-names
  TemplateStructure:
    # BEGIN env-type generate: structure
    # END env-type generate: structure
";

fn target(path: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.path == path).unwrap()
}

/// The package of the rules' tests.
fn package() -> Package {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/package/demoNotebook");
    Package::read(&dir).unwrap()
}

/// The same package with the words of its manifest changed.
fn package_with(folder: &str, from: &str, to: &str) -> Package {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/package/demoNotebook");
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(folder)
        .join("demoNotebook");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(dir.join("files")).unwrap();
    fs::write(dir.join("files/start.sh"), "true\n").unwrap();
    for entry in fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(dir.join(path.file_name().unwrap()), text.replace(from, to)).unwrap();
    }
    Package::read(&dir).unwrap()
}

fn generated(packages: &[Package]) -> (String, Value) {
    let text = target(GENERATED)
        .render(None, packages, COMPUTES)
        .unwrap()
        .unwrap();
    let read = yaml::to_json(&text).unwrap();
    (text, read)
}

fn rendered(text: &str, packages: &[Package]) -> String {
    target(HOSTING)
        .render(Some(text), packages, COMPUTES)
        .unwrap()
        .unwrap()
}

/// The findings without what would be right.
fn findings(path: &str, text: Option<&str>, packages: &[Package]) -> Vec<String> {
    let faults = target(path).check(text, packages, COMPUTES);
    let short = |fault: String| fault.split_once(';').unwrap().0.to_owned();
    faults.iter().map(|fault| short(fault.to_string())).collect()
}

#[test]
fn each_type_has_its_product_role_and_documents() {
    let package = package();
    let (_, read) = generated(std::slice::from_ref(&package));
    let resources = &read["Resources"];
    let mut names: Vec<_> = resources.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(
        names,
        [
            "DemoNotebookAssociation",
            "DemoNotebookDocumentShares",
            "DemoNotebookLaunchConstraint",
            "DemoNotebookLaunchDocument",
            "DemoNotebookLaunchRole",
            "DemoNotebookProduct",
            "DemoNotebookRegistration",
            "DemoNotebookTerminateDocument",
        ]
    );
    let hash = package.template_hash();
    assert_eq!(
        resources["DemoNotebookProduct"],
        json!({ "Type": "Custom::Product", "Properties": {
            "ServiceToken": { "Ref": "CatalogFunctionArn" },
            "EnvironmentType": "demoNotebook",
            "Description": "A notebook",
            "ContentHash": hash,
        } })
    );
    assert_eq!(
        resources["DemoNotebookLaunchDocument"]["Properties"]["Content"]["Fn::Transform"]["Parameters"]["Location"],
        "environments/demoNotebook/demoNotebookLaunchSSM.yaml"
    );
    assert_eq!(
        read["Outputs"]["DemoNotebookTerminateSSMDocOutput"]["Value"]["Fn::Sub"],
        "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:document/${DemoNotebookTerminateDocument}"
    );
}

#[test]
fn f18_another_template_is_another_version_and_nothing_else_is() {
    let hash_of = |package: Package| {
        let (_, read) = generated(&[package]);
        read["Resources"]["DemoNotebookProduct"]["Properties"]["ContentHash"].clone()
    };
    let before = hash_of(package());
    let manifest = package_with("other-manifest", "A notebook", "Another notebook");
    assert_eq!(hash_of(manifest), before);
    let documents = package_with("other-documents", "timeoutSeconds: 3600", "timeoutSeconds: 1800");
    assert_eq!(hash_of(documents), before);
    let template = package_with(
        "other-template",
        "AWSTemplateFormatVersion",
        "# Anew\nAWSTemplateFormatVersion",
    );
    assert_ne!(hash_of(template), before);
}

#[test]
fn the_launch_role_may_do_what_the_manifest_says() {
    let (_, read) = generated(&[package()]);
    let role = &read["Resources"]["DemoNotebookLaunchRole"]["Properties"];
    assert_eq!(
        role["RoleName"]["Fn::Sub"],
        "${Namespace}-LaunchConstraint-demoNotebook"
    );
    let statements = &role["Policies"][0]["PolicyDocument"]["Statement"];
    assert_eq!(
        statements[1],
        json!({
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": { "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/demoNotebook-*" },
            "Condition": { "StringEquals": { "iam:PassedToService": "sagemaker.amazonaws.com" } },
        })
    );
}

#[test]
fn files_are_uploaded_only_if_there_are_some() {
    let package = package_with("with-files", "A notebook", "\"It's: a # notebook\"");
    let (_, read) = generated(std::slice::from_ref(&package));
    let files = &read["Resources"]["DemoNotebookInstanceFiles"];
    assert_eq!(files["Type"], "Custom::InstanceFiles");
    assert_eq!(files["Properties"]["ContentHash"], package.files_hash().unwrap());
    assert_eq!(
        read["Resources"]["DemoNotebookProduct"]["Properties"]["Description"],
        "It's: a # notebook"
    );
}

#[test]
fn blocks_are_replaced_and_the_rest_stays() {
    let text = rendered(HAND_WRITTEN, &[package()]);
    let read = yaml::to_json(&text).unwrap();
    let statements = read["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 6);
    assert_eq!(statements[0]["Action"], "events:PutEvents");
    assert_eq!(statements[5], json!({ "Effect": "Allow" }));
    assert_eq!(
        read["Pattern"]["$or"],
        json!([
            { "source": ["automation"], "detail-type": ["Launch", "Terminate"] },
            { "source": ["aws.sagemaker"], "detail-type": ["SageMaker Notebook Instance State Change"] },
            { "source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"] },
            {
                "source": ["aws.ssm"],
                "detail-type": ["EC2 Automation Execution Status-change Notification"],
                "detail": { "Status": ["Failed", "TimedOut", "Cancelled"] },
            },
        ])
    );
    assert!(text.contains("    # Provisioned products know no resources.\n    Resource: '*'\n"));
    assert_eq!(rendered(&text, &[package()]), text);
}

#[test]
fn a_hosting_account_gets_the_launch_roles_of_all_types_and_tells_their_names() {
    let read = yaml::to_json(&rendered(HAND_WRITTEN, &[package()])).unwrap();
    let role = &read["Resources"]["DemoNotebookLaunchRole"];
    assert_eq!(role["Condition"], "HostIsNotMain");
    assert_eq!(
        role["Properties"]["PermissionsBoundary"],
        json!({ "Ref": "LaunchRoleBoundary" })
    );
    let (_, main) = generated(&[package()]);
    let mut properties = role["Properties"].clone();
    properties.as_object_mut().unwrap().remove("PermissionsBoundary");
    assert_eq!(
        properties,
        main["Resources"]["DemoNotebookLaunchRole"]["Properties"]
    );
    assert_eq!(
        read["Outputs"]["LaunchRoleNames"]["Value"],
        json!({ "Fn::Join": [",", [{ "Ref": "DemoNotebookLaunchRole" }]] })
    );
}

#[test]
fn launch_roles_pass_roles_to_the_services_that_the_packages_name() {
    let passed_to = |packages: &[Package]| {
        let text = rendered(HAND_WRITTEN, packages);
        let read = yaml::to_json(&text).unwrap();
        read["Resources"]["iam:PassedToService"].clone()
    };
    assert_eq!(passed_to(&[package()]), json!(["sagemaker.amazonaws.com"]));
    let mut other = package_with("passes", "sagemaker.amazonaws.com", "ec2.amazonaws.com");
    other.name = "otherNotebook".to_owned();
    assert_eq!(
        passed_to(&[package(), other]),
        json!(["ec2.amazonaws.com", "sagemaker.amazonaws.com"])
    );
    assert_eq!(passed_to(&[]), json!([]));
}

#[test]
fn hosting_accounts_may_send_what_the_computes_and_the_documents_send() {
    let text = "\
# BEGIN env-type generate: event-sources
# END env-type generate: event-sources
$or:
  # BEGIN env-type generate: event-patterns
  # END env-type generate: event-patterns
";
    let main = target("template.yaml").render(Some(text), &[package()], COMPUTES);
    let read = yaml::to_json(&main.unwrap().unwrap()).unwrap();
    let sources = json!(["automation", "aws.ec2", "aws.sagemaker", "aws.ssm"]);
    assert_eq!(read["Sources"], sources);
    for pattern in read["$or"].as_array().unwrap() {
        let source = &pattern["source"][0];
        assert!(sources.as_array().unwrap().contains(source), "{source}");
    }
}

#[test]
fn a_hosting_account_tells_the_structure_that_follows_from_the_other_blocks() {
    let told = |packages: &[Package]| {
        let text = rendered(HAND_WRITTEN, packages);
        let read = yaml::to_json(&text).unwrap();
        let told = read["Outputs"]["TemplateStructure"]["Value"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(told, structure(&text).unwrap());
        told
    };
    assert_ne!(told(&[package()]), told(&[]));
}

#[test]
fn types_that_need_the_same_share_a_statement() {
    let mut other = package_with(
        "shares",
        "allow: [sagemaker:StartNotebookInstance]",
        "allow: [sagemaker:StartNotebookInstance, sagemaker:StopNotebookInstance]",
    );
    other.name = "otherNotebook".to_owned();
    let text = rendered(HAND_WRITTEN, &[package(), other]);
    let read = yaml::to_json(&text).unwrap();
    assert_eq!(read["Statement"].as_array().unwrap().len(), 6);
    assert_eq!(
        read["Statement"][1]["Action"],
        json!([
            "sagemaker:StartNotebookInstance",
            "sagemaker:StopNotebookInstance"
        ])
    );
}

#[test]
fn what_is_not_up_to_date_is_found_where_it_begins() {
    let (text, _) = generated(&[package()]);
    let packages = [package_with("stale", "A notebook", "Another notebook")];
    let line = text.lines().position(|line| line.contains("A notebook")).unwrap();
    let stale =
        |line: usize| format!("{GENERATED}:{line}: generated-stale: the packages say otherwise from here on");
    assert_eq!(findings(GENERATED, Some(&text), &packages), [stale(line + 1)]);
    assert_eq!(
        findings(GENERATED, None, &packages),
        [format!("{GENERATED}:1: generated-stale: the file is missing")]
    );
    assert_eq!(
        findings(HOSTING, Some(HAND_WRITTEN), &packages),
        [format!(
            "{HOSTING}:3: generated-stale: the packages say otherwise from here on"
        )]
    );
    let text = rendered(HAND_WRITTEN, &packages);
    assert!(findings(HOSTING, Some(&text), &packages).is_empty());
    assert!(findings(HOSTING, None, &packages).is_empty());
}

#[test]
fn marks_that_make_no_block_are_found() {
    let found = |from: &str, to: &str| {
        let wrong = HAND_WRITTEN.replacen(from, to, 1);
        assert_ne!(wrong, HAND_WRITTEN);
        findings(HOSTING, Some(&wrong), &[package()])
    };
    let fault = |line: usize, wrong: &str| format!("{HOSTING}:{line}: generated-block: {wrong}");
    assert_eq!(
        found("BEGIN env-type generate: manage-statements", "BEGIN"),
        [
            fault(1, "the block `manage-statements` is missing"),
            fault(4, "block `manage-statements` ends here and did not begin"),
        ]
    );
    assert_eq!(
        found("# END env-type generate: event-patterns", ""),
        [fault(8, "block `event-patterns` does not end")]
    );
    assert_eq!(
        found("END env-type generate: manage", "END env-type generate: other"),
        [fault(4, "block `other-statements` ends here and did not begin")]
    );
    assert_eq!(
        found("# END env-type generate: manage-statements", ""),
        [fault(2, "block `manage-statements` does not end")]
    );
    assert_eq!(
        found(
            "  - Effect: Allow\n",
            "  # BEGIN env-type generate: manage-statements\n  # END env-type generate: manage-statements\n"
        ),
        [
            fault(5, "block `manage-statements` begins a second time"),
            fault(6, "block `manage-statements` ends here and did not begin"),
        ]
    );
    assert_eq!(
        found(
            "BEGIN env-type generate: event-patterns",
            "BEGIN env-type generate: events"
        ),
        [
            fault(1, "the block `event-patterns` is missing"),
            fault(8, "`events` is no block of this file"),
            fault(9, "block `event-patterns` ends here and did not begin"),
        ]
    );
}
