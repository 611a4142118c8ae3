//! What a caller must be allowed: the call itself, on the name as written, and what SageMaker does with the caller's
//! rights.

use serde_json::{Value, json};

use super::{HOST, NAME, key, request, turn, world};
use crate::error::ApiError;
use crate::world::{Principal, Service, World};

const ACCESS_DENIED: &str = "AccessDeniedException";

/// An account with a role that has no rights yet.
struct Account {
    world: World,
    role: Principal,
}

impl Account {
    fn new() -> Self {
        let mut world = world();
        let trust = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "servicecatalog.amazonaws.com"}}]});
        let role = json!({"RoleName": "caller", "AssumeRolePolicyDocument": trust.to_string()});
        world
            .call(&Principal::root(HOST), Service::Iam, "CreateRole", &role)
            .unwrap();
        let arn = format!("arn:aws:iam::{HOST}:role/caller");
        let role = crate::iam::role_principal(&world, &arn, "session").unwrap();
        Self { world, role }
    }

    /// Gives the role these rights, and no others.
    fn grant(&mut self, statements: &Value) {
        let policy = json!({"Statement": statements}).to_string();
        let input = json!({"RoleName": "caller", "PolicyName": "p", "PolicyDocument": policy});
        self.world
            .call(&Principal::root(HOST), Service::Iam, "PutRolePolicy", &input)
            .unwrap();
    }

    fn call(&mut self, operation: &str, input: &Value) -> Result<Value, ApiError> {
        self.world.call(&self.role, Service::SageMaker, operation, input)
    }

    /// The message of the call's refusal.
    fn refused(&mut self, operation: &str, input: &Value) -> String {
        let refused = self.call(operation, input).unwrap_err();
        assert_eq!(refused.code, ACCESS_DENIED, "{operation}: {refused}");
        refused.message
    }

    /// A request for an instance in the account's network, with its key.
    fn request_with_all(&mut self) -> Value {
        let (vpc, subnet) = self.world.create_network(HOST);
        let group = json!({"GroupName": "g", "Description": "d", "VpcId": vpc});
        let root = Principal::root(HOST);
        let group = self
            .world
            .call(&root, Service::Ec2, "CreateSecurityGroup", &group)
            .unwrap();
        let mut request = request();
        request["SubnetId"] = json!(subnet);
        request["SecurityGroupIds"] = json!([group["GroupId"]]);
        request["KmsKeyId"] = json!(key(&mut self.world));
        request
    }

    /// A stop takes the one right to stop.
    fn stops(&mut self) {
        self.takes(
            "StopNotebookInstance",
            &json!({"NotebookInstanceName": NAME}),
            &["sagemaker:StopNotebookInstance"],
        );
    }

    /// The call takes exactly these actions.
    fn takes(&mut self, operation: &str, input: &Value, actions: &[&str]) {
        for lacking in actions {
            let rest = actions.iter().filter(|action| *action != lacking);
            // No statement is without an action.
            let rest: Vec<_> = rest.chain(&["sagemaker:ListTags"]).collect();
            self.grant(&allow(&json!(rest), &json!("*")));
            let message = self.refused(operation, input);
            assert!(
                message.contains(lacking),
                "{operation} without {lacking}: {message}"
            );
        }
        self.grant(&allow(&json!(actions), &json!("*")));
        self.call(operation, input).unwrap();
        turn(&mut self.world, 10);
    }
}

fn allow(actions: &Value, resources: &Value) -> Value {
    json!([{"Effect": "Allow", "Action": actions, "Resource": resources}])
}

#[test]
fn an_instance_in_a_network_with_a_key_takes_the_rights_to_use_them() {
    let mut account = Account::new();
    let request = account.request_with_all();
    account.takes(
        "CreateNotebookInstance",
        &request,
        &[
            "ec2:CreateNetworkInterface",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "iam:PassRole",
            "kms:CreateGrant",
            "kms:DescribeKey",
            "sagemaker:AddTags",
            "sagemaker:CreateNotebookInstance",
        ],
    );
    let named = json!({"NotebookInstanceName": NAME});
    account.stops();
    account.takes(
        "StartNotebookInstance",
        &named,
        &[
            "ec2:CreateNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "iam:PassRole",
            "kms:CreateGrant",
            "kms:DescribeKey",
            "sagemaker:StartNotebookInstance",
        ],
    );
    account.stops();
    account.takes(
        "DeleteNotebookInstance",
        &named,
        &[
            "ec2:DeleteNetworkInterface",
            "kms:DescribeKey",
            "sagemaker:DeleteNotebookInstance",
        ],
    );
}

#[test]
fn an_instance_without_network_and_key_takes_its_role_only() {
    let mut account = Account::new();
    let create = [
        "iam:PassRole",
        "sagemaker:AddTags",
        "sagemaker:CreateNotebookInstance",
    ];
    account.takes("CreateNotebookInstance", &request(), &create);
    let named = json!({"NotebookInstanceName": NAME});
    account.stops();
    let start = ["iam:PassRole", "sagemaker:StartNotebookInstance"];
    account.takes("StartNotebookInstance", &named, &start);
    account.stops();
    account.takes(
        "DeleteNotebookInstance",
        &named,
        &["sagemaker:DeleteNotebookInstance"],
    );
}

