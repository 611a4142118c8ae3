//! Ids: a prefix that tells the kind, then a UUID or what AWS generated.
//!
//! Formats are those of section 3 of the contract. An id that was parsed needs no further check.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::text::shortened;

/// A kind of thing that has ids of the form prefix and UUID.
pub trait Kind: Copy + Eq + Ord + fmt::Debug + std::hash::Hash + Send + Sync + 'static {
    /// What stands before the UUID, such as `env-`.
    const PREFIX: &'static str;
    /// The word for the kind in messages.
    const NAME: &'static str;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $id:ident, $prefix:literal, $name:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $kind;
        impl Kind for $kind {
            const PREFIX: &'static str = $prefix;
            const NAME: &'static str = $name;
        }
        $(#[$doc])*
        pub type $id = Id<$kind>;
    )*};
}

kinds! {
    /// A hosting account's record.
    AccountKind, AccountId, "acc-", "account";
    /// A cost centre.
    CostCenterKind, CostCenterId, "cc-", "cost centre";
    /// An environment.
    EnvironmentKind, EnvironmentId, "env-", "environment";
    /// An environment type configuration.
    EnvTypeConfigKind, EnvTypeConfigId, "etc-", "environment type configuration";
    /// A project.
    ProjectKind, ProjectId, "proj-", "project";
    /// A user: the bare UUID that Cognito calls `sub`.
    UserKind, UserId, "", "user";
}

/// An id of one kind. The compiler keeps kinds apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<K>,
}

/// A text that is no id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid ID: `{given}` is not of the form {form}")]
pub struct InvalidId {
    given: String,
    form: String,
}

impl InvalidId {
    fn new(given: &str, form: impl Into<String>) -> Self {
        Self {
            given: shortened(given),
            form: form.into(),
        }
    }
}

impl<K: Kind> Id<K> {
    /// The id with this UUID.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self {
            uuid,
            kind: PhantomData,
        }
    }

    /// The UUID without the prefix.
    #[must_use]
    pub const fn uuid(&self) -> Uuid {
        self.uuid
    }
}

impl EnvironmentId {
    /// Reads an environment id out of an event: `env-` and UUID, or the bare UUID of the sample
    /// events in the seed guide's appendix.
    ///
    /// # Errors
    /// The text is neither.
    pub fn from_event(text: &str) -> Result<Self, InvalidId> {
        let lower = text.to_ascii_lowercase();
        if lower.starts_with(EnvironmentKind::PREFIX) {
            lower.parse()
        } else {
            format!("{}{lower}", EnvironmentKind::PREFIX)
                .parse()
                .map_err(|_| InvalidId::new(text, "`env-` and UUID"))
        }
    }
}

/// Lower-case hex, 8-4-4-4-12: the only spelling that the contract accepts.
fn parse_uuid(text: &str) -> Option<Uuid> {
    let uuid = Uuid::try_parse(text).ok()?;
    (uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text).then_some(uuid)
}

impl<K: Kind> FromStr for Id<K> {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        text.strip_prefix(K::PREFIX)
            .and_then(parse_uuid)
            .map(Self::from_uuid)
            .ok_or_else(|| InvalidId::new(text, format!("`{}<uuid>`, with a lower-case UUID", K::PREFIX)))
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", K::PREFIX, self.uuid.hyphenated())
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Declares an id that is a checked text: what AWS generates, or a number of its own.
macro_rules! text_id {
    ($($(#[$doc:meta])* $id:ident, $form:literal, $valid:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $id(String);

        impl $id {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $id {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(InvalidId::new(text, $form)) }
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

fn alphanumerics(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn after<'a>(text: &'a str, prefix: &str) -> &'a str {
    text.strip_prefix(prefix).unwrap_or("")
}

text_id! {
    /// An AWS account number.
    AwsAccountId, "12 digits", |text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    /// A Service Catalog product.
    ProductId, "`prod-` and 13 letters or digits", |text| alphanumerics(after(text, "prod-"), 13..=13);
    /// A version of a Service Catalog product.
    ProvisioningArtifactId, "`pa-` and 13 letters or digits", |text| alphanumerics(after(text, "pa-"), 13..=13);
    /// A provisioned Service Catalog product.
    ProvisionedProductId, "`pp-` and letters or digits", |text| alphanumerics(after(text, "pp-"), 1..=100);
    /// A Service Catalog record: one provisioning or terminating of a product.
    RecordId, "`rec-` and letters or digits", |text| alphanumerics(after(text, "rec-"), 1..=100);
    /// A Systems Manager automation execution.
    ExecutionId, "a UUID", |text| Uuid::try_parse(text).is_ok();
    /// The id of an instance as its compute names it in events: a notebook's name, an EC2 instance's id.
    InstanceId, "1 to 128 characters without blanks or `#`",
        |text| (1..=128).contains(&text.len()) && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '#');
}

/// An environment type: one version of one Service Catalog product, `et-<product>,<artifact>`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvTypeId {
    /// The product that is offered.
    pub product: ProductId,
    /// The version of it.
    pub artifact: ProvisioningArtifactId,
}

impl FromStr for EnvTypeId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        text.strip_prefix("et-")
            .and_then(|rest| rest.split_once(','))
            .and_then(|(product, artifact)| {
                Some(Self {
                    product: product.parse().ok()?,
                    artifact: artifact.parse().ok()?,
                })
            })
            .ok_or_else(|| InvalidId::new(text, "`et-<product id>,<provisioning artifact id>`"))
    }
}

impl fmt::Display for EnvTypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "et-{},{}", self.product, self.artifact)
    }
}

impl fmt::Debug for EnvTypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for EnvTypeId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EnvTypeId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UUID: &str = "b590a734-5adc-4a43-a24b-edf3795b812d";

    #[test]
    fn an_id_is_its_prefix_and_a_lower_case_uuid() {
        let id: EnvironmentId = format!("env-{UUID}").parse().unwrap();
        assert_eq!(id.to_string(), format!("env-{UUID}"));
        for wrong in [
            UUID.to_owned(),
            format!("proj-{UUID}"),
            format!("env-{}", UUID.to_uppercase()),
            "env-".into(),
        ] {
            assert!(wrong.parse::<EnvironmentId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn events_may_carry_the_bare_uuid() {
        let id = EnvironmentId::from_event(UUID).unwrap();
        assert_eq!(id, EnvironmentId::from_event(&format!("env-{UUID}")).unwrap());
        assert!(EnvironmentId::from_event("b590a734").is_err());
    }

    #[test]
    fn an_environment_type_id_joins_product_and_artifact() {
        let text = "et-prod-hxwmltpkg2edy,pa-fh6spfcycydtq";
        let id: EnvTypeId = text.parse().unwrap();
        assert_eq!(id.product.as_str(), "prod-hxwmltpkg2edy");
        assert_eq!(id.to_string(), text);
        assert!("et-prod-hxwmltpkg2edy".parse::<EnvTypeId>().is_err());
        assert!("et-prod-short,pa-fh6spfcycydtq".parse::<EnvTypeId>().is_err());
    }

    proptest! {
        #[test]
        fn every_id_reads_back_what_it_wrote(bits in any::<u128>()) {
            let id = ProjectId::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<ProjectId>().unwrap(), id);
        }

        #[test]
        fn no_text_makes_parsing_panic(text in ".{0,120}") {
            let _ = text.parse::<EnvironmentId>();
            let _ = text.parse::<EnvTypeId>();
            let _ = text.parse::<AwsAccountId>();
            let _ = EnvironmentId::from_event(&text);
        }
    }
}
