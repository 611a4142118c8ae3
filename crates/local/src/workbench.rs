//! The whole of Workbench on the local AWS: the api function's router, the status function behind its queue, one
//! hosting account, one project with its people.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_config::SdkConfig;
use aws_lambda_events::event::sqs::SqsEvent;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use uuid::Uuid;
use workbench_aws::{Clock, Cloud, Settings};
use workbench_core::account::{AccountStatus, ExternalId, HostingAccount};
use workbench_core::id::{AccountId, ProjectId};
use workbench_core::launch::{COMPUTED_POLICY, MainAccount};
use workbench_core::project::{Membership, Project, ProjectRole, ProjectStatus};
use workbench_core::registry::{DatasetsField, EnvironmentType, Source};
use workbench_core::text::{Description, Name};

use crate::install::{self, HostingInstallation, MainInstallation};
use crate::people::{self, People};
use crate::{ApiError, LocalAws, Principal, World};

/// The number of the main account.
const MAIN_ACCOUNT: &str = "111122223333";
/// The number of the hosting account.
const HOSTING_ACCOUNT: &str = "444455556666";
/// The stack's name.
const NAMESPACE: &str = "workbench-local";
/// The region of everything.
const REGION: &str = "us-east-1";
/// How many events one invocation of the status function gets.
const BATCH: usize = 10;

/// Why the local Workbench does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The local AWS refuses a part of the installation, such as a document.
    #[error("installing failed: {0:?}")]
    Installation(ApiError),
    /// The table can not be made or filled.
    #[error("the table can not be filled: {0}")]
    Table(#[from] workbench_aws::Error),
}

/// How AWS is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoints {
    /// The local AWS only, whatever the process's environment says.
    Local,
    /// The local AWS, but for services for which the process's environment names an endpoint.
    FromEnvironment,
}

/// Workbench, running.
#[derive(Clone)]
pub struct Workbench {
    /// The AWS that it runs on.
    pub aws: LocalAws,
    /// The main account's part.
    pub main: MainInstallation,
    /// The hosting account's part.
    pub hosting: HostingInstallation,
    /// Who can sign in.
    pub people: People,
    /// The project of the project admin and the researcher.
    pub project_id: ProjectId,
    /// The api function's side of AWS.
    pub cloud: Cloud,
    router: Router,
    status: Cloud,
    pub(crate) account: Cloud,
}

/// An answer of the API.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body; null if there is none.
    pub body: Value,
}

/// An environment type with a configuration, ready for launches.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferedType {
    /// The environment type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Its id.
    pub env_type_id: String,
    /// The product behind it.
    pub product_id: String,
    /// The product's version.
    pub provisioning_artifact_id: String,
    /// The configuration's id.
    pub env_type_config_id: String,
}

impl Workbench {
    /// Installs Workbench on a new local AWS whose time is `now`.
    ///
    /// # Errors
    /// What the installation refuses.
    pub async fn start(now: Timestamp, endpoints: Endpoints) -> Result<Self, StartError> {
        let aws = LocalAws::new(REGION, now);
        let (main, hosting) = install(&mut aws.world()).map_err(StartError::Installation)?;
        let settings = settings(&main);
        let clock = {
            let aws = aws.clone();
            Clock::new(move || aws.now())
        };
        let api = function_principal(&aws, &main.api_role).map_err(StartError::Installation)?;
        let status = function_principal(&aws, &main.status_role).map_err(StartError::Installation)?;
        let cloud = async |principal| {
            let config = config(&aws, &principal, endpoints).await;
            Cloud::new(&config, settings.clone(), clock.clone())
        };
        let account = function_principal(&aws, &main.account_role).map_err(StartError::Installation)?;
        let (api, status, account) = (cloud(api).await, cloud(status).await, cloud(account).await);
        let operator = cloud(Principal::root(MAIN_ACCOUNT)).await;
        let people = People::new();
        let project_id = fill(&operator, &hosting, &people).await?;
        let router = workbench_api::router(api.clone()).layer(axum::middleware::from_fn_with_state(
            Arc::new(people.clone()),
            people::authorize,
        ));
        Ok(Self {
            aws,
            main,
            hosting,
            people,
            project_id,
            cloud: api,
            router,
            status,
            account,
        })
    }

