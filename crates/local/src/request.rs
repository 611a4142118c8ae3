//! Reading the members of a request.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::ApiError;

/// The request as a type of its operation.
///
/// # Errors
/// `ValidationException` that names the member which is missing, malformed or not known.
pub(crate) fn parse<T: DeserializeOwned>(operation: &str, input: &Value) -> Result<T, ApiError> {
    // An empty body is an empty structure on the wire.
    let input = if input.is_null() {
        Value::Object(serde_json::Map::new())
    } else {
        input.clone()
    };
    serde_json::from_value(input).map_err(|error| ApiError::validation(format!("{operation}: {error}")))
}

/// A time as the JSON protocols write it: seconds since the epoch.
pub(crate) fn epoch_seconds(at: jiff::Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::parse;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Request {
        name: String,
    }

    #[test]
    fn a_member_that_is_not_known_or_missing_is_named() {
        let unknown = parse::<Request>("GetThing", &json!({ "Name": "a", "Nme": "b" })).unwrap_err();
        assert_eq!(unknown.code, "ValidationException");
        assert!(
            unknown.message.contains("GetThing") && unknown.message.contains("Nme"),
            "{unknown}"
        );
        let missing = parse::<Request>("GetThing", &json!(null)).unwrap_err();
        assert!(missing.message.contains("Name"), "{missing}");
        assert_eq!(
            parse::<Request>("GetThing", &json!({ "Name": "a" })),
            Ok(Request { name: "a".into() })
        );
    }
}
