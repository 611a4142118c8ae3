//! Systems Manager from outside: every test goes through [`World::call`].

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::world::{Principal, Service, World};

mod actions;
mod cancel;
mod documents;
mod executions;
mod flow;
mod outputs;
mod parameters;

const HOST: &str = "444455556666";
const OTHER: &str = "777788889999";

fn world() -> World {
    let mut world = World::new("us-east-1", Timestamp::from_second(1_653_592_871).unwrap());
    world.add_account(HOST);
    world.add_account(OTHER);
    world
}

fn ssm(world: &mut World, account: &str, operation: &str, input: Value) -> Result<Value, ApiError> {
    world.call(&Principal::root(account), Service::Ssm, operation, &input)
}

fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
    ssm(world, HOST, operation, input)
}

fn turn(world: &mut World, seconds: i64) {
    let at = world.now + SignedDuration::from_secs(seconds);
    world.run_until(at);
}

/// A document of these steps without parameters.
fn document(steps: Value) -> Value {
    json!({ "schemaVersion": "0.3", "mainSteps": steps })
}

/// A step that succeeds at once, with further properties.
fn step(name: &str, properties: Value) -> Value {
    let mut step = json!({
        "name": name,
        "action": "aws:executeAwsApi",
        "inputs": { "Service": "sts", "Api": "GetCallerIdentity" },
    });
    for (property, value) in properties.as_object().unwrap() {
        step[property] = value.clone();
    }
    step
}

/// A step that fails at once, with further properties.
fn failing(name: &str, properties: Value) -> Value {
    let mut step = step(name, properties);
    step["inputs"] = json!({ "Service": "sagemaker", "Api": "DescribeNotebookInstance",
        "NotebookInstanceName": "none" });
    step
}

fn sleep(name: &str, duration: &str) -> Value {
    json!({ "name": name, "action": "aws:sleep", "inputs": { "Duration": duration } })
}

fn create(world: &mut World, content: &Value) -> Result<Value, ApiError> {
    let input = json!({ "Name": "Doc", "DocumentType": "Automation", "Content": content.to_string() });
    call(world, "CreateDocument", input)
}

fn start_with(world: &mut World, parameters: Value) -> Result<String, ApiError> {
    let input = json!({ "DocumentName": "Doc", "Parameters": parameters });
    let answer = call(world, "StartAutomationExecution", input)?;
    Ok(answer["AutomationExecutionId"].as_str().unwrap().to_owned())
}

fn start(world: &mut World) -> String {
    start_with(world, json!({})).unwrap()
}

fn execution(world: &mut World, id: &str) -> Value {
    let input = json!({ "AutomationExecutionId": id });
    call(world, "GetAutomationExecution", input).unwrap()["AutomationExecution"].clone()
}

/// Runs a document to its end.
fn run(world: &mut World, content: &Value) -> Value {
    create(world, content).unwrap();
    let id = start(world);
    turn(world, 2 * 60 * 60);
    execution(world, &id)
}

/// The execution's status, then `name:status` of every step that was taken.
fn way(execution: &Value) -> Vec<String> {
    let status = execution["AutomationExecutionStatus"]
        .as_str()
        .unwrap()
        .to_owned();
    let steps = execution["StepExecutions"].as_array().unwrap();
    let taken = steps.iter().filter(|step| step["StepStatus"] != "Pending");
    let taken = taken.map(|step| {
        let text = |member: &str| step[member].as_str().unwrap().to_owned();
        format!("{}:{}", text("StepName"), text("StepStatus"))
    });
    std::iter::once(status).chain(taken).collect()
}

/// The failure message of the step with this name.
fn failure(execution: &Value, name: &str) -> String {
    let steps = execution["StepExecutions"].as_array().unwrap();
    let step = steps.iter().find(|step| step["StepName"] == name).unwrap();
    step["FailureMessage"].as_str().unwrap_or_default().to_owned()
}

/// How often the operation was called.
fn count(world: &World, operation: &str) -> usize {
    world
        .calls()
        .iter()
        .filter(|call| call.operation == operation)
        .count()
}

/// A notebook instance named `n`, which is in service some minutes later.
fn create_notebook(world: &mut World) {
    let root = Principal::root(HOST);
    let trust = json!({ "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "sagemaker.amazonaws.com" } }] });
    let role = json!({ "RoleName": "notebook", "AssumeRolePolicyDocument": trust.to_string() });
    world.call(&root, Service::Iam, "CreateRole", &role).unwrap();
    let instance = json!({
        "NotebookInstanceName": "n",
        "InstanceType": "ml.t3.medium",
        "RoleArn": format!("arn:aws:iam::{HOST}:role/notebook"),
        "Tags": [{ "Key": "Env", "Value": "e" }],
    });
    world
        .call(&root, Service::SageMaker, "CreateNotebookInstance", &instance)
        .unwrap();
}
