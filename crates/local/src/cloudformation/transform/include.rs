//! `Fn::Transform` of `AWS::Include`: a file of the local S3 in the place of the call.

use serde_json::{Map, Value};

use crate::world::World;

/// Expands every `Fn::Transform` in a value, those in included files as well.
pub(super) fn expand(world: &World, value: &mut Value) -> Result<(), String> {
    match value {
        Value::Array(items) => items.iter_mut().try_for_each(|item| expand(world, item)),
        Value::Object(members) => {
            if let Some(call) = members.remove("Fn::Transform") {
                let included = included(world, &call)?;
                members.extend(included);
            }
            members.values_mut().try_for_each(|member| expand(world, member))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// The members of the file, which stand beside those of the object that holds the call.
fn included(world: &World, call: &Value) -> Result<Map<String, Value>, String> {
    let name = call["Name"].as_str().unwrap_or_default();
    if name != "AWS::Include" {
        return Err(format!("`Fn::Transform`: unknown transform `{name}`"));
    }
    let location = call["Parameters"]["Location"]
        .as_str()
        .ok_or("AWS::Include needs the parameter Location")?;
    let text = crate::s3::object(world, location)
        .ok_or_else(|| format!("AWS::Include: there is no file at `{location}`"))?;
    match workbench_env_type::yaml::to_json(&text) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(format!("AWS::Include: `{location}` is not a map")),
        Err(error) => Err(format!("AWS::Include: `{location}`: {error}")),
    }
}
