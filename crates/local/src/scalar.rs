//! Values that documents and templates write as a string, a number or a boolean, and AWS takes as text.

use serde_json::Value;

/// A string, number or boolean as text; none for anything else.
pub(crate) fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::scalar_text;

    #[test]
    fn a_scalar_is_its_text_and_anything_else_has_none() {
        let texts = [json!("a"), json!(7), json!(1.5), json!(true)].map(|value| scalar_text(&value));
        assert_eq!(texts.map(Option::unwrap_or_default), ["a", "7", "1.5", "true"]);
        for value in [json!(null), json!(["a"]), json!({ "a": "b" })] {
            assert_eq!(scalar_text(&value), None, "{value}");
        }
    }
}
