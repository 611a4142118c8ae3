//! The whole of Workbench on the local AWS: installed from the shipped templates, with the api function's router, the
//! status function behind its queue, one hosting account, and one project with its people.

mod events;
mod fill;
mod offer;
mod snapshot;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, Request, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use workbench_aws::Cloud;
use workbench_aws::table::Table;
use workbench_core::account::hosts::Hosts;
use workbench_core::id::ProjectId;

pub use offer::OfferedType;
pub use snapshot::Snapshot;

use crate::functions::{FunctionError, Functions};
use crate::install::{self, DeployError, HostingInstallation, MainInstallation};
use crate::package::Deployment;
use crate::people::{self, People};
use crate::process::Process;
use crate::{LocalAws, Principal};

/// The number of the main account.
const MAIN_ACCOUNT: &str = "111122223333";
/// The number of the first hosting account.
const HOSTING_ACCOUNT: &str = "444455556666";
/// The stack's name.
const NAMESPACE: &str = "workbench-local";
/// The region of everything.
const REGION: &str = "us-east-1";
/// How much simulated time installing may take: it began so long ago.
const INSTALLING: SignedDuration = SignedDuration::from_mins(30);

/// Why the local Workbench does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The local AWS refuses a part of the installation, such as a document.
    #[error("installing failed: {0}")]
    Installation(#[from] DeployError),
    /// A function can not run with what its template gives it.
    #[error("a function can not run: {0}")]
    Function(#[from] FunctionError),
    /// The table can not be filled.
    #[error("the table can not be filled: {0}")]
    Table(#[from] workbench_aws::Error),
    /// The user pool takes no users.
    #[error("nobody can be made a user: {0}")]
    Users(#[from] crate::ApiError),
}

/// How AWS is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoints {
    /// The local AWS only, whatever the process's environment says.
    Local,
    /// The local AWS, but for services for which the process's environment names an endpoint.
    FromEnvironment,
}

impl Endpoints {
    /// Whether the environment names an endpoint for DynamoDB.
    fn name_dynamodb(self) -> bool {
        let named = |variable| std::env::var_os(variable).is_some();
        self == Self::FromEnvironment && (named("AWS_ENDPOINT_URL_DYNAMODB") || named("AWS_ENDPOINT_URL"))
    }
}

/// The API as a process answers it, with the authorizer in front.
fn guarded(api: Cloud, process: Process, people: &People) -> Router {
    let people = Arc::new(people.clone());
    workbench_api::router(api)
        .layer(middleware::from_fn_with_state(people, people::authorize))
        .layer(middleware::from_fn_with_state(process, answered))
}

/// What API Gateway answers for a function whose process dies.
async fn answered(State(process): State<Process>, request: Request<Body>, next: Next) -> Response {
    let answer = process.run(next.run(request)).await;
    answer.unwrap_or_else(|_| {
        let body = Json(json!({ "message": "Internal server error" }));
        (StatusCode::BAD_GATEWAY, body).into_response()
    })
}

/// Workbench, running.
#[derive(Clone)]
pub struct Workbench {
    /// The AWS that it runs on.
    pub aws: LocalAws,
    /// The main account's part.
    pub main: MainInstallation,
    /// The first hosting account's part.
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
    functions: Functions,
}

/// An answer of the API.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body; null if there is none.
    pub body: Value,
}

impl Answer {
    /// The answer of a router to a request.
    pub async fn of(router: Router, request: Request<Body>) -> Self {
        let response = match router.oneshot(request).await {
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
        Self {
            status,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }
}

impl Workbench {
    /// Installs Workbench on a new local AWS whose time is `now` once that is done.
    ///
    /// # Errors
    /// What the installation refuses.
    pub async fn start(now: Timestamp, endpoints: Endpoints) -> Result<Self, StartError> {
        Self::start_with(&Deployment::shipped(), now, endpoints).await
    }

    /// [`Workbench::start`] with another deployment than the shipped one.
    ///
    /// # Errors
    /// What the installation refuses.
    pub async fn start_with(
        deployment: &Deployment,
        now: Timestamp,
        endpoints: Endpoints,
    ) -> Result<Self, StartError> {
        let aws = LocalAws::new(REGION, now.saturating_sub(INSTALLING).unwrap_or(now));
        let mut functions = Functions::new(&aws, endpoints);
        if endpoints.name_dynamodb() {
            // The stack's table is in the local AWS: a DynamoDB elsewhere needs one of its own.
            let config = functions.config(&Principal::root(MAIN_ACCOUNT)).await;
            Table::new(&config, NAMESPACE).create_table().await?;
        }
        let hosts = Hosts::read("", HOSTING_ACCOUNT);
        let main =
            install::install_main(&aws, &mut functions, deployment, MAIN_ACCOUNT, NAMESPACE, &hosts).await?;
        let hosting =
            install::install_hosting(&aws, &mut functions, deployment, &main, HOSTING_ACCOUNT).await?;
        aws.world().run_until(now);
        functions.run().await;
        let (api, status) = (
            functions.cloud(&main.api).await?,
            functions.cloud(&main.status).await?,
        );
        let account = functions.cloud(&main.account_function).await?;
        let people = People::in_pool(&aws, MAIN_ACCOUNT, &main.user_pool)?;
        let operator = functions.cloud_as_root(&main.api, MAIN_ACCOUNT).await?;
        let project_id = fill::fill(&operator, &main, &hosting, &people).await?;
        aws.world().forget_calls();
        let process = Process::default();
        let router = guarded(functions.cloud_of(&main.api, &process).await?, process, &people);
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
            functions,
        })
    }

    /// What somebody sees who looks on as the main account's root, whom no fault by chance meets.
    ///
    /// # Errors
    /// The api function can not run.
    pub async fn onlooker(&self) -> Result<Cloud, FunctionError> {
        let (api, account) = (&self.main.api, &self.main.account);
        self.functions.cloud_as_root(api, account).await
    }

    /// Deploys the main stack once more, with what has changed since. Who has the router of before goes on with it.
    ///
    /// # Errors
    /// What the installation refuses; the stack is as it was before.
    pub async fn deploy(&mut self, deployment: &Deployment) -> Result<(), StartError> {
        self.deploy_main(deployment, self.main.hosts().clone()).await
    }

    /// Tells the main stack of the organization whose accounts may host environments.
    ///
    /// # Errors
    /// What the installation refuses.
    pub async fn allow_organization(&mut self, organization: &str) -> Result<(), StartError> {
        let mut hosts = self.main.hosts().clone();
        hosts.organization = Some(organization.to_owned());
        self.deploy_main(&Deployment::shipped(), hosts).await
    }

    /// Tells the main stack of further accounts that may host environments, 200 at most.
    ///
    /// # Errors
    /// What the installation refuses.
    pub async fn allow_hosts(&mut self, accounts: &[String]) -> Result<(), StartError> {
        let mut hosts = self.main.hosts().clone();
        hosts.accounts.extend(accounts.iter().cloned());
        self.deploy_main(&Deployment::shipped(), hosts).await
    }

    /// Onboards another hosting account, which the main stack is told of.
    ///
    /// # Errors
    /// What the installation refuses.
    pub async fn install_hosting(&mut self, account: &str) -> Result<HostingInstallation, StartError> {
        let deployment = Deployment::shipped();
        self.allow_hosts(&[account.to_owned()]).await?;
        let (functions, main) = (&mut self.functions, &self.main);
        Ok(install::install_hosting(&self.aws, functions, &deployment, main, account).await?)
    }

    async fn deploy_main(&mut self, deployment: &Deployment, hosts: Hosts) -> Result<(), StartError> {
        let main = &self.main;
        let main = install::install_main(
            &self.aws,
            &mut self.functions,
            deployment,
            &main.account,
            &main.namespace,
            &hosts,
        );
        self.main = main.await?;
        let functions = &self.functions;
        self.cloud = functions.cloud(&self.main.api).await?;
        self.status = functions.cloud(&self.main.status).await?;
        self.account = functions.cloud(&self.main.account_function).await?;
        self.router = self.api_process(&Process::default()).await?;
        Ok(())
    }

    /// The API as a process of the api function answers it, with the authorizer in front.
    ///
    /// # Errors
    /// The function can not run.
    pub async fn api_process(&self, process: &Process) -> Result<Router, FunctionError> {
        let cloud = self.functions.cloud_of(&self.main.api, process).await?;
        Ok(guarded(cloud, process.clone(), &self.people))
    }

    /// ARN of the status function.
    pub fn status_function(&self) -> String {
        let world = self.aws.world();
        let name = self.main.status.name();
        let mut functions = world.functions(&self.main.account);
        let found = functions.find(|function| function.name == name);
        found.map(|function| function.arn.clone()).unwrap_or_default()
    }

    /// What a process of the status function works with.
    ///
    /// # Errors
    /// The function can not run.
    pub async fn status_process(&self, process: &Process) -> Result<Cloud, FunctionError> {
        self.functions.cloud_of(&self.main.status, process).await
    }

    /// What a process of the account function works with.
    ///
    /// # Errors
    /// The function can not run.
    pub async fn account_process(&self, process: &Process) -> Result<Cloud, FunctionError> {
        self.functions
            .cloud_of(&self.main.account_function, process)
            .await
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
        Answer::of(self.router(), request).await
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
}
