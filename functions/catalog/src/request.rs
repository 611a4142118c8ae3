//! CloudFormation's requests for custom resources, and what they ask for.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use workbench_core::id::ProductId;
use workbench_core::text::shortened;

use crate::refusal::Refusal;

/// The resource types that this function provides.
pub const RESOURCE_TYPES: [&str; 4] = [PRODUCT, INSTANCE_FILES, REGISTRATION, DOCUMENT_SHARES];

const PRODUCT: &str = "Custom::Product";
const INSTANCE_FILES: &str = "Custom::InstanceFiles";
const REGISTRATION: &str = "Custom::EnvironmentType";
const DOCUMENT_SHARES: &str = "Custom::DocumentShares";

/// A request: what is needed to answer it, and the rest as it came.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Request {
    #[serde(rename = "ResponseURL")]
    pub(crate) response_url: String,
    pub(crate) stack_id: String,
    pub(crate) request_id: String,
    pub(crate) logical_resource_id: String,
    #[serde(default)]
    pub(crate) physical_resource_id: Option<String>,
    #[serde(default)]
    request_type: Value,
    #[serde(default)]
    resource_type: Value,
    #[serde(default)]
    resource_properties: Value,
}

/// What a request asks for.
#[derive(Debug, PartialEq)]
pub(crate) enum Order {
    /// To make a package's product.
    CreateProduct(WantedProduct),
    /// To make a product what it should be.
    UpdateProduct(ProductId, WantedProduct),
    /// To delete a product.
    DeleteProduct(ProductId),
    /// To publish a package's instance files.
    InstanceFiles(Package),
    /// To register the versions of a package's product.
    Registration(Registration),
    /// To answer for the shares of a package's documents, which the account function makes.
    KeepShares(Shares),
    /// To take a package's documents back from all accounts.
    EndShares(Shares),
    /// To delete what is kept all the same, or was never made.
    Delete,
}

/// The product of a package as it should be.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct WantedProduct {
    pub(crate) environment_type: String,
    pub(crate) description: String,
    /// Of the template.
    pub(crate) content_hash: String,
    #[serde(default, rename = "ServiceToken")]
    _service_token: IgnoredAny,
    #[serde(default, rename = "ServiceTimeout")]
    _service_timeout: IgnoredAny,
}

/// The package of this function's build that a resource is about.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Package {
    pub(crate) environment_type: String,
    pub(crate) content_hash: String,
    #[serde(default, rename = "ServiceToken")]
    _service_token: IgnoredAny,
    #[serde(default, rename = "ServiceTimeout")]
    _service_timeout: IgnoredAny,
}

/// The product of a package.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Registration {
    pub(crate) environment_type: String,
    pub(crate) product_id: ProductId,
    /// Here so that CloudFormation asks again when the package changed. What tells builds apart is the product's
    /// version, which is named after the template.
    #[serde(default, rename = "ContentHash")]
    _content_hash: IgnoredAny,
    /// Here so that CloudFormation asks again when the product has another version.
    #[serde(default, rename = "ProvisioningArtifactId")]
    _provisioning_artifact_id: IgnoredAny,
    #[serde(default, rename = "ServiceToken")]
    _service_token: IgnoredAny,
    #[serde(default, rename = "ServiceTimeout")]
    _service_timeout: IgnoredAny,
}

/// The shares of a package's documents.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Shares {
    /// Their names.
    pub(crate) documents: Vec<String>,
    #[serde(default, rename = "ServiceToken")]
    _service_token: IgnoredAny,
    #[serde(default, rename = "ServiceTimeout")]
    _service_timeout: IgnoredAny,
}

impl Request {
    /// Reads what is needed to answer. Without it nobody can be told anything.
    pub(crate) fn read(event: &Value) -> Result<Self, serde_json::Error> {
        Self::deserialize(event)
    }

