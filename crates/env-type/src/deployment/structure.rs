//! What a template makes, apart from how it is written.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::yaml::{YamlError, to_json};

/// The output of an onboarding template that tells its own structure.
const OUTPUT: &str = "TemplateStructure";

/// SHA-256 of what the template makes, in hexadecimal digits. Comments, white space, the order of keys, short or long
/// forms of functions, descriptions and metadata do not count, nor does the output that tells this very hash.
///
/// # Errors
/// The text is no YAML.
pub fn structure(template: &str) -> Result<String, YamlError> {
    let mut template = to_json(template)?;
    if let Some(outputs) = template.get_mut("Outputs").and_then(Value::as_object_mut) {
        outputs.remove(OUTPUT);
    }
    let mut hash = Sha256::new();
    feed(&mut hash, &template, true);
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Feeds a value in a form of its own: each part begins with its kind and length, and keys are sorted.
/// `prose` says whether descriptions and metadata here are for people; in properties they are part of a resource.
fn feed(hash: &mut Sha256, value: &Value, prose: bool) {
    match value {
        Value::Object(members) => {
            let ignored =
                |key: &str| prose && matches!(key, "Description" | "Metadata" | "ConstraintDescription");
            let mut members: Vec<_> = members.iter().filter(|(key, _)| !ignored(key)).collect();
            members.sort_by_key(|(key, _)| *key);
            hash.update(format!("{{{}", members.len()));
            for (key, member) in members {
                hash.update(format!("k{} {key}", key.len()));
                feed(hash, member, prose && key != "Properties");
            }
        }
        Value::Array(items) => {
            hash.update(format!("[{}", items.len()));
            for item in items {
                feed(hash, item, prose);
            }
        }
        scalar => {
            // CloudFormation reads every scalar as a text.
            let text = scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned);
            hash.update(format!("s{} {text}", text.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "
Description: Makes a role
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: { RoleName: !Sub '${Namespace}-a', Description: A role }
Outputs:
  RoleName: { Value: !Ref Role }
";

    #[test]
    fn how_a_template_is_written_does_not_count() {
        let same = "
# Another comment.
Outputs:
  TemplateStructure: { Value: 'abc' }
  RoleName:
    Description: Its name
    Value:
      Ref: Role
Resources:
  Role:
    Metadata: { reviewed: yes }
    Properties:
      Description: 'A role'
      RoleName:
        Fn::Sub: '${Namespace}-a'
    Type: AWS::IAM::Role
";
        assert_eq!(structure(TEMPLATE), structure(same));
    }

    #[test]
    fn what_a_template_makes_counts() {
        for (is, other) in [
            ("-a", "-b"),
            ("A role", "Another role"),
            ("AWS::IAM::Role", "AWS::IAM::User"),
            ("!Ref Role", "!GetAtt Role.Arn"),
            ("  RoleName: {", "  Name: {"),
        ] {
            assert_ne!(
                structure(TEMPLATE),
                structure(&TEMPLATE.replace(is, other)),
                "{other}"
            );
        }
    }
}
