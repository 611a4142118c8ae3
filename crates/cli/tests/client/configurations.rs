use crate::up::Up;
use crate::{json, refused, shown};

#[test]
fn types_are_shown_approved_and_revoked() {
    let up = Up::start("types", &[]);
    let admin = "itAdmin";
    let all = shown(&up, "researcher", &["types", "list"]);
    assert!(
        all.contains("sagemakerExample") && all.contains("APPROVED"),
        "{all}"
    );
    let details = shown(&up, "researcher", &["types", "get", "sagemakerExample"]);
    assert!(details.contains("InstanceType (String"), "{details}");
    let named = [
        "types",
        "update",
        "sagemakerExample",
        "--name",
        "Example notebook",
    ];
    assert_eq!(json(&up, admin, &named)["name"], "Example notebook");
    refused(
        &up,
        admin,
        &["types", "revoke", "Example notebook"],
        1,
        "the API answered 409: status: the environment type has configurations: etc-",
    );
    assert_eq!(
        json(&up, admin, &["types", "approve", "sagemakerExample"])["status"],
        "APPROVED"
    );
    refused(
        &up,
        "researcher",
        &["types", "approve", "sagemakerExample"],
        3,
        "the API answered 403: ",
    );

    shown(
        &up,
        admin,
        &[
            "configs",
            "delete",
            "sagemakerExample",
            "--type",
            "sagemakerExample",
        ],
    );
    assert_eq!(
        json(&up, admin, &["types", "revoke", "sagemakerExample"])["status"],
        "NOT_APPROVED"
    );
    let revoked = json(&up, admin, &["types", "list", "--status", "not_approved"]);
    assert_eq!(revoked[0]["type"], "sagemakerExample");
}

#[test]
fn configurations_are_made_associated_and_deleted() {
    let up = Up::start("configs", &[]);
    let admin = "itAdmin";
    let create = [
        "configs",
        "create",
        "--type",
        "sagemakerExample",
        "--name",
        "Small one",
        "--cost",
        "little",
    ];
    refused(&up, admin, &create, 1, "params");
    let create = [
        &create[..],
        &[
            "--param",
            "IamPolicyDocument=${iamPolicyDocument}",
            "--param",
            "InstanceType=ml.t3.medium",
        ],
        &[
            "--param",
            "AutoStopIdleTimeInMinutes=0",
            "--param",
            "CIDR=0.0.0.0/0",
        ],
    ]
    .concat();
    refused(&up, "researcher", &create, 3, "the API answered 403: ");
    let id = shown(&up, admin, &create);
    assert!(id.starts_with("etc-"), "{id}");
    let all = shown(&up, admin, &["configs", "list", "--name", "Small*"]);
    assert!(all.contains(&id) && all.contains("little"), "{all}");
    assert!(shown(&up, admin, &["configs", "get", "Small one"]).contains("CIDR=0.0.0.0/0"));

    let launch = ["env", "launch", "--name", "demo", "--config", "Small one"];
    refused(
        &up,
        "researcher",
        &launch,
        1,
        "there is no configuration `Small one`",
    );
    assert!(!shown(&up, "researcher", &["configs", "list"]).contains(&id));
    let pair = |verb| ["configs", verb, "Small one", "--project", "local-project"];
    shown(&up, admin, &pair("associate"));
    assert!(shown(&up, "researcher", &["configs", "list"]).contains(&id));
    let offered = json(
        &up,
        "researcher",
        &[
            "configs",
            "list",
            "--project",
            "local-project",
            "--name",
            "Small one",
        ],
    );
    assert_eq!(offered[0]["id"], id.as_str());
    let projects = shown(&up, admin, &["configs", "projects", &id]);
    assert!(projects.contains("local-project"), "{projects}");
    refused(
        &up,
        admin,
        &["configs", "delete", &id],
        1,
        "the API answered 409: envTypeConfigId: ",
    );
    refused(
        &up,
        "researcher",
        &pair("disassociate"),
        3,
        "the API answered 403: ",
    );
    shown(&up, admin, &pair("disassociate"));
    let changed = json(&up, admin, &["configs", "update", &id, "--cost", "more"]);
    assert_eq!(changed["estimatedCost"], "more");
    shown(&up, admin, &["configs", "delete", &id]);
    refused(
        &up,
        admin,
        &["configs", "get", &id],
        1,
        &format!("there is no configuration `{id}`"),
    );
}
