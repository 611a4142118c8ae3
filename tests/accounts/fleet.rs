//! Five hundred hosting accounts, some of them broken.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use serde_json::{Value, json};
use workbench_core::account::onboarding;
use workbench_core::registry::environment_types;
use workbench_env_type::yaml;
use workbench_local::{Call, Service};

use super::{Accounts, current, number};

const FLEET: usize = 500;

/// Every twentieth account is broken, in one of these ways.
const BROKEN: [(&str, &str); 7] = [
    ("PENDING", "NOT_LET_IN_YET"),
    ("ERRORED", "STACK_FAILED"),
    ("ERRORED", "MAY_NOT_SEE"),
    ("NEEDS_UPDATE", "STACK_OUTDATED"),
    ("ERRORED", "STACK_INCOMPLETE"),
    ("NEEDS_UPDATE", "LAUNCH_ROLE_MISSING"),
    // Without a stack there is no role that would let Workbench in.
    ("PENDING", NO_STACK),
];

const NO_STACK: &str = "no stack";

/// A call to AWS takes this long.
const LATENCY: SignedDuration = SignedDuration::from_millis(50);

/// How many accounts the function handles at once, and its time limit.
const PARALLEL: usize = 25;
const TIME_LIMIT: SignedDuration = SignedDuration::from_secs(240);

fn is_broken(index: usize) -> Option<(&'static str, &'static str)> {
    (index % 20 == 7).then(|| BROKEN[index / 20 % BROKEN.len()])
}

/// The onboarding template with its two roles and their policies alone, and what else it tells in place of what it
/// makes: five hundred networks take long here, and show nothing.
fn with_roles_alone(template: &str) -> Value {
    const ROLES: [&str; 4] = [
        "EnvManagementRole",
        "EnvMgmtPermissionsBoundary",
        "HostingAccountHandlerRole",
        "PolicyHostingAccountHandler",
    ];
    let mut template = yaml::to_json(template).unwrap();
    let resources = template["Resources"].as_object_mut().unwrap();
    resources.retain(|name, _| ROLES.contains(&name.as_str()));
    let outputs = template["Outputs"].as_object_mut().unwrap();
    outputs.remove("PublicRouteTableId");
    let names = environment_types()
        .iter()
        .map(|ty| format!("${{Namespace}}-LaunchConstraint-{}", ty.name));
    let names: Vec<_> = names.collect();
    for (output, told) in [
        ("VPC", "vpc-0a1b2c3d4e5f60718"),
        ("VpcSubnet", "subnet-0a1b2c3d4e5f60718"),
        (
            "EncryptionKeyArn",
            "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/1",
        ),
        ("LaunchRoleNames", &names.join(",")),
    ] {
        outputs.insert(output.to_owned(), json!({ "Value": { "Fn::Sub": told } }));
    }
    template
}

/// How accounts are opened: by a link, of which each has one with its own external id, to one template.
struct Opening {
    link: String,
    template: Value,
}

const EXTERNAL_ID: &str = "workbench-of-the-fleet";

impl Opening {
    async fn new(accounts: &Accounts) -> Self {
        Self {
            link: accounts.workbench.onboarding_link(EXTERNAL_ID).await.unwrap(),
            template: with_roles_alone(onboarding::templates()[0].text),
        }
    }

    /// Opens an account, in the way that is named as its finding if it is broken.
    async fn open(&self, accounts: &mut Accounts, index: usize, kind: &str) {
        let external_id = format!("workbench-{index}");
        let registered_with = if kind == "NOT_LET_IN_YET" {
            "wrong".to_owned()
        } else {
            external_id.clone()
        };
        let link = self.link.replace(EXTERNAL_ID, &external_id);
        let mut template = self.template.clone();
        let outputs = template["Outputs"].as_object_mut().unwrap();
        match kind {
            "STACK_OUTDATED" => outputs["TemplateStructure"]["Value"] = json!("0"),
            "STACK_INCOMPLETE" => drop(outputs.remove("EncryptionKeyArn")),
            "LAUNCH_ROLE_MISSING" => outputs["LaunchRoleNames"]["Value"] = json!("none"),
            _ => {}
        }
        let workbench = &accounts.workbench;
        if kind != NO_STACK {
            let text = template.to_string();
            workbench.follow_link(&number(index), &link, |_| text).unwrap();
        }
        let name = format!("host-{index}");
        let opened = workbench
            .register_account(&number(index), &name, registered_with)
            .await;
        accounts.opened.push(opened.unwrap());
    }
}

/// What breaks a stack once it is complete.
fn break_later(accounts: &Accounts, index: usize, kind: &str) {
    match kind {
        "STACK_FAILED" => {
            let stack = json!({ "StackName": "workbench-local-hosting-account" });
            accounts.in_console(index, Service::CloudFormation, "DeleteStack", &stack);
        }
        "MAY_NOT_SEE" => accounts.disarm(index, "hosting-account-role", "hosting-account-boundary"),
        _ => {}
    }
}

