//! Hosting accounts.

use workbench_core::account::HostingAccount;
use workbench_core::id::AccountId;

use super::Table;
use super::expression::Condition;
use super::key::{self, Key};
use super::row::Row;
use super::write::{Outcome, Write};
use crate::error::Error;

impl Row for HostingAccount {
    fn key(&self) -> Key {
        key::account(self.id)
    }
}

impl Table {
    /// Writes a hosting account that is new, or that was read with the `rev` before its own.
    ///
    /// # Errors
    /// Conflict if it was changed meanwhile; or DynamoDB's.
    pub async fn put_account(&self, account: &HostingAccount) -> Result<(), Error> {
        self.put_next("hosting account", account, account.id, account.rev)
            .await
    }

    /// One hosting account.
    ///
    /// # Errors
    /// DynamoDB's, or the row can not be read.
    pub async fn account(&self, id: AccountId) -> Result<Option<HostingAccount>, Error> {
        self.get(key::account(id)).await
    }

    /// Writes a row that is new, or that replaces the one with the `rev` before its own.
    pub(super) async fn put_next<T: Row>(
        &self,
        kind: &str,
        row: &T,
        id: impl std::fmt::Display,
        rev: u64,
    ) -> Result<(), Error> {
        let condition = Condition::absent().or(Condition::revision(rev.saturating_sub(1)));
        match self.transact(vec![Write::put(row, condition)?], None).await? {
            Outcome::Written => Ok(()),
            Outcome::Refused(_) => {
                let problem = format!("{kind} `{id}` was changed meanwhile; read it again");
                Err(workbench_core::Error::Conflict(problem).into())
            }
        }
    }
}
