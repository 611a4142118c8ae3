//! From the links to CURRENT.

use axum::http::Method;
use serde_json::json;

use super::{Accounts, current, number, state};

#[tokio::test]
async fn a_new_account_goes_from_the_links_to_current_without_a_second_human_step() {
    let accounts = Accounts::open(1).await;
    assert_eq!(accounts.state(0).await, state("PENDING", &[]));
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, current());
    let shown = accounts.shown(0).await;
    for field in ["vpcId", "subnetId", "encryptionKeyArn", "lastCheckedAt"] {
        assert!(shown[field].is_string(), "{field}: {shown}");
    }
    assert_eq!(shown["stackName"], "workbench-local-hosting-account");
}

#[tokio::test]
async fn an_account_that_is_registered_before_its_stack_waits_for_it() {
    let mut accounts = Accounts::open(0).await;
    let workbench = accounts.workbench.clone();
    let external_id = "workbench-secret".to_owned();
    let opened = workbench
        .register_account(&number(0), "host-0", external_id.clone())
        .await;
    accounts.opened.push(opened.unwrap());
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, state("PENDING", &["NOT_LET_IN_YET"]));
    let link = workbench.onboarding_link(&external_id).await.unwrap();
    workbench.follow_link(&number(0), &link, str::to_owned).unwrap();
    accounts.settle();
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, current());
}

#[tokio::test]
async fn a_link_can_not_fill_in_a_parameter_that_is_not_shown() {
    let accounts = Accounts::open(0).await;
    let workbench = &accounts.workbench;
    let link = workbench.onboarding_link("workbench-secret").await.unwrap();
    let hide = |template: &str| template.replacen("  ExternalId:\n", "  ExternalId:\n    NoEcho: true\n", 1);
    let refused = workbench.follow_link(&number(0), &link, hide).unwrap_err();
    assert!(refused.to_string().contains("ExternalId"), "{refused}");
    workbench.follow_link(&number(0), &link, str::to_owned).unwrap();
}

#[tokio::test]
async fn the_links_of_both_templates_are_answered() {
    let accounts = Accounts::open(0).await;
    let wanted = json!({ "externalId": "workbench-1" });
    let answer = accounts
        .ask(Method::POST, "/awsAccountTemplateUrls", Some(wanted))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for template in ["onboard-account", "onboard-account-byon"] {
        let link = |kind: &str| answer.body[template][kind].as_str().unwrap().to_owned();
        assert!(link("createUrl").contains("#/stacks/create/review?templateURL=https%3A%2F%2F"));
        assert!(link("createUrl").contains("&param_ExternalId=workbench-1"));
        assert!(link("createUrl").contains("X-Amz-Expires%3D900"));
        assert!(
            link("updateUrl").contains("#/stacks/update/template?stackId=workbench-local-hosting-account&")
        );
        assert!(!link("updateUrl").contains("ExternalId"));
    }
}

