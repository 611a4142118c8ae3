//! Pages on the wire.

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use workbench_core::page::Page;

use crate::schema;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageAnswer<T> {
    /// The rows.
    data: Vec<T>,
    /// How to ask for the next page: the same query with this token. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pagination_token: Option<String>,
}

impl<T> PageAnswer<T> {
    /// The page with each row as it is answered.
    pub(crate) fn of<U>(page: Page<U>, answer: impl FnMut(U) -> T) -> Self {
        let Page {
            data,
            pagination_token,
        } = page;
        Self {
            data: data.into_iter().map(answer).collect(),
            pagination_token,
        }
    }
}

/// The query of a list, as the OpenAPI document describes it. [`crate::query::Query`] reads it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct PageParams {
    /// How many rows a page has.
    #[param(rename = "pageSize", minimum = 1, maximum = 100, default = 50)]
    page_size: Option<u16>,
    /// The token of the page before.
    #[param(rename = "paginationToken", inline, value_type = Option<schema::PaginationToken>)]
    pagination_token: Option<String>,
}
