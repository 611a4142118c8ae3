//! A stage for tests: Workbench on a local AWS whose time the test turns.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a stage that does not stand fails its test"
)]

use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use workbench_core::environment::Environment;
use workbench_core::registry::environment_type;
use workbench_local::{Answer, ApiError, Endpoints, OfferedType, Person, Principal, Service, Workbench};

mod described;
mod mortal;

pub use mortal::Mortal;

/// Longer than any document waits.
const PATIENCE: SignedDuration = SignedDuration::from_hours(5);

/// Workbench, with one environment type on offer.
pub struct Stage {
    /// The system.
    pub workbench: Workbench,
    /// What can be launched.
    pub offered: OfferedType,
}

impl Stage {
    /// A stage with `sagemakerNotebook` on offer.
    pub async fn new() -> Self {
        Self::with("sagemakerNotebook").await
    }

    /// A stage with `type_name` on offer.
    pub async fn with(type_name: &str) -> Self {
        let workbench = Self::empty().await;
        let ty = environment_type(type_name).expect("a registered type");
        let offered = workbench.offer(ty).await.expect("an offer");
        Self { workbench, offered }
    }

    /// A system with nothing on offer.
    pub async fn empty() -> Workbench {
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().expect("a time");
        let workbench = Workbench::start(now, Endpoints::Local)
            .await
            .expect("a system that starts");
        // A test says itself when the repair sweep comes.
        workbench.hold_schedules().expect("rules that can be disabled");
        workbench.aws.world().forget_calls();
        workbench
    }

    /// The body of a launch, as in the seed guide.
    pub fn launch_body(&self) -> Value {
        json!({
            "description": "test-sagemakerExample AWS",
            "name": "test",
            "envTypeId": self.offered.env_type_id,
            "envTypeConfigId": self.offered.env_type_config_id,
            "projectId": self.workbench.project_id,
            "datasetIds": [],
            "envType": self.offered.type_name,
        })
    }

    /// Launches an environment as the researcher; its id.
    pub async fn launch(&self) -> String {
        let answer = self.post("/environments", self.launch_body()).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body["id"].as_str().expect("an id").to_owned()
    }

    /// Launches an environment and waits until it runs; its id.
    pub async fn launch_completed(&self) -> String {
        let id = self.launch().await;
        self.reach(&id, "COMPLETED").await;
        id
    }

