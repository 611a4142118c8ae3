//! Instructions to connect to an environment.

use serde_json::Value;

/// The instruction of a connection, with the links in place of its placeholders.
///
/// # Errors
/// A placeholder can not be read, or names no credential.
pub(crate) fn instruction(connection: &Value) -> anyhow::Result<String> {
    let credentials = &connection["authCredResponse"];
    let mut filled = String::new();
    let mut rest = connection["instructionResponse"].as_str().unwrap_or_default();
    while let Some((before, after)) = rest.split_once("#{") {
        let Some((placeholder, after)) = after.split_once('}') else {
            break;
        };
        let link: Value = serde_json::from_str(&format!("{{{placeholder}}}"))?;
        let href = link["hrefKey"].as_str().and_then(|key| credentials[key].as_str());
        let Some(href) = href else {
            anyhow::bail!("the link {link} names no credential")
        };
        filled.push_str(before);
        filled.push_str(&format!("{} ({href})", link["text"].as_str().unwrap_or("link")));
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn placeholders_become_links() {
        let text = r#"To begin, open #{"type":"link","hrefKey":"url","text":"Notebook"}."#;
        let connection =
            |credentials| json!({ "instructionResponse": text, "authCredResponse": credentials });
        let filled = instruction(&connection(json!({ "url": "https://n/?token=1" }))).unwrap();
        assert_eq!(filled, "To begin, open Notebook (https://n/?token=1).");
        assert!(instruction(&connection(json!({}))).is_err());
    }
}
