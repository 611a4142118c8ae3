//! Cost centres.

use workbench_core::account::AccountStatus;
use workbench_core::cost_center::{CostCenter, CostCenterStatus};
use workbench_core::id::{AccountId, CostCenterId};
use workbench_core::page::{Page, PageRequest, SortKey};

use super::Table;
use super::environments::Updated;
use super::expression::Condition;
use super::index::{Place, sortable};
use super::key::{self, Key};
use super::list::Listed;
use super::row::Row;
use super::write::{self, Outcome, Write};
use crate::error::Error;

impl Row for CostCenter {
    fn key(&self) -> Key {
        key::cost_center(self.id)
    }

    fn places(&self) -> Vec<Place> {
        self.listed_places()
    }
}

impl Listed for CostCenter {
    const KIND: &'static str = "COSTCENTER";
    const KEYS: &'static [SortKey] = &[SortKey::Name];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn is_listed(&self) -> bool {
        self.status == CostCenterStatus::Available
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

impl Table {
    /// Writes a new cost centre, if its account is CURRENT, whose `rev` it raises. One request.
    ///
    /// # Errors
    /// `accountId` if the account does not exist; the wrong state if it is not CURRENT; or DynamoDB's.
    pub async fn create_cost_center(&self, cost_center: &CostCenter) -> Result<(), Error> {
        let account = cost_center.account_id;
        let mut writes = vec![Write::put(cost_center, Condition::absent())?];
        let current = Condition::status(AccountStatus::Current.label());
        let of_account = write::add(&mut writes, Write::raise(key::account(account), current));
        writes.push(Write::mark(key::cost_center_of_account(account, cost_center.id)));
        let Outcome::Refused(refusals) = self.create(writes, None).await? else {
            return Ok(());
        };
        Err(not_usable(account, refusals.found(of_account).is_some()).into())
    }

    /// One cost centre, DELETED ones included.
    ///
    /// # Errors
    /// DynamoDB's, or the row can not be read.
    pub async fn cost_center(&self, id: CostCenterId) -> Result<Option<CostCenter>, Error> {
        self.get(key::cost_center(id)).await
    }

    /// The AVAILABLE cost centres, by what the request asks for.
    ///
    /// # Errors
    /// The token is none of this query; or DynamoDB's.
    pub async fn cost_centers(&self, request: &PageRequest) -> Result<Page<CostCenter>, Error> {
        self.all(request).await
    }

    /// Writes `after` if the row is still `before`. A project that was made since makes it stale.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn update_cost_center(
        &self,
        before: &CostCenter,
        after: &CostCenter,
    ) -> Result<Updated, Error> {
        let mut writes = vec![Write::put(after, Condition::revision(before.rev))?];
        if after.status == CostCenterStatus::Deleted {
            writes.push(Write::remove(key::cost_center_of_account(
                after.account_id,
                after.id,
            )));
        }
        Ok(self.transact(writes, None).await?.into())
    }

    /// Whether the cost centre has a project. Read the cost centre first and decide by both.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn has_projects(&self, cost_center: CostCenterId) -> Result<bool, Error> {
        self.has_children(&key::cost_center(cost_center).pk, key::PROJECTS)
            .await
    }
}

fn not_usable(account: AccountId, exists: bool) -> workbench_core::Error {
    if exists {
        let problem = format!("accountId: hosting account `{account}` is not CURRENT; see its findings");
        workbench_core::Error::WrongState(problem)
    } else {
        workbench_core::Error::invalid("accountId", format!("hosting account `{account}` does not exist"))
    }
}
