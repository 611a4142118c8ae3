//! Bodies of requests that change something.

use serde_json::{Map, Value};

/// A body with those of the fields that somebody has given: what is left out stays as it is.
pub(crate) fn given<const N: usize>(fields: [(&str, &Option<String>); N]) -> Value {
    let given = |(field, value): (&str, &Option<String>)| {
        let value = value.as_ref()?;
        Some((field.to_owned(), value.as_str().into()))
    };
    Value::Object(fields.into_iter().filter_map(given).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_given_is_not_there() {
        let name = Some("new".to_owned());
        assert_eq!(
            given([("name", &name), ("description", &None)]),
            json!({ "name": "new" })
        );
    }
}
