//! The table as DynamoDB has to make it. In a deployment CloudFormation makes it; here it is made
//! for the local AWS and for tests.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};

use super::index::Index;
use super::key::{PK, SK, TTL};
use super::{SERVICE, Table};
use crate::error::{Error, Fault};

impl Table {
    /// Makes the table: keys, indexes, on-demand capacity, and the attribute after which rows expire.
    ///
    /// # Errors
    /// DynamoDB's, such as that the table exists.
    pub async fn create_table(&self) -> Result<(), Error> {
        let mut create = self
            .client
            .create_table()
            .table_name(&self.name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_key_schema(Some(key_schema(PK, SK)))
            .attribute_definitions(text(PK))
            .attribute_definitions(text(SK));
        // Some indexes share their partition key.
        let attributes: BTreeSet<_> = Index::EVERY
            .into_iter()
            .flat_map(|index| [index.partition(), index.position()])
            .collect();
        for attribute in attributes {
            create = create.attribute_definitions(text(attribute));
        }
        for index in Index::EVERY {
            create = create.global_secondary_indexes(secondary(index));
        }
        create
            .send()
            .await
            .map_err(|error| Fault::of(SERVICE, "CreateTable", &error))?;
        let update = self
            .client
            .update_time_to_live()
            .table_name(&self.name)
            .time_to_live_specification(expiry());
        update
            .send()
            .await
            .map_err(|error| Fault::of(SERVICE, "UpdateTimeToLive", &error))?;
        Ok(())
    }
}

const COMPLETE: &str = "all required members are set";

#[expect(
    clippy::expect_used,
    reason = "the builder is given all members that it requires"
)]
fn key_schema(partition: &str, sort: &str) -> Vec<KeySchemaElement> {
    [(partition, KeyType::Hash), (sort, KeyType::Range)]
        .map(|(name, kind)| {
            KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(kind)
                .build()
                .expect(COMPLETE)
        })
        .to_vec()
}

#[expect(
    clippy::expect_used,
    reason = "the builder is given all members that it requires"
)]
fn text(name: &str) -> AttributeDefinition {
    let text = AttributeDefinition::builder()
        .attribute_name(name)
        .attribute_type(ScalarAttributeType::S);
    text.build().expect(COMPLETE)
}

#[expect(
    clippy::expect_used,
    reason = "the builder is given all members that it requires"
)]
fn secondary(index: Index) -> GlobalSecondaryIndex {
    let projection = if index.has_rows() {
        ProjectionType::All
    } else {
        ProjectionType::KeysOnly
    };
    GlobalSecondaryIndex::builder()
        .index_name(index.name())
        .set_key_schema(Some(key_schema(index.partition(), index.position())))
        .projection(Projection::builder().projection_type(projection).build())
        .build()
        .expect(COMPLETE)
}

#[expect(
    clippy::expect_used,
    reason = "the builder is given all members that it requires"
)]
fn expiry() -> TimeToLiveSpecification {
    TimeToLiveSpecification::builder()
        .attribute_name(TTL)
        .enabled(true)
        .build()
        .expect(COMPLETE)
}
