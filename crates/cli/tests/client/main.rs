//! The commands that ask the API, as people and scripts run them, against a running `workbench up`.

#![expect(clippy::unwrap_used, reason = "what is missing fails its test")]

mod accounts;
mod completions;
mod configurations;
mod environments;
mod exit_codes;
mod projects;
#[path = "../up/mod.rs"]
mod up;
mod users;

use std::process::{Output, Stdio};

use serde_json::Value;
use up::{Up, workbench};

/// What a command came to.
struct Ran {
    code: i32,
    shown: String,
    told: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            shown: String::from_utf8(output.stdout).unwrap(),
            told: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs a command to its end, as whoever has the role.
fn run(up: &Up, role: &str, arguments: &[&str]) -> Ran {
    let mut command = workbench(arguments);
    command
        .env("WORKBENCH_URL", up.url())
        .env("WORKBENCH_TOKEN", up.token(role));
    command.stdout(Stdio::piped()).output().unwrap().into()
}

/// What a command that succeeds shows, without the end of its last line.
fn shown(up: &Up, role: &str, arguments: &[&str]) -> String {
    let ran = run(up, role, arguments);
    assert_eq!(ran.code, 0, "{arguments:?}: {}{}", ran.shown, ran.told);
    ran.shown.trim_end().to_owned()
}

/// What a command that succeeds shows to scripts.
fn json(up: &Up, role: &str, arguments: &[&str]) -> Value {
    let mut arguments = arguments.to_vec();
    arguments.push("--json");
    serde_json::from_str(&shown(up, role, &arguments)).unwrap()
}

/// A command must end so, show nothing, and tell why.
#[track_caller]
fn refused(up: &Up, role: &str, arguments: &[&str], code: i32, why: &str) {
    let ran = run(up, role, arguments);
    assert_eq!(
        (ran.code, ran.shown.as_str()),
        (code, ""),
        "{arguments:?}: {}",
        ran.told
    );
    assert!(ran.told.contains(why), "{arguments:?}: {}", ran.told);
    assert!(!ran.told.contains(up.token(role)), "{}", ran.told);
}
