//! Where the value of a document parameter comes from: a closed vocabulary, parsed once.

use std::fmt;

/// The source of one document parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `config.<Key>`: a parameter of the environment type configuration.
    Config(String),
    /// `<group>.<field>` of a [`Group`].
    Field(&'static Group, &'static str),
    /// `literal: <text>`.
    Literal(String),
}

/// One group of the vocabulary, such as `account`, with its fields.
#[derive(Debug, PartialEq, Eq)]
pub struct Group {
    /// As written before the dot.
    pub name: &'static str,
    /// As written after the dot.
    pub fields: &'static [&'static str],
}

/// Every group of the vocabulary besides `config` and `literal`. The registry's types have the same words,
/// capitalised.
pub const GROUPS: &[Group] = &[
    Group {
        name: "environment",
        fields: &["id", "name", "projectId", "owner", "provisionedProductId"],
    },
    Group {
        name: "account",
        fields: &[
            "id",
            "vpcId",
            "subnetId",
            "encryptionKeyArn",
            "environmentInstanceFiles",
        ],
    },
    Group {
        name: "product",
        fields: &["id", "provisioningArtifactId", "pathId"],
    },
    Group {
        name: "main",
        fields: &[
            "accountId",
            "region",
            "datasetsBucketArn",
            "artifactKeyArn",
            "datasetsKeyArn",
        ],
    },
    Group {
        name: "datasets",
        fields: &["mounts", "policy"],
    },
    Group {
        name: "unique",
        fields: &["instanceName", "namespace", "terminateToken", "provisionToken"],
    },
];

/// A text that is no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no parameter source")]
pub struct UnknownSource {
    /// What was written.
    pub text: String,
    /// What would be right.
    pub right: String,
}

impl Source {
    /// Parses `<group>.<field>`.
    ///
    /// # Errors
    /// [`UnknownSource`] for a group or field outside the vocabulary.
    pub fn parse(text: &str) -> Result<Self, UnknownSource> {
        let unknown = |right: String| UnknownSource {
            text: text.to_owned(),
            right,
        };
        let groups = || {
            let groups: Vec<String> = GROUPS
                .iter()
                .map(|group| format!("`{}.<field>`", group.name))
                .collect();
            unknown(format!(
                "`config.<Key>`, {} or a mapping with the key `literal`",
                groups.join(", ")
            ))
        };
        let (group, field) = text.split_once('.').ok_or_else(groups)?;
        if group == "config" {
            let is_key = !field.is_empty() && field.chars().all(|c| c.is_ascii_alphanumeric());
            return if is_key {
                Ok(Self::Config(field.to_owned()))
            } else {
                Err(unknown("`config.<Key>` with letters and digits".to_owned()))
            };
        }
        let group = GROUPS
            .iter()
            .find(|known| known.name == group)
            .ok_or_else(groups)?;
        let known = group.fields.iter().find(|name| **name == field);
        known.map(|name| Self::Field(group, name)).ok_or_else(|| {
            let names: Vec<String> = group
                .fields
                .iter()
                .map(|name| format!("`{}.{name}`", group.name))
                .collect();
            unknown(format!("one of {}", names.join(", ")))
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(key) => write!(f, "config.{key}"),
            Self::Field(group, field) => write!(f, "{}.{field}", group.name),
            Self::Literal(text) => write!(f, "literal: {text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_vocabulary_parses_and_prints_back() {
        let fields = GROUPS.iter().flat_map(|group| {
            group
                .fields
                .iter()
                .map(move |field| format!("{}.{field}", group.name))
        });
        for text in fields.chain(["config.InstanceType".to_owned()]) {
            assert_eq!(Source::parse(&text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn unknown_words_are_refused_with_the_known_ones() {
        for text in [
            "",
            "config",
            "config.",
            "config.a-b",
            "account",
            "Account.id",
            "host.id",
            "accountid",
        ] {
            assert!(Source::parse(text).is_err(), "{text}");
        }
        let error = Source::parse("datasets.policies").unwrap_err();
        assert_eq!(error.right, "one of `datasets.mounts`, `datasets.policy`");
    }
}
