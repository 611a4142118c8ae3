//! Records of operations, and provisioned products as answers show them.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::provisioning::ProvisionedProduct;
use super::{invalid, not_found};
use crate::error::ApiError;
use crate::request::{epoch_seconds, parse};
use crate::world::{Principal, World};

/// What a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordType {
    Provision,
    Terminate,
}

/// How far the operation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RecordStatus {
    Created,
    InProgress,
    Succeeded,
    /// With the code and description of its error.
    Failed(String, String),
}

/// The record of one operation. It outlives the provisioned product.
#[derive(Clone)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) kind: RecordType,
    pub(super) status: RecordStatus,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) provisioned_id: String,
    pub(super) provisioned_name: String,
    pub(super) product: String,
    pub(super) artifact: String,
    pub(super) path: String,
    pub(super) launch_role: Option<String>,
    pub(super) tags: Vec<(String, String)>,
    /// Key, value and description.
    pub(super) outputs: Vec<(String, String, Option<String>)>,
}

impl Record {
    pub(super) fn describe(&self) -> Value {
        let (status, errors) = match &self.status {
            RecordStatus::Created => ("CREATED", json!([])),
            RecordStatus::InProgress => ("IN_PROGRESS", json!([])),
            RecordStatus::Succeeded => ("SUCCEEDED", json!([])),
            RecordStatus::Failed(code, description) => {
                ("FAILED", json!([{ "Code": code, "Description": description }]))
            }
        };
        let tags: Vec<_> = self
            .tags
            .iter()
            .map(|(key, value)| json!({ "Key": key, "Value": value }))
            .collect();
        let mut shown = json!({
            "RecordId": self.id,
            "RecordType": match self.kind {
                RecordType::Provision => "PROVISION_PRODUCT",
                RecordType::Terminate => "TERMINATE_PROVISIONED_PRODUCT",
            },
            "Status": status,
            "CreatedTime": epoch_seconds(self.created),
            "UpdatedTime": epoch_seconds(self.updated),
            "ProvisionedProductId": self.provisioned_id,
            "ProvisionedProductName": self.provisioned_name,
            "ProvisionedProductType": "CFN_STACK",
            "ProductId": self.product,
            "ProvisioningArtifactId": self.artifact,
            "PathId": self.path,
            "RecordErrors": errors,
            "RecordTags": tags,
        });
        if let Some(role) = &self.launch_role {
            shown["LaunchRoleArn"] = json!(role);
        }
        shown
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeRecord {
    id: String,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
    #[serde(rename = "PageSize")]
    _page_size: Option<u32>,
    #[serde(rename = "PageToken")]
    _page_token: Option<String>,
}

pub(super) fn describe_record(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: DescribeRecord = parse("DescribeRecord", input)?;
    let record = world.service_catalog.records.get(&request.id);
    let record = record.filter(|record| record.account == principal.account);
    let record = record.ok_or_else(|| not_found("record", &request.id))?;
    let outputs: Vec<_> = record
        .outputs
        .iter()
        .map(|(key, value, description)| {
            let mut shown = json!({ "OutputKey": key, "OutputValue": value });
            if let Some(description) = description {
                shown["Description"] = json!(description);
            }
            shown
        })
        .collect();
    Ok(json!({ "RecordDetail": record.describe(), "RecordOutputs": outputs }))
}

pub(super) fn provisioned(product: &ProvisionedProduct) -> Value {
    let mut shown = json!({
        "Id": product.id,
        "Name": product.name,
        "Arn": product.arn,
        "Type": "CFN_STACK",
        "Status": product.status.name(),
        "CreatedTime": epoch_seconds(product.created),
        "LastRecordId": product.last_record,
        "LastProvisioningRecordId": product.provisioning_record,
        "ProductId": product.product,
        "ProvisioningArtifactId": product.artifact,
    });
    if let Some(token) = &product.token {
        shown["IdempotencyToken"] = json!(token);
    }
    if let Some(message) = &product.message {
        shown["StatusMessage"] = json!(message);
    }
    if let Some(role) = &product.launch_role {
        shown["LaunchRoleArn"] = json!(role);
    }
    shown
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeProvisionedProduct {
    id: Option<String>,
    name: Option<String>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

pub(super) fn describe_provisioned(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: DescribeProvisionedProduct = parse("DescribeProvisionedProduct", input)?;
    let product = find(world, principal, request.id.as_deref(), request.name.as_deref())?;
    Ok(json!({ "ProvisionedProductDetail": provisioned(product), "CloudWatchDashboards": [] }))
}

/// The account's provisioned product by id or name.
pub(super) fn find<'a>(
    world: &'a World,
    principal: &Principal,
    id: Option<&str>,
    name: Option<&str>,
) -> Result<&'a ProvisionedProduct, ApiError> {
    let wanted = match (id, name) {
        (Some(wanted), None) | (None, Some(wanted)) => wanted,
        _ => {
            return Err(invalid(
                "either the id or the name of the provisioned product must be given",
            ));
        }
    };
    let mut own = world
        .service_catalog
        .provisioned
        .values()
        .filter(|it| it.account == principal.account);
    own.find(|it| {
        if id.is_some() {
            it.id == wanted
        } else {
            it.name == wanted
        }
    })
    .ok_or_else(|| not_found("provisioned product", wanted))
}
