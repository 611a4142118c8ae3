//! The command as people run it: a process, files, HTTP.

#![expect(clippy::unwrap_used, reason = "what is missing fails its test")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};

mod up;

use up::{Up, wait_until, workbench};

impl Up {
    /// One request; status and body.
    fn ask(&self, role: &str, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let host = self.url().strip_prefix("http://").unwrap();
        let token = self.token(role);
        let body = body.map(ToString::to_string).unwrap_or_default();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    fn status_becomes(&self, environment: &str, wanted: &str) {
        wait_until(&format!("{environment} is {wanted}"), || {
            let (_, body) = self.ask("researcher", "GET", &format!("/environments/{environment}"), None);
            body["status"] == wanted
        });
    }
}

/// A body of the guide as it is written there, with what it leaves open filled in.
fn guide(text: &str, filled: &[(&str, &Value)]) -> Value {
    let mut body: Value = serde_json::from_str(text).unwrap();
    for (key, value) in filled {
        body[*key] = (*value).clone();
    }
    body
}

#[test]
fn the_guides_requests_work_as_written_against_a_running_workbench() {
    let up = Up::start("guide", &[]);
    let offered = up.ready["envTypes"].as_array().unwrap();
    let example = offered
        .iter()
        .find(|one| one["type"] == "sagemakerExample")
        .unwrap();

    let body = guide(
        include_str!("../../../functions/api/tests/bodies/seed-environment-type.json"),
        &[
            ("productId", &example["productId"]),
            ("provisioningArtifactId", &example["provisioningArtifactId"]),
        ],
    );
    let (status, env_type) = up.ask("itAdmin", "POST", "/environmentTypes", Some(&body));
    assert_eq!(
        (status, &env_type["name"]),
        (201, &json!("Sagemaker Example")),
        "{env_type}"
    );
    let env_type_id = &env_type["id"];

    let body = guide(
        include_str!("../../../functions/api/tests/bodies/seed-configuration.json"),
        &[],
    );
    let path = format!(
        "/environmentTypes/{}/configurations",
        env_type_id.as_str().unwrap()
    );
    let (status, config) = up.ask("itAdmin", "POST", &path, Some(&body));
    assert_eq!(status, 201, "{config}");

    let body = guide(
        include_str!("../../../functions/api/tests/bodies/seed-environment.json"),
        &[
            ("envTypeId", env_type_id),
            ("envTypeConfigId", &config["id"]),
            ("projectId", &up.ready["projectId"]),
        ],
    );
    let (status, environment) = up.ask("researcher", "POST", "/environments", Some(&body));
    assert_eq!(
        (status, &environment["status"]),
        (201, &json!("PENDING")),
        "{environment}"
    );
    let id = environment["id"].as_str().unwrap();
    up.status_becomes(id, "COMPLETED");
    let (status, connection) = up.ask(
        "researcher",
        "GET",
        &format!("/environments/{id}/connections"),
        None,
    );
    assert_eq!(status, 200, "{connection}");
    assert!(
        connection["authCredResponse"]["url"]
            .as_str()
            .unwrap()
            .starts_with("https://")
    );
    for (action, reached) in [
        ("stop", "STOPPED"),
        ("start", "COMPLETED"),
        ("terminate", "TERMINATED"),
    ] {
        let path = format!("/environments/{id}/{action}");
        assert_eq!(up.ask("researcher", "PUT", &path, None).0, 204, "{action}");
        up.status_becomes(id, reached);
    }
}

#[test]
fn an_endpoint_of_the_environment_is_used_instead_of_the_local_aws() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let mut command = workbench(&["up", "--port", "0"]);
    let mut process = command
        .env("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
        .spawn()
        .unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    let mut lines = BufReader::new(stream.try_clone().unwrap())
        .lines()
        .map_while(Result::ok);
    let target = lines.find(|line| line.to_lowercase().starts_with("x-amz-target"));
    assert!(target.unwrap().contains("DynamoDB_20120810.CreateTable"));
    let refusal =
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceInUseException","message":"it is mine"}"#;
    write!(
        stream,
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.0\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{refusal}",
        refusal.len()
    )
    .unwrap();
    let mut said = String::new();
    process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(!process.wait().unwrap().success());
    assert!(said.contains("it is mine"), "{said}");
}

#[test]
fn the_demo_prints_one_line_of_json_for_each_status_reached() {
    let output = workbench(&["demo", "--json"])
        .stdout(Stdio::piped())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for ty in ["sagemakerExample", "sagemakerNotebook"] {
        let of_type: Vec<&Value> = lines.iter().filter(|line| line["type"] == ty).collect();
        let statuses: Vec<&str> = of_type
            .iter()
            .map(|line| line["status"].as_str().unwrap())
            .collect();
        let life = [
            "PENDING",
            "COMPLETED",
            "STOPPING",
            "STOPPED",
            "STARTING",
            "COMPLETED",
            "TERMINATING",
            "TERMINATED",
        ];
        assert_eq!(statuses, life, "{ty}");
        for line in of_type {
            assert!(
                line["environmentId"].as_str().unwrap().starts_with("env-"),
                "{line}"
            );
            assert!(line["simulatedSeconds"].is_u64(), "{line}");
        }
    }
}

#[test]
fn a_reader_that_leaves_early_ends_the_demo_quietly() {
    let mut process = workbench(&["demo", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(process.stdout.take());
    let mut said = String::new();
    process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    process.wait().unwrap();
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn what_is_no_fault_is_refused_with_what_there_is() {
    for (fault, named) in [
        ("drop=1", "throttle=SERVICE:OPERATION:P"),
        ("crash=2", "a number from 0 (never) to 1 (always)"),
        ("throttle=lambda2:Invoke:1", "servicecatalog"),
    ] {
        for command in ["up", "simulate"] {
            let output = workbench(&[command, "--fault", fault]).output().unwrap();
            let error = String::from_utf8(output.stderr).unwrap();
            assert!(
                !output.status.success() && error.contains(named),
                "{fault}: {error}"
            );
        }
    }
}

#[test]
fn faults_are_shown_and_strike() {
    let faults = ["--fault", "crash=1", "--fault", "drop-events=0.5", "--seed", "7"];
    let up = Up::start("faults", &faults);
    let offered = &up.ready["envTypes"][0];
    let launch = json!({ "name": "test", "description": "test", "datasetIds": [],
        "projectId": up.ready["projectId"], "envType": offered["type"],
        "envTypeId": offered["envTypeId"], "envTypeConfigId": offered["envTypeConfigId"] });
    let (status, body) = up.ask("researcher", "POST", "/environments", Some(&launch));
    assert_eq!((status, &body["message"]), (502, &json!("Internal server error")));
}

#[test]
fn a_seed_is_played_again_and_schedules_are_summed_up() {
    let output = |arguments: &[&str]| {
        let output = workbench(arguments).stdout(Stdio::piped()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let trace = || output(&["simulate", "--seed", "2", "--trace"]);
    let first = trace();
    assert!(first.contains("the disturbance is over"), "{first}");
    assert_eq!(first, trace());
    let sum = output(&["simulate", "--schedules", "3", "--seed", "2", "--jobs", "2"]);
    assert!(
        sum.contains("3 schedules with") && sum.contains("0 broke a promise"),
        "{sum}"
    );
    assert!(sum.contains("Slowest to the truth"), "{sum}");
}

#[test]
fn an_unknown_type_is_told_with_the_known_ones() {
    let output = workbench(&["demo", "--type", "abacus"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("`abacus`") && said.contains("sagemakerNotebook"),
        "{said}"
    );
}

#[test]
fn a_package_with_a_fault_is_told_with_file_line_and_code() {
    let package = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../templates/environments/sagemakerExample"
    );
    assert!(
        workbench(&["env-type", "check", package])
            .status()
            .unwrap()
            .success()
    );
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("checked/sagemakerExample");
    std::fs::create_dir_all(&folder).unwrap();
    for file in std::fs::read_dir(package).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_dir() {
            continue;
        }
        let text = std::fs::read_to_string(file.path()).unwrap();
        let text = text.replace("instanceArn: NotebookArn", "instanceArn: NotebookArm");
        std::fs::write(folder.join(file.file_name()), text).unwrap();
    }
    let output = workbench(&["env-type", "check", folder.to_str().unwrap()])
        .stdout(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let found = String::from_utf8(output.stdout).unwrap();
    assert!(
        found.contains("env-type.yaml:") && found.contains(": record-output: "),
        "{found}"
    );
}