    /// The API, with the authorizer in front.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Sends one request to the API.
    pub async fn request(&self, token: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, token)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())));
        match request {
            Ok(request) => self.send(request).await,
            Err(error) => Answer {
                status: StatusCode::BAD_REQUEST,
                body: json!({ "message": error.to_string() }),
            },
        }
    }

    /// Sends any request to the API.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = match self.router().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status();
        let bytes = response
            .into_body()
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes)
            .unwrap_or_default();
        Answer {
            status,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }

    /// Approves `ty` and makes a configuration of it, by the seed guide's own requests.
    ///
    /// # Errors
    /// The API's answer, if it is not 201.
    pub async fn offer(&self, ty: &EnvironmentType) -> Result<OfferedType, Answer> {
        let product = self
            .main
            .products
            .iter()
            .find(|product| product.type_name == ty.name);
        let (product_id, provisioning_artifact_id) = product
            .map(|product| {
                (
                    product.product_id.clone(),
                    product.provisioning_artifact_id.clone(),
                )
            })
            .unwrap_or_default();
        let params: Vec<Value> = ty
            .template_parameters
            .iter()
            .map(|parameter| {
                json!({
                    "ParameterKey": parameter.name,
                    "ParameterType": parameter.parameter_type,
                    "IsNoEcho": false,
                    "ParameterConstraints": { "AllowedValues": [] },
                })
            })
            .collect();
        let env_type = json!({
            "productId": product_id,
            "provisioningArtifactId": provisioning_artifact_id,
            "description": ty.description.replace('\'', ""),
            "name": ty.name,
            "type": ty.name,
            "allowedRoleIds": [],
            "params": params,
            "status": "APPROVED",
        });
        let token = &self.people.it_admin.token;
        let made = self
            .request(token, Method::POST, "/environmentTypes", Some(env_type))
            .await;
        let env_type_id = created(made)?;
        let params: Vec<Value> = example_config(ty)
            .into_iter()
            .map(|(key, value)| json!({ "key": key, "value": value }))
            .collect();
        let config = json!({
            "allowedRoleIds": [],
            "type": ty.name,
            "description": "Example config 1",
            "name": ty.name,
            "params": params,
        });
        let path = format!("/environmentTypes/{env_type_id}/configurations");
        let made = self.request(token, Method::POST, &path, Some(config)).await;
        Ok(OfferedType {
            type_name: ty.name.to_owned(),
            env_type_id,
            product_id,
            provisioning_artifact_id,
            env_type_config_id: created(made)?,
        })
    }

    /// Delivers the queue's events to the status function until none is left; how many there were.
    pub async fn deliver_events(&self) -> usize {
        let mut delivered = 0;
        loop {
            let messages = self.aws.world().receive_messages(&self.main.queue, BATCH);
            if messages.is_empty() {
                return delivered;
            }
            delivered += messages.len();
            let batch: Vec<_> = messages
                .iter()
                .map(|message| (message.id.as_str(), message.body.as_str()))
                .collect();
            let failed = self.handle_batch(&batch).await;
            let mut world = self.aws.world();
            for message in &messages {
                if failed.contains(&message.id) {
                    world.return_message(&self.main.queue, &message.id);
                } else {
                    world.delete_message(&self.main.queue, &message.id);
                }
            }
        }
    }

    /// Invokes the status function as its repair schedule does; how many environments ended in which way.
    ///
    /// # Errors
    /// The table's.
    pub async fn sweep(&self) -> Result<BTreeMap<&'static str, u32>, workbench_aws::Error> {
        self.status.sweep().await
    }

    /// Hands one event to the status function, past bus and queue; whether it is done with.
    pub async fn report(&self, event: &Value) -> bool {
        self.handle_batch(&[("event", &event.to_string())])
            .await
            .is_empty()
    }

    /// Invokes the status function with messages of id and body; the ids of those that failed.
    async fn handle_batch(&self, messages: &[(&str, &str)]) -> Vec<String> {
        let records: Vec<Value> = messages
            .iter()
            .map(|(id, body)| json!({ "messageId": id, "body": body, "eventSource": "aws:sqs" }))
            .collect();
        match serde_json::from_value::<SqsEvent>(json!({ "Records": records })) {
            Ok(event) => {
                let answer = workbench_status::handle(&self.status, event).await;
                answer
                    .batch_item_failures
                    .into_iter()
                    .map(|failure| failure.item_identifier)
                    .collect()
            }
            Err(error) => {
                tracing::error!(%error, "the queue's messages are no batch");
                messages.iter().map(|(id, _)| (*id).to_owned()).collect()
            }
        }
    }

    /// How many calls the functions and their clients have made to the local AWS so far.
    pub fn external_calls(&self) -> usize {
        self.aws
            .world()
            .calls()
            .iter()
            .filter(|call| call.external)
            .count()
    }

    /// Turns the time to `at`, delivering events as they come; how many there were.
    pub async fn run_until(&self, at: Timestamp) -> usize {
        let mut delivered = self.deliver_events().await;
        while let Some(due) = self.next_due(at) {
            self.aws.world().run_until(due);
            delivered += self.deliver_events().await;
        }
        self.aws.world().run_until(at);
        delivered
    }

    /// Turns the time to the next thing that happens, no further than `limit`; how many events the status function
    /// was given, none if nothing happens any more.
    pub async fn step(&self, limit: Timestamp) -> Option<usize> {
        let due = self.next_due(limit)?;
        Some(self.run_until(due).await)
    }

    /// When the next thing happens, if no later than `limit`.
    fn next_due(&self, limit: Timestamp) -> Option<Timestamp> {
        self.aws.world().next_due().filter(|due| *due <= limit)
    }
}

