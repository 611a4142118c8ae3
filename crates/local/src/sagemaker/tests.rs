use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::world::{Principal, Service, World};

mod caller;

const HOST: &str = "444455556666";
const NAME: &str = "BasicNotebookInstance-x4CC6ZFJzqJJ";

fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
    world.call(&Principal::root(HOST), Service::SageMaker, operation, &input)
}

fn act(world: &mut World, operation: &str) -> Result<Value, ApiError> {
    call(world, operation, json!({"NotebookInstanceName": NAME}))
}

fn world() -> World {
    let mut world = World::new(
        "us-east-1",
        Timestamp::from_millisecond(1_653_592_049_755).unwrap(),
    );
    world.add_account(HOST);
    let trust = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "sagemaker.amazonaws.com"}}]});
    let role = json!({"RoleName": "notebook", "AssumeRolePolicyDocument": trust.to_string()});
    world
        .call(&Principal::root(HOST), Service::Iam, "CreateRole", &role)
        .unwrap();
    world
}

fn request() -> Value {
    json!({
        "NotebookInstanceName": NAME,
        "InstanceType": "ml.t3.medium",
        "RoleArn": format!("arn:aws:iam::{HOST}:role/notebook"),
        "Tags": [{"Key": "Env", "Value": "b590a734-5adc-4a43-a24b-edf3795b812d"}],
    })
}

/// The ARN of a new key of the account.
fn key(world: &mut World) -> String {
    let made = world
        .call(&Principal::root(HOST), Service::Kms, "CreateKey", &json!({}))
        .unwrap();
    made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
}

fn turn(world: &mut World, minutes: i64) {
    let at = world.now + SignedDuration::from_mins(minutes);
    world.run_until(at);
}

fn status(world: &mut World) -> String {
    let described = act(world, "DescribeNotebookInstance").unwrap();
    described["NotebookInstanceStatus"].as_str().unwrap().to_owned()
}

#[test]
fn an_instance_goes_through_its_states_and_every_change_is_an_event() {
    let mut world = world();
    call(&mut world, "CreateNotebookInstance", request()).unwrap();
    assert_eq!(status(&mut world), "Pending");
    turn(&mut world, 10);
    assert_eq!(status(&mut world), "InService");
    act(&mut world, "StopNotebookInstance").unwrap();
    assert_eq!(status(&mut world), "Stopping");
    turn(&mut world, 10);
    act(&mut world, "StartNotebookInstance").unwrap();
    turn(&mut world, 10);
    act(&mut world, "StopNotebookInstance").unwrap();
    turn(&mut world, 10);
    act(&mut world, "DeleteNotebookInstance").unwrap();
    turn(&mut world, 10);
    let gone = act(&mut world, "DescribeNotebookInstance").unwrap_err();
    assert!(gone.message.contains("RecordNotFound"), "{gone}");
    let seen: Vec<&str> = world
        .events(HOST)
        .map(|seen| seen.event["detail"]["NotebookInstanceStatus"].as_str().unwrap())
        .collect();
    assert_eq!(
        seen,
        [
            "Pending",
            "InService",
            "Stopping",
            "Stopped",
            "Pending",
            "InService",
            "Stopping",
            "Stopped",
            "Deleting",
            "Deleted"
        ]
    );
}

