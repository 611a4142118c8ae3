//! `workbench configs`: what an environment type is launched with, and which projects may use it.

mod find;

use serde_json::{Value, json};

pub(crate) use find::{Found, Scope};

use crate::api::{Client, List, Options, given};
use crate::exit::Exit;
use crate::output::{self, text};
use crate::{projects, selection, types};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Show configurations: those that a project may use, or all that you may see
    List {
        #[command(flatten)]
        scope: Scope,
        #[command(flatten)]
        selection: selection::Options,
    },
    /// Show one, with its parameters
    Get(One),
    /// Make a configuration, and print its id
    Create(Create),
    /// Change what a configuration says about itself
    Update {
        #[command(flatten)]
        one: One,
        #[command(flatten)]
        change: Change,
    },
    /// Delete a configuration that no project is associated with
    Delete(One),
    /// Let a project use a configuration
    Associate(Pair),
    /// Let a project no longer use a configuration
    Disassociate(Pair),
    /// Show the projects that are associated with a configuration
    Projects(One),
}

#[derive(clap::Args)]
pub(crate) struct One {
    /// The configuration: its id or its name
    config: String,
    #[command(flatten)]
    scope: Scope,
}

#[derive(clap::Args)]
pub(crate) struct Pair {
    /// The configuration: its id or its name
    config: String,
    /// The project: its id or its name
    #[arg(long)]
    project: String,
    /// Its environment type, if there are several of that name: its id, its name or its type
    #[arg(long, value_name = "TYPE")]
    r#type: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct Create {
    /// The environment type: its id, its name or its type
    #[arg(long, value_name = "TYPE")]
    r#type: String,
    /// Letters, digits, spaces, `-`, `_` and `.`
    #[arg(long)]
    name: String,
    /// What it is for; else its name
    #[arg(long)]
    description: Option<String>,
    /// A parameter, once for each: what the package's `env-type.yaml` takes from `config.<KEY>`. One that is missing is
    /// named when the API refuses
    #[arg(long = "param", value_name = "KEY=VALUE", value_parser = param)]
    params: Vec<(String, String)>,
    /// What an hour costs, in words
    #[arg(long, value_name = "TEXT")]
    cost: Option<String>,
    /// Let every project use it; else projects must be associated
    #[arg(long)]
    every_project: bool,
    /// Let a role use it, such as proj-...#Researcher; more than one may be given
    #[arg(long = "role", value_name = "PROJECT#ROLE", conflicts_with = "every_project")]
    roles: Vec<String>,
}

#[derive(clap::Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Change {
    /// The new description
    #[arg(long)]
    description: Option<String>,
    /// What an hour costs, in words
    #[arg(long, value_name = "TEXT")]
    cost: Option<String>,
}

