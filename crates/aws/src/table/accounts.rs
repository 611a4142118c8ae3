//! Hosting accounts, what their last check found, and what depends on them.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use workbench_core::account::HostingAccount;
use workbench_core::account::finding::Finding;
use workbench_core::account::orphans::Look;
use workbench_core::id::{AccountId, AwsAccountId, CostCenterId, InvalidId, ProjectId};
use workbench_core::page::{Page, PageRequest, SortKey};

use super::Table;
use super::environments::Updated;
use super::expression::Condition;
use super::index::{Place, sortable};
use super::key::{self, Key};
use super::list::{List, Listed};
use super::row::{self, Row};
use super::write::{self, Outcome, Write};
use crate::error::Error;

/// How many dependants are named at most.
const NAMED: u16 = 20;

impl Row for HostingAccount {
    fn key(&self) -> Key {
        key::account(self.id)
    }

    fn places(&self) -> Vec<Place> {
        self.listed_places()
    }
}

impl Listed for HostingAccount {
    const KIND: &'static str = "ACCOUNT";
    const KEYS: &'static [SortKey] = &[SortKey::Name];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn is_listed(&self) -> bool {
        true
    }

    fn value(&self, key: SortKey) -> String {
        match key {
            SortKey::Name => self.name.to_string(),
            SortKey::CreatedAt
            | SortKey::Status
            | SortKey::Owner
            | SortKey::Project
            | SortKey::CostCenter => sortable(self.created_at),
        }
    }
}

/// When an account was last checked, and what was found. A row of its own: a check in which nothing changes does not
/// touch the account, whose revision launches prove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountCheck {
    /// The account.
    pub account_id: AccountId,
    /// When.
    pub checked_at: Timestamp,
    /// What was not as it should be.
    pub findings: Vec<Finding>,
    /// When Service Catalog was asked for the last time; nothing if all was not well there.
    #[serde(default)]
    pub catalog_seen_at: Option<Timestamp>,
    /// What is left over in the account, as it was seen last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
}

impl Row for AccountCheck {
    fn key(&self) -> Key {
        key::account_check(self.account_id)
    }
}

/// A row of the list of accounts, be it as it may: the account, or which row it is and why it can not be read.
struct Readable(Result<HostingAccount, String>);

impl<'de> Deserialize<'de> for Readable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let row = match Value::deserialize(deserializer) {
            Ok(row) => row,
            Err(error) => return Ok(Self(Err(error.to_string()))),
        };
        let key = row[key::PK].to_string();
        let account = serde_json::from_value(row).map_err(|error| format!("row {key}: {error}"));
        Ok(Self(account))
    }
}

/// That an AWS account is registered, and as what.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registration {
    aws_account_id: AwsAccountId,
    account_id: AccountId,
}

impl Row for Registration {
    fn key(&self) -> Key {
        key::registration(&self.aws_account_id)
    }
}

/// What still depends on a hosting account: ids, the first few of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependants {
    /// Its cost centres.
    pub cost_centers: Vec<CostCenterId>,
    /// Its projects.
    pub projects: Vec<ProjectId>,
}

impl Dependants {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cost_centers.is_empty() && self.projects.is_empty()
    }
}

impl Table {
    /// Registers a hosting account.
    ///
    /// # Errors
    /// `awsAccountId` if that AWS account is registered already; or DynamoDB's.
    pub async fn create_account(&self, account: &HostingAccount) -> Result<(), Error> {
        let registration = Registration {
            aws_account_id: account.aws_account_id.clone(),
            account_id: account.id,
        };
        let mut writes = vec![Write::put(account, Condition::absent())?];
        let registered = write::add(&mut writes, Write::put(&registration, Condition::absent())?);
        let Outcome::Refused(refusals) = self.create(writes, None).await? else {
            return Ok(());
        };
        let known = refusals.found(registered).cloned().map(row::read::<Registration>);
        let problem = match known.transpose()? {
            Some(known) => format!("is registered already, as `{}`", known.account_id),
            None => "is registered already".to_owned(),
        };
        Err(workbench_core::Error::invalid("awsAccountId", problem).into())
    }

    /// Writes a hosting account that is new, or that was read with the `rev` before its own.
    ///
    /// # Errors
    /// Conflict if it was changed meanwhile; or DynamoDB's.
    pub async fn put_account(&self, account: &HostingAccount) -> Result<(), Error> {
        self.put_next("hosting account", account, account.id, account.rev)
            .await
    }

