//! Which accounts may host environments, and what they may say.

use serde_json::{Value, json};
use workbench_local::{Principal, Service, Workbench};
use workbench_tests::Stage;

const ORGANIZATION: &str = "o-a1b2c3d4e5";

fn call(workbench: &Workbench, account: &str, service: Service, operation: &str, input: &Value) -> Value {
    let root = Principal::root(account);
    let answer = workbench.aws.world().call(&root, service, operation, input);
    answer.unwrap()
}

/// The policies and patterns that hosting accounts have a part in: of the bus, the artifact bucket, its key, and the
/// status rule.
fn texts(workbench: &Workbench) -> [String; 4] {
    let main = &workbench.main;
    let text = |service, operation, input: Value, member: &str| {
        let answer = call(workbench, &main.account, service, operation, &input);
        answer[member].as_str().unwrap().to_owned()
    };
    [
        text(Service::Events, "DescribeEventBus", json!({}), "Policy"),
        text(
            Service::S3,
            "GetBucketPolicy",
            json!({ "Bucket": main.artifact_bucket }),
            "Policy",
        ),
        text(
            Service::Kms,
            "GetKeyPolicy",
            json!({ "KeyId": main.artifact_key, "PolicyName": "default" }),
            "Policy",
        ),
        text(
            Service::Events,
            "DescribeRule",
            json!({ "Name": format!("{}-status", main.namespace) }),
            "EventPattern",
        ),
    ]
}

/// Whether the account may put an event of this source on the main account's bus.
fn may_send(workbench: &Workbench, account: &str, source: &str) -> bool {
    let bus = format!(
        "arn:aws:events:us-east-1:{}:event-bus/default",
        workbench.main.account
    );
    let entry = json!({ "EventBusName": bus, "Source": source, "DetailType": "Launch", "Detail": "{}" });
    let mut world = workbench.aws.world();
    let root = Principal::root(account);
    let entries = json!({ "Entries": [entry] });
    world.call(&root, Service::Events, "PutEvents", &entries).is_ok()
}

#[tokio::test]
async fn f17_three_hundred_accounts_fit_into_the_policies_and_into_no_pattern() {
    let mut workbench = Stage::empty().await;
    let [.., pattern] = texts(&workbench);
    let accounts: Vec<String> = (0..299_u64).map(|n| (200_000_000_000 + n).to_string()).collect();
    workbench.allow_hosts(&accounts).await.unwrap();
    let [bus, bucket, key, with_all] = texts(&workbench);
    // Quotas of EventBridge, S3 and KMS, in bytes.
    for (policy, most) in [(&bus, 10 * 1024), (&bucket, 20 * 1024), (&key, 32 * 1024)] {
        assert!(policy.contains(accounts.last().unwrap()));
        assert!(policy.len() <= most, "{} of {most}", policy.len());
    }
    assert_eq!(pattern, with_all);
}

#[tokio::test]
async fn f17_with_an_organization_nothing_grows_and_the_list_holds_besides() {
    let mut workbench = Stage::empty().await;
    workbench.allow_organization(ORGANIZATION).await.unwrap();
    let before = texts(&workbench);
    let members = ["200000000001", "200000000002"];
    for account in members.into_iter().chain(["300000000003"]) {
        workbench.aws.world().add_account(account);
        assert!(!may_send(&workbench, account, "automation"), "{account}");
    }
    for account in members {
        workbench.aws.world().join_organization(account, ORGANIZATION);
        assert!(may_send(&workbench, account, "automation"), "{account}");
    }
    assert!(!may_send(&workbench, "300000000003", "automation"));
    // It is in the list, and in no organization.
    assert!(may_send(&workbench, &workbench.hosting.account, "automation"));
    assert_eq!(before, texts(&workbench));
}

#[tokio::test]
async fn w07_what_others_say_in_a_hosting_account_stays_there() {
    let workbench = Stage::empty().await;
    let (main, host) = (&workbench.main.account, &workbench.hosting.account);
    let put = |source: &str, detail_type: &str| {
        let entry = json!({ "Source": source, "DetailType": detail_type, "Detail": "{}" });
        let input = json!({ "Entries": [entry] });
        call(&workbench, host, Service::Events, "PutEvents", &input);
        let at = workbench.aws.now() + jiff::SignedDuration::from_secs(5);
        workbench.aws.world().run_until(at);
    };
    let seen = |account: &str| workbench.aws.world().events(account).count();
    let before = (seen(host), seen(main));
    put("somebody.else", "Launch");
    put("automation", "Something else");
    assert_eq!((seen(host), seen(main)), (before.0 + 2, before.1));
    put("automation", "Launch");
    assert_eq!((seen(host), seen(main)), (before.0 + 3, before.1 + 1));
    // Nor does the main account's bus take it when it is asked directly.
    assert!(!may_send(&workbench, host, "somebody.else"));
    assert!(may_send(&workbench, host, "automation"));
}
