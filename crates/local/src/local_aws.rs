//! The handle by which programs and tests hold a local AWS.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;

use crate::clock::{Pace, SimulatedClock, SimulatedSleep};
use crate::error::ApiError;
use crate::lambda::Handlers;
use crate::process::Process;
use crate::sts;
use crate::wire::connector::LocalHttpClient;
use crate::wire::server;
use crate::world::{Principal, World};

/// A local AWS. Copies are the same one.
#[derive(Clone)]
pub struct LocalAws {
    world: Arc<Mutex<World>>,
    pace: Arc<Mutex<Option<Pace>>>,
    clock: SimulatedClock,
    pub(crate) handlers: Handlers,
    region: String,
}

impl fmt::Debug for LocalAws {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LocalAws")
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

impl LocalAws {
    /// An empty AWS in one region at a time, which stands still until it is turned.
    pub fn new(region: &str, now: Timestamp) -> Self {
        let world = World::new(region, now);
        let clock = world.clock.clone();
        Self {
            world: Arc::new(Mutex::new(world)),
            pace: Arc::default(),
            clock,
            handlers: Handlers::default(),
            region: region.to_owned(),
        }
    }

    /// An AWS of its own in the same state, whose functions have no handlers yet and whose time stands still.
    ///
    /// # Errors
    /// Something is scheduled: what is to happen can not be copied.
    pub(crate) fn fork(&self) -> Result<Self, ApiError> {
        let world = self.world().fork()?;
        let clock = world.clock.clone();
        Ok(Self {
            world: Arc::new(Mutex::new(world)),
            pace: Arc::default(),
            clock,
            handlers: Handlers::default(),
            region: self.region.clone(),
        })
    }

    /// Access to everything, with the time turned to the present if it follows real time.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let pace = *self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pace) = pace {
            world.run_until(pace.now());
        }
        world
    }

    /// The region of everything.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        self.world().now
    }

    /// Turns the time by hand, running everything that falls due.
    pub fn advance(&self, by: SignedDuration) {
        let mut world = self.world();
        let at = world.now.saturating_add(by).unwrap_or(Timestamp::MAX);
        world.run_until(at);
    }

    /// Turns the time to the next task that falls due; `None` if nothing is scheduled.
    pub fn advance_to_next(&self) -> Option<Timestamp> {
        let mut world = self.world();
        let at = world.next_due()?;
        world.run_until(at);
        Some(at)
    }

    /// Lets the time run from now on: a simulated minute takes 60 / `speed` seconds.
    pub fn follow_real_time(&self, speed: f64) {
        let from = self.now();
        *self.pace.lock().unwrap_or_else(PoisonError::into_inner) = Some(Pace::new(from, speed));
    }

    /// The simulated time as the SDK reads it.
    pub fn clock(&self) -> SimulatedClock {
        self.clock.clone()
    }

    /// A long-lived access key for a principal.
    pub fn credentials(&self, principal: &Principal) -> Credentials {
        let (id, secret) = sts::issue_key(&mut self.world(), principal);
        Credentials::new(id, secret, None, None, "workbench-local")
    }

    /// An HTTP client for the SDK: requests for `amazonaws.com` end here, others go over the network.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(LocalHttpClient::new(self.clone(), None))
    }

    /// The HTTP client of a function's process.
    pub(crate) fn http_client_of(&self, process: &Process) -> SharedHttpClient {
        SharedHttpClient::new(LocalHttpClient::new(self.clone(), Some(process.clone())))
    }

    /// An SDK configuration that ends here whatever the machine's environment says, with quick retries.
    pub fn sdk_config(&self, credentials: Credentials) -> SdkConfig {
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(self.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(self.http_client())
            .time_source(self.clock())
            .sleep_impl(SharedAsyncSleep::new(SimulatedSleep))
            .retry_config(quick_retries())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build()
    }

    /// Like [`LocalAws::sdk_config`], but `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_<SERVICE>` and the profile's
    /// endpoints are honoured: requests for them go over the network.
    pub async fn sdk_config_with_environment(&self, credentials: Credentials) -> SdkConfig {
        aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(Region::new(self.region.clone()))
            .credentials_provider(credentials)
            .http_client(self.http_client())
            .time_source(self.clock())
            .sleep_impl(TokioSleep::new())
            .retry_config(quick_retries())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .load()
            .await
    }

    /// Serves the same over HTTP until the task is dropped.
    ///
    /// # Errors
    /// If the listener fails.
    pub async fn serve(&self, listener: TcpListener) -> io::Result<()> {
        axum::serve(listener, server::router(self.clone())).await
    }
}

/// Three attempts as in production, with next to no wait between them.
fn quick_retries() -> RetryConfig {
    RetryConfig::standard()
        .with_initial_backoff(Duration::from_millis(1))
        .with_max_backoff(Duration::from_millis(5))
}