    /// A request by the researcher.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.as_person(&self.workbench.people.researcher, method, path, body)
            .await
    }

    /// A request by anybody. What is answered must be as the API describes it.
    pub async fn as_person(
        &self,
        person: &Person,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let answer = self
            .workbench
            .request(&person.token, method.clone(), path, body)
            .await;
        described::check(&method, path, &answer);
        answer
    }

    /// A POST by the researcher.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    /// A POST by the researcher with an Idempotency-Key.
    pub async fn post_with_key(&self, path: &str, body: Value, key: &str) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::AUTHORIZATION, &self.workbench.people.researcher.token)
            .header(
                "Idempotency-Key",
                HeaderValue::from_str(key).expect("a header value"),
            )
            .body(Body::from(body.to_string()))
            .expect("a request");
        let answer = self.workbench.send(request).await;
        described::check(&Method::POST, path, &answer);
        answer
    }

    /// A request by the IT admin.
    pub async fn as_admin(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.as_person(&self.workbench.people.it_admin, method, path, body)
            .await
    }

    /// `start`, `stop` or `terminate`.
    pub async fn act(&self, id: &str, action: &str) -> Answer {
        self.call(Method::PUT, &format!("/environments/{id}/{action}"), None)
            .await
    }

    /// The environment as the API shows it.
    pub async fn get(&self, id: &str) -> Value {
        let answer = self.call(Method::GET, &format!("/environments/{id}"), None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// The status as the API shows it.
    pub async fn status(&self, id: &str) -> String {
        self.get(id).await["status"]
            .as_str()
            .expect("a status")
            .to_owned()
    }

    /// The environment as the table has it.
    pub async fn row(&self, id: &str) -> Environment {
        let id = id.parse().expect("an id");
        self.workbench
            .cloud
            .table()
            .environment(id)
            .await
            .expect("a table")
            .expect("an environment")
    }

    /// Turns the time until the environment has this status; every status seen on the way.
    pub async fn reach(&self, id: &str, status: &str) -> Vec<String> {
        let limit = self.workbench.aws.now() + PATIENCE;
        let mut seen = vec![self.status(id).await];
        while seen.last().is_none_or(|last| last != status) {
            match self.workbench.step(limit).await {
                Some(0) => continue,
                Some(_) => {}
                None => panic!("it stays at {seen:?}: {:#}", self.get(id).await),
            }
            let now = self.status(id).await;
            if seen.last() != Some(&now) {
                seen.push(now);
            }
        }
        seen
    }

    /// Turns the time until nothing more happens.
    pub async fn settle(&self) {
        let limit = self.workbench.aws.now() + PATIENCE;
        while self.workbench.step(limit).await.is_some() {}
    }

    /// Turns the time until nothing more happens while no event is delivered; the status events
    /// that the main account's bus got meanwhile.
    pub async fn settle_unheard(&self) -> Vec<Value> {
        let main = self.workbench.main.account.clone();
        let before = self.workbench.aws.world().events(&main).count();
        {
            let mut world = self.workbench.aws.world();
            while let Some(due) = world.next_due() {
                world.run_until(due);
            }
        }
        self.drop_events();
        let world = self.workbench.aws.world();
        world
            .events(&main)
            .skip(before)
            .map(|event| event.event.clone())
            // What Workbench itself publishes says nothing about AWS.
            .filter(|event| event["source"] != "workbench")
            .collect()
    }

    /// Turns the time while no event is delivered.
    pub fn pass_unheard(&self, time: SignedDuration) {
        let until = self.workbench.aws.now() + time;
        self.workbench.aws.world().run_until(until);
        self.drop_events();
    }

    fn drop_events(&self) {
        let mut world = self.workbench.aws.world();
        let queue = &self.workbench.main.queue;
        loop {
            let messages = world.receive_messages(queue, 100);
            if messages.is_empty() {
                break;
            }
            for message in messages {
                world.delete_message(queue, &message.id);
            }
        }
    }

    /// Launches an environment of which no event is delivered; its id, and the status events that there were.
    pub async fn launch_unheard(&self) -> (String, Vec<Value>) {
        let id = self.launch().await;
        let events = self.settle_unheard().await;
        assert_eq!(self.status(&id).await, "PENDING");
        assert!(events.len() > 1, "{events:?}");
        (id, events)
    }

    /// A call that somebody makes in the hosting account, past Workbench.
    pub fn in_console(&self, service: Service, operation: &str, input: &Value) {
        let root = Principal::root(&self.workbench.hosting.account);
        let answer = self.workbench.aws.world().call(&root, service, operation, input);
        answer.expect("a call that the account's root may make");
    }

    /// The next `times` calls of the operation are refused.
    pub fn refuse(&self, service: Service, operation: &str, error: &ApiError, times: u32) {
        let faults = &mut self.workbench.aws.world().faults;
        faults.refuse(service, operation, error.clone(), times);
    }

    /// The next `times` calls of the operation take effect, but their answers never arrive.
    pub fn lose_answer(&self, service: Service, operation: &str, times: u32) {
        let faults = &mut self.workbench.aws.world().faults;
        faults.lose_answer(service, operation, times);
    }

    /// Asks for a stop that SageMaker refuses with this message.
    pub async fn stop_refused(&self, id: &str, message: &str) {
        let error = ApiError::new("AccessDeniedException", message);
        self.refuse(Service::SageMaker, "StopNotebookInstance", &error, 1);
        assert_eq!(self.act(id, "stop").await.status, 502);
    }

    /// How many products are provisioned in the hosting account.
    pub fn products(&self) -> usize {
        let world = self.workbench.aws.world();
        world
            .provisioned_products(&self.workbench.hosting.account)
            .count()
    }

    /// How often an operation was called since the log was last emptied, and was not refused.
    pub fn calls(&self, operation: &str) -> usize {
        let world = self.workbench.aws.world();
        world
            .calls()
            .iter()
            .filter(|call| call.operation == operation && call.error.is_none())
            .count()
    }
}
