//! `workbench users`: who may sign in, and finding people by their addresses.

use serde_json::{Value, json};
use workbench_core::id::UserId;

use crate::api::{Client, Error, List, Options, given};
use crate::exit::Exit;
use crate::named;
use crate::output::{self, text};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Show all users
    List,
    /// Show one, with their roles
    Get(One),
    /// Make a user, who gets a mail with a first password, and print their id
    Create {
        #[arg(long)]
        first_name: String,
        #[arg(long)]
        last_name: String,
        /// Where the mail goes, and the name to sign in with
        #[arg(long)]
        email: String,
    },
    /// Change a user's name or address
    Update {
        #[command(flatten)]
        one: One,
        #[command(flatten)]
        change: Change,
    },
    /// Keep a user from signing in. A token that they have works until it ends
    Deactivate(One),
    /// Let a user sign in again
    Activate(One),
    /// Delete a user who is INACTIVE, for good. Their environments stay
    Purge(One),
}

#[derive(clap::Args)]
pub(crate) struct One {
    /// The user: their id or their e-mail address
    user: String,
}

/// What changes.
#[derive(clap::Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Change {
    /// The new first name
    #[arg(long)]
    first_name: Option<String>,
    /// The new last name
    #[arg(long)]
    last_name: Option<String>,
    /// The new address, with which they sign in from then on
    #[arg(long)]
    email: Option<String>,
}

impl Change {
    fn body(&self) -> Value {
        given([
            ("firstName", &self.first_name),
            ("lastName", &self.last_name),
            ("email", &self.email),
        ])
    }
}

pub(crate) async fn run(options: &Options, command: &Command) -> anyhow::Result<Exit> {
    let client = options.client()?;
    match command {
        Command::List => output::rows(options.json, all(&client).await?, table),
        Command::Get(One { user }) => {
            let id = find(&client, user).await?;
            output::one(options.json, &read(&client, &id).await?, details);
        }
        Command::Create {
            first_name,
            last_name,
            email,
        } => {
            let body = json!({ "firstName": first_name, "lastName": last_name, "email": email });
            let made = client.send("POST", "/users", Some(&body)).await?;
            output::made(options.json, &made);
        }
        Command::Update { one, change } => {
            let id = patch(&client, one, &change.body()).await?;
            eprintln!("changed user {id}");
        }
        Command::Deactivate(one) => {
            let id = patch(&client, one, &json!({ "status": "INACTIVE" })).await?;
            eprintln!("user {id} can not sign in any more");
        }
        Command::Activate(one) => {
            let id = patch(&client, one, &json!({ "status": "ACTIVE" })).await?;
            eprintln!("user {id} can sign in");
        }
        Command::Purge(One { user }) => {
            let id = find(&client, user).await?;
            client.send("DELETE", &format!("/users/{id}/purge"), None).await?;
            eprintln!("deleted user {id}");
        }
    }
    Ok(Exit::Done)
}

/// Changes a user; their id.
async fn patch(client: &Client, One { user }: &One, body: &Value) -> Result<String, Error> {
    let id = find(client, user).await?;
    client.send("PATCH", &format!("/users/{id}"), Some(body)).await?;
    Ok(id)
}

/// The id of the user whom somebody means. Addresses are for those who may read users.
///
/// # Errors
/// Nobody has the address, or the API refuses.
pub(crate) async fn find(client: &Client, wanted: &str) -> Result<String, Error> {
    if wanted.parse::<UserId>().is_ok() {
        return Ok(wanted.to_owned());
    }
    // Mail does not tell capital letters from small ones, nor does the user pool.
    let mut users = all(client).await?;
    for user in &mut users {
        user["email"] = text(user, "email").to_lowercase().into();
    }
    let user = named::the_one("user", users, &wanted.to_lowercase(), &["email"])?;
    Ok(text(&user, "id").to_owned())
}

async fn read(client: &Client, id: &str) -> Result<Value, Error> {
    client.get(&format!("/users/{id}")).await
}

async fn all(client: &Client) -> Result<Vec<Value>, Error> {
    List::of("/users").below("users").rows(client).await
}

/// First and last name.
pub(crate) fn name(user: &Value) -> String {
    format!("{} {}", text(user, "firstName"), text(user, "lastName"))
        .trim()
        .to_owned()
}

/// Whether they can sign in. The API answers a number.
fn status(user: &Value) -> &'static str {
    match user["status"].as_u64() {
        Some(0) => "INACTIVE",
        _ => "ACTIVE",
    }
}

fn table(users: &[Value]) -> String {
    let row = |user: &Value| {
        [
            text(user, "id").to_owned(),
            name(user),
            text(user, "email").to_owned(),
            status(user).to_owned(),
        ]
    };
    output::table(["ID", "NAME", "EMAIL", "STATUS"], users.iter().map(row))
}

fn details(user: &Value) -> String {
    let roles = user["roles"].as_array().map_or(&[][..], Vec::as_slice);
    let roles: Vec<_> = roles.iter().filter_map(Value::as_str).collect();
    output::details(&[
        ("Id", text(user, "id").to_owned()),
        ("Name", name(user)),
        ("E-mail", text(user, "email").to_owned()),
        ("Status", status(user).to_owned()),
        ("Roles", roles.join("\n")),
    ])
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::routing::get;
    use axum::{Json, Router};

    use super::*;

    const ID: &str = "b590a734-5adc-4a43-a24b-edf3795b812d";

    fn ada() -> Value {
        json!({ "id": ID, "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.org", "status": 0,
            "roles": ["ITAdmin", "proj-1#Researcher"] })
    }

    #[test]
    fn users_are_a_table() {
        insta::assert_snapshot!(table(&[ada()]));
    }

    #[test]
    fn a_user_has_details_and_roles() {
        insta::assert_snapshot!(details(&ada()));
    }

    #[tokio::test]
    async fn people_are_found_by_their_addresses_whatever_their_case() {
        let page = get(|| async { Json(json!({ "users": { "data": [ada()] } })) });
        let client = Client::of(Router::new().route("/users", page), "t").await;
        assert_eq!(find(&client, "Ada@example.org").await.unwrap(), ID);
        let told = find(&client, "bob@example.org").await.unwrap_err().to_string();
        assert_eq!(told, "there is no user `bob@example.org`");
    }

    #[tokio::test]
    async fn who_may_not_read_users_gives_ids() {
        let page = get(|| async { (StatusCode::FORBIDDEN, Json(json!({ "message": "no" }))) });
        let client = Client::of(Router::new().route("/users", page), "t").await;
        assert_eq!(find(&client, ID).await.unwrap(), ID);
        assert!(find(&client, "ada@example.org").await.unwrap_err().is_forbidden());
    }
}
