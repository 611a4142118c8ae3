//! CloudFormation's requests for custom resources, and what they ask for.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use workbench_core::id::ProductId;

use crate::refusal::Refusal;

/// The resource types that this function provides.
pub const RESOURCE_TYPES: [&str; 3] = [TEMPLATE, INSTANCE_FILES, REGISTRATION];

const TEMPLATE: &str = "Custom::ProductTemplate";
const INSTANCE_FILES: &str = "Custom::InstanceFiles";
const REGISTRATION: &str = "Custom::EnvironmentType";

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
    /// To publish a package's product template.
    Template(Package),
    /// To publish a package's instance files.
    InstanceFiles(Package),
    /// To register the versions of a package's product.
    Registration(Registration),
    /// To delete whatever it is.
    Delete,
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
    #[serde(default, rename = "ProvisioningArtifactIds")]
    _provisioning_artifact_ids: IgnoredAny,
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
        match self.request_type.as_str() {
            Some("Create" | "Update") => {}
            Some("Delete") => return Ok(Order::Delete),
            _ => return Err(Refusal::RequestType(shown(&self.request_type))),
        }
        match self.resource_type.as_str() {
            Some(TEMPLATE) => Ok(Order::Template(self.properties()?)),
            Some(INSTANCE_FILES) => Ok(Order::InstanceFiles(self.properties()?)),
            Some(REGISTRATION) => Ok(Order::Registration(self.properties()?)),
            _ => Err(Refusal::ResourceType(shown(&self.resource_type))),
        }
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
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().take(80).collect()
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
            "LogicalResourceId": "SagemakerNotebookTemplate",
            "ResourceType": resource,
            "ResourceProperties": properties,
        })
    }

    fn order(request: &str, resource: &str, properties: Value) -> Result<Order, String> {
        let request = Request::read(&event(request, resource, properties)).unwrap();
        request.order().map_err(|refusal| refusal.to_string())
    }

    fn package() -> Value {
        json!({ "ServiceToken": "arn:aws:lambda:...", "EnvironmentType": "sagemakerNotebook", "ContentHash": "ab" })
    }

    #[test]
    fn each_resource_type_is_an_order_when_created_and_when_updated() {
        for request in ["Create", "Update"] {
            let template = order(request, TEMPLATE, package()).unwrap();
            assert!(
                matches!(&template, Order::Template(package) if package.environment_type == "sagemakerNotebook"
                    && package.content_hash == "ab")
            );
            let files = order(request, INSTANCE_FILES, package()).unwrap();
            assert!(matches!(files, Order::InstanceFiles(_)));
            let mut properties = package();
            properties["ProductId"] = json!("prod-hxwmltpkg2edy");
            for ids in [
                json!("pa-fh6spfcycydtq"),
                json!(["pa-fh6spfcycydtq", "pa-fh6spfcycydtr"]),
            ] {
                properties["ProvisioningArtifactIds"] = ids;
                let registration = order(request, REGISTRATION, properties.clone()).unwrap();
                assert!(
                    matches!(&registration, Order::Registration(asked) if asked.product_id.as_str() == "prod-hxwmltpkg2edy")
                );
            }
        }
    }

    #[test]
    fn anything_may_be_deleted() {
        for resource in RESOURCE_TYPES.into_iter().chain(["Custom::Other"]) {
            assert_eq!(order("Delete", resource, Value::Null), Ok(Order::Delete));
        }
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
                refused("Rename", TEMPLATE, package()),
                refused("Create", "Custom::Other", package()),
                refused("Create", TEMPLATE, Value::Null),
                refused(
                    "Create",
                    TEMPLATE,
                    json!({ "EnvironmentType": "sagemakerNotebook" })
                ),
                refused("Create", TEMPLATE, with("ContentHash", json!(1))),
                refused("Create", TEMPLATE, with("Hash", json!("ab"))),
                refused("Create", REGISTRATION, package()),
                refused("Create", REGISTRATION, with("ProductId", json!("prod-1"))),
            ]
            .join("\n")
        );
    }

    #[test]
    fn a_request_that_can_not_be_answered_is_none() {
        let whole = event("Create", TEMPLATE, package());
        for field in ["ResponseURL", "StackId", "RequestId", "LogicalResourceId"] {
            let mut event = whole.clone();
            event.as_object_mut().unwrap().remove(field);
            let error = Request::read(&event).unwrap_err();
            assert_eq!(error.to_string(), format!("missing field `{field}`"));
        }
        assert!(Request::read(&Value::Null).is_err());
    }
}
