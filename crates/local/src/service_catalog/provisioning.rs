//! Products provisioned: a CloudFormation stack made under the launch role, followed to its end.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::access::{launch_paths, visible_product};
use super::provision_request::{ProvisionProduct, check_parameters};
use super::records::{Record, RecordStatus, RecordType};
use super::{invalid, not_found};
use crate::cloudformation::{self, Ended};
use crate::error::ApiError;
use crate::request::parse;
use crate::world::{Principal, Service, World};

/// Time from the request to the stack.
pub(super) const START: SignedDuration = SignedDuration::from_secs(5);

/// Time between two looks at the stack.
const POLL: SignedDuration = SignedDuration::from_secs(5);

/// Time that a provisioning takes which is made to fail.
const FAILS_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// A provisioned product's status, as AWS names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Available,
    UnderChange,
    /// Not what was asked for: a termination that failed.
    Tainted,
    Error,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Available => "AVAILABLE",
            Self::UnderChange => "UNDER_CHANGE",
            Self::Tainted => "TAINTED",
            Self::Error => "ERROR",
        }
    }
}

/// A provisioned product. It goes when its termination succeeds.
#[derive(Clone)]
pub(super) struct ProvisionedProduct {
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) account: String,
    pub(super) status: Status,
    pub(super) message: Option<String>,
    pub(super) created: Timestamp,
    pub(super) product: String,
    pub(super) artifact: String,
    path: String,
    pub(super) launch_role: Option<String>,
    pub(super) token: Option<String>,
    pub(super) last_record: String,
    pub(super) provisioning_record: String,
    /// Who asked; provisions where no launch role does.
    pub(super) principal: Principal,
    pub(super) tags: Vec<(String, String)>,
    /// Those that Service Catalog adds (administrator guide, "AutoTags").
    pub(super) system_tags: Vec<(String, String)>,
    pub(super) stack: Option<String>,
}

/// What is needed to make the stack.
struct Order {
    template: String,
    parameters: BTreeMap<String, String>,
}

