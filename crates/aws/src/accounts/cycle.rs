//! One check of one account or of all.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::task::JoinError;
use tokio::time::Instant;
use workbench_core::account::check::{self, Desired, Observed, Share, Unseen, Write};
use workbench_core::account::finding::Finding;
use workbench_core::account::orphans::{self, Look};
use workbench_core::account::{AccountStatus, HostingAccount};
use workbench_core::id::AccountId;
use workbench_core::page::{PageRequest, PageSize};

use super::orphans::late_look;
use super::patience::{Ends, Patience, in_time, late};
use super::shares::SharedWith;
use super::unseen;
use crate::cloud::Cloud;
use crate::documents::ListChange;
use crate::error::Error;
use crate::parallel;
use crate::table::AccountCheck;

/// How many accounts are handled at once. Each makes one call at a time.
const AT_ONCE: usize = 25;

/// What a check of an account came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedAccount {
    /// The account as it is now.
    pub account: HostingAccount,
    /// What it was before.
    pub before: AccountStatus,
    /// What is not as it should be.
    pub findings: Vec<Finding>,
    /// What is left over in the account, as far as it was looked through.
    pub look: Option<Look>,
    /// How many differences were written.
    pub written: usize,
    /// When.
    pub checked_at: Timestamp,
}

/// What a check of all accounts came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckedAccounts {
    /// Those that were checked and recorded.
    pub accounts: Vec<CheckedAccount>,
    /// How many rows of accounts can not be read.
    pub unreadable: usize,
}

/// What a check of an account has to do with Service Catalog, whose calls cost money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CatalogCheck {
    /// It is asked.
    Asked,
    /// All was well there at this time, and is taken to be so still.
    SeenAt(Timestamp),
}

/// An account within a check.
#[derive(Debug)]
pub(super) struct InWork {
    pub(super) account: HostingAccount,
    pub(super) observed: Observed,
    pub(super) failures: Vec<(Write, Unseen)>,
    /// What is left to be done to the lists of documents.
    pub(super) documents: Vec<(String, ListChange)>,
    pub(super) written: usize,
    /// Whether the AWS account was registered anew after this one was let go: there is nothing to say about this one.
    pub(super) is_anew: bool,
    pub(super) catalog: CatalogCheck,
    /// What is left over in it, as it was seen last.
    pub(super) look: Option<Look>,
}

/// An account to be checked.
#[derive(Debug)]
struct Subject {
    account: HostingAccount,
    catalog: CatalogCheck,
    /// Whether it is looked through for what is left over.
    is_looked_through: bool,
    last_look: Option<Look>,
}

impl Cloud {
    /// Checks every account. For one with which all is well that is one call, another one once an hour, and one write of
    /// the outcome. An account that can not be handled does not keep the others from being; what could not be recorded
    /// is logged.
    ///
    /// # Errors
    /// The accounts can not be listed.
    pub async fn check_accounts(&self, patience: Patience) -> Result<CheckedAccounts, Error> {
        let ends = patience.starting_now();
        let (subjects, unreadable) = self.subjects().await?;
        let accounts = self.check(subjects, ends).await;
        Ok(CheckedAccounts { accounts, unreadable })
    }

    /// All accounts that are to be checked, and how many rows can not be read.
    async fn subjects(&self) -> Result<(Vec<Subject>, usize), Error> {
        let now = self.now();
        let mut subjects = Vec::new();
        let mut unreadable = 0;
        let mut token = None;
        loop {
            let request = PageRequest {
                size: PageSize::LARGEST,
                token,
                ..PageRequest::default()
            };
            let (page, left_out) = self.table().accounts_and_unreadable(&request).await?;
            unreadable += left_out;
            let ids = page.data.iter().map(|account| account.id).collect();
            let mut checks = self.table().account_checks(ids).await?;
            let data = page.data.into_iter();
            subjects.extend(data.map(|account| {
                let check = checks.remove(&account.id);
                Subject::of(account, check, now)
            }));
            token = page.pagination_token;
            if token.is_none() {
                break;
            }
        }
        let in_use: HashSet<_> = subjects
            .iter()
            .map(|subject| &subject.account)
            .filter(|account| account.status != AccountStatus::Removed)
            .map(|account| account.aws_account_id.clone())
            .collect();
        // What was let go and registered anew is the new one's to say.
        subjects.retain(|Subject { account, .. }| {
            account.status != AccountStatus::Removed || !in_use.contains(&account.aws_account_id)
        });
        Ok((subjects, unreadable))
    }

