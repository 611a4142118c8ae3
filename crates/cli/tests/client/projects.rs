use crate::up::Up;
use crate::{json, refused, shown};

#[test]
fn projects_are_made_filled_emptied_and_deleted() {
    let up = Up::start("projects", &[]);
    let admin = "itAdmin";
    let create = [
        "projects",
        "create",
        "--name",
        "genomics",
        "--cost-center",
        "local-cost-center",
    ];
    let id = shown(&up, admin, &create);
    assert!(id.starts_with("proj-"), "{id}");
    refused(
        &up,
        admin,
        &create,
        1,
        "name: `genomics` is the name of another project",
    );
    refused(&up, "projectAdmin", &create, 3, "the API answered 403: ");

    let found = shown(
        &up,
        admin,
        &["projects", "list", "--name", "gen*", "--sort", "name"],
    );
    assert!(found.contains(&id) && !found.contains("local-project"), "{found}");
    assert_eq!(
        json(&up, admin, &["projects", "list"]).as_array().unwrap().len(),
        2
    );
    assert_eq!(
        json(&up, "researcher", &["projects", "list"])
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let changed = json(
        &up,
        admin,
        &["projects", "update", "genomics", "--description", "All genes"],
    );
    assert_eq!(changed["description"], "All genes");
    assert!(shown(&up, admin, &["projects", "get", &id]).contains("All genes"));

    let people = json(
        &up,
        "projectAdmin",
        &["projects", "users", "local-project", "--role", "Researcher"],
    );
    let user = people[0]["id"].as_str().unwrap();
    let add = ["projects", "add", "genomics", user, "--role", "Researcher"];
    shown(&up, admin, &add);
    refused(
        &up,
        admin,
        &add,
        1,
        "role: the user is Researcher of the project already",
    );
    refused(
        &up,
        "researcher",
        &["projects", "users", "genomics"],
        3,
        "the API answered 403: ",
    );
    let rosa = format!("{user}  Rosa Search  rosa.search@example.org");
    assert!(shown(&up, admin, &["projects", "users", &id]).ends_with(&format!("{rosa}  Researcher")));
    // With both roles they are still one person.
    let promote = ["projects", "add", "genomics", user, "--role", "ProjectAdmin"];
    shown(&up, admin, &promote);
    let people = shown(&up, admin, &["projects", "users", "genomics"]);
    assert!(
        people.ends_with(&format!("ROLES\n{rosa}  Researcher, ProjectAdmin")),
        "{people}"
    );
    let people = json(&up, admin, &["projects", "users", "genomics"]);
    assert_eq!(people.as_array().unwrap().len(), 1);
    // Who is in two projects says which.
    let launch = ["env", "launch", "--name", "demo", "--config", "sagemakerExample"];
    refused(
        &up,
        "researcher",
        &launch,
        2,
        "there are 2 projects: name one with --project",
    );
    shown(&up, admin, &["projects", "remove", "genomics", user]);
    assert_eq!(shown(&up, admin, &["projects", "users", "genomics"]), "");

    refused(
        &up,
        admin,
        &["projects", "add", "genomics", "ada", "--role", "Researcher"],
        1,
        "there is no user `ada`",
    );
    shown(&up, admin, &["projects", "delete", "genomics"]);
    refused(
        &up,
        admin,
        &["projects", "get", "genomics"],
        1,
        "there is no project `genomics`",
    );
    refused(
        &up,
        admin,
        &["projects", "delete", &id],
        1,
        "the API answered 404: ",
    );
    assert_eq!(json(&up, admin, &["projects", "get", &id])["status"], "DELETED");
}

#[test]
fn cost_centres_are_made_of_accounts_and_deleted() {
    let up = Up::start("cost-centres", &[]);
    let admin = "itAdmin";
    let create = [
        "cost-centers",
        "create",
        "--name",
        "genomics",
        "--account",
        "local-hosting-account",
    ];
    let id = shown(&up, admin, &create);
    assert!(id.starts_with("cc-"), "{id}");
    assert!(shown(&up, admin, &["cost-centers", "list", "--name", "gen*"]).contains(&id));
    refused(
        &up,
        "researcher",
        &["cost-centers", "list"],
        3,
        "the API answered 403: ",
    );
    refused(
        &up,
        admin,
        &["cost-centers", "delete", "local-cost-center"],
        1,
        "the API answered 409: ",
    );
    let used = ["projects", "list", "--cost-center", "local-cost-center"];
    assert_eq!(json(&up, admin, &used).as_array().unwrap().len(), 1);
    assert_eq!(
        shown(&up, admin, &["projects", "list", "--cost-center", "genomics"]),
        ""
    );
    shown(&up, admin, &["cost-centers", "delete", "genomics"]);
    refused(
        &up,
        admin,
        &["cost-centers", "delete", "genomics"],
        1,
        "there is no cost centre `genomics`",
    );
}
