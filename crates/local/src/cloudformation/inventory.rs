//! What stacks have, for whoever installs something by them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::stack::Stack;
use crate::world::World;

/// A resource of a stack.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    /// `AWS::Service::Type`.
    pub(crate) type_name: String,
    /// What `Ref` comes to.
    pub(crate) physical_id: String,
    /// The properties it was made with, their functions evaluated.
    pub(crate) properties: Map<String, Value>,
    attributes: BTreeMap<String, Value>,
}

impl Resource {
    /// What `Fn::GetAtt` comes to.
    pub(crate) fn attribute(&self, name: &str) -> &str {
        self.attributes
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// A property that is a string.
    pub(crate) fn property(&self, name: &str) -> &str {
        self.properties
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

fn of(stack: &Stack) -> impl Iterator<Item = Resource> {
    stack.resources.iter().map(|(logical_id, existing)| Resource {
        type_name: existing
            .kind(logical_id)
            .map_or_else(String::new, |(_, name)| name.to_owned()),
        physical_id: existing.physical.id.clone(),
        properties: existing.physical.properties.clone(),
        attributes: existing.physical.attributes.clone(),
    })
}

/// The resources of a stack, by their logical ids.
pub(crate) fn resources_of(world: &World, stack_id: &str) -> Vec<Resource> {
    let stack = world.cloudformation.stacks.get(stack_id);
    stack.into_iter().flat_map(of).collect()
}

/// The resources of all stacks.
pub(crate) fn every_resource(world: &World) -> impl Iterator<Item = Resource> {
    world.cloudformation.stacks.values().flat_map(of)
}
