//! JSON made of a JSON Schema.

use bolero::{Driver, ValueGenerator};
use serde_json::{Map, Value, json};

use crate::{Edited, below, once_in, one_of};

/// One decision in so many goes against the schema.
const AGAINST: usize = 24;
/// How deep values go.
const DEEPEST: usize = 6;

/// A value as a schema describes it, or nearly. Texts with a pattern are made of the schema's examples.
#[derive(Debug, Clone, Copy)]
pub struct Described<'a> {
    schema: &'a Value,
    /// What the references in the schema point into.
    whole: &'a Value,
}

impl<'a> Described<'a> {
    /// Values of `schema`, whose references point into `whole`.
    #[must_use]
    pub const fn by(schema: &'a Value, whole: &'a Value) -> Self {
        Self { schema, whole }
    }

    fn value<D: Driver>(self, driver: &mut D, deep: usize) -> Option<Value> {
        if deep > DEEPEST || once_in(driver, AGAINST)? {
            return anything(driver);
        }
        let schema = self.schema;
        if let Some(target) = schema["$ref"]
            .as_str()
            .and_then(|target| target.strip_prefix('#'))
        {
            return self.of(self.whole.pointer(target)?).value(driver, deep + 1);
        }
        if let Some(words) = schema["enum"].as_array() {
            return one_of(driver, words).cloned();
        }
        for any in ["oneOf", "anyOf", "allOf"] {
            if let Some(schemas) = schema[any].as_array() {
                return self.of(one_of(driver, schemas)?).value(driver, deep + 1);
            }
        }
        match kind(driver, &schema["type"])? {
            "object" => self.object(driver, deep),
            "array" => {
                let most = schema["maxItems"].as_u64().map_or(3, |most| most.min(3));
                let length = below(driver, usize::try_from(most).ok()? + 1)?;
                let items = self.of(&schema["items"]);
                (0..length)
                    .map(|_| items.value(driver, deep + 1))
                    .collect::<Option<Vec<_>>>()
                    .map(Value::Array)
            }
            "string" => text(driver, schema),
            "boolean" => Some(json!(driver.gen_bool(None)?)),
            "integer" | "number" => Some(json!(below(driver, 200)?)),
            _ => Some(Value::Null),
        }
    }

    fn of(self, schema: &'a Value) -> Self {
        Self { schema, ..self }
    }

    fn object<D: Driver>(self, driver: &mut D, deep: usize) -> Option<Value> {
        let mut made = Map::new();
        let required = self.schema["required"].as_array();
        let required = |name: &str| required.is_some_and(|all| all.iter().any(|one| one == name));
        for (name, schema) in self.schema["properties"].as_object().into_iter().flatten() {
            let leaves = if required(name) { AGAINST } else { 2 };
            if !once_in(driver, leaves)? {
                made.insert(name.clone(), self.of(schema).value(driver, deep + 1)?);
            }
        }
        if once_in(driver, AGAINST)? {
            made.insert(Edited::of(&["name", "id"]).generate(driver)?, anything(driver)?);
        }
        Some(Value::Object(made))
    }
}

impl ValueGenerator for Described<'_> {
    type Output = Value;

    fn generate<D: Driver>(&self, driver: &mut D) -> Option<Value> {
        self.value(driver, 0)
    }
}

/// A text of the schema: an example, edited once in four times.
fn text<D: Driver>(driver: &mut D, schema: &Value) -> Option<Value> {
    let examples = schema["examples"].as_array().into_iter().flatten();
    let examples: Vec<&str> = examples
        .chain(schema.get("example"))
        .filter_map(Value::as_str)
        .collect();
    match examples.first() {
        Some(_) if !once_in(driver, 4)? => one_of(driver, &examples).map(|example| json!(example)),
        _ => Edited::of(&examples).generate(driver).map(Value::String),
    }
}

/// The type, or one of several.
fn kind<'a, D: Driver>(driver: &mut D, types: &'a Value) -> Option<&'a str> {
    match types {
        Value::Array(types) => one_of(driver, types)?.as_str(),
        one => Some(one.as_str().unwrap_or_default()),
    }
}

/// A value of no schema.
fn anything<D: Driver>(driver: &mut D) -> Option<Value> {
    Some(match below(driver, 9)? {
        0 => Value::Null,
        1 => json!(driver.gen_bool(None)?),
        2 => json!(0),
        3 => json!(-1.5e300),
        4 => json!(u64::MAX),
        5 => json!([]),
        6 => json!({}),
        7 => json!([{ "name": ["deep"] }]),
        _ => Value::String(Edited::of(&[]).generate(driver)?),
    })
}