#[test]
fn an_event_has_the_instance_name_as_written_and_the_arn_in_lower_case() {
    let mut world = world();
    let (vpc, subnet) = world.create_network(HOST);
    let group = json!({"GroupName": "g", "Description": "d", "VpcId": vpc});
    let group = world
        .call(
            &Principal::root(HOST),
            Service::Ec2,
            "CreateSecurityGroup",
            &group,
        )
        .unwrap();
    let mut input = request();
    input["SubnetId"] = json!(subnet);
    input["SecurityGroupIds"] = json!([group["GroupId"]]);
    let key = key(&mut world);
    input["KmsKeyId"] = json!(key);
    call(&mut world, "CreateNotebookInstance", input).unwrap();
    turn(&mut world, 1);
    let event = world.events(HOST).next().unwrap().event.clone();
    let arn =
        format!("arn:aws:sagemaker:us-east-1:{HOST}:notebook-instance/basicnotebookinstance-x4cc6zfjzqjj");
    let interface = event["detail"]["NetworkInterfaceId"].clone();
    assert_eq!(event["source"], "aws.sagemaker");
    assert_eq!(event["detail-type"], "SageMaker Notebook Instance State Change");
    assert_eq!(event["resources"], json!([arn]));
    assert_eq!(
        event["detail"],
        json!({
            "NotebookInstanceArn": arn,
            "NotebookInstanceName": NAME,
            "NotebookInstanceStatus": "Pending",
            "InstanceType": "ml.t3.medium",
            "SubnetId": subnet,
            "SecurityGroups": [group["GroupId"]],
            "RoleArn": format!("arn:aws:iam::{HOST}:role/notebook"),
            "KmsKeyId": key,
            "NetworkInterfaceId": interface,
            "LastModifiedTime": 1_653_592_049_755_i64,
            "CreationTime": 1_653_592_049_755_i64,
            "DirectInternetAccess": "Enabled",
            "Tags": {"Env": "b590a734-5adc-4a43-a24b-edf3795b812d"},
        })
    );
}

#[test]
fn an_operation_in_the_wrong_state_is_refused_with_that_state() {
    let mut world = world();
    call(&mut world, "CreateNotebookInstance", request()).unwrap();
    for operation in [
        "StartNotebookInstance",
        "StopNotebookInstance",
        "DeleteNotebookInstance",
        "CreatePresignedNotebookInstanceUrl",
    ] {
        let error = act(&mut world, operation).unwrap_err();
        assert_eq!(error.code, "ValidationException");
        assert!(
            error.message.starts_with("Status (Pending) not in "),
            "{operation}: {error}"
        );
    }
    turn(&mut world, 10);
    assert!(
        act(&mut world, "DeleteNotebookInstance")
            .unwrap_err()
            .message
            .contains("(InService)")
    );
}

#[test]
fn a_link_is_made_only_for_an_instance_in_service() {
    let mut world = world();
    call(&mut world, "CreateNotebookInstance", request()).unwrap();
    turn(&mut world, 10);
    let answer = act(&mut world, "CreatePresignedNotebookInstanceUrl").unwrap();
    assert!(
        answer["AuthorizedUrl"]
            .as_str()
            .unwrap()
            .starts_with("https://basicnotebookinstance-")
    );
    let short = json!({"NotebookInstanceName": NAME, "SessionExpirationDurationInSeconds": 60});
    assert!(call(&mut world, "CreatePresignedNotebookInstanceUrl", short).is_err());
}

#[test]
fn an_instance_that_fails_says_why_and_can_be_deleted() {
    let mut world = world();
    world.faults.notebook_failure = Some("InsufficientInstanceCapacity".to_owned());
    call(&mut world, "CreateNotebookInstance", request()).unwrap();
    turn(&mut world, 10);
    let described = act(&mut world, "DescribeNotebookInstance").unwrap();
    assert_eq!(described["NotebookInstanceStatus"], "Failed");
    assert_eq!(described["FailureReason"], "InsufficientInstanceCapacity");
    act(&mut world, "DeleteNotebookInstance").unwrap();
}

#[test]
fn an_instance_that_cannot_be_is_refused_by_its_member() {
    let cases = [
        ("NotebookInstanceName", json!("under_score"), "under_score"),
        ("NotebookInstanceName", json!(null), "`NotebookInstanceName`"),
        ("InstanceType", json!("ml.t3.gigantic"), "ml.t3.gigantic"),
        ("InstanceType", json!("t3.medium"), "t3.medium"),
        ("InstanceType", json!(null), "`InstanceType`"),
        ("InstanceType", json!("ml.p3.2xlarge"), "`ml.p3.2xlarge`"),
        ("InstanceType", json!("ml.inf1.xlarge"), "`notebook-al2023-v1`"),
        (
            "PlatformIdentifier",
            json!("notebook-al1-v1"),
            "`notebook-al1-v1` has ended",
        ),
        (
            "PlatformIdentifier",
            json!("notebook-al2-v2"),
            "`notebook-al2-v2` has ended",
        ),
        (
            "PlatformIdentifier",
            json!("notebook-al2-v3"),
            "`notebook-al2-v3` has ended",
        ),
        (
            "PlatformIdentifier",
            json!("notebook-al3-v1"),
            "'notebook-al3-v1'",
        ),
        ("SubnetId", json!("subnet-1"), "`subnet-1`"),
        ("SecurityGroupIds", json!(["sg-1"]), "`SubnetId`"),
        ("LifecycleConfigName", json!("none"), "`none`"),
        (
            "RoleArn",
            json!("arn:aws:iam::444455556666:role/none"),
            "role/none",
        ),
        ("RootAccess", json!("Perhaps"), "`Perhaps`"),
        ("VolumeSizeInGB", json!(1), "`VolumeSizeInGB`"),
        ("Colour", json!("red"), "`Colour`"),
    ];
    for (member, value, named) in cases {
        let mut world = world();
        let mut input = request();
        input[member] = value;
        let error = call(&mut world, "CreateNotebookInstance", input).unwrap_err();
        assert_eq!(error.code, "ValidationException", "{member}");
        assert!(error.message.contains(named), "{member}: {error}");
    }
}

