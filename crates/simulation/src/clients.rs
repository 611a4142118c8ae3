//! The people who use the API: what they want next, and what they make of an answer.

use std::collections::VecDeque;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use fastrand::Rng;
use serde_json::{Value, json};
use workbench_core::status::Status;
use workbench_local::{Answer, OfferedType, People, Person};

use crate::home::Home;
use crate::schedule::{Schedule, one_in};

/// Somebody who wants an environment.
#[derive(Debug)]
pub(crate) struct Client {
    token: String,
    /// What makes a repeated launch the same launch.
    key: String,
    body: Value,
    /// The environment, once the API has told.
    pub(crate) id: Option<String>,
    /// Whether the API has accepted that it is terminated.
    pub(crate) terminated: bool,
}

/// A request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ask {
    /// Who asks.
    pub(crate) client: usize,
    /// For what.
    pub(crate) what: What,
}

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Launch,
    Start,
    Stop,
    Terminate,
    Connect,
}

/// The people, and what they still want to ask.
pub(crate) struct Clients {
    pub(crate) all: Vec<Client>,
    /// Requests that are to be sent once more.
    again: VecDeque<Ask>,
    left: u32,
}

impl What {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Launch => "launch",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Terminate => "terminate",
            Self::Connect => "connect",
        }
    }
}

impl Clients {
    /// Those whom a schedule has; they work in `homes` by turns.
    pub(crate) fn new(people: &People, offered: &OfferedType, homes: &[Home], schedule: &Schedule) -> Self {
        let people = [&people.researcher, &people.project_admin];
        let clients = people.iter().cycle().zip(homes.iter().cycle());
        let client = |(number, (person, home)): (usize, (&&Person, &Home))| Client {
            token: person.token.clone(),
            key: format!("key-{number}"),
            body: json!({
                "name": format!("wanted-{number}"),
                "description": "wanted by somebody",
                "envTypeId": offered.env_type_id,
                "envTypeConfigId": offered.env_type_config_id,
                "projectId": home.project,
                "datasetIds": [],
                "envType": offered.type_name,
            }),
            id: None,
            terminated: false,
        };
        Self {
            all: clients.enumerate().take(schedule.wanted).map(client).collect(),
            again: VecDeque::new(),
            left: schedule.requests,
        }
    }

    /// Whether nothing more will be asked.
    pub(crate) fn are_done(&self) -> bool {
        self.left == 0
    }

    /// What is asked next, mostly what makes sense. `status` tells what somebody's environment is.
    pub(crate) fn next(&mut self, dice: &mut Rng, status: impl Fn(&Client) -> Option<Status>) -> Ask {
        self.left = self.left.saturating_sub(1);
        if let Some(again) = self.again.pop_front() {
            return again;
        }
        let client = dice.usize(0..self.all.len());
        let sensible: &[What] = match self.all.get(client).and_then(status) {
            None => &[What::Launch],
            Some(Status::Pending) => &[What::Launch, What::Terminate],
            Some(Status::Completed) => &[What::Stop, What::Stop, What::Terminate, What::Connect],
            Some(Status::Stopped) => &[What::Start, What::Start, What::Terminate],
            Some(Status::Starting) => &[What::Start, What::Terminate],
            Some(Status::Stopping) => &[What::Stop, What::Start],
            Some(_) => &[What::Terminate],
        };
        let any = [
            What::Launch,
            What::Start,
            What::Stop,
            What::Terminate,
            What::Connect,
        ];
        let among = if one_in(dice, 6) { &any } else { sensible };
        let what = dice.choice(among).copied().unwrap_or(What::Launch);
        // Before one knows of an environment there is nothing else to ask.
        let known = self.all.get(client).is_some_and(|client| client.id.is_some());
        Ask {
            client,
            what: if known { what } else { What::Launch },
        }
    }

    /// The request, as the API gets it.
    pub(crate) fn request(&self, ask: Ask) -> Option<Request<Body>> {
        let client = self.all.get(ask.client)?;
        let id = client.id.as_deref().unwrap_or("none");
        let (method, path, body) = match ask.what {
            What::Launch => (
                Method::POST,
                "/environments".to_owned(),
                Body::from(client.body.to_string()),
            ),
            What::Connect => (
                Method::GET,
                format!("/environments/{id}/connections"),
                Body::empty(),
            ),
            What::Start | What::Stop | What::Terminate => {
                let word = ask.what.word();
                (Method::PUT, format!("/environments/{id}/{word}"), Body::empty())
            }
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, &client.token)
            .header(header::CONTENT_TYPE, "application/json");
        if ask.what == What::Launch {
            request = request.header("Idempotency-Key", &client.key);
        }
        request.body(body).ok()
    }

    /// Takes an answer in; the environments' ids if one launch has made two. Whoever got none, or was told to, may ask
    /// again.
    pub(crate) fn answered(&mut self, dice: &mut Rng, ask: Ask, answer: &Answer) -> Option<[String; 2]> {
        if answer.status.is_server_error() && !self.are_done() && !one_in(dice, 3) {
            self.again.push_back(ask);
        }
        if let Some(client) = self.all.get_mut(ask.client) {
            client.terminated |= ask.what == What::Terminate && answer.status.is_success();
        }
        if ask.what != What::Launch || answer.status != StatusCode::CREATED {
            return None;
        }
        let id = answer.body["id"].as_str()?.to_owned();
        let client = self.all.get_mut(ask.client)?;
        let before = client.id.replace(id.clone())?;
        (before != id).then_some([before, id])
    }
}
