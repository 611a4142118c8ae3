use crate::up::Up;
use crate::{json, refused, run, shown};

#[test]
fn hosting_accounts_are_shown_and_checked() {
    let up = Up::start("accounts", &["--hosting-accounts", "3"]);
    let list = shown(&up, "itAdmin", &["accounts", "list"]);
    assert_eq!(list.matches("CURRENT").count(), 3, "{list}");
    let checked = json(&up, "itAdmin", &["accounts", "check", "700000000002"]);
    assert_eq!(checked["awsAccountId"], "700000000002");
    refused(
        &up,
        "itAdmin",
        &["accounts", "check", "nobody"],
        1,
        "there is no account `nobody`",
    );
    refused(
        &up,
        "researcher",
        &["accounts", "list"],
        3,
        "the API answered 403: ",
    );
}

#[test]
fn an_account_is_added_renamed_and_let_go() {
    let up = Up::start("onboarding", &[]);
    let admin = "itAdmin";
    let links = shown(&up, admin, &["accounts", "links", "--external-id", "secret-1"]);
    assert!(
        links.contains("onboard-account-byon  https://") && links.contains("param_ExternalId=secret-1"),
        "{links}"
    );
    let links = shown(
        &up,
        admin,
        &["accounts", "links", "--account", "local-hosting-account"],
    );
    assert!(
        links.contains("/stacks/update/template?") && !links.contains("ExternalId"),
        "{links}"
    );
    refused(&up, admin, &["accounts", "links"], 2, "required");

    let add = |role| {
        let add = [
            "accounts",
            "add",
            "--name",
            "second",
            "--aws-account",
            "555566667777",
        ];
        run(&up, role, &[&add[..], &["--external-id", "secret-1"]].concat())
    };
    assert_eq!(add("researcher").code, 3);
    let added = add(admin);
    assert_eq!(added.code, 0, "{}", added.told);
    let id = added.shown.trim_end();
    assert!(id.starts_with("acc-"), "{id}");
    // Nobody has made its stack: there may be findings by now, with which only `list` and `check` end.
    let renamed = run(&up, admin, &["accounts", "update", "second", "--name", "third"]);
    assert!(
        renamed.shown.contains(&format!("{id}  third")),
        "{}",
        renamed.told
    );
    assert_eq!(renamed.code, 0, "{}", renamed.told);
    let removed = run(&up, admin, &["accounts", "remove", "third"]);
    assert!(removed.shown.contains("REMOVED"), "{}", removed.told);
    refused(
        &up,
        admin,
        &["accounts", "check", "third"],
        1,
        "there is no account `third`",
    );
    refused(
        &up,
        admin,
        &["accounts", "remove", "local-hosting-account"],
        1,
        "the API answered 409: id: the account still has",
    );
}