    /// Checks one account now.
    ///
    /// # Errors
    /// There is no such account; or the table's.
    pub async fn check_account(&self, id: AccountId, patience: Patience) -> Result<CheckedAccount, Error> {
        let ends = patience.starting_now();
        let (account, check) = self.table().account_and_check(id).await?;
        let account = account.ok_or_else(|| workbench_core::Error::not_found("account", id))?;
        if account.status == AccountStatus::Removed
            && let Some(anew) = self.table().registered_account(&account.aws_account_id).await?
        {
            let problem = format!("id: the AWS account was registered anew as `{anew}`; check that one");
            return Err(workbench_core::Error::Conflict(problem).into());
        }
        let subject = Subject {
            is_looked_through: account.status != AccountStatus::Removed,
            last_look: check.and_then(|check| check.look),
            account,
            catalog: CatalogCheck::Asked,
        };
        let checked = self.check(vec![subject], ends).await.pop();
        checked.ok_or_else(|| crate::operation::busy(id))
    }

    async fn check(&self, subjects: Vec<Subject>, ends: Ends) -> Vec<CheckedAccount> {
        let desired = Arc::new(Desired::of(self.main()));
        let asks_catalog = subjects
            .iter()
            .any(|subject| subject.catalog == CatalogCheck::Asked);
        let shared = self
            .shares()
            .shared_with(&desired, asks_catalog, ends.looks)
            .await;
        let shared = Arc::new(shared);
        let looks = subjects.into_iter().map(|subject| {
            let (cloud, desired, shared) = (self.clone(), Arc::clone(&desired), Arc::clone(&shared));
            async move { cloud.mend(subject, &desired, &shared, ends).await }
        });
        let crashed = |error: JoinError| tracing::error!(%error, "an account's check crashed");
        let mut in_work = parallel::survivors(AT_ONCE, looks, crashed).await;
        self.list_documents(&mut in_work, ends).await;
        let records = in_work.into_iter().map(|work| {
            let (cloud, desired) = (self.clone(), Arc::clone(&desired));
            async move { cloud.record(work, &desired).await }
        });
        let records = parallel::survivors(AT_ONCE, records, crashed).await;
        records.into_iter().flatten().collect()
    }

    /// Looks at one account, and does what concerns it alone.
    async fn mend(&self, subject: Subject, desired: &Desired, shared: &SharedWith, ends: Ends) -> InWork {
        let Subject {
            account,
            catalog,
            is_looked_through,
            last_look,
        } = subject;
        let account_ends = ends.looks.min(Instant::now() + ends.patience.account);
        let documents = shared.documents(&account.aws_account_id);
        let (share, principals) = match catalog {
            CatalogCheck::Asked => (shared.portfolio(&account.aws_account_id), BTreeSet::new()),
            // As it was when Service Catalog was asked.
            CatalogCheck::SeenAt(_) => {
                let share = match account.status {
                    AccountStatus::Removed => Share::Missing,
                    _ => Share::Accepted,
                };
                (Ok(share), BTreeSet::from([account.env_mgmt_role_arn.clone()]))
            }
        };
        let mut work = InWork {
            catalog,
            observed: Observed {
                share,
                documents,
                stack: Err(late()),
                principals: Ok(principals),
            },
            account,
            failures: Vec::new(),
            documents: Vec::new(),
            written: 0,
            is_anew: false,
            look: last_look,
        };
        if in_time(account_ends, self.look_and_write(&mut work, desired))
            .await
            .is_none()
        {
            let account = &work.account.aws_account_id;
            tracing::warn!(aws_account = %account, "a hosting account takes too long; it is left for the next time");
        }
        // Whoever does not let Workbench in does not tell what it has, either.
        if is_looked_through && matches!(work.observed.stack, Ok(Some(_))) {
            let look = self.look_through(&work.account, work.look.as_ref());
            let look = in_time(account_ends, look).await;
            work.look = Some(look.unwrap_or_else(|| late_look(work.look.as_ref(), self.now())));
        }
        work
    }