    /// What is asked for.
    ///
    /// Deleting is always possible, also what this function does not know: a creation that was
    /// refused is followed by a deletion, which must not be in the stack's way.
    pub(crate) fn order(&self) -> Result<Order, Refusal> {
        let resource_type = self.resource_type.as_str();
        match (self.request_type.as_str(), resource_type) {
            (Some("Delete"), Some(PRODUCT)) => {
                Ok(self.product_id().map_or(Order::Delete, Order::DeleteProduct))
            }
            (Some("Delete"), Some(DOCUMENT_SHARES)) => {
                Ok(self.properties().map_or(Order::Delete, Order::EndShares))
            }
            (Some("Delete"), _) => Ok(Order::Delete),
            (Some("Create"), Some(PRODUCT)) => Ok(Order::CreateProduct(self.properties()?)),
            (Some("Update"), Some(PRODUCT)) => {
                let id = self.product_id().ok_or_else(|| {
                    Refusal::NoProduct(self.physical_resource_id.clone().unwrap_or_default())
                })?;
                Ok(Order::UpdateProduct(id, self.properties()?))
            }
            (Some("Create" | "Update"), Some(INSTANCE_FILES)) => Ok(Order::InstanceFiles(self.properties()?)),
            (Some("Create" | "Update"), Some(REGISTRATION)) => Ok(Order::Registration(self.properties()?)),
            (Some("Create" | "Update"), Some(DOCUMENT_SHARES)) => Ok(Order::KeepShares(self.properties()?)),
            (Some("Create" | "Update"), _) => Err(Refusal::ResourceType(shown(&self.resource_type))),
            _ => Err(Refusal::RequestType(shown(&self.request_type))),
        }
    }

    /// An idempotency token: CloudFormation's id of the request, in the characters that Service Catalog takes.
    pub(crate) fn token(&self) -> String {
        let known = self
            .request_id
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-');
        std::iter::once('r').chain(known).take(128).collect()
    }

    fn product_id(&self) -> Option<ProductId> {
        self.physical_resource_id.as_deref()?.parse().ok()
    }

    fn properties<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_path_to_error::deserialize(&self.resource_properties).map_err(|error| {
            let field = match error.path().to_string() {
                path if path == "." => String::new(),
                path => format!(".{path}"),
            };
            Refusal::Properties(format!("{field}: {}", error.inner()))
        })
    }
}

