use crate::up::Up;
use crate::{json, refused, shown};

#[test]
fn users_are_made_found_by_their_addresses_kept_out_and_deleted() {
    let up = Up::start("users", &[]);
    let admin = "itAdmin";
    let ada = "ada@example.org";
    let create = [
        "users",
        "create",
        "--first-name",
        "Ada",
        "--last-name",
        "Lovelace",
    ];
    let create = [&create[..], &["--email", ada]].concat();
    refused(&up, "projectAdmin", &create, 3, "the API answered 403: ");
    let id = shown(&up, admin, &create);
    refused(&up, admin, &create, 1, "the API answered 409: ");
    let all = shown(&up, "projectAdmin", &["users", "list"]);
    assert!(
        all.contains(&format!("{id}  Ada Lovelace")) && !all.contains("INACTIVE"),
        "{all}"
    );
    refused(&up, "researcher", &["users", "list"], 3, "the API answered 403: ");

    let add = [
        "projects",
        "add",
        "local-project",
        "Ada@example.org",
        "--role",
        "Researcher",
    ];
    shown(&up, admin, &add);
    let people = shown(&up, "projectAdmin", &["projects", "users", "local-project"]);
    let row = people.lines().find(|line| line.starts_with(&id)).unwrap();
    assert_eq!(
        row.split_whitespace().collect::<Vec<_>>(),
        [id.as_str(), "Ada", "Lovelace", ada, "Researcher"]
    );
    assert!(shown(&up, admin, &["users", "get", ada]).contains("#Researcher"));
    shown(&up, admin, &["projects", "remove", "local-project", ada]);

    shown(&up, admin, &["users", "update", ada, "--last-name", "King"]);
    assert_eq!(json(&up, admin, &["users", "get", ada])["lastName"], "King");
    refused(&up, admin, &["users", "update", ada], 2, "required");
    refused(
        &up,
        admin,
        &["users", "purge", ada],
        1,
        "the API answered 400: status: ",
    );
    shown(&up, admin, &["users", "deactivate", ada]);
    assert!(shown(&up, admin, &["users", "get", ada]).contains("INACTIVE"));
    shown(&up, admin, &["users", "activate", ada]);
    assert!(!shown(&up, admin, &["users", "get", ada]).contains("INACTIVE"));
    shown(&up, admin, &["users", "deactivate", ada]);
    shown(&up, admin, &["users", "purge", ada]);
    refused(
        &up,
        admin,
        &["users", "get", ada],
        1,
        "there is no user `ada@example.org`",
    );
}