    async fn look_and_write(&self, work: &mut InWork, desired: &Desired) {
        self.look(work, desired).await;
        let comparison = check::compare(&work.account, desired, &work.observed, self.now());
        let removed = work.account.status == AccountStatus::Removed;
        if removed
            && let Some(first) = comparison.writes.first()
            && !self.may_take_back(work, first).await
        {
            return;
        }
        let mut stuck = false;
        for write in comparison.writes {
            match &write {
                Write::ShareDocument(document) => work.documents.push((document.clone(), ListChange::Add)),
                Write::UnshareDocument(document) => {
                    work.documents.push((document.clone(), ListChange::Remove));
                }
                // What comes after what failed can not work either.
                _ if stuck => {}
                _ => match self.write(&work.account, &write).await {
                    Ok(()) => work.did(&write),
                    Err(fault) => {
                        stuck = true;
                        work.failures.push((write, unseen(&fault)));
                    }
                },
            }
        }
    }

    /// Whether something may be taken from an account that was let go. Lists may be late to show that its AWS account was
    /// registered anew; this row is not. What can not be asked is left for the next time.
    pub(super) async fn may_take_back(&self, work: &mut InWork, write: &Write) -> bool {
        match self
            .table()
            .registered_account(&work.account.aws_account_id)
            .await
        {
            Ok(None) => true,
            Ok(Some(_)) => {
                work.is_anew = true;
                false
            }
            Err(error) => {
                let unseen = Unseen::Unclear(error.to_string());
                work.failures.push((write.clone(), unseen));
                false
            }
        }
    }

    /// Looks at what only the account itself can tell.
    async fn look(&self, work: &mut InWork, desired: &Desired) {
        let InWork {
            account,
            observed,
            catalog,
            ..
        } = work;
        if account.status == AccountStatus::Removed {
            observed.stack = Ok(None);
            return;
        }
        let handler = self.accounts().handle(account);
        observed.stack = handler
            .stack(&desired.stack_name)
            .await
            .map_err(|fault| unseen(&fault));
        let accepted = desired.is_main(account) || observed.share == Ok(Share::Accepted);
        if *catalog == CatalogCheck::Asked && accepted && observed.stack.is_ok() {
            let principals = handler.principals(self.shares().portfolio()).await;
            observed.principals = principals.map_err(|fault| unseen(&fault));
        }
    }

    async fn write(&self, account: &HostingAccount, write: &Write) -> Result<(), crate::Fault> {
        let portfolio = self.shares().portfolio();
        match write {
            Write::SharePortfolio => self.shares().share(&account.aws_account_id).await,
            Write::UnsharePortfolio => self.shares().unshare(&account.aws_account_id).await,
            Write::AcceptPortfolio => self.accounts().handle(account).accept(portfolio).await,
            Write::AssociatePrincipal => {
                let handler = self.accounts().handle(account);
                handler.associate(portfolio, &account.env_mgmt_role_arn).await
            }
            // These go for 20 accounts at a time, see `list_documents`.
            Write::ShareDocument(_) | Write::UnshareDocument(_) => Ok(()),
        }
    }
}

impl Subject {
    /// An account that is checked with all others; `last` is what its last check came to.
    fn of(account: HostingAccount, last: Option<AccountCheck>, now: Timestamp) -> Self {
        let (seen, last_look) = last.map_or((None, None), |check| (check.catalog_seen_at, check.look));
        let catalog = match seen {
            Some(at) if !check::asks_catalog(&account, seen, now) => CatalogCheck::SeenAt(at),
            _ => CatalogCheck::Asked,
        };
        Self {
            catalog,
            is_looked_through: orphans::is_due(&account, last_look.as_ref(), now),
            last_look,
            account,
        }
    }
}

impl InWork {
    pub(super) fn did(&mut self, write: &Write) {
        self.observed = self.observed.clone().after(&self.account, write);
        self.written += 1;
    }
}
