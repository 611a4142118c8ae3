use std::path::PathBuf;
use std::process::Stdio;

use crate::Ran;
use crate::up::{Up, workbench};

fn ends(arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = workbench(arguments);
    command.envs(variables.iter().copied());
    command.stdout(Stdio::piped()).output().unwrap().into()
}

#[test]
fn each_kind_of_failure_has_its_code() {
    let nowhere = ["env", "list", "--url", "http://127.0.0.1:1", "--token", "secret"];
    for (arguments, code, why) in [
        (&["env", "list"][..], 2, "no API is named: give --url"),
        (
            &["env", "list", "--url", "nowhere", "--token", "t"],
            2,
            "`nowhere` is no URL",
        ),
        (&["env", "stop"], 2, "required"),
        (
            &["env", "watch", "env-1", "--timeout", "soon"],
            2,
            "give a time such as 30s",
        ),
        (&["projects", "update", "p"], 2, "required"),
        (
            &["env", "list", "--status", "terminated"],
            2,
            "TERMINATED environments are in no list",
        ),
        (
            &["types", "list", "--status", "STOPPED"],
            2,
            "[possible values: APPROVED, NOT_APPROVED]",
        ),
        (
            &["configs", "list", "--status", "STOPPED"],
            2,
            "unexpected argument",
        ),
        (
            &["env", "list", "--profile", "prod"],
            2,
            "has no profile `prod`; there are none",
        ),
        (
            &["env", "list", "--url", "http://127.0.0.1:1"],
            3,
            "not signed in: give --token",
        ),
        (&nowhere, 4, "http://127.0.0.1:1 can not be reached"),
    ] {
        let ran = ends(arguments, &[]);
        assert_eq!(
            (ran.code, ran.shown.as_str()),
            (code, ""),
            "{arguments:?}: {}",
            ran.told
        );
        assert!(
            ran.told.contains(why) && !ran.told.contains("secret"),
            "{arguments:?}: {}",
            ran.told
        );
    }
    for arguments in [&["--help"][..], &["env", "--help"], &["projects", "--help"]] {
        let help = ends(arguments, &[]);
        assert!(help.shown.contains("Exit codes:\n  0  Done\n"), "{}", help.shown);
    }
}

#[test]
fn an_expired_token_and_an_api_of_a_profile_are_told() {
    let up = Up::start("profile", &[]);
    let expired = ["types", "list", "--url", up.url(), "--token", "expired"];
    let ran = ends(&expired, &[]);
    assert_eq!(ran.code, 3, "{}", ran.told);
    assert!(
        ran.told.contains("the API answered 401: Authorization: "),
        "{}",
        ran.told
    );

    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("profile-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("workbench")).unwrap();
    let text = format!(
        "[default]\nurl = \"{}\"\ntoken = \"expired\"\n\n[local]\nurl = \"{}\"\ntoken_command = \"echo {}\"\n",
        up.url(),
        up.url(),
        up.token("researcher")
    );
    std::fs::write(folder.join("workbench/config.toml"), text).unwrap();
    let home = ("XDG_CONFIG_HOME", folder.to_str().unwrap());
    assert_eq!(ends(&["types", "list"], &[home]).code, 3);
    let ran = ends(&["types", "list", "--profile", "local"], &[home]);
    assert_eq!(ran.code, 0, "{}", ran.told);
    assert_eq!(
        ends(&["types", "list"], &[home, ("WORKBENCH_PROFILE", "local")]).code,
        0
    );
    std::fs::remove_dir_all(folder).unwrap();
}
