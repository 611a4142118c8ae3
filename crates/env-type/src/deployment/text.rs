//! YAML text: scalars and indentation.

/// The text as a scalar of a block mapping or list: quoted unless it reads as nothing but a text.
pub(super) fn scalar(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " ._/:${}*-".contains(c);
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(is_plain)
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if plain {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// The text as a scalar, with `!Sub` if CloudFormation has to fill something in.
pub(super) fn filled(text: &str) -> String {
    let sub = if text.contains("${") { "!Sub " } else { "" };
    format!("{sub}{}", scalar(text))
}

/// The lines with spaces before each that is not empty.
pub(super) fn indented(text: &str, spaces: usize) -> String {
    let lines = text.lines().map(|line| match line {
        "" => "\n".to_owned(),
        line => format!("{:spaces$}{line}\n", ""),
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::yaml::to_json;

    #[test]
    fn scalars_read_back_as_the_same_text() {
        for text in [
            "iam:PassRole",
            "*",
            "a: b",
            "a #b",
            "true",
            "1",
            "it's",
            "a:",
            "{a}",
            "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/x-*",
            "- a",
            "An Amazon SageMaker notebook, with \"data\" & more",
            "",
        ] {
            let read = to_json(&format!("a: {}\n", scalar(text))).unwrap();
            assert_eq!(read["a"], Value::String(text.to_owned()), "{text}");
        }
        assert_eq!(filled("${AWS::Region}"), "!Sub '${AWS::Region}'");
        let read = to_json(&format!("- {}\n", filled("a/${AWS::Region}"))).unwrap();
        assert_eq!(read, json!([{ "Fn::Sub": "a/${AWS::Region}" }]));
    }
}