/// A configuration that suits a trial: the seed guide's values, else the documents' and templates' own defaults.
fn example_config(ty: &EnvironmentType) -> Vec<(&'static str, &'static str)> {
    ty.launch
        .parameters
        .iter()
        .filter_map(|parameter| {
            let key = match parameter.source? {
                Source::Config(key) => key,
                Source::Datasets(DatasetsField::Policy) => return Some((parameter.name, COMPUTED_POLICY)),
                _ => return None,
            };
            let template = ty
                .template_parameters
                .iter()
                .find(|candidate| candidate.name == key);
            let value = match key {
                "InstanceType" => Some("ml.t3.medium"),
                "AutoStopIdleTimeInMinutes" => Some("0"),
                "CIDR" => Some("0.0.0.0/0"),
                _ => parameter
                    .default
                    .or_else(|| template.and_then(|template| template.default)),
            };
            Some((key, value?))
        })
        .collect()
}

fn settings(main: &MainInstallation) -> Settings {
    let key = |name: &str| {
        let uuid = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes());
        format!("arn:aws:kms:{REGION}:{MAIN_ACCOUNT}:key/{uuid}")
    };
    Settings {
        table_name: main.table_name().to_owned(),
        main: MainAccount {
            account_id: MAIN_ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            namespace: NAMESPACE.to_owned(),
            portfolio_id: main.portfolio.clone(),
            artifact_bucket: main.artifact_bucket(),
            datasets_bucket_arn: format!("arn:aws:s3:::{NAMESPACE}-datasets"),
            artifact_key_arn: key("artifacts"),
            datasets_key_arn: key("datasets"),
        },
    }
}

fn install(world: &mut World) -> Result<(MainInstallation, HostingInstallation), ApiError> {
    let main = install::install_main(world, MAIN_ACCOUNT, NAMESPACE)?;
    let hosting = install::onboard(world, &main, HOSTING_ACCOUNT)?;
    Ok((main, hosting))
}

/// Who a function is: a session of its role, as Lambda gives it.
fn function_principal(aws: &LocalAws, role: &str) -> Result<Principal, ApiError> {
    aws.world().role_session(role, "function")
}

async fn config(aws: &LocalAws, principal: &Principal, endpoints: Endpoints) -> SdkConfig {
    let credentials = aws.credentials(principal);
    match endpoints {
        Endpoints::Local => aws.sdk_config(credentials),
        Endpoints::FromEnvironment => aws.sdk_config_with_environment(credentials).await,
    }
}

/// Makes the table, the hosting account's row, the project and its memberships.
async fn fill(
    cloud: &Cloud,
    hosting: &HostingInstallation,
    people: &People,
) -> Result<ProjectId, StartError> {
    let table = cloud.table();
    table.create_table().await?;
    let account = account(hosting, cloud.now())?;
    table.put_account(&account).await?;
    let project = Project {
        id: ProjectId::from_uuid(Uuid::new_v4()),
        name: name("local-project")?,
        description: description("The project of the local Workbench")?,
        status: ProjectStatus::Available,
        rev: 1,
        created_at: account.created_at,
        updated_at: account.updated_at,
        account,
    };
    table.put_project(&project).await?;
    for (person, role) in [
        (&people.project_admin, ProjectRole::ProjectAdmin),
        (&people.researcher, ProjectRole::Researcher),
    ] {
        let membership = Membership {
            user_id: person.user_id,
            project_id: project.id,
            roles: vec![role],
        };
        table.put_membership(&membership).await?;
    }
    Ok(project.id)
}

fn account(hosting: &HostingInstallation, now: Timestamp) -> Result<HostingAccount, StartError> {
    let aws_account_id = hosting
        .account
        .parse()
        .map_err(|error| invalid("awsAccountId", error))?;
    Ok(HostingAccount {
        id: AccountId::from_uuid(Uuid::new_v4()),
        name: "local-hosting-account".to_owned(),
        aws_account_id,
        env_mgmt_role_arn: hosting.env_mgmt_role.clone(),
        hosting_account_handler_role_arn: hosting.handler_role.clone(),
        external_id: ExternalId::new(&hosting.external_id),
        status: AccountStatus::Current,
        vpc_id: hosting.vpc.clone(),
        subnet_id: hosting.subnet.clone(),
        encryption_key_arn: hosting.encryption_key.clone(),
        environment_instance_files: format!("s3://{NAMESPACE}-artifacts/environment-files"),
        rev: 1,
        created_at: now,
        updated_at: now,
    })
}

fn name(text: &str) -> Result<Name, StartError> {
    Name::new(text).map_err(|rule| invalid("name", rule))
}

fn description(text: &str) -> Result<Description, StartError> {
    Description::new(text).map_err(|rule| invalid("description", rule))
}

fn invalid(field: &str, problem: impl std::fmt::Display) -> StartError {
    StartError::Table(workbench_core::Error::invalid(field, problem.to_string()).into())
}

/// The id of what was made.
fn created(answer: Answer) -> Result<String, Answer> {
    match answer.body.get("id").and_then(Value::as_str) {
        Some(id) if answer.status == StatusCode::CREATED => Ok(id.to_owned()),
        _ => Err(answer),
    }
}
