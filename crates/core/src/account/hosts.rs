//! Whom bus, bucket and keys of the main account let in.

use std::collections::BTreeSet;

use crate::id::AwsAccountId;

/// The accounts that the policies of the main stack let in, as its parameters say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts {
    /// The organization whose accounts are let in.
    pub organization: Option<String>,
    /// The numbers of the accounts that are named one by one.
    pub accounts: BTreeSet<String>,
}

impl Hosts {
    /// Reads the parameters `OrganizationId`, which may be empty, and `HostingAccountIds`, with commas between.
    #[must_use]
    pub fn read(organization: &str, accounts: &str) -> Self {
        let accounts = accounts.split(',').filter(|account| !account.is_empty());
        Self {
            organization: Some(organization.to_owned()).filter(|organization| !organization.is_empty()),
            accounts: accounts.map(str::to_owned).collect(),
        }
    }

    /// Whether an account may be let in. Which accounts are in the organization is not known here.
    #[must_use]
    pub fn may_let_in(&self, account: &AwsAccountId) -> bool {
        self.organization.is_some() || self.accounts.contains(account.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_let_in_that_is_named_or_may_be_in_the_organization() {
        let account: AwsAccountId = "111111111111".parse().unwrap();
        for (organization, accounts, expected) in [
            ("", "", false),
            ("", "222222222222", false),
            ("", "222222222222,111111111111", true),
            ("o-a1b2c3d4e5", "", true),
        ] {
            let hosts = Hosts::read(organization, accounts);
            assert_eq!(hosts.may_let_in(&account), expected, "{hosts:?}");
        }
    }
}
