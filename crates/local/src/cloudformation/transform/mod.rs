//! Transforms: what CloudFormation makes of a template before it reads it.
//!
//! [`mod@include`] puts files in the place of `AWS::Include`, [`serverless`] makes plain resources of SAM's.

mod api;
mod event_sources;
mod include;
mod serverless;

use serde_json::Value;

use crate::world::World;

const SERVERLESS: &str = "AWS::Serverless-2016-10-31";

/// Expands a template. Files are read from the local S3.
///
/// # Errors
/// A transform that is not known, by its name, or what it cannot expand.
pub(super) fn expand(world: &World, mut template: Value) -> Result<Value, String> {
    include::expand(world, &mut template)?;
    let transforms = match template
        .as_object_mut()
        .and_then(|template| template.remove("Transform"))
    {
        None => return Ok(template),
        Some(Value::Array(names)) => names,
        Some(name) => vec![name],
    };
    for name in transforms {
        match name.as_str() {
            Some(SERVERLESS) => serverless::expand(&mut template)?,
            _ => return Err(format!("unknown transform {name}")),
        }
    }
    Ok(template)
}
