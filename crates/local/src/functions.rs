//! The functions of a deployment: each runs in process, as Lambda would run it with the variables and the role that
//! its template gives it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_config::SdkConfig;
use serde_json::Value;
use workbench_aws::accounts::Patience;
use workbench_aws::settings::InvalidSettings;
use workbench_aws::{CatalogSettings, Clock, Cloud, Ids, Settings};
use workbench_catalog::Catalog;
use workbench_status::Invocation;

use crate::cloudformation::{self, Resource};
use crate::package;
use crate::process::Process;
use crate::workbench::Endpoints;
use crate::{ApiError, LocalAws, Principal};

/// A function's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    /// Answers the API.
    Api,
    /// Writes down status events.
    Status,
    /// Keeps hosting accounts right.
    Account,
    /// Publishes packages.
    Catalog,
}

/// A function that was deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    name: String,
    pub(crate) binary: Binary,
    role: String,
    variables: BTreeMap<String, String>,
}

/// The functions that have their handlers.
#[derive(Debug, Clone)]
pub(crate) struct Functions {
    aws: LocalAws,
    endpoints: Endpoints,
    ids: Ids,
    attached: BTreeMap<String, Function>,
    /// How many messages the status function was given.
    delivered: Arc<AtomicUsize>,
}

/// Why a function can not run.
#[derive(Debug, thiserror::Error)]
pub enum FunctionError {
    /// Its template gives it too few variables.
    #[error(transparent)]
    Settings(#[from] InvalidSettings),
    /// Its role does not exist.
    #[error(transparent)]
    Role(#[from] ApiError),
}

impl Binary {
    fn named(name: &str) -> Option<Self> {
        match name {
            "workbench-api" => Some(Self::Api),
            "workbench-status" => Some(Self::Status),
            "workbench-account" => Some(Self::Account),
            "workbench-catalog" => Some(Self::Catalog),
            _ => None,
        }
    }
}

impl Function {
    /// The function that a resource is; none if it is no function of this build.
    pub(crate) fn of(resource: &Resource) -> Option<Self> {
        if resource.type_name != "AWS::Lambda::Function" {
            return None;
        }
        let binary = Binary::named(package::binary(resource.properties.get("Code")?)?)?;
        let variables = resource
            .properties
            .get("Environment")
            .and_then(|environment| environment["Variables"].as_object());
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Self {
            name: resource.physical_id.clone(),
            binary,
            role: resource.property("Role").to_owned(),
            variables: variables
                .into_iter()
                .flatten()
                .filter_map(|(name, value)| Some((name.clone(), text(value)?)))
                .collect(),
        })
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A variable as the function's process would see it: Lambda itself tells it the region.
    fn variable(&self, aws: &LocalAws, name: &str) -> Option<String> {
        match name {
            "AWS_REGION" => Some(aws.region().to_owned()),
            _ => self.variables.get(name).cloned(),
        }
    }

    /// The settings of the api, the status and the account function.
    pub(crate) fn settings(&self, aws: &LocalAws) -> Result<Settings, InvalidSettings> {
        Settings::read(|name| self.variable(aws, name))
    }
}

impl Functions {
    /// None yet.
    pub(crate) fn new(aws: &LocalAws, endpoints: Endpoints) -> Self {
        Self {
            aws: aws.clone(),
            endpoints,
            ids: Ids::random(),
            attached: BTreeMap::new(),
            delivered: Arc::default(),
        }
    }

    /// The same functions on another AWS: none has its handler yet, and they take new ids from `ids`.
    pub(crate) fn on(&self, aws: &LocalAws, ids: Ids) -> Self {
        Self {
            ids,
            ..Self::new(aws, self.endpoints)
        }
    }

    /// Runs what is to run now; how many messages the status function was given.
    pub(crate) async fn run(&self) -> usize {
        let before = self.delivered.load(Ordering::Acquire);
        self.aws.run_functions().await;
        self.delivered.load(Ordering::Acquire) - before
    }

    /// Gives the functions that were deployed or changed since their handlers.
    ///
    /// # Errors
    /// A function that can not run.
    pub(crate) async fn attach(&mut self) -> Result<(), FunctionError> {
        let deployed: Vec<Function> = {
            let world = self.aws.world();
            cloudformation::every_resource(&world)
                .filter_map(|resource| Function::of(&resource))
                .collect()
        };
        for function in deployed {
            if self.attached.get(&function.name) != Some(&function) {
                self.give_handler(&function).await?;
                self.attached.insert(function.name.clone(), function);
            }
        }
        Ok(())
    }

    async fn give_handler(&self, function: &Function) -> Result<(), FunctionError> {
        let aws = &self.aws;
        match function.binary {
            // API Gateway calls it, and waits for the answer: its router is asked directly.
            Binary::Api => {}
            Binary::Status => {
                let process = Process::default();
                let cloud = self.cloud_of(function, &process).await?;
                let delivered = Arc::clone(&self.delivered);
                aws.handle_function(&function.name, move |event| {
                    let (cloud, process) = (cloud.clone(), process.clone());
                    let delivered = Arc::clone(&delivered);
                    async move {
                        let invocation: Invocation =
                            serde_json::from_value(event).map_err(|error| error.to_string())?;
                        if let Invocation::Events(batch) = &invocation {
                            delivered.fetch_add(batch.records.len(), Ordering::AcqRel);
                        }
                        let work = process.run(Box::pin(workbench_status::invoke(&cloud, invocation)));
                        let done = work.await.map_err(|died| died.to_string())?;
                        done.failed.map_or(Ok(()), Err)?;
                        serde_json::to_value(done.response).map_err(|error| error.to_string())
                    }
                });
            }
            Binary::Account => {
                let process = Process::default();
                let cloud = self.cloud_of(function, &process).await?;
                aws.handle_function(&function.name, move |event| {
                    let (cloud, process) = (cloud.clone(), process.clone());
                    async move {
                        let work = Box::pin(workbench_account::handle(&cloud, &event, Patience::RUN));
                        let done = process.run(work).await.map_err(|died| died.to_string())?;
                        let done = done.map_err(|error| error.to_string())?;
                        serde_json::to_value(done).map_err(|error| error.to_string())
                    }
                });
            }
            Binary::Catalog => {
                let settings = CatalogSettings::read(|name| function.variable(aws, name))?;
                let config = self.config(&self.session(function)?).await;
                let catalog = Arc::new(Catalog::new(&config, settings, clock(aws)));
                aws.handle_function(&function.name, move |event| {
                    let catalog = Arc::clone(&catalog);
                    async move {
                        let answered = Box::pin(workbench_catalog::handle(&catalog, &event)).await;
                        answered.map(|_| Value::Null).map_err(|error| error.to_string())
                    }
                });
            }
        }
        Ok(())
    }

    /// The api, the status or the account function's side of AWS.
    ///
    /// # Errors
    /// The function can not run.
    pub(crate) async fn cloud(&self, function: &Function) -> Result<Cloud, FunctionError> {
        let config = self.config(&self.session(function)?).await;
        self.cloud_with(&config, function)
    }

    /// The same of one process, which may die after each of its calls.
    ///
    /// # Errors
    /// The function can not run.
    pub(crate) async fn cloud_of(
        &self,
        function: &Function,
        process: &Process,
    ) -> Result<Cloud, FunctionError> {
        let config = self.config(&self.session(function)?).await.into_builder();
        let config = config.http_client(self.aws.http_client_of(process)).build();
        self.cloud_with(&config, function)
    }

    /// What an account's root sees through the same code.
    ///
    /// # Errors
    /// The function can not run.
    pub(crate) async fn cloud_as_root(
        &self,
        function: &Function,
        account: &str,
    ) -> Result<Cloud, FunctionError> {
        let config = self.config(&Principal::root(account)).await;
        self.cloud_with(&config, function)
    }

    fn cloud_with(&self, config: &SdkConfig, function: &Function) -> Result<Cloud, FunctionError> {
        let settings = function.settings(&self.aws)?;
        Ok(Cloud::with_ids(
            config,
            settings,
            clock(&self.aws),
            self.ids.clone(),
        ))
    }

    /// Who a function is: a session of its role, as Lambda gives it.
    fn session(&self, function: &Function) -> Result<Principal, ApiError> {
        self.aws.world().role_session(&function.role, "function")
    }

    /// A configuration with a principal's credentials.
    pub(crate) async fn config(&self, principal: &Principal) -> SdkConfig {
        let credentials = self.aws.credentials(principal);
        match self.endpoints {
            Endpoints::Local => self.aws.sdk_config(credentials),
            Endpoints::FromEnvironment => self.aws.sdk_config_with_environment(credentials).await,
        }
    }
}

/// The local AWS's time.
pub(crate) fn clock(aws: &LocalAws) -> Clock {
    let aws = aws.clone();
    Clock::new(move || aws.now())
}