    /// Writes `after` if the row is still `before`.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn update_account(
        &self,
        before: &HostingAccount,
        after: &HostingAccount,
    ) -> Result<Updated, Error> {
        let write = Write::put(after, Condition::revision(before.rev))?;
        Ok(self.transact(vec![write], None).await?.into())
    }

    /// Makes an account REMOVED if the row is still `before`, so that its AWS account may be registered again. Read
    /// the account first, then ask [`Table::account_dependants`]: a cost centre that is made meanwhile makes this stale.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn remove_account(
        &self,
        before: &HostingAccount,
        after: &HostingAccount,
    ) -> Result<Updated, Error> {
        let writes = vec![
            Write::put(after, Condition::revision(before.rev))?,
            Write::remove(key::registration(&before.aws_account_id)),
        ];
        Ok(self.transact(writes, None).await?.into())
    }

    /// One hosting account.
    ///
    /// # Errors
    /// DynamoDB's, or the row can not be read.
    pub async fn account(&self, id: AccountId) -> Result<Option<HostingAccount>, Error> {
        self.get(key::account(id)).await
    }

    /// One hosting account and its last check, in one request.
    ///
    /// # Errors
    /// DynamoDB's, or a row can not be read.
    pub async fn account_and_check(
        &self,
        id: AccountId,
    ) -> Result<(Option<HostingAccount>, Option<AccountCheck>), Error> {
        let (account, check) = (key::account(id), key::account_check(id));
        let mut rows = self.batch(vec![account.clone(), check.clone()]).await?;
        Ok((rows.take(&account)?, rows.take(&check)?))
    }

    /// The hosting account that an AWS account is registered as.
    ///
    /// # Errors
    /// DynamoDB's, or the row can not be read.
    pub async fn registered_account(&self, account: &AwsAccountId) -> Result<Option<AccountId>, Error> {
        let registration: Option<Registration> = self.get(key::registration(account)).await?;
        Ok(registration.map(|registration| registration.account_id))
    }

    /// Hosting accounts by what the request asks for, REMOVED ones included.
    ///
    /// # Errors
    /// The token is none of this query; or DynamoDB's.
    pub async fn accounts(&self, request: &PageRequest) -> Result<Page<HostingAccount>, Error> {
        self.all(request).await
    }

    /// As [`Table::accounts`], with how many rows of the page can not be read.
    ///
    /// # Errors
    /// The token is none of this query; or DynamoDB's.
    pub async fn accounts_and_unreadable(
        &self,
        request: &PageRequest,
    ) -> Result<(Page<HostingAccount>, usize), Error> {
        let list = List::all(HostingAccount::KIND, request.selection.by);
        let page: Page<Readable> = self.page(&list, request, |_| true).await?;
        let rows = page.data.len();
        let account = |Readable(account): Readable| {
            account
                .inspect_err(|problem| tracing::error!(%problem, "a hosting account can not be read"))
                .ok()
        };
        let data: Vec<HostingAccount> = page.data.into_iter().filter_map(account).collect();
        let unreadable = rows - data.len();
        let pagination_token = page.pagination_token;
        Ok((
            Page {
                data,
                pagination_token,
            },
            unreadable,
        ))
    }

    /// Up to 100 accounts by their ids. One that can not be read is left out.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn accounts_by_id(
        &self,
        ids: Vec<AccountId>,
    ) -> Result<HashMap<AccountId, HostingAccount>, Error> {
        let ids: HashSet<_> = ids.into_iter().collect();
        let found: Vec<HostingAccount> = self.readable(ids.into_iter().map(key::account).collect()).await?;
        Ok(found.into_iter().map(|account| (account.id, account)).collect())
    }

    /// The last checks of up to 100 accounts. One that can not be read is left out.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn account_checks(
        &self,
        ids: Vec<AccountId>,
    ) -> Result<HashMap<AccountId, AccountCheck>, Error> {
        let checks: Vec<AccountCheck> = self
            .readable(ids.into_iter().map(key::account_check).collect())
            .await?;
        Ok(checks
            .into_iter()
            .map(|check| (check.account_id, check))
            .collect())
    }

    /// Writes what a check found, and the account if the check changed it, if the account is still `before`.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn record_check(
        &self,
        check: &AccountCheck,
        before: &HostingAccount,
        after: &HostingAccount,
    ) -> Result<Updated, Error> {
        let unchanged = Condition::revision(before.rev);
        let account = if before == after {
            Write::check(before.key(), unchanged)
        } else {
            Write::put(after, unchanged)?
        };
        let writes = vec![Write::replace(check)?, account];
        Ok(self.transact(writes, None).await?.into())
    }

    /// What still depends on an account.
    ///
    /// # Errors
    /// DynamoDB's, or a row can not be read.
    pub async fn account_dependants(&self, id: AccountId) -> Result<Dependants, Error> {
        let pk = key::account(id).pk;
        Ok(Dependants {
            cost_centers: self.marked(&pk, key::COST_CENTERS).await?,
            projects: self.marked(&pk, key::PROJECTS).await?,
        })
    }

    /// The first few ids of which a partition has marks that begin with `prefix`.
    pub(super) async fn marked<T: FromStr<Err = InvalidId>>(
        &self,
        pk: &str,
        prefix: &str,
    ) -> Result<Vec<T>, Error> {
        let items = self.children(pk, prefix, Some(NAMED)).await?;
        let id = |item| {
            let key = Key::of(item);
            let id = key.sk.strip_prefix(prefix).unwrap_or_default();
            id.parse::<T>().map_err(|error| row::bad(&key, error))
        };
        items.iter().map(id).collect()
    }

    /// Rows by their keys, but for those that can not be read.
    pub(super) async fn readable<T: Row>(&self, keys: Vec<Key>) -> Result<Vec<T>, Error> {
        // DynamoDB refuses an empty batch.
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.batch(keys).await?.readable())
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