fn param(text: &str) -> Result<(String, String), &'static str> {
    let (key, value) = text.split_once('=').ok_or("give KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

pub(crate) async fn run(options: &Options, command: &Command) -> anyhow::Result<Exit> {
    let client = options.client()?;
    match command {
        Command::List { scope, selection } => {
            let rows = scope.configs(&client, &selection.selection()).await?;
            output::rows(options.json, rows, table);
        }
        Command::Get(one) => {
            let found = one.scope.find(&client, &one.config).await?;
            output::one(options.json, &found.config, details);
        }
        Command::Create(create) => {
            let made = create.send(&client).await?;
            output::made(options.json, &made);
        }
        Command::Update { one, change } => {
            let path = one.scope.find(&client, &one.config).await?.path();
            let changed = client.send("PATCH", &path, Some(&change.body())).await?;
            output::one(options.json, &changed, details);
        }
        Command::Delete(one) => {
            let found = one.scope.find(&client, &one.config).await?;
            client.send("DELETE", &found.path(), None).await?;
            eprintln!("deleted configuration {}", found.id());
        }
        Command::Associate(pair) => {
            let (project, found) = pair.relate(&client, "PUT").await?;
            eprintln!("project {project} may use configuration {}", found.id());
        }
        Command::Disassociate(pair) => {
            let (project, found) = pair.relate(&client, "DELETE").await?;
            eprintln!(
                "project {project} may not use configuration {} any more",
                found.id()
            );
        }
        Command::Projects(one) => {
            let path = one.scope.find(&client, &one.config).await?.path();
            let rows = List::of(format!("{path}/projects")).rows(&client).await?;
            output::rows(options.json, rows, projects::table);
        }
    }
    Ok(Exit::Done)
}

impl Pair {
    /// Makes or ends the association; the project's id, and the configuration.
    async fn relate(&self, client: &Client, method: &'static str) -> anyhow::Result<(String, Found)> {
        let project = projects::find(client, &self.project).await?;
        let found = Scope::of_type(self.r#type.clone())
            .find(client, &self.config)
            .await?;
        let path = format!("/projects/{project}{}/relationships", found.path());
        client.send(method, &path, None).await?;
        Ok((project, found))
    }
}

impl Create {
    async fn send(&self, client: &Client) -> anyhow::Result<Value> {
        let ty = types::find(client, &self.r#type).await?;
        let path = format!("/environmentTypes/{}/configurations", text(&ty, "id"));
        Ok(client
            .send("POST", &path, Some(&self.body(text(&ty, "type"))))
            .await?)
    }

    fn body(&self, type_name: &str) -> Value {
        let param = |(key, value): &(String, String)| json!({ "key": key, "value": value });
        let mut body = json!({
            "type": type_name,
            "name": self.name,
            "description": self.description.as_ref().unwrap_or(&self.name),
            "params": self.params.iter().map(param).collect::<Vec<_>>(),
        });
        if let Some(cost) = &self.cost {
            body["estimatedCost"] = json!(cost);
        }
        if self.every_project || !self.roles.is_empty() {
            body["allowedRoleIds"] = json!(self.roles);
        }
        body
    }
}

impl Change {
    fn body(&self) -> Value {
        given([("description", &self.description), ("estimatedCost", &self.cost)])
    }
}

fn table(configs: &[Value]) -> String {
    let row = |config: &Value| {
        [
            text(config, "id").to_owned(),
            text(config, "name").to_owned(),
            text(config, "type").to_owned(),
            text(config, "status").to_owned(),
            text(config, "estimatedCost").to_owned(),
        ]
    };
    output::table(["ID", "NAME", "TYPE", "STATUS", "COST"], configs.iter().map(row))
}

fn details(config: &Value) -> String {
    let field = |name: &str| text(config, name).to_owned();
    let params = config["params"].as_array().map_or(&[][..], Vec::as_slice);
    let params = params
        .iter()
        .map(|param| format!("{}={}", text(param, "key"), text(param, "value")));
    output::details(&[
        ("Id", field("id")),
        ("Name", field("name")),
        ("Description", field("description")),
        ("Type", field("type")),
        ("Status", field("status")),
        ("Cost", field("estimatedCost")),
        ("Created", output::time(config, "createdAt")),
        ("Updated", output::time(config, "updatedAt")),
        ("Parameters", params.collect::<Vec<_>>().join("\n")),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Value {
        json!({ "id": "etc-b590a734-5adc-4a43-a24b-edf3795b812d", "type": "sagemakerNotebook", "name": "Small",
            "description": "A small one", "estimatedCost": "0.05 USD", "status": "AVAILABLE",
            "params": [{ "key": "InstanceType", "value": "ml.t3.medium" }, { "key": "CIDR", "value": "0.0.0.0/0" }],
            "createdAt": "2026-11-24T10:00:00.000Z", "updatedAt": "2026-11-24T10:00:00.000Z" })
    }

    #[test]
    fn configurations_are_a_table() {
        insta::assert_snapshot!(table(&[config()]));
    }

    #[test]
    fn a_configuration_has_details_and_parameters() {
        insta::assert_snapshot!(details(&config()));
    }

    #[test]
    fn a_parameters_value_may_have_more_of_the_sign_between() {
        assert_eq!(param("A=b=c"), Ok(("A".into(), "b=c".into())));
        assert!(param("A").is_err());
    }

    #[test]
    fn a_new_configuration_says_who_may_use_it_only_if_that_was_given() {
        let create = |every_project, roles: &[&str]| Create {
            r#type: "notebook".into(),
            name: "Small".into(),
            description: None,
            params: vec![("A".into(), "b".into())],
            cost: None,
            every_project,
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        };
        let body = create(false, &[]).body("sagemakerNotebook");
        let wanted = json!({ "type": "sagemakerNotebook", "name": "Small", "description": "Small",
            "params": [{ "key": "A", "value": "b" }] });
        assert_eq!(body, wanted);
        assert_eq!(create(true, &[]).body("t")["allowedRoleIds"], json!([]));
        assert_eq!(
            create(false, &["proj-1#Researcher"]).body("t")["allowedRoleIds"],
            json!(["proj-1#Researcher"])
        );
    }
}
