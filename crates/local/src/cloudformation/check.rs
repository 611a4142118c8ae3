//! What takes the whole template to see: names, attributes, conditions, the order of creation.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::functions::{PSEUDO, Use, uses};
use super::template::Template;

/// Refuses a template before anything is created.
///
/// # Errors
/// The reason, naming the entry and what it uses.
pub(super) fn check(template: &Template) -> Result<(), String> {
    for (name, condition) in &template.conditions {
        let place = format!("condition `{name}`");
        check_value(template, &place, condition, true)?;
        check_condition_cycle(template, name, condition, &mut vec![name.clone()])?;
    }
    for (name, resource) in &template.resources {
        let place = format!("resource `{name}`");
        check_value(
            template,
            &place,
            &Value::Object(resource.properties.clone()),
            false,
        )?;
        check_condition(template, &place, resource.condition.as_deref())?;
        if let Some(other) = resource
            .depends_on
            .iter()
            .find(|other| !template.resources.contains_key(*other))
        {
            return Err(format!(
                "{place}: DependsOn names `{other}`, which is no resource"
            ));
        }
    }
    for (name, output) in &template.outputs {
        let place = format!("output `{name}`");
        check_value(template, &place, &output.value, false)?;
        if let Some(export) = &output.export {
            check_value(template, &place, export, false)?;
        }
        check_condition(template, &place, output.condition.as_deref())?;
    }
    creation_order(template).map(|_| ())
}

fn check_condition(template: &Template, place: &str, condition: Option<&str>) -> Result<(), String> {
    match condition {
        Some(name) if !template.conditions.contains_key(name) => {
            Err(format!("{place}: condition `{name}` does not exist"))
        }
        _ => Ok(()),
    }
}

fn check_value(template: &Template, place: &str, value: &Value, condition: bool) -> Result<(), String> {
    let mut found = Vec::new();
    uses(value, condition, &mut found).map_err(|error| format!("{place}: {error}"))?;
    for used in found {
        match used {
            Use::Name(name) => {
                let known = PSEUDO.contains(&name.as_str())
                    || template.parameters.contains_key(&name)
                    || (!condition && template.resources.contains_key(&name));
                if !known {
                    return Err(format!(
                        "{place}: `{name}` is no parameter, resource or pseudo parameter"
                    ));
                }
            }
            Use::Attribute(name, attribute) => {
                let Some(resource) = template.resources.get(&name).filter(|_| !condition) else {
                    return Err(format!("{place}: `{name}.{attribute}`: `{name}` is no resource"));
                };
                if !resource.kind.has_attribute(&attribute) {
                    return Err(format!(
                        "{place}: {} has no attribute `{attribute}`",
                        resource.type_name
                    ));
                }
            }
            Use::Mapping(name) => {
                if !template.mappings.contains_key(&name) {
                    return Err(format!("{place}: mapping `{name}` does not exist"));
                }
            }
            Use::Condition(name) => check_condition(template, place, Some(&name))?,
        }
    }
    Ok(())
}

fn check_condition_cycle(
    template: &Template,
    start: &str,
    condition: &Value,
    path: &mut Vec<String>,
) -> Result<(), String> {
    let mut found = Vec::new();
    uses(condition, true, &mut found)?;
    for used in found {
        let Use::Condition(name) = used else { continue };
        if path.contains(&name) {
            return Err(format!("condition `{start}` depends on itself through `{name}`"));
        }
        if let Some(next) = template.conditions.get(&name) {
            path.push(name);
            check_condition_cycle(template, start, next, path)?;
            path.pop();
        }
    }
    Ok(())
}

/// The resources in an order in which each comes after everything it uses.
///
/// # Errors
/// The resources that use each other in a circle.
pub(super) fn creation_order(template: &Template) -> Result<Vec<String>, String> {
    let mut waiting: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, resource) in &template.resources {
        let mut found = Vec::new();
        uses(&Value::Object(resource.properties.clone()), false, &mut found)?;
        let used = found.into_iter().filter_map(|used| match used {
            Use::Name(name) | Use::Attribute(name, _) => Some(name),
            Use::Mapping(_) | Use::Condition(_) => None,
        });
        let needs = used
            .chain(resource.depends_on.iter().cloned())
            .filter(|name| template.resources.contains_key(name));
        waiting.insert(name, needs.collect());
    }
    let mut order: Vec<String> = Vec::new();
    while !waiting.is_empty() {
        let Some(name) = waiting
            .iter()
            .find(|(_, needs)| needs.iter().all(|need| order.contains(need)))
            .map(|(name, _)| *name)
        else {
            let circle: Vec<_> = waiting.into_keys().collect();
            return Err(format!(
                "circular dependency between resources [{}]",
                circle.join(", ")
            ));
        };
        waiting.remove(name);
        order.push(name.to_owned());
    }
    Ok(order)
}
