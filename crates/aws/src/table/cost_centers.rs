//! Cost centres.

use workbench_core::cost_center::CostCenter;
use workbench_core::id::CostCenterId;

use super::Table;
use super::key::{self, Key};
use super::row::Row;
use crate::error::Error;

impl Row for CostCenter {
    fn key(&self) -> Key {
        key::cost_center(self.id)
    }
}

impl Table {
    /// Writes a cost centre that is new, or that was read with the `rev` before its own.
    ///
    /// # Errors
    /// Conflict if it was changed meanwhile; or DynamoDB's.
    pub async fn put_cost_center(&self, cost_center: &CostCenter) -> Result<(), Error> {
        self.put_next("cost centre", cost_center, cost_center.id, cost_center.rev)
            .await
    }

    /// One cost centre, DELETED ones included.
    ///
    /// # Errors
    /// DynamoDB's, or the row can not be read.
    pub async fn cost_center(&self, id: CostCenterId) -> Result<Option<CostCenter>, Error> {
        self.get(key::cost_center(id)).await
    }
}
