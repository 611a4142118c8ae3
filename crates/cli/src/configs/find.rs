//! Finding a configuration: the API keeps them below their environment types.

use std::borrow::Borrow;

use serde_json::Value;

use crate::api::{Client, Error, List};
use crate::output::text;
use crate::selection::Selection;
use crate::{named, projects, types};

/// Where to look for configurations.
#[derive(clap::Args)]
pub(crate) struct Scope {
    /// Only those of an environment type: its id, its name or its type
    #[arg(long, value_name = "TYPE")]
    r#type: Option<String>,
    /// Only those that a project may use: its id or its name
    #[arg(long)]
    project: Option<String>,
}

/// A configuration, and the environment type that it is of.
pub(crate) struct Found {
    /// The type's id.
    pub(crate) type_id: String,
    /// The configuration as the API answers it.
    pub(crate) config: Value,
}

impl Found {
    /// The configuration's id.
    pub(crate) fn id(&self) -> &str {
        text(&self.config, "id")
    }

    /// Its path, which has the type's id.
    pub(crate) fn path(&self) -> String {
        format!("/environmentTypes/{}/configurations/{}", self.type_id, self.id())
    }
}

impl Borrow<Value> for Found {
    fn borrow(&self) -> &Value {
        &self.config
    }
}

impl Scope {
    /// All projects' of one type, or of all if none is named.
    pub(crate) fn of_type(r#type: Option<String>) -> Self {
        Self {
            r#type,
            project: None,
        }
    }

    /// One project's, of one type, or of all if none is named.
    pub(crate) fn of_project(project: String, r#type: Option<String>) -> Self {
        Self {
            r#type,
            project: Some(project),
        }
    }

    /// The configuration that somebody means.
    ///
    /// # Errors
    /// There is none or several, or the API refuses.
    pub(crate) async fn find(&self, client: &Client, wanted: &str) -> Result<Found, Error> {
        named::the_one(
            "configuration",
            self.walk(client, None).await?,
            wanted,
            &["id", "name"],
        )
    }

    /// Configurations, as a selection wants them.
    ///
    /// # Errors
    /// The API refuses, or can not be reached.
    pub(crate) async fn configs(&self, client: &Client, selection: &Selection) -> Result<Vec<Value>, Error> {
        let found = self.walk(client, Some(selection)).await?;
        let mut rows = found.into_iter().map(|found| found.config).collect();
        selection.finish(&mut rows);
        Ok(rows)
    }

    /// The configurations of a project, or all that the caller may see: every one for IT admins, those of their own
    /// projects for others.
    async fn walk(&self, client: &Client, selection: Option<&Selection>) -> Result<Vec<Found>, Error> {
        let types = match &self.r#type {
            Some(wanted) => vec![types::find(client, wanted).await?],
            None => types::all(client).await?,
        };
        if let Some(project) = &self.project {
            let project = projects::find(client, project).await?;
            return below(client, &format!("/projects/{project}"), &types, selection).await;
        }
        match below(client, "", &types, selection).await {
            Err(error) if error.is_forbidden() => {}
            answered => return answered,
        }
        let mut all: Vec<Found> = Vec::new();
        for project in projects::own(client).await? {
            for found in below(client, &format!("/projects/{project}"), &types, selection).await? {
                // What several projects may use is one configuration.
                if all.iter().all(|known| known.id() != found.id()) {
                    all.push(found);
                }
            }
        }
        Ok(all)
    }
}

/// The configurations of one type after the other, in the lists below a path.
async fn below(
    client: &Client,
    path: &str,
    types: &[Value],
    selection: Option<&Selection>,
) -> Result<Vec<Found>, Error> {
    let mut all = Vec::new();
    for ty in types {
        let type_id = text(ty, "id");
        let mut list = List::of(format!("{path}/environmentTypes/{type_id}/configurations"));
        if let Some(selection) = selection {
            list = list.selected(selection, &[]);
        }
        let rows = list.rows(client).await?;
        all.extend(rows.into_iter().map(|config| Found {
            type_id: type_id.to_owned(),
            config,
        }));
    }
    Ok(all)
}