#[tokio::test]
async fn of_500_accounts_one_cycle_makes_all_right_that_can_be_and_the_next_writes_nothing() {
    let mut accounts = Accounts::open(0).await;
    // More accounts than a list can name.
    let organization = accounts.workbench.allow_organization("o-a1b2c3d4e5").await;
    organization.unwrap();
    let opening = Opening::new(&accounts).await;
    for index in 0..FLEET {
        let kind = is_broken(index).map_or("", |(_, kind)| kind);
        opening.open(&mut accounts, index, kind).await;
    }
    accounts.settle();
    for index in 0..FLEET {
        if let Some((_, kind)) = is_broken(index) {
            break_later(&accounts, index, kind);
        }
    }
    accounts.cycle().await;
    let took = time_of_a_run(&accounts);
    println!(
        "the first run makes {} calls and takes {took:#}",
        calls(&accounts)
    );
    assert!(took < TIME_LIMIT, "{took:#}");

    let mut seen = BTreeMap::new();
    for index in 0..FLEET {
        let (status, kinds) = accounts.state(index).await;
        match is_broken(index) {
            None => assert_eq!((status, kinds), current(), "{index}"),
            Some((expected, kind)) => {
                let kind = if kind == NO_STACK { "NOT_LET_IN_YET" } else { kind };
                assert_eq!(status, expected, "{index}: {kinds:?}");
                assert!(kinds.iter().any(|found| found == kind), "{index}: {kinds:?}");
                *seen.entry(kind).or_insert(0) += 1;
            }
        }
    }
    assert_eq!(seen.len(), BROKEN.len() - 1, "{seen:?}");

    // In the next run, and in one that asks Service Catalog again and has to assume the roles anew.
    for (minutes, expected) in [
        (5, ["DescribeStacks"].as_slice()),
        (
            60,
            [
                "DescribeStacks",
                "ListPrincipalsForPortfolio",
                "SearchProvisionedProducts",
                "GetResources",
                "ListNotebookInstances",
            ]
            .as_slice(),
        ),
    ] {
        accounts.workbench.aws.advance(SignedDuration::from_mins(minutes));
        accounts.cycle().await;
        assert_eq!(accounts.written(), Vec::<String>::new());
        let took = time_of_a_run(&accounts);
        println!(
            "after {minutes} minutes a run makes {} calls and takes {took:#}",
            calls(&accounts)
        );
        assert!(took < TIME_LIMIT, "{took:#}");
        // Described in docs/operating.md.
        let per_account = calls_in_accounts(&accounts);
        for index in (0..FLEET).filter(|index| is_broken(*index).is_none()) {
            assert_eq!(per_account[&number(index)], expected, "{index}");
        }
    }
}

#[tokio::test]
async fn f16_a_second_cycle_writes_nothing() {
    let accounts = Accounts::open(2).await;
    accounts.cycle().await;
    assert!(accounts.written().len() > 6);
    accounts.cycle().await;
    assert_eq!(accounts.written(), Vec::<String>::new());
}

#[tokio::test]
async fn f17_w08_accounts_are_added_without_a_policy_or_pattern_that_grows_with_them() {
    let accounts = Accounts::open(41).await;
    accounts.cycle().await;
    let called: BTreeSet<String> = accounts.called().into_iter().collect();
    // No policy of a bucket, a key or a bus, and no rule, is read or written.
    let known = [
        "AcceptPortfolioShare",
        "AssociatePrincipalWithPortfolio",
        "AssumeRole",
        "BatchGetItem",
        "CreatePortfolioShare",
        "DescribeDocumentPermission",
        "DescribePortfolioShares",
        "DescribeStacks",
        "GetResources",
        "ListNotebookInstances",
        "ListPrincipalsForPortfolio",
        "ModifyDocumentPermission",
        "Query",
        "SearchProvisionedProducts",
        "TransactWriteItems",
    ];
    let more: Vec<_> = called
        .iter()
        .filter(|operation| !known.contains(&operation.as_str()))
        .collect();
    assert_eq!(more, Vec::<&String>::new());
    let lists = accounts.called();
    let lists = lists
        .iter()
        .filter(|operation| *operation == "ModifyDocumentPermission")
        .count();
    // 20 at a time: 3 calls for each document.
    assert_eq!(lists, 3 * accounts.workbench.main.products.len() * 2);
}

/// How many calls the last run made.
fn calls(accounts: &Accounts) -> usize {
    let world = accounts.workbench.aws.world();
    world.calls().iter().filter(|call| call.external).count()
}

/// The operations that the last run called in each hosting account.
fn calls_in_accounts(accounts: &Accounts) -> BTreeMap<String, Vec<String>> {
    let world = accounts.workbench.aws.world();
    let mut calls: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let main = &accounts.workbench.main.account;
    for call in world
        .calls()
        .iter()
        .filter(|call| call.external && call.account != *main)
    {
        calls
            .entry(call.account.clone())
            .or_default()
            .push(call.operation.clone());
    }
    calls
}

/// How long the last run took at the latency of AWS: what was asked once for all came one after the other, as did the portfolio's shares; of what was
/// asked for each account, as many at once as the function handles.
fn time_of_a_run(accounts: &Accounts) -> SignedDuration {
    const FOR_ALL: [&str; 6] = [
        "BatchGetItem",
        "CreatePortfolioShare",
        "DescribeDocumentPermission",
        "DescribePortfolioShares",
        "ModifyDocumentPermission",
        "Query",
    ];
    let world = accounts.workbench.aws.world();
    let calls: Vec<_> = world.calls().iter().filter(|call| call.external).collect();
    // The list of accounts is in an index; the table itself is asked for the projects of one.
    let of_one = |call: &Call| call.operation == "Query" && !call.resources[0].contains("/index/");
    let for_all = |call: &Call| FOR_ALL.contains(&call.operation.as_str()) && !of_one(call);
    let one_by_one = calls.iter().filter(|call| for_all(call)).count();
    let at_once = (calls.len() - one_by_one).div_ceil(PARALLEL);
    LATENCY * i32::try_from(one_by_one + at_once).unwrap()
}
