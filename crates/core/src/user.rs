//! Users: who may sign in. The user pool keeps them; what they are in projects is in the table.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::UserId;
use crate::project::{Membership, RoleId};

/// The group of the user pool whose members are IT admins, and the word for that role.
pub const IT_ADMIN: &str = "ITAdmin";

/// Whether a user can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserStatus {
    /// They can.
    Active,
    /// Not until they are active again.
    Inactive,
}

/// A user as the pool has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The first name; empty if somebody made the user past Workbench without one.
    pub first_name: String,
    /// The last name; empty like the first.
    pub last_name: String,
    /// Where they get their mail, and the name with which they sign in.
    pub email: String,
    /// Whether they can sign in.
    pub status: UserStatus,
}

/// A user who is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The first name.
    pub first_name: PersonName,
    /// The last name.
    pub last_name: PersonName,
    /// Where the invitation goes.
    pub email: Email,
}

/// What is to be changed of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChange {
    /// The first name.
    pub first_name: Option<PersonName>,
    /// The last name.
    pub last_name: Option<PersonName>,
    /// The address.
    pub email: Option<Email>,
    /// Whether they can sign in.
    pub status: Option<UserStatus>,
}

/// What a user is: an IT admin, or something in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserRole {
    /// `ITAdmin`
    ItAdmin,
    /// `<projectId>#ProjectAdmin` or `<projectId>#Researcher`
    OfProject(RoleId),
}

impl UserRole {
    /// All that a user is.
    #[must_use]
    pub fn all(it_admin: bool, memberships: &[Membership]) -> Vec<Self> {
        let in_projects = memberships.iter().flat_map(|membership| {
            let project_id = membership.project_id;
            let roles = membership.roles.iter();
            roles.map(move |role| {
                Self::OfProject(RoleId {
                    project_id,
                    role: *role,
                })
            })
        });
        it_admin
            .then_some(Self::ItAdmin)
            .into_iter()
            .chain(in_projects)
            .collect()
    }
}

impl Serialize for UserRole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::ItAdmin => serializer.serialize_str(IT_ADMIN),
            Self::OfProject(role) => role.serialize(serializer),
        }
    }
}

/// A first or a last name: Latin letters, also with marks, digits, `'`, `-`, `.` and spaces, 1 to 50 of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    /// Checks the text.
    ///
    /// # Errors
    /// What the text has to be, in words.
    pub fn new(text: impl Into<String>) -> Result<Self, &'static str> {
        let text = text.into();
        let marked = |c: char| matches!(c, '\u{c0}'..='\u{24f}') && c != '\u{d7}' && c != '\u{f7}';
        let valid = |c: char| c.is_ascii_alphanumeric() || " '-.".contains(c) || marked(c);
        if (1..=50).contains(&text.chars().count()) && text.chars().all(valid) {
            Ok(Self(text))
        } else {
            Err("must be 1 to 50 Latin letters, digits, spaces, `'`, `-` or `.`")
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An email address, in lower case: nobody has two that differ in case alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

/// The longest address: the pool takes it for a username, which can have no more characters.
const LONGEST_EMAIL: usize = 128;

impl Email {
    /// Checks an address, and writes it in lower case.
    ///
    /// # Errors
    /// What it has to be, in words.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        let valid = text.split_once('@').is_some_and(|(name, domain)| {
            let of_name = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
            let mut parts = name.split('.');
            let (mut labels, depth) = (domain.split('.'), domain.split('.').count());
            parts.all(|part| !part.is_empty() && part.chars().all(of_name))
                && depth > 1
                && labels.all(is_label)
        });
        if valid && text.len() <= LONGEST_EMAIL {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err("Invalid Email: must be of the form `name@example.org`, with 128 characters at most")
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a text can stand between the dots of a domain.
fn is_label(text: &str) -> bool {
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '-';
    !text.is_empty() && text.chars().all(valid) && !text.starts_with('-') && !text.ends_with('-')
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PersonName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::project::ProjectRole;

    #[test]
    fn people_may_have_the_names_that_they_have() {
        for name in [
            "Ada",
            "Jean-Luc",
            "O'Brien",
            "José",
            "Łukasz",
            "J. R. R.",
            "3rd",
            &"ü".repeat(50),
        ] {
            assert!(PersonName::new(name).is_ok(), "{name}");
        }
        for wrong in [
            "",
            "a<b",
            "a\"b",
            "a\nb",
            "a_b",
            "×",
            "😀",
            "\u{202e}",
            &"a".repeat(51),
        ] {
            assert!(PersonName::new(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_address_is_kept_in_lower_case() {
        assert_eq!(
            Email::new("Ada.L+wb@Example.ORG").unwrap().as_str(),
            "ada.l+wb@example.org"
        );
        let longest = format!("{}@example.org", "a".repeat(116));
        assert!(Email::new(&longest).is_ok());
        for wrong in [
            "",
            "ada",
            "ada@",
            "@example.org",
            "ada@example",
            "ada@@example.org",
            "a b@example.org",
            ".ada@example.org",
            "ada..l@example.org",
            "ada@-example.org",
            "ada@example.org.",
            "ada@exa_mple.org",
            "ädä@example.org",
            "ada@example.org\n",
            &format!("a{longest}"),
        ] {
            assert!(Email::new(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn roles_are_words() {
        let project_id = "proj-b590a734-5adc-4a43-a24b-edf3795b812d".parse().unwrap();
        let membership = Membership {
            user_id: "b590a734-5adc-4a43-a24b-edf3795b812d".parse().unwrap(),
            project_id,
            roles: vec![ProjectRole::ProjectAdmin, ProjectRole::Researcher],
        };
        let roles = UserRole::all(true, &[membership]);
        assert_eq!(
            serde_json::to_value(roles).unwrap(),
            serde_json::json!([
                "ITAdmin",
                format!("{project_id}#ProjectAdmin"),
                format!("{project_id}#Researcher")
            ])
        );
        assert_eq!(UserRole::all(false, &[]), []);
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_panic(text in ".{0,140}") {
            let _ = PersonName::new(text.clone());
            let _ = Email::new(&text);
        }
    }
}
