//! What a hosting account has, as Service Catalog and the tagging API list it.

use std::collections::HashSet;

use aws_sdk_resourcegroupstagging::types::TagFilter;
use aws_sdk_servicecatalog::types::{AccessLevelFilter, AccessLevelFilterKey};
use workbench_core::account::orphans::{Lister, TAG, Thing};
use workbench_core::id::ProvisionedProductId;

use super::handler::Handler;
use crate::error::Fault;
use crate::listing::Listing;

/// How many pages of a list are asked for, and how much is on one: as much as AWS allows.
pub(super) const PAGES: usize = 50;
const PER_PAGE: i32 = 100;

/// How much of a list is looked at.
pub(super) const MOST: usize = 5000;

/// The provisioned products of an account, and those of them that have an environment's tag.
#[derive(Debug, Default)]
pub(super) struct Products {
    pub(super) ids: HashSet<ProvisionedProductId>,
    pub(super) things: Vec<Thing>,
}

impl Handler {
    /// The provisioned products of the account, whoever has made them.
    ///
    /// <https://docs.aws.amazon.com/servicecatalog/latest/dg/API_SearchProvisionedProducts.html>
    pub(super) async fn provisioned(&self, portfolio: &str) -> Result<Listing<Products>, Fault> {
        let account = AccessLevelFilter::builder()
            .key(AccessLevelFilterKey::Account)
            .value("self")
            .build();
        // In another order AWS may leave out some.
        let search = self
            .catalog
            .search_provisioned_products()
            .access_level_filter(account)
            .sort_by("createdTime")
            .page_size(PER_PAGE);
        let mut found = Products::default();
        let mut token = None;
        for _ in 0..PAGES {
            let page = search.clone().set_page_token(token).send().await;
            let page =
                page.map_err(|error| Fault::of("servicecatalog", "SearchProvisionedProducts", &error))?;
            for product in page.provisioned_products.unwrap_or_default() {
                found.ids.extend(product.id().and_then(|id| id.parse().ok()));
                let tags = product.tags().iter().map(|tag| (tag.key(), tag.value()));
                let thing = Thing::of(
                    product.arn().unwrap_or_default(),
                    tags,
                    Lister::Catalog,
                    portfolio,
                );
                found.things.extend(thing);
            }
            token = page.next_page_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(Listing { found, whole: true });
            }
        }
        Ok(Listing { found, whole: false })
    }

    /// What has an environment's tag, of whatever service.
    ///
    /// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>
    pub(super) async fn tagged(&self, portfolio: &str) -> Result<Listing<Vec<Thing>>, Fault> {
        let get = self
            .tags
            .get_resources()
            .tag_filters(TagFilter::builder().key(TAG).build())
            .resources_per_page(PER_PAGE);
        let mut found = Vec::new();
        let mut token = None;
        for _ in 0..PAGES {
            let page = get.clone().set_pagination_token(token).send().await;
            let page = page.map_err(|error| Fault::of("tag", "GetResources", &error))?;
            for resource in page.resource_tag_mapping_list.unwrap_or_default() {
                let tags = resource.tags().iter().map(|tag| (tag.key(), tag.value()));
                let arn = resource.resource_arn().unwrap_or_default();
                found.extend(Thing::of(arn, tags, Lister::Tags, portfolio));
            }
            token = page.pagination_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(Listing { found, whole: true });
            }
        }
        Ok(Listing { found, whole: false })
    }
}
