//! `workbench env get`

use serde_json::Value;

use super::{find, read};
use crate::api::Client;
use crate::exit::Exit;
use crate::output::{self, text};

#[derive(clap::Args)]
pub(crate) struct Get {
    /// The environment: its id or its name
    environment: String,
}

impl Get {
    pub(super) async fn run(&self, client: &Client, json: bool) -> anyhow::Result<Exit> {
        let id = find(client, &self.environment).await?;
        output::one(json, &read(client, &id).await?, details);
        Ok(Exit::Done)
    }
}

fn details(environment: &Value) -> String {
    let field = |name: &str| text(environment, name).to_owned();
    let (config, project) = (&environment["ETC"], &environment["PROJ"]);
    output::details(&[
        ("Id", field("id")),
        ("Name", field("name")),
        ("Description", field("description")),
        ("Status", field("status")),
        ("Reason", reason(environment)),
        ("Type", text(config, "type").to_owned()),
        ("Configuration", text(config, "id").to_owned()),
        (
            "Project",
            format!("{} ({})", text(project, "name"), text(project, "id")),
        ),
        ("AWS account", text(project, "awsAccountId").to_owned()),
        ("Instance", field("instanceId")),
        ("Owner", field("owner")),
        ("Created", output::time(environment, "createdAt")),
        ("Updated", output::time(environment, "updatedAt")),
    ])
}

/// Why it failed, or what it waits for; empty if neither is so.
pub(super) fn reason(environment: &Value) -> String {
    let queued = text(&environment["queued"], "reason");
    if queued.is_empty() {
        text(&environment["error"], "value").to_owned()
    } else {
        format!("waits for its turn: {queued}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_waits_for_its_turn_says_so() {
        let queued = json!({ "status": "PENDING", "queued": { "reason": "100 automations run already" } });
        assert_eq!(reason(&queued), "waits for its turn: 100 automations run already");
    }

    #[test]
    fn an_environment_has_details_and_the_reason_of_a_failure() {
        let environment = json!({
            "id": "env-b590a734-5adc-4a43-a24b-edf3795b812d", "name": "demo", "description": "A demo",
            "status": "FAILED", "error": { "type": "LAUNCH", "value": "no capacity" }, "instanceId": "",
            "owner": "b590a734-5adc-4a43-a24b-edf3795b812d", "createdAt": "2026-11-24T10:00:00.000Z",
            "updatedAt": "2026-11-24T10:05:00.000Z",
            "ETC": { "id": "etc-b590a734-5adc-4a43-a24b-edf3795b812d", "type": "sagemakerNotebook" },
            "PROJ": { "id": "proj-b590a734-5adc-4a43-a24b-edf3795b812d", "name": "genomics",
                "awsAccountId": "444455556666" },
        });
        insta::assert_snapshot!(details(&environment));
    }
}
