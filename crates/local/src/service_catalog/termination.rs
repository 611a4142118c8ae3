//! Provisioned products terminated: their stack deleted, as it was made, under the launch role.

use serde::Deserialize;
use serde_json::{Value, json};

use super::not_found;
use super::provisioning::{
    START, Status, fail, follow, gone, new_record, of_record, provisioner, set_status,
};
use super::records::{self, Record, RecordStatus, RecordType};
use crate::error::ApiError;
use crate::request::parse;
use crate::world::{Principal, Service, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TerminateProvisionedProduct {
    provisioned_product_id: Option<String>,
    provisioned_product_name: Option<String>,
    terminate_token: Option<String>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

pub(super) fn terminate(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    const OPERATION: &str = "TerminateProvisionedProduct";
    let request: TerminateProvisionedProduct = parse(OPERATION, input)?;
    let account = &principal.account;
    if let Some(known) = world
        .service_catalog
        .made_by(account, OPERATION, request.terminate_token.as_deref())
    {
        let record = world.service_catalog.records.get(known).map(Record::describe);
        return Ok(json!({ "RecordDetail": record }));
    }
    let provisioned = records::find(
        world,
        principal,
        request.provisioned_product_id.as_deref(),
        request.provisioned_product_name.as_deref(),
    )?;
    if provisioned.status == Status::UnderChange {
        return Err(ApiError::validation(format!(
            "provisioned product `{}` is UNDER_CHANGE and cannot be terminated",
            provisioned.id
        )));
    }
    let id = provisioned.id.clone();
    let record_id = world.new_id("rec-", 13);
    let Some(provisioned) = world.service_catalog.provisioned.get(&id) else {
        return Err(not_found("product", &id));
    };
    let record = new_record(world, provisioned, record_id.clone(), RecordType::Terminate);
    let answer = json!({ "RecordDetail": record.describe() });
    if let Some(provisioned) = world.service_catalog.provisioned.get_mut(&id) {
        provisioned.status = Status::UnderChange;
        provisioned.message = None;
        provisioned.last_record = record_id.clone();
    }
    world.service_catalog.records.insert(record_id.clone(), record);
    world
        .service_catalog
        .remember(account, OPERATION, request.terminate_token, &record_id);
    world.schedule(START, move |world| {
        set_status(world, &record_id, RecordStatus::InProgress);
        delete_stack(world, &record_id);
    });
    Ok(answer)
}

fn delete_stack(world: &mut World, record_id: &str) {
    let Some(provisioned) = of_record(world, record_id) else {
        return;
    };
    let Some(stack) = provisioned.stack.clone() else {
        // Provisioning failed before there was a stack.
        gone(world, record_id);
        return;
    };
    let deleted = provisioner(world, provisioned).and_then(|principal| {
        world.call(
            &principal,
            Service::CloudFormation,
            "DeleteStack",
            &json!({ "StackName": stack }),
        )
    });
    match deleted {
        Ok(_) => follow(world, record_id),
        Err(error) => fail(world, record_id, &error.code, error.message),
    }
}