#[test]
fn a_new_instance_is_on_amazon_linux_2023_whether_it_says_so_or_not() {
    for platform in [json!(null), json!("notebook-al2023-v1")] {
        let mut world = world();
        let mut input = request();
        input["PlatformIdentifier"] = platform;
        call(&mut world, "CreateNotebookInstance", input).unwrap();
        let described = act(&mut world, "DescribeNotebookInstance").unwrap();
        assert_eq!(described["PlatformIdentifier"], "notebook-al2023-v1");
    }
}

#[test]
fn a_name_is_taken_once_in_an_account_whatever_its_case() {
    let mut world = world();
    call(&mut world, "CreateNotebookInstance", request()).unwrap();
    let mut again = request();
    again["NotebookInstanceName"] = json!(NAME.to_lowercase());
    let error = call(&mut world, "CreateNotebookInstance", again).unwrap_err();
    assert!(error.message.contains("duplicate"), "{error}");
}

#[test]
fn a_lifecycle_config_in_use_cannot_be_deleted() {
    let mut world = world();
    let name = json!({"NotebookInstanceLifecycleConfigName": "boot"});
    let mut create = name.clone();
    create["OnStart"] = json!([{"Content": "IyEvYmluL3No"}]);
    call(&mut world, "CreateNotebookInstanceLifecycleConfig", create).unwrap();
    let mut input = request();
    input["LifecycleConfigName"] = json!("boot");
    call(&mut world, "CreateNotebookInstance", input).unwrap();
    let described = call(
        &mut world,
        "DescribeNotebookInstanceLifecycleConfig",
        name.clone(),
    )
    .unwrap();
    assert_eq!(described["OnStart"], json!([{"Content": "IyEvYmluL3No"}]));
    assert!(call(&mut world, "DeleteNotebookInstanceLifecycleConfig", name.clone()).is_err());
    turn(&mut world, 10);
    act(&mut world, "StopNotebookInstance").unwrap();
    turn(&mut world, 10);
    act(&mut world, "DeleteNotebookInstance").unwrap();
    turn(&mut world, 10);
    call(&mut world, "DeleteNotebookInstanceLifecycleConfig", name).unwrap();
}

#[test]
fn a_script_that_is_not_base64_is_refused() {
    let mut world = world();
    let input = json!({"NotebookInstanceLifecycleConfigName": "boot", "OnStart": [{"Content": "#!/bin/sh"}]});
    let error = call(&mut world, "CreateNotebookInstanceLifecycleConfig", input).unwrap_err();
    assert!(error.message.contains("`OnStart`"), "{error}");
}

#[test]
fn tags_are_added_and_listed_by_arn() {
    let mut world = world();
    let arn = call(&mut world, "CreateNotebookInstance", request()).unwrap()["NotebookInstanceArn"].clone();
    let add = json!({"ResourceArn": arn, "Tags": [{"Key": "Team", "Value": "a"}]});
    call(&mut world, "AddTags", add).unwrap();
    let listed = call(&mut world, "ListTags", json!({"ResourceArn": arn})).unwrap();
    assert_eq!(listed["Tags"].as_array().unwrap().len(), 2);
    assert!(
        call(
            &mut world,
            "ListTags",
            json!({"ResourceArn": "arn:aws:sagemaker:none"})
        )
        .is_err()
    );
}
