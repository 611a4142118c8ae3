//! Where people work: projects, each with a hosting account of its own.

use axum::http::{Method, StatusCode};
use jiff::SignedDuration;
use serde_json::{Value, json};
use workbench_core::account::AccountStatus;
use workbench_local::Workbench;

use crate::{Error, reason};

/// The number of the second hosting account.
const SECOND: &str = "777788889999";

/// How long the stack of a hosting account is in the making, at most.
const OPENING: SignedDuration = SignedDuration::from_mins(30);

/// A project.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    /// Its id.
    pub(crate) project: String,
    /// The number of its hosting account.
    pub(crate) account: String,
}

impl Home {
    /// The project that every local Workbench begins with.
    pub(crate) fn first(workbench: &Workbench) -> Self {
        Self {
            project: workbench.project_id.to_string(),
            account: workbench.hosting.account.clone(),
        }
    }

    /// Makes another one, with the same members, by the API's own requests.
    pub(crate) async fn second(workbench: &mut Workbench) -> Result<Self, Error> {
        workbench.allow_hosts(&[SECOND.to_owned()]).await?;
        let opened = workbench.open_account(SECOND, "second").await;
        let opened = opened.map_err(|error| Error::Home(error.to_string()))?;
        workbench.aws.advance(OPENING);
        let checked = workbench.check_accounts().await?;
        if checked
            .statuses
            .keys()
            .any(|status| *status != AccountStatus::Current.label())
        {
            return Err(Error::Home(format!("its account is not ready: {checked:?}")));
        }
        let cost_center =
            json!({ "name": "second", "description": "the second one", "accountId": opened.id });
        let cost_center = made(workbench, "/costCenters", cost_center).await?;
        let project =
            json!({ "name": "second", "description": "the second one", "costCenterId": cost_center["id"] });
        let project = made(workbench, "/projects", project).await?;
        let id = project["id"].as_str().unwrap_or_default().to_owned();
        let people = &workbench.people;
        for (person, role) in [
            (&people.researcher, "Researcher"),
            (&people.project_admin, "ProjectAdmin"),
        ] {
            let path = format!("/projects/{id}/users/{}/relationships", person.user_id);
            made(workbench, &path, json!({ "role": role })).await?;
        }
        Ok(Self {
            project: id,
            account: opened.aws_account_id,
        })
    }
}

/// What the API answers to an IT admin's POST that succeeds.
async fn made(workbench: &Workbench, path: &str, body: Value) -> Result<Value, Error> {
    let token = &workbench.people.it_admin.token;
    let answer = workbench.request(token, Method::POST, path, Some(body)).await;
    match answer.status {
        StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT => Ok(answer.body),
        status => Err(Error::Home(format!(
            "{path} answers {status}: {}",
            reason(&answer.body)
        ))),
    }
}
