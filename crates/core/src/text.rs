//! Texts that people give: names and descriptions, with the character rules of the contract's section 3, and how they
//! are quoted.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

macro_rules! text {
    ($($(#[$doc:meta])* $name:ident, $rule:literal, $valid:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks the text.
            ///
            /// # Errors
            /// What the text has to be, in words.
            pub fn new(text: impl Into<String>) -> Result<Self, &'static str> {
                let text = text.into();
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) { Ok(Self(text)) } else { Err($rule) }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

fn of(text: &str, length: std::ops::RangeInclusive<usize>, also: &[u8]) -> bool {
    length.contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) || also.contains(&byte))
}

text! {
    /// A name: letters, digits, `-`, `_` and `.`, 1 to 112 of them.
    Name, "must be 1 to 112 letters, digits, `-`, `_` or `.`", |text| of(text, 1..=112, b"");
    /// A name for people, which may have spaces: an environment type's or a configuration's.
    Title, "must be 1 to 112 letters, digits, spaces, `-`, `_` or `.`", |text| of(text, 1..=112, b" ");
    /// A description: as a name plus spaces, 1 to 400 characters.
    Description, "must be 1 to 400 letters, digits, spaces, `-`, `_` or `.`", |text| of(text, 1..=400, b" ");
}

/// What was given, as a message quotes it: its first 80 characters.
#[must_use]
pub fn shortened(given: &str) -> String {
    given.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_ends_after_eighty_characters() {
        assert_eq!(shortened("genomes"), "genomes");
        assert_eq!(shortened(&"\u{e4}".repeat(81)), "\u{e4}".repeat(80));
    }

    #[test]
    fn names_keep_to_their_characters_and_length() {
        assert!(Name::new("test-1_a.b").is_ok());
        assert!(Name::new("a".repeat(112)).is_ok());
        for wrong in [
            String::new(),
            "a b".into(),
            "a\"b".into(),
            "ä".into(),
            "a".repeat(113),
        ] {
            assert!(Name::new(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn descriptions_may_have_spaces_but_no_quotes() {
        assert!(Description::new("test-sagemakerExample AWS").is_ok());
        assert!(Description::new("it's").is_err());
        assert!(Description::new("a".repeat(401)).is_err());
    }
}