#[tokio::test]
async fn without_an_external_id_only_the_links_to_update_are_answered() {
    let accounts = Accounts::open(0).await;
    let ask = async |body| {
        accounts
            .ask(Method::POST, "/awsAccountTemplateUrls", Some(body))
            .await
    };
    let answer = ask(json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for template in ["onboard-account", "onboard-account-byon"] {
        let links = answer.body[template].as_object().unwrap();
        assert_eq!(links.keys().collect::<Vec<_>>(), ["updateUrl"]);
    }
    for wrong in [json!(null), json!(""), json!("a b")] {
        let answer = ask(json!({ "externalId": wrong })).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        let message = answer.body["message"].as_str().unwrap();
        assert!(message.starts_with("externalId: "), "{message}");
    }
}

#[tokio::test]
async fn an_aws_account_is_registered_once() {
    let accounts = Accounts::open(1).await;
    let again = accounts
        .workbench
        .register_account(&number(0), "again", "workbench-2".to_owned())
        .await;
    let refused = again.unwrap_err().to_string();
    let id = &accounts.opened[0].id;
    assert!(
        refused.contains("400")
            && refused.contains(&format!("awsAccountId: is registered already, as `{id}`")),
        "{refused}"
    );
}

#[tokio::test]
async fn only_it_admins_see_hosting_accounts() {
    let accounts = Accounts::open(1).await;
    let id = &accounts.opened[0].id;
    for (method, path) in [
        (Method::POST, "/awsAccountTemplateUrls".to_owned()),
        (Method::GET, "/awsAccounts".to_owned()),
        (Method::POST, "/awsAccounts".to_owned()),
        (Method::GET, format!("/awsAccounts/{id}")),
        (Method::PATCH, format!("/awsAccounts/{id}")),
        (Method::DELETE, format!("/awsAccounts/{id}")),
        (Method::POST, format!("/awsAccounts/{id}/check")),
        (Method::GET, "/costCenters".to_owned()),
        (Method::POST, "/costCenters".to_owned()),
    ] {
        let people = &accounts.workbench.people;
        for token in [&people.researcher.token, &people.project_admin.token] {
            let answer = accounts
                .workbench
                .request(token, method.clone(), &path, None)
                .await;
            assert_eq!(answer.status, 403, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn an_account_that_was_not_named_is_current_once_it_is() {
    let mut accounts = Accounts::open(0).await;
    accounts.add(1).await;
    accounts.settle();
    accounts.cycle().await;
    assert_eq!(accounts.shown(0).await["status"], "ERRORED");
    let finding = &accounts.shown(0).await["findings"][0];
    assert_eq!(finding["kind"], "NOT_NAMED");
    assert!(finding["mend"].as_str().unwrap().contains("`HostingAccountIds`"));
    accounts.workbench.allow_hosts(&[number(1)]).await.unwrap();
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, current());
}

#[tokio::test]
async fn an_external_id_that_has_leaked_is_changed() {
    let accounts = Accounts::open(1).await;
    accounts.cycle().await;
    let path = format!("/awsAccounts/{}", accounts.opened[0].id);
    for wrong in ["", "a b"] {
        let patch = Some(json!({ "externalId": wrong }));
        let refused = accounts.ask(Method::PATCH, &path, patch).await;
        assert_eq!(refused.status, 400);
        let message = refused.body["message"].as_str().unwrap();
        assert!(message.starts_with("externalId: "), "{message}");
    }
    let nothing = accounts.ask(Method::PATCH, &path, Some(json!({}))).await;
    assert_eq!(nothing.status, 400);
    // The stack still has the old one.
    let patch = Some(json!({ "externalId": "workbench-another" }));
    let changed = accounts.ask(Method::PATCH, &path, patch).await;
    assert_eq!(
        (changed.status.as_u16(), &changed.body["name"]),
        (200, &json!("host-0"))
    );
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, state("ERRORED", &["NOT_LET_IN"]));
    let back = Some(json!({ "externalId": accounts.opened[0].external_id }));
    assert_eq!(accounts.ask(Method::PATCH, &path, back).await.status, 200);
    accounts.cycle().await;
    assert_eq!(accounts.state(0).await, current());
}

#[tokio::test]
async fn w09_an_unknown_account_is_404_and_nothing_is_written() {
    let accounts = Accounts::open(1).await;
    let path = "/awsAccounts/acc-00000000-0000-4000-8000-000000000000";
    accounts.workbench.aws.world().forget_calls();
    for (method, path, body) in [
        (Method::PATCH, path.to_owned(), Some(json!({ "name": "other" }))),
        (Method::GET, path.to_owned(), None),
        (Method::DELETE, path.to_owned(), None),
        (Method::POST, format!("{path}/check"), None),
    ] {
        let answer = accounts.ask(method, &path, body).await;
        assert_eq!(answer.status, 404, "{}", answer.body);
    }
    assert!(!accounts.called().contains(&"TransactWriteItems".to_owned()));
    let list = accounts.ask(Method::GET, "/awsAccounts", None).await;
    assert_eq!(list.status, 200);
    let patch = Some(json!({ "name": "renamed" }));
    let id = &accounts.opened[0].id;
    let renamed = accounts
        .ask(Method::PATCH, &format!("/awsAccounts/{id}"), patch)
        .await;
    assert_eq!(
        (renamed.status.as_u16(), &renamed.body["name"]),
        (200, &json!("renamed"))
    );
}