pub(super) fn provision(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    const OPERATION: &str = "ProvisionProduct";
    let request: ProvisionProduct = parse(OPERATION, input)?;
    request.check()?;
    let account = &principal.account;
    if let Some(known) = world
        .service_catalog
        .made_by(account, OPERATION, request.provision_token.as_deref())
    {
        let record = world.service_catalog.records.get(known).map(Record::describe);
        return Ok(json!({ "RecordDetail": record }));
    }
    let product = visible_product(world, principal, &request.product_id)?;
    let artifact = product
        .artifacts
        .get(&request.provisioning_artifact_id)
        .filter(|artifact| artifact.active)
        .ok_or_else(|| not_found("provisioning artifact", &request.provisioning_artifact_id))?;
    let paths = launch_paths(world, principal, &request.product_id);
    let path = match (&request.path_id, paths.as_slice()) {
        (Some(id), paths) => paths
            .iter()
            .find(|path| path.id == id)
            .ok_or_else(|| not_found("launch path", id))?,
        (None, [path]) => path,
        (None, _) => {
            return Err(invalid(
                "the product has more than one launch path: PathId must be given",
            ));
        }
    };
    let parameters: BTreeMap<String, String> = request
        .provisioning_parameters
        .into_iter()
        .map(|given| (given.key, given.value))
        .collect();
    check_parameters(&artifact.template, &parameters)?;
    let mut own = world
        .service_catalog
        .provisioned
        .values()
        .filter(|it| it.account == *account);
    if own.any(|it| it.name == request.provisioned_product_name) {
        return Err(ApiError::new(
            "DuplicateResourceException",
            format!(
                "provisioned product name `{}` is taken",
                request.provisioned_product_name
            ),
        ));
    }
    let launch_role = path.role.map(|role| role.arn(account));
    let path_id = path.id.to_owned();
    let order = Order {
        template: artifact.template.clone(),
        parameters,
    };
    let mut system_tags = vec![
        (
            "aws:servicecatalog:portfolioArn".to_owned(),
            path.portfolio.arn(world),
        ),
        ("aws:servicecatalog:productArn".to_owned(), product.arn(world)),
        (
            "aws:servicecatalog:provisioningArtifactIdentifier".to_owned(),
            request.provisioning_artifact_id.clone(),
        ),
        (
            "aws:servicecatalog:provisioningPrincipalArn".to_owned(),
            principal.arn.clone(),
        ),
    ];
    let id = world.new_id("pp-", 13);
    let record_id = world.new_id("rec-", 13);
    let name = request.provisioned_product_name;
    let arn = format!(
        "arn:aws:servicecatalog:{}:{account}:stack/{name}/{id}",
        world.region
    );
    system_tags.push(("aws:servicecatalog:provisionedProductArn".to_owned(), arn.clone()));
    let provisioned = ProvisionedProduct {
        id: id.clone(),
        arn,
        name,
        account: account.clone(),
        status: Status::UnderChange,
        message: None,
        created: world.now,
        product: request.product_id,
        artifact: request.provisioning_artifact_id,
        path: path_id,
        launch_role,
        token: request.provision_token.clone(),
        last_record: record_id.clone(),
        provisioning_record: record_id.clone(),
        principal: principal.clone(),
        tags: request.tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
        system_tags,
        stack: None,
    };
    let record = new_record(world, &provisioned, record_id.clone(), RecordType::Provision);
    let answer = json!({ "RecordDetail": record.describe() });
    world.service_catalog.records.insert(record_id.clone(), record);
    world.service_catalog.provisioned.insert(id, provisioned);
    world
        .service_catalog
        .remember(account, OPERATION, request.provision_token, &record_id);
    let extra = world.faults.provisioning_takes.unwrap_or_default();
    match world.faults.provisioning_failure() {
        Some(text) => {
            world.schedule(START, {
                let record_id = record_id.clone();
                move |world| set_status(world, &record_id, RecordStatus::InProgress)
            });
            world.schedule(FAILS_AFTER.saturating_add(extra), move |world| {
                fail(world, &record_id, FAILURE, text);
            });
        }
        None => world.schedule(START, move |world| {
            set_status(world, &record_id, RecordStatus::InProgress);
            world.schedule(extra, move |world| make_stack(world, &record_id, order));
        }),
    }
    Ok(answer)
}

/// Code of a record's error when a stack failed; AWS does not list its codes.
const FAILURE: &str = "ResourceCreationFailed";

pub(super) fn new_record(
    world: &World,
    provisioned: &ProvisionedProduct,
    id: String,
    kind: RecordType,
) -> Record {
    Record {
        id,
        account: provisioned.account.clone(),
        kind,
        status: RecordStatus::Created,
        created: world.now,
        updated: world.now,
        provisioned_id: provisioned.id.clone(),
        provisioned_name: provisioned.name.clone(),
        product: provisioned.product.clone(),
        artifact: provisioned.artifact.clone(),
        path: provisioned.path.clone(),
        launch_role: provisioned.launch_role.clone(),
        tags: provisioned.tags.clone(),
        outputs: Vec::new(),
    }
}

/// Who provisions: a session of the launch role, else the caller.
pub(super) fn provisioner(world: &World, provisioned: &ProvisionedProduct) -> Result<Principal, ApiError> {
    match &provisioned.launch_role {
        Some(role) => {
            let arn = provisioned.arn.clone();
            let source = crate::iam::Source {
                account: &provisioned.principal.account,
                arn: &arn,
            };
            let service = "servicecatalog.amazonaws.com";
            crate::iam::assume_for_service(world, role, service, "servicecatalog", source)
        }
        None => Ok(provisioned.principal.clone()),
    }
}

pub(super) fn of_record<'a>(world: &'a World, record_id: &str) -> Option<&'a ProvisionedProduct> {
    let record = world.service_catalog.records.get(record_id)?;
    world.service_catalog.provisioned.get(&record.provisioned_id)
}

