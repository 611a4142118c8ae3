//! The roles of the deployment against what the functions, the documents and the drivers call.

use std::path::Path;

use workbench_aws::{accounts, hosting};
use workbench_core::compute::COMPUTES;
use workbench_env_type::deployment::roles::{Differences, Need, differences, managing};
use workbench_env_type::yaml::{self, Node};
use workbench_env_type::{Code, Fault, Faults};

use super::Project;

/// The main account's template.
const MAIN: &str = "template.yaml";
/// The managed policy that says what `EnvManagementRole` may do.
const ENV_MANAGEMENT: &str = "EnvMgmtPermissionsBoundary";
/// The managed policy that says what the account handler role may do.
const ACCOUNT_HANDLER: &str = "PolicyHostingAccountHandler";

/// What each function calls, by the name of its binary.
const FUNCTIONS: [(&str, &[&[&str]]); 4] = [
    ("workbench-api", workbench_api::ACTIONS),
    ("workbench-status", workbench_status::ACTIONS),
    ("workbench-account", workbench_account::ACTIONS),
    ("workbench-catalog", workbench_catalog::ACTIONS),
];

/// What Lambda does as a function's role: write its log and its traces.
const LAMBDA: &[&str] = &[
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];
/// What Lambda does as the role of a function that is fed by a queue.
const QUEUE: &[&str] = &[
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
];

/// What Lambda does as the role of a function that is fed by the table's stream.
const STREAM: &[&str] = &[
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
];

/// How the roles in one file of the deployment differ from what is needed.
pub(super) fn check(path: &str, text: &str, project: &Project) -> Differences {
    let file = Path::new(path);
    let template = match yaml::parse(text) {
        Ok(template) => template,
        Err(error) => return lacking(file, error.line, Code::Yaml, error.wrong, error.right),
    };
    let has = |resource: &str| {
        template
            .get("Resources")
            .is_some_and(|all| all.get(resource).is_some())
    };
    let mut found = Differences::default();
    if path == MAIN {
        found.extend(functions(file, &template));
    }
    if has(ENV_MANAGEMENT) {
        let mut needs = needs("Workbench", hosting::ENTERED_ACTIONS);
        needs.extend(managing(&project.packages, &project.computes));
        found.extend(differences(file, &template, ENV_MANAGEMENT, &needs));
    }
    if has(ACCOUNT_HANDLER) {
        let mut needs = needs("Workbench", &[accounts::ENTERED_ACTIONS]);
        let lists = COMPUTES
            .iter()
            .map(|compute| self::needs(compute.name, &[compute.list_calls]));
        needs.extend(lists.flatten());
        found.extend(differences(file, &template, ACCOUNT_HANDLER, &needs));
    }
    found
}

fn functions(file: &Path, template: &Node) -> Differences {
    let mut found = Differences::default();
    let resources = template.get("Resources").map(Node::entries).unwrap_or_default();
    for resource in resources {
        let function = &resource.node;
        if function.get("Type").and_then(Node::as_str) != Some("AWS::Serverless::Function") {
            continue;
        }
        let at = |path: &[&str]| path.iter().try_fold(function, |node, key| node.get(key));
        let binary = at(&["Metadata", "BuildProperties", "Binary"]).and_then(Node::as_str);
        let role = at(&["Properties", "Role", "Fn::GetAtt"]).and_then(|role| role.items().first()?.as_str());
        let declared = FUNCTIONS.iter().find(|(known, _)| Some(*known) == binary);
        let (Some((binary, actions)), Some(role)) = (declared, role) else {
            let wrong = format!("what function `{}` calls is not declared", resource.key);
            let right = "a binary with `ACTIONS` that this check knows, and a role of its own";
            found.extend(lacking(file, resource.line, Code::RoleLacks, wrong, right));
            continue;
        };
        let mut needs = needs(binary, actions);
        needs.extend(self::needs("Lambda", &[LAMBDA]));
        for (source, actions) in [("Queue", QUEUE), ("Changes", STREAM)] {
            if at(&["Properties", "Events", source]).is_some() {
                needs.extend(self::needs("Lambda", &[actions]));
            }
        }
        found.extend(differences(file, template, role, &needs));
    }
    found
}

fn needs(who: &str, actions: &[&[&str]]) -> Vec<Need> {
    let need = |action: &&str| Need {
        action: (*action).to_owned(),
        who: who.to_owned(),
    };
    actions.iter().copied().flatten().map(need).collect()
}

fn lacking(
    file: &Path,
    line: usize,
    code: Code,
    wrong: impl Into<String>,
    right: impl Into<String>,
) -> Differences {
    Differences {
        lacking: Faults::from(Fault {
            file: file.to_owned(),
            line,
            code,
            wrong: wrong.into(),
            right: right.into(),
        }),
        unused: Faults::default(),
    }
}