#[test]
fn a_new_interface_takes_rights_on_the_subnet_and_each_group() {
    let mut account = Account::new();
    let request = account.request_with_all();
    let others = json!(["iam:*", "kms:*", "sagemaker:*", "ec2:Describe*"]);
    let arn = |part: &str| format!("arn:aws:ec2:us-east-1:{HOST}:{part}/*");
    let parts = ["network-interface", "security-group", "subnet"];
    for lacking in parts {
        let rest: Vec<_> = parts.iter().filter(|part| **part != lacking).collect();
        let rest: Vec<_> = rest.into_iter().map(|part| arn(part)).collect();
        let interface = allow(&json!("ec2:CreateNetworkInterface"), &json!(rest));
        account.grant(&json!([allow(&others, &json!("*"))[0], interface[0]]));
        let message = account.refused("CreateNotebookInstance", &request);
        assert!(message.contains(&format!(":{lacking}/")), "{lacking}: {message}");
    }
}

#[test]
fn an_instance_can_not_start_with_a_key_that_is_disabled() {
    let mut account = Account::new();
    let request = account.request_with_all();
    let everything = json!(["ec2:*", "iam:*", "kms:*", "sagemaker:*"]);
    account.grant(&allow(&everything, &json!("*")));
    account.call("CreateNotebookInstance", &request).unwrap();
    turn(&mut account.world, 10);
    let named = json!({"NotebookInstanceName": NAME});
    account.call("StopNotebookInstance", &named).unwrap();
    turn(&mut account.world, 10);
    let key = json!({"KeyId": request["KmsKeyId"]});
    let root = Principal::root(HOST);
    account
        .world
        .call(&root, Service::Kms, "DisableKey", &key)
        .unwrap();
    let refused = account.call("StartNotebookInstance", &named).unwrap_err();
    assert_eq!(refused.code, "ValidationException");
    account.call("DeleteNotebookInstance", &named).unwrap();
}

#[test]
fn only_a_role_that_may_be_passed_to_sagemaker_is_given_to_an_instance() {
    let mut account = Account::new();
    let pass = |service: &str| {
        json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
            "Condition": {"StringEquals": {"iam:PassedToService": service}}})
    };
    let create = allow(&json!("sagemaker:*"), &json!("*"))[0].clone();
    account.grant(&json!([create, pass("ec2.amazonaws.com")]));
    let message = account.refused("CreateNotebookInstance", &request());
    assert!(message.contains("iam:PassRole"), "{message}");
    account.grant(&json!([create, pass("sagemaker.amazonaws.com")]));
    account.call("CreateNotebookInstance", &request()).unwrap();
}

#[test]
fn policies_are_asked_about_a_name_as_its_caller_writes_it() {
    let lower = NAME.to_lowercase();
    let (written, lower) = (NAME, lower.as_str());
    let arn = |kind: &str, name: &str| format!("arn:aws:sagemaker:us-east-1:{HOST}:{kind}/{name}");
    let actions = json!(["sagemaker:*", "iam:PassRole"]);
    let role = format!("arn:aws:iam::{HOST}:role/notebook");
    for (kind, create, mut request) in [
        ("notebook-instance", "CreateNotebookInstance", request()),
        (
            "notebook-instance-lifecycle-config",
            "CreateNotebookInstanceLifecycleConfig",
            json!({"NotebookInstanceLifecycleConfigName": NAME}),
        ),
    ] {
        let member = format!("{}Name", create.trim_start_matches("Create"));
        let describe = create.replace("Create", "Describe");
        let mut account = Account::new();
        for (allowed, other) in [(lower, written), (written, lower)] {
            account.grant(&allow(&actions, &json!([role, arn(kind, allowed)])));
            request[&member] = json!(other);
            for (operation, input) in [
                (create, &request),
                (describe.as_str(), &json!({ &member: other })),
            ] {
                let message = account.refused(operation, input);
                assert!(message.contains(&arn(kind, other)), "{operation}: {message}");
            }
        }
        request[&member] = json!(written);
        let made = account.call(create, &request).unwrap();
        assert_eq!(made[member.replace("Name", "Arn")], arn(kind, lower));
        account
            .call(describe.as_str(), &json!({ &member: written }))
            .unwrap();
    }
}

#[test]
fn whoever_creates_with_tags_must_be_allowed_to_tag() {
    let mut account = Account::new();
    let mut create = |statements: Value, tagged: bool| {
        account.grant(&statements);
        let mut config = json!({"NotebookInstanceLifecycleConfigName": "boot"});
        let mut instance = request();
        if tagged {
            config["Tags"] = instance["Tags"].clone();
        } else {
            instance["Tags"] = json!([]);
        }
        [
            ("CreateNotebookInstanceLifecycleConfig", config),
            ("CreateNotebookInstance", instance),
        ]
        .map(|(operation, input)| account.call(operation, &input))
    };
    let base = allow(&json!(["sagemaker:Create*", "iam:PassRole"]), &json!("*"))[0].clone();
    for refused in create(json!([base]), true) {
        let refused = refused.unwrap_err();
        assert_eq!(refused.code, ACCESS_DENIED);
        assert!(refused.message.contains("sagemaker:AddTags"), "{refused}");
    }
    let tag = json!({"Effect": "Allow", "Action": "sagemaker:AddTags", "Resource": "*",
        "Condition": {"StringEquals": {"sagemaker:TaggingAction": "CreateNotebookInstance",
            "aws:RequestTag/Env": "b590a734-5adc-4a43-a24b-edf3795b812d"}}});
    let [config, instance] = create(json!([base, tag]), true);
    config.unwrap_err();
    instance.unwrap();
    let [config, _] = create(json!([base]), false);
    config.unwrap();
}
