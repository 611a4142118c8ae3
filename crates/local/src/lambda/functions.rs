//! Functions: created, configured, deleted.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{conflict, function_arn, invalid, not_found};
use crate::error::ApiError;
use crate::iam::{self, Policy, Source};
use crate::input::Input;
use crate::world::{Principal, World};

/// A function as an embedding program sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// The function's name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// ARN of the role it runs as.
    pub role: String,
    /// Its environment variables.
    pub environment: BTreeMap<String, String>,
    /// Seconds after which an invocation is given up.
    pub timeout_seconds: i64,
}

/// A function with all that belongs to it.
#[derive(Clone)]
pub(super) struct Deployed {
    pub(super) account: String,
    pub(super) function: Function,
    /// Members that are taken and given back as they are.
    rest: BTreeMap<&'static str, Value>,
    /// Statements of the resource policy, by id.
    pub(super) statements: BTreeMap<String, Value>,
    /// The statements, read.
    pub(super) policy: Option<Policy>,
}

/// What a configuration holds beyond name, role, environment and timeout.
const REST: [&str; 9] = [
    "Architectures",
    "Description",
    "Handler",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "ReservedConcurrentExecutions",
    "Runtime",
    "TracingConfig",
];

const SERVICE: &str = "lambda.amazonaws.com";

impl World {
    /// The functions of an account, by name.
    pub fn functions(&self, account: &str) -> impl Iterator<Item = &Function> {
        (self.lambda.functions.values())
            .filter(move |deployed| deployed.account == account)
            .map(|deployed| &deployed.function)
    }
}

impl Deployed {
    fn describe(&self) -> Value {
        let mut described = json!({
            "FunctionName": self.function.name,
            "FunctionArn": self.function.arn,
            "Role": self.function.role,
            "Timeout": self.function.timeout_seconds,
            "Environment": { "Variables": self.function.environment },
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "Version": "$LATEST",
        });
        for (member, value) in &self.rest {
            described[*member] = value.clone();
        }
        described
    }

    /// Takes over what a request sets; the rest stays.
    fn configure(&mut self, input: &Input<'_>) -> Result<(), ApiError> {
        if let Some(role) = input.optional_text("Role")? {
            role.clone_into(&mut self.function.role);
        }
        if let Some(seconds) = input.integer("Timeout", 1..=900)? {
            self.function.timeout_seconds = seconds;
        }
        if let Some(environment) = input.value("Environment") {
            let environment = Input::read("Environment", environment, &["Variables"])?;
            self.function.environment = variables(environment.value("Variables"))?;
        }
        for member in REST {
            if let Some(value) = input.value(member) {
                self.rest.insert(member, value.clone());
            }
        }
        Ok(())
    }
}

fn variables(given: Option<&Value>) -> Result<BTreeMap<String, String>, ApiError> {
    let given = given.and_then(Value::as_object).into_iter().flatten();
    given
        .map(|(name, value)| {
            let text = value
                .as_str()
                .ok_or_else(|| invalid(format!("environment variable `{name}` must be a text")))?;
            Ok((name.clone(), text.to_owned()))
        })
        .collect()
}

pub(super) fn create(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let mut known = vec!["FunctionName", "Role", "Timeout", "Environment", "Code", "Tags"];
    known.extend(REST);
    let input = Input::read("CreateFunction", input, &known)?;
    let name = input.text("FunctionName")?;
    let valid = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if !valid || !(1..=64).contains(&name.len()) {
        return Err(ApiError::validation(format!(
            "`FunctionName` is `{name}`; it must have 1 to 64 letters, digits, hyphens or underscores"
        )));
    }
    let arn = function_arn(world, &principal.account, name);
    if world.lambda.functions.contains_key(&arn) {
        return Err(conflict(format!("Function already exist: {name}")));
    }
    let role = input.text("Role")?;
    check_role(world, principal, role, &arn)?;
    let mut deployed = Deployed {
        account: principal.account.clone(),
        function: Function {
            name: name.to_owned(),
            arn: arn.clone(),
            role: role.to_owned(),
            environment: BTreeMap::new(),
            timeout_seconds: 3,
        },
        rest: BTreeMap::new(),
        statements: BTreeMap::new(),
        policy: None,
    };
    deployed.configure(&input)?;
    let described = deployed.describe();
    world.lambda.functions.insert(arn, deployed);
    Ok(described)
}

pub(super) fn get_configuration(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let input = Input::read("GetFunctionConfiguration", input, &["FunctionName"])?;
    let arn = find(world, principal, &input)?;
    let function = world.lambda.functions.get(&arn);
    Ok(function.map_or(Value::Null, Deployed::describe))
}

pub(super) fn get(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let configuration = get_configuration(world, principal, input)?;
    Ok(json!({ "Configuration": configuration }))
}

pub(super) fn update_configuration(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let mut known = vec!["FunctionName", "Role", "Timeout", "Environment"];
    known.extend(REST);
    let input = Input::read("UpdateFunctionConfiguration", input, &known)?;
    let arn = find(world, principal, &input)?;
    if let Some(role) = input.optional_text("Role")? {
        check_role(world, principal, role, &arn)?;
    }
    let Some(function) = world.lambda.functions.get_mut(&arn) else {
        return Err(not_found(&arn));
    };
    function.configure(&input)?;
    Ok(function.describe())
}

/// The code is beyond the local AWS; that there is such a function is checked.
pub(super) fn update_code(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let known = ["FunctionName", "S3Bucket", "S3Key", "S3ObjectVersion", "ZipFile"];
    let input = Input::read("UpdateFunctionCode", input, &known)?;
    let arn = find(world, principal, &input)?;
    let function = world.lambda.functions.get(&arn);
    Ok(function.map_or(Value::Null, Deployed::describe))
}

/// Mappings stay, and find no function any more.
pub(super) fn delete(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let input = Input::read("DeleteFunction", input, &["FunctionName"])?;
    let arn = find(world, principal, &input)?;
    world.lambda.functions.remove(&arn);
    Ok(json!({}))
}

/// The ARN of the function that a request names, which must exist.
pub(super) fn find(world: &World, principal: &Principal, input: &Input<'_>) -> Result<String, ApiError> {
    let arn = function_arn(world, &principal.account, input.text("FunctionName")?);
    if world.lambda.functions.contains_key(&arn) {
        Ok(arn)
    } else {
        Err(not_found(&format!("function `{arn}`")))
    }
}

fn check_role(world: &World, principal: &Principal, role: &str, function: &str) -> Result<(), ApiError> {
    let source = Source {
        account: &principal.account,
        arn: function,
    };
    iam::check_pass_role(world, principal, role, SERVICE, source).map_err(|error| match error.code.as_str() {
        "ValidationException" => invalid("The role defined for the function cannot be assumed by Lambda."),
        _ => error,
    })
}