fn make_stack(world: &mut World, record_id: &str, order: Order) {
    let Some(provisioned) = of_record(world, record_id) else {
        return;
    };
    let principal = match provisioner(world, provisioned) {
        Ok(principal) => principal,
        Err(error) => {
            let text = format!("the launch role cannot be assumed: {}", error.message);
            fail(world, record_id, &error.code, text);
            return;
        }
    };
    let tags = provisioned.tags.iter().chain(&provisioned.system_tags);
    let tags: Vec<_> = tags
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    let parameters: Vec<_> = order
        .parameters
        .iter()
        .map(|(key, value)| json!({ "ParameterKey": key, "ParameterValue": value }))
        .collect();
    let request = json!({
        "StackName": format!("SC-{}-{}", provisioned.account, provisioned.id),
        "TemplateBody": order.template,
        "Parameters": parameters,
        "Tags": tags,
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
    });
    let made = world.call(&principal, Service::CloudFormation, "CreateStack", &request);
    match made.map(|answer| answer["StackId"].as_str().unwrap_or_default().to_owned()) {
        Ok(stack_id) => {
            let provisioned_id = world
                .service_catalog
                .records
                .get(record_id)
                .map(|it| it.provisioned_id.clone());
            let provisioned = provisioned_id.and_then(|id| world.service_catalog.provisioned.get_mut(&id));
            if let Some(provisioned) = provisioned {
                provisioned.stack = Some(stack_id);
            }
            follow(world, record_id);
        }
        Err(error) => fail(world, record_id, &error.code, error.message),
    }
}

/// Looks at the stack until its operation has ended.
pub(super) fn follow(world: &mut World, record_id: &str) {
    let Some(stack) = of_record(world, record_id).and_then(|it| it.stack.clone()) else {
        return;
    };
    match cloudformation::ended(world, &stack) {
        None => {
            let record_id = record_id.to_owned();
            world.schedule(POLL, move |world| follow(world, &record_id));
        }
        Some(Ended::Failed(reason)) => fail(world, record_id, FAILURE, reason),
        Some(Ended::Deleted) => gone(world, record_id),
        Some(Ended::Done(outputs)) => {
            if let Some(record) = world.service_catalog.records.get_mut(record_id) {
                record.outputs = outputs
                    .into_iter()
                    .map(|output| (output.key, output.value, output.description))
                    .collect();
                let description = Some("The ARN of the launched Cloudformation Stack".to_owned());
                record
                    .outputs
                    .push(("CloudformationStackARN".to_owned(), stack, description));
            }
            settle(world, record_id, Status::Available, None, RecordStatus::Succeeded);
        }
    }
}

pub(super) fn set_status(world: &mut World, record_id: &str, status: RecordStatus) {
    let now = world.now;
    if let Some(record) = world.service_catalog.records.get_mut(record_id) {
        record.status = status;
        record.updated = now;
    }
}

fn settle(world: &mut World, record_id: &str, status: Status, message: Option<String>, record: RecordStatus) {
    set_status(world, record_id, record);
    let provisioned_id = world
        .service_catalog
        .records
        .get(record_id)
        .map(|it| it.provisioned_id.clone());
    if let Some(provisioned) = provisioned_id.and_then(|id| world.service_catalog.provisioned.get_mut(&id)) {
        provisioned.status = status;
        provisioned.message = message;
    }
}

pub(super) fn fail(world: &mut World, record_id: &str, code: &str, text: String) {
    let status = match world
        .service_catalog
        .records
        .get(record_id)
        .map(|record| record.kind)
    {
        Some(RecordType::Terminate) => Status::Tainted,
        Some(RecordType::Provision) | None => Status::Error,
    };
    let failed = RecordStatus::Failed(code.to_owned(), text.clone());
    settle(world, record_id, status, Some(text), failed);
}

pub(super) fn gone(world: &mut World, record_id: &str) {
    set_status(world, record_id, RecordStatus::Succeeded);
    if let Some(record) = world.service_catalog.records.get(record_id) {
        world.service_catalog.provisioned.remove(&record.provisioned_id);
    }
}
