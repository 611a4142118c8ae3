//! Resource types of which one call makes a resource and another one deletes it.

use serde_json::Value;

use super::{Caller, Change, New, Physical, ResourceType};
use crate::world::Service;

/// A resource type, told by its calls.
pub(super) struct OneCall {
    pub(super) name: &'static str,
    pub(super) properties: &'static [&'static str],
    pub(super) required: &'static [&'static str],
    pub(super) attributes: &'static [&'static str],
    pub(super) service: Service,
    /// The operation that makes it, and its request.
    pub(super) create: (&'static str, fn(&New) -> Value),
    /// The resource, from the answer.
    pub(super) made: fn(&Caller<'_>, &New, &Value) -> Physical,
    /// The operation that changes it, its request, and the properties that it changes.
    pub(super) update: Option<Update>,
    /// The operation that deletes it, and its request.
    pub(super) delete: (&'static str, fn(&Physical) -> Value),
    /// Errors of the deletion that say that it is gone.
    pub(super) gone: &'static [&'static str],
}

/// How a resource is changed in place.
pub(super) struct Update {
    pub(super) operation: &'static str,
    pub(super) request: fn(&Physical, &New) -> Value,
    /// Any other property takes another resource.
    pub(super) properties: &'static [&'static str],
}

impl ResourceType for OneCall {
    fn name(&self) -> &'static str {
        self.name
    }

    fn properties(&self) -> &'static [&'static str] {
        self.properties
    }

    fn required(&self) -> &'static [&'static str] {
        self.required
    }

    fn attributes(&self) -> &'static [&'static str] {
        self.attributes
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let (operation, request) = self.create;
        let answer = caller.call(self.service, operation, &request(new))?;
        Ok((self.made)(caller, new, &answer))
    }

    fn update(&self, caller: &mut Caller<'_>, old: &Physical, new: &New) -> Result<Change, String> {
        let Some(update) = &self.update else {
            return Ok(Change::Replace);
        };
        let fixed = self.properties.iter().copied();
        let fixed: Vec<_> = fixed.filter(|name| !update.properties.contains(name)).collect();
        if new.differs(old, &fixed) {
            return Ok(Change::Replace);
        }
        caller.call(self.service, update.operation, &(update.request)(old, new))?;
        Ok(old.changed(new))
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        let (operation, request) = self.delete;
        caller.call_unless_gone(self.service, operation, &request(physical), self.gone)?;
        Ok(true)
    }
}
