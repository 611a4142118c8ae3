use crate::up::Up;
use crate::{json, refused, shown};

#[test]
fn hosting_accounts_are_shown_and_checked() {
    let up = Up::start("accounts", &["--hosting-accounts", "3"]);
    let list = shown(&up, "itAdmin", &["accounts", "list"]);
    assert_eq!(list.matches("CURRENT").count(), 3, "{list}");
    let checked = json(&up, "itAdmin", &["accounts", "check", "700000000002"]);
    assert_eq!(checked[0]["awsAccountId"], "700000000002");
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
