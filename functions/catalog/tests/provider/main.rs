//! The function as CloudFormation calls it, by real requests to what it calls.

#[cfg(test)]
mod aws;
#[cfg(test)]
mod product;
#[cfg(test)]
mod publish;
#[cfg(test)]
mod register;
#[cfg(test)]
mod respond;
#[cfg(test)]
mod service_catalog;

/// CloudFormation's request for one resource.
#[cfg(test)]
fn event(request: &str, resource: &str, properties: &serde_json::Value) -> serde_json::Value {
    serde_json::json!({
        "RequestType": request,
        "ResponseURL": format!("https://{}/arn%3Aaws%3Acloudformation/r-1?AWSAccessKeyId=AKIA&Signature=s%3D", aws::ANSWERS),
        "StackId": "arn:aws:cloudformation:us-east-1:111122223333:stack/workbench/1",
        "RequestId": "r-1",
        "LogicalResourceId": "SagemakerNotebookResource",
        "ResourceType": resource,
        "ResourceProperties": properties,
    })
}

/// The SHA-256 of the file of a package, as `shasum` prints it.
#[cfg(test)]
fn hash_of(type_name: &str) -> String {
    use sha2::Digest as _;
    let text = workbench_core::registry::environment_type(type_name)
        .unwrap()
        .template;
    let digest = sha2::Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
