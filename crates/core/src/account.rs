//! Hosting accounts: where environments run, and how Workbench gets in.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::id::{AccountId, AwsAccountId};
use crate::main_account::MainAccount;
use crate::text::Name;

pub mod check;
pub mod drift;
pub mod finding;
pub mod hosts;
pub mod onboarding;
pub mod orphans;
pub mod stack;

/// How a hosting account stands to what Workbench wants of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountStatus {
    /// Registered; its stack is not there yet.
    Pending,
    /// Ready for launches.
    Current,
    /// Its stack is older than the template. What could be launched before still can.
    NeedsUpdate,
    /// Something is wrong with it; its findings say what, and the mend.
    Errored,
    /// Off-boarded; kept as a record.
    Removed,
}

impl AccountStatus {
    /// The spelling on the wire.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Current => "CURRENT",
            Self::NeedsUpdate => "NEEDS_UPDATE",
            Self::Errored => "ERRORED",
            Self::Removed => "REMOVED",
        }
    }

    /// Whether environments may be launched in it.
    #[must_use]
    pub const fn takes_launches(self) -> bool {
        match self {
            Self::Current | Self::NeedsUpdate => true,
            Self::Pending | Self::Errored | Self::Removed => false,
        }
    }
}

/// The external id with which a role of a hosting account is assumed. A secret towards
/// researchers: it is never printed.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExternalId(String);

impl ExternalId {
    /// Wraps the text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Reads one that somebody gave.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte);
        if (2..=400).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be 2 to 400 letters, digits or characters of `_+=,.@:/-`")
        }
    }

    /// The secret itself, for AssumeRole and for answers to IT admins.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExternalId(***)")
    }
}

/// An onboarded AWS account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HostingAccount {
    /// Workbench's id of it.
    pub id: AccountId,
    /// The name that the IT admin gave.
    pub name: Name,
    /// AWS's number of it.
    pub aws_account_id: AwsAccountId,
    /// The role for launch, start, stop, connect and terminate.
    pub env_mgmt_role_arn: String,
    /// The role for the account function.
    pub hosting_account_handler_role_arn: String,
    /// What both roles want to hear.
    pub external_id: ExternalId,
    /// Whether it is ready.
    pub status: AccountStatus,
    /// The network in which instances start; empty until the account's stack was seen.
    pub vpc_id: String,
    /// The subnet in which instances start; empty until the account's stack was seen.
    pub subnet_id: String,
    /// The key for the instances' volumes; empty until the account's stack was seen.
    pub encryption_key_arn: String,
    /// Where instances fetch their files, `s3://bucket/prefix`.
    pub environment_instance_files: String,
    /// Raised by every write.
    pub rev: u64,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

/// What an IT admin gives to register an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The account's name.
    pub name: Name,
    /// AWS's number of it.
    pub aws_account_id: AwsAccountId,
    /// The stack's output `EnvMgmtRoleArn`.
    pub env_mgmt_role_arn: String,
    /// The stack's output `HostingAccountHandlerRoleArn`.
    pub hosting_account_handler_role_arn: String,
    /// What the stack was made with.
    pub external_id: ExternalId,
}

impl HostingAccount {
    /// A registered account of which nothing was seen yet.
    ///
    /// # Errors
    /// A role is none of that account's, or not one that Workbench may assume.
    pub fn register(
        id: AccountId,
        registration: Registration,
        main: &MainAccount,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let Registration {
            name,
            aws_account_id,
            env_mgmt_role_arn,
            hosting_account_handler_role_arn,
            external_id,
        } = registration;
        for (field, given, role) in [
            ("envMgmtRoleArn", &env_mgmt_role_arn, "env-mgmt"),
            (
                "hostingAccountHandlerRoleArn",
                &hosting_account_handler_role_arn,
                "hosting-account-role",
            ),
        ] {
            let right = main.hosting_role_arn(&aws_account_id, role);
            if *given != right {
                let problem =
                    format!("must be `{right}`, as the outputs of the account's onboarding stack say");
                return Err(Error::invalid(field, problem));
            }
        }
        Ok(Self {
            id,
            name,
            aws_account_id,
            env_mgmt_role_arn,
            hosting_account_handler_role_arn,
            external_id,
            status: AccountStatus::Pending,
            vpc_id: String::new(),
            subnet_id: String::new(),
            encryption_key_arn: String::new(),
            environment_instance_files: format!("s3://{}/environment-files", main.artifact_bucket),
            rev: 1,
            created_at: now,
            updated_at: now,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_data::{self, main_account, now};

    fn register(change: impl FnOnce(&mut Registration)) -> Result<HostingAccount, String> {
        let main = main_account();
        let aws_account_id: AwsAccountId = "111111111111".parse().unwrap();
        let mut registration = Registration {
            name: Name::new("research").unwrap(),
            env_mgmt_role_arn: main.hosting_role_arn(&aws_account_id, "env-mgmt"),
            hosting_account_handler_role_arn: main.hosting_role_arn(&aws_account_id, "hosting-account-role"),
            external_id: ExternalId::parse("workbench-1").unwrap(),
            aws_account_id,
        };
        change(&mut registration);
        HostingAccount::register(test_data::account().id, registration, &main, now())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_registered_account_is_pending_until_it_was_seen() {
        let account = register(|_| {}).unwrap();
        assert_eq!(account.status, AccountStatus::Pending);
        assert_eq!(account.vpc_id, "");
    }

    #[test]
    fn a_role_of_another_account_or_name_is_refused() {
        let other =
            |arn: &str| register(|registration| registration.env_mgmt_role_arn = arn.to_owned()).unwrap_err();
        for arn in [
            "",
            "arn:aws:iam::222222222222:role/workbench-dev-env-mgmt",
            "arn:aws:iam::111111111111:role/other-env-mgmt",
        ] {
            assert_eq!(
                other(arn),
                "envMgmtRoleArn: must be `arn:aws:iam::111111111111:role/workbench-dev-env-mgmt`, as the outputs of \
                 the account's onboarding stack say"
            );
        }
        let handler = register(|registration| registration.hosting_account_handler_role_arn = "x".into());
        assert!(
            handler
                .unwrap_err()
                .starts_with("hostingAccountHandlerRoleArn: must be")
        );
    }

    #[test]
    fn an_external_id_keeps_to_its_characters_and_length() {
        assert!(ExternalId::parse("a-Z_9+=,.@:/").is_ok() && ExternalId::parse(&"a".repeat(400)).is_ok());
        for wrong in ["", "a", "a b", "a&b", "\u{e4}\u{e4}", &"a".repeat(401)] {
            assert!(ExternalId::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_working_account_takes_launches() {
        use AccountStatus::{Current, Errored, NeedsUpdate, Pending, Removed};
        assert!(Current.takes_launches() && NeedsUpdate.takes_launches());
        assert!(!Pending.takes_launches() && !Errored.takes_launches() && !Removed.takes_launches());
    }

    #[test]
    fn an_external_id_is_not_printed() {
        assert_eq!(
            format!("{:?}", ExternalId::new("workbench-secret")),
            "ExternalId(***)"
        );
    }
}
