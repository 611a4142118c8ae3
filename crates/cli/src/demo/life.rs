//! One life: launch, connect, stop, start, terminate, each by the API's own requests.

use anyhow::{Context as _, bail};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use workbench_core::registry::EnvironmentType;
use workbench_core::status::Status;
use workbench_local::{Answer, Method, Workbench};

use super::show::Show;
use super::trace::Trace;

/// Longer than any stage may take, documents' time limits included.
const PATIENCE: SignedDuration = SignedDuration::from_hours(3);

/// What a life came to.
pub(crate) struct Life {
    pub(crate) type_name: &'static str,
    pub(crate) environment_id: String,
    /// The statuses reached, in order.
    pub(crate) reached: Vec<Status>,
    /// Simulated time from launch to end.
    pub(crate) took: SignedDuration,
    /// AWS calls of each request, in order.
    pub(crate) calls: Vec<(&'static str, usize)>,
    /// Status events handled, and the AWS calls for all of them.
    pub(crate) events: (usize, usize),
}

/// A life that is being lived.
struct Living<'a> {
    workbench: &'a Workbench,
    show: &'a mut Show,
    trace: Trace,
    began: Timestamp,
    life: Life,
}

pub(crate) async fn live(
    workbench: &Workbench,
    ty: &'static EnvironmentType,
    show: &mut Show,
) -> anyhow::Result<Life> {
    let offered = workbench
        .offer(ty)
        .await
        .map_err(refused)
        .context("offering the type")?;
    let launch = json!({
        "description": format!("test-{} AWS", ty.name),
        "name": "demo",
        "envTypeId": offered.env_type_id,
        "envTypeConfigId": offered.env_type_config_id,
        "projectId": workbench.project_id,
        "datasetIds": [],
        "envType": ty.name,
    });
    let mut living = Living {
        workbench,
        show,
        trace: Trace::from_now(workbench),
        began: workbench.aws.now(),
        life: Life {
            type_name: ty.name,
            environment_id: String::new(),
            reached: Vec::new(),
            took: SignedDuration::ZERO,
            calls: Vec::new(),
            events: (0, 0),
        },
    };
    let environment = living
        .call("launch", Method::POST, "/environments", Some(launch))
        .await?;
    living.life.environment_id = text(&environment, "id")?.to_owned();
    living.show.title(ty.name, &living.life.environment_id);
    living.note(status_of(&environment)?);
    living.reach(&[Status::Completed]).await?;
    living.connect().await?;
    living.act("stop", &[Status::Stopping, Status::Stopped]).await?;
    living
        .act("start", &[Status::Starting, Status::Completed])
        .await?;
    living
        .act("terminate", &[Status::Terminating, Status::Terminated])
        .await?;
    living.life.took = living.simulated();
    Ok(living.life)
}

impl Living<'_> {
    /// Asks for an action, and waits for the statuses that it must lead through.
    async fn act(&mut self, action: &'static str, stages: &[Status]) -> anyhow::Result<()> {
        let path = format!("/environments/{}/{action}", self.life.environment_id);
        self.call(action, Method::PUT, &path, None).await?;
        self.reach(stages).await
    }

    async fn connect(&mut self) -> anyhow::Result<()> {
        let path = format!("/environments/{}/connections", self.life.environment_id);
        let connection = self.call("connect", Method::GET, &path, None).await?;
        self.show.connection(&connection)
    }

    /// Turns the time, event by event, until the environment has gone through `stages`.
    async fn reach(&mut self, stages: &[Status]) -> anyhow::Result<()> {
        let limit = self
            .workbench
            .aws
            .now()
            .saturating_add(PATIENCE)
            .unwrap_or(Timestamp::MAX);
        let mut stages = stages.iter();
        let mut awaited = stages.next();
        while let Some(wanted) = awaited {
            let environment = self.environment().await?;
            let status = status_of(&environment)?;
            self.note(status);
            if status == *wanted {
                awaited = stages.next();
                continue;
            }
            if matches!(
                status,
                Status::Failed | Status::TerminatingFailed | Status::StartingFailed | Status::StoppingFailed
            ) {
                bail!(
                    "the environment is {status} instead of {wanted}: {}",
                    environment["error"]["value"]
                );
            }
            if !self.wait(limit).await {
                bail!("the environment stays {status}; it should be {wanted}");
            }
        }
        Ok(())
    }

    /// Turns the time until the status function was given an event; false if nothing happens any more.
    async fn wait(&mut self, limit: Timestamp) -> bool {
        loop {
            let before = self.workbench.external_calls();
            let Some(delivered) = self.workbench.step(limit).await else {
                return false;
            };
            self.life.events.0 += delivered;
            self.life.events.1 += self.workbench.external_calls() - before;
            self.trace.show_news(self.workbench, self.began, self.show);
            self.show.pass(self.simulated()).await;
            if delivered > 0 {
                return true;
            }
        }
    }

    /// Keeps and shows a status, once each time it is reached.
    fn note(&mut self, status: Status) {
        if self.life.reached.last() != Some(&status) {
            self.life.reached.push(status);
            self.show.status(&self.life, status, self.simulated());
        }
    }

    async fn environment(&self) -> anyhow::Result<Value> {
        let path = format!("/environments/{}", self.life.environment_id);
        let token = &self.workbench.people.researcher.token;
        let answer = self.workbench.request(token, Method::GET, &path, None).await;
        if answer.status.is_success() {
            Ok(answer.body)
        } else {
            Err(refused(answer))
        }
    }

    /// One request by the researcher, with its AWS calls counted.
    async fn call(
        &mut self,
        what: &'static str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Value> {
        let before = self.workbench.external_calls();
        let token = &self.workbench.people.researcher.token;
        let answer = self.workbench.request(token, method, path, body).await;
        self.life
            .calls
            .push((what, self.workbench.external_calls() - before));
        if answer.status.is_success() {
            Ok(answer.body)
        } else {
            Err(refused(answer)).context(what)
        }
    }

    fn simulated(&self) -> SignedDuration {
        self.workbench.aws.now().duration_since(self.began)
    }
}

fn refused(answer: Answer) -> anyhow::Error {
    anyhow::anyhow!("the API answered {}: {}", answer.status, answer.body)
}

fn text<'a>(body: &'a Value, key: &str) -> anyhow::Result<&'a str> {
    body[key]
        .as_str()
        .with_context(|| format!("the API's answer has no `{key}`"))
}

fn status_of(environment: &Value) -> anyhow::Result<Status> {
    Ok(text(environment, "status")?.parse()?)
}