/// A value in a message, not longer than a line.
fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| shortened(&value.to_string()), shortened)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(request: &str, resource: &str, properties: Value) -> Value {
        json!({
            "RequestType": request,
            "ResponseURL": "https://answers.s3.amazonaws.com/a?Signature=b",
            "StackId": "arn:aws:cloudformation:us-east-1:111122223333:stack/workbench/1",
            "RequestId": "r-1",
            "LogicalResourceId": "SagemakerNotebookFiles",
            "ResourceType": resource,
            "ResourceProperties": properties,
        })
    }

    fn order(request: &str, resource: &str, properties: Value) -> Result<Order, String> {
        let request = Request::read(&event(request, resource, properties)).unwrap();
        request.order().map_err(|refusal| refusal.to_string())
    }

    const PRODUCT_ID: &str = "prod-hxwmltpkg2edy";

    fn product() -> Value {
        let mut properties = package();
        properties["Description"] = json!("A notebook");
        properties
    }

    fn package() -> Value {
        json!({ "ServiceToken": "arn:aws:lambda:...", "EnvironmentType": "sagemakerNotebook", "ContentHash": "ab" })
    }

    #[test]
    fn each_resource_type_is_an_order_when_created_and_when_updated() {
        for request in ["Create", "Update"] {
            let files = order(request, INSTANCE_FILES, package()).unwrap();
            assert!(matches!(files, Order::InstanceFiles(_)));
            let mut properties = package();
            properties["ProductId"] = json!(PRODUCT_ID);
            properties["ProvisioningArtifactId"] = json!("pa-fh6spfcycydtq");
            let registration = order(request, REGISTRATION, properties).unwrap();
            assert!(
                matches!(&registration, Order::Registration(asked) if asked.product_id.as_str() == PRODUCT_ID)
            );
        }
    }

    #[test]
    fn a_product_is_created_once_and_then_known_by_its_id() {
        let order_for = |request: &str, id: Option<&str>| {
            let mut event = event(request, PRODUCT, product());
            event["PhysicalResourceId"] = json!(id);
            let request = Request::read(&event).unwrap();
            request.order().map_err(|refusal| refusal.to_string())
        };
        let wanted: WantedProduct = serde_json::from_value(product()).unwrap();
        assert_eq!(wanted.content_hash, "ab");
        assert_eq!(order_for("Create", None), Ok(Order::CreateProduct(wanted)));
        let wanted = serde_json::from_value(product()).unwrap();
        let id: ProductId = PRODUCT_ID.parse().unwrap();
        assert_eq!(
            order_for("Update", Some(PRODUCT_ID)),
            Ok(Order::UpdateProduct(id.clone(), wanted))
        );
        assert_eq!(
            order_for("Update", Some("Product-not-created")),
            Err("PhysicalResourceId: `Product-not-created` is no product".to_owned())
        );
        assert_eq!(
            order_for("Delete", Some(PRODUCT_ID)),
            Ok(Order::DeleteProduct(id))
        );
        assert_eq!(
            order_for("Delete", Some("Product-not-created")),
            Ok(Order::Delete)
        );
    }

    #[test]
    fn the_same_request_has_the_same_token_in_characters_that_are_taken() {
        let token = |id: &str| {
            let mut event = event("Create", PRODUCT, product());
            event["RequestId"] = json!(id);
            Request::read(&event).unwrap().token()
        };
        assert_eq!(token("5f2e-9c"), token("5f2e-9c"));
        assert_ne!(token("5f2e-9c"), token("5f2e-9d"));
        assert_eq!(token("-a b/c"), "r-abc");
        assert_eq!(token(&"a".repeat(400)).len(), 128);
    }

    #[test]
    fn anything_may_be_deleted() {
        for resource in RESOURCE_TYPES.into_iter().chain(["Custom::Other"]) {
            assert_eq!(order("Delete", resource, Value::Null), Ok(Order::Delete));
        }
    }

    #[test]
    fn the_shares_of_documents_end_when_their_resource_is_deleted() {
        let shares = || json!({ "ServiceToken": "arn:aws:lambda:...", "Documents": ["workbench-a-Launch"] });
        for request in ["Create", "Update"] {
            let kept = order(request, DOCUMENT_SHARES, shares()).unwrap();
            assert!(matches!(kept, Order::KeepShares(_)));
        }
        let ended = order("Delete", DOCUMENT_SHARES, shares()).unwrap();
        assert!(matches!(ended, Order::EndShares(shares) if shares.documents == ["workbench-a-Launch"]));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let with = |field: &str, value: Value| {
            let mut properties = package();
            properties[field] = value;
            properties
        };
        let refused = |request: &str, resource: &str, properties: Value| {
            order(request, resource, properties).unwrap_err()
        };
        insta::assert_snapshot!(
            [
                refused("Rename", INSTANCE_FILES, package()),
                refused("Create", "Custom::Other", package()),
                refused("Create", INSTANCE_FILES, Value::Null),
                refused(
                    "Create",
                    INSTANCE_FILES,
                    json!({ "EnvironmentType": "sagemakerNotebook" })
                ),
                refused("Create", INSTANCE_FILES, with("ContentHash", json!(1))),
                refused("Create", INSTANCE_FILES, with("Hash", json!("ab"))),
                refused("Create", PRODUCT, package()),
                refused("Create", REGISTRATION, package()),
                refused("Create", REGISTRATION, with("ProductId", json!("prod-1"))),
            ]
            .join("\n")
        );
    }

    #[test]
    fn a_request_that_can_not_be_answered_is_none() {
        let whole = event("Create", INSTANCE_FILES, package());
        for field in ["ResponseURL", "StackId", "RequestId", "LogicalResourceId"] {
            let mut event = whole.clone();
            event.as_object_mut().unwrap().remove(field);
            let error = Request::read(&event).unwrap_err();
            assert_eq!(error.to_string(), format!("missing field `{field}`"));
        }
        assert!(Request::read(&Value::Null).is_err());
    }
}
