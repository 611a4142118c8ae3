//! Adding an environment type is adding a folder: the command says what follows from it and writes it.

#![expect(clippy::unwrap_used, reason = "a test stops where its ground is missing")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const HOSTING: &str = "\
Policy:
  Statement:
    # BEGIN env-type generate: manage-statements
    # END env-type generate: manage-statements
Rule:
  $or:
    # BEGIN env-type generate: event-patterns
    # END env-type generate: event-patterns
Resources:
  # BEGIN env-type generate: launch-roles
  # END env-type generate: launch-roles
  # BEGIN env-type generate: passed-to-services
  # END env-type generate: passed-to-services
Outputs:
  LaunchRoleNames:
    # BEGIN env-type generate: launch-role-names
    # END env-type generate: launch-role-names
  TemplateStructure:
    # BEGIN env-type generate: structure
    # END env-type generate: structure
";
const MAIN: &str = "\
Mappings:
  # BEGIN env-type generate: event-sources
  # END env-type generate: event-sources
$or:
  # BEGIN env-type generate: event-patterns
  # END env-type generate: event-patterns
";

/// A project in a folder of its own: the shipped packages, and templates with empty blocks.
fn project(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&root);
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/environments");
    for package in fs::read_dir(shipped).unwrap() {
        let package = package.unwrap();
        copy(
            &package.path(),
            &root.join("templates/environments").join(package.file_name()),
            &[],
        );
    }
    fs::write(root.join("template.yaml"), MAIN).unwrap();
    fs::write(root.join("templates/onboard-account.cfn.yaml"), HOSTING).unwrap();
    fs::write(root.join("templates/onboard-account-byon.cfn.yaml"), HOSTING).unwrap();
    root
}

/// Copies a package with words replaced, in names and texts.
fn copy(from: &Path, to: &Path, words: &[(&str, &str)]) {
    let replaced = |text: &str| {
        words
            .iter()
            .fold(text.to_owned(), |text, (old, new)| text.replace(old, new))
    };
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(replaced(&entry.file_name().to_string_lossy()));
        if entry.path().is_dir() {
            copy(&entry.path(), &target, words);
        } else {
            let text = fs::read_to_string(entry.path()).unwrap();
            fs::write(target, replaced(&text)).unwrap();
        }
    }
}

/// Whether the command succeeded, and the lines it printed.
fn run(root: &Path, arguments: &[&str]) -> (bool, Vec<String>) {
    let output = Command::new(env!("CARGO_BIN_EXE_workbench"))
        .arg("env-type")
        .args(arguments)
        .current_dir(root)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), text.lines().map(str::to_owned).collect())
}

/// Every file of the project and what it says.
fn files(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                found.insert(path.strip_prefix(root).unwrap().to_owned(), text);
            }
        }
    }
    found
}

#[test]
fn f22_a_new_type_is_one_folder_and_the_rest_is_generated() {
    let root = project("new-type");
    assert!(run(&root, &["generate"]).0);
    assert_eq!(run(&root, &["check"]), (true, Vec::new()));

    copy(
        &root.join("templates/environments/sagemakerNotebook"),
        &root.join("templates/environments/sagemakerSecond"),
        &[
            ("sagemakerNotebook", "sagemakerSecond"),
            ("BasicNotebookInstance", "SecondInstance"),
            ("basicnotebookinstance", "secondinstance"),
        ],
    );
    let before = files(&root);
    let (clean, lines) = run(&root, &["check"]);
    assert!(!clean);
    let stale = [
        "templates/environment-types.cfn.yaml",
        "templates/onboard-account-byon.cfn.yaml",
        "templates/onboard-account.cfn.yaml",
    ];
    assert_eq!(lines.len(), stale.len(), "{lines:#?}");
    for (line, file) in lines.iter().zip(stale) {
        assert!(line.starts_with(&format!("{file}:")), "{line}");
        assert!(line.contains(" generated-stale: "), "{line}");
        assert!(line.ends_with("; run `workbench env-type generate`"), "{line}");
    }

    let (done, lines) = run(&root, &["generate"]);
    assert!(done);
    assert_eq!(lines, stale.map(|file| format!("{file}: written")));
    assert_eq!(run(&root, &["check"]), (true, Vec::new()));
    let after = files(&root);
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        after.keys().collect::<Vec<_>>()
    );
    let changed: Vec<_> = after
        .iter()
        .filter(|(path, text)| before[*path] != **text)
        .map(|(path, _)| path.to_str().unwrap())
        .collect();
    assert_eq!(changed, stale);
    let hosting = &after[Path::new(stale[2])];
    assert!(
        hosting.contains("notebook-instance/secondinstance-*"),
        "{hosting}"
    );

    assert_eq!(
        run(&root, &["generate"]),
        (true, vec!["Everything is up to date.".to_owned()])
    );
}

#[test]
fn nothing_is_generated_from_packages_with_faults() {
    let root = project("faulty");
    let manifest = root.join("templates/environments/sagemakerExample/env-type.yaml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(
        &manifest,
        text.replace("compute: sagemaker", "compute: sagemoker"),
    )
    .unwrap();
    let before = files(&root);
    for command in ["check", "generate"] {
        let (clean, lines) = run(&root, &[command]);
        assert!(!clean);
        assert_eq!(lines.len(), 1, "{lines:#?}");
        assert!(lines[0].contains(" compute: "), "{lines:#?}");
    }
    assert_eq!(files(&root), before);
}

/// The build of the functions reads packages by the same checks: a template with a fault is in no build.
#[test]
fn f19_a_template_that_fails_the_checks_is_named_by_them() {
    let root = project("broken-template");
    assert!(run(&root, &["generate"]).0);
    let template = root.join("templates/environments/sagemakerExample/sagemakerExample.cfn.yaml");
    let text = fs::read_to_string(&template).unwrap();
    assert!(text.contains("!Ref VPC\n"));
    fs::write(&template, text.replacen("!Ref VPC\n", "!Ref Vpc\n", 1)).unwrap();
    let before = files(&root);
    for command in ["check", "generate"] {
        let (clean, lines) = run(&root, &[command]);
        assert!(!clean);
        let told = |line: &String| line.contains("/sagemakerExample.cfn.yaml:") && line.contains("`Vpc` is ");
        assert!(lines.iter().any(told), "{lines:#?}");
    }
    assert_eq!(files(&root), before);
}

#[test]
fn a_file_without_its_block_is_named_and_nothing_is_written() {
    let root = project("no-block");
    fs::write(root.join("template.yaml"), "Resources: {}\n").unwrap();
    let before = files(&root);
    let (done, lines) = run(&root, &["generate"]);
    assert!(!done);
    assert_eq!(
        lines,
        [
            "template.yaml:1: generated-block: the block `event-patterns` is missing; `# BEGIN env-type generate: \
             event-patterns` and `# END env-type generate: event-patterns` where it belongs",
            "template.yaml:1: generated-block: the block `event-sources` is missing; `# BEGIN env-type generate: \
             event-sources` and `# END env-type generate: event-sources` where it belongs"
        ]
    );
    assert_eq!(files(&root), before);
}

#[test]
fn files_that_nobody_wrote_yet_are_not_missed() {
    let root = project("young");
    for file in [
        "template.yaml",
        "templates/onboard-account.cfn.yaml",
        "templates/onboard-account-byon.cfn.yaml",
    ] {
        fs::remove_file(root.join(file)).unwrap();
    }
    assert_eq!(
        run(&root, &["generate"]),
        (
            true,
            vec!["templates/environment-types.cfn.yaml: written".to_owned()]
        )
    );
    assert_eq!(run(&root, &["check"]), (true, Vec::new()));
    // A named package is checked by itself.
    fs::remove_file(root.join("templates/environment-types.cfn.yaml")).unwrap();
    let package = "templates/environments/sagemakerExample";
    assert_eq!(run(&root, &["check", package]), (true, Vec::new()));
    assert!(!run(&root, &["check"]).0);
}

#[test]
fn w14_a_role_that_lacks_an_action_is_a_fault_and_one_that_allows_too_much_a_warning() {
    let root = project("roles");
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let change = |file: &str, from: &str, to: &str| {
        let text = fs::read_to_string(repository.join(file)).unwrap();
        assert!(text.contains(from), "{file}: {from}");
        fs::write(root.join(file), text.replacen(from, to, 1)).unwrap();
    };
    let hosting = "templates/onboard-account.cfn.yaml";
    change("template.yaml", "dynamodb:BatchGetItem", "dynamodb:Scan");
    change(
        hosting,
        "Action: ssm:GetAutomationExecution",
        "Action: ssm:DescribeDocument",
    );
    fs::copy(
        repository.join("templates/onboard-account-byon.cfn.yaml"),
        root.join("templates/onboard-account-byon.cfn.yaml"),
    )
    .unwrap();
    assert!(run(&root, &["generate"]).0);
    let (clean, lines) = run(&root, &["check"]);
    assert!(!clean);
    let told = |start: &str, words: &str| {
        let found = lines
            .iter()
            .any(|line| line.starts_with(start) && line.contains(words));
        assert!(found, "{start} {words}: {lines:#?}");
    };
    told(
        "template.yaml:",
        "role-lacks: workbench-api needs `dynamodb:BatchGetItem`, which `ApiRole` does not allow",
    );
    told(
        "warning: template.yaml:",
        "role-unused: `ApiRole` allows `dynamodb:Scan`, which nobody is known to need",
    );
    told(
        hosting,
        "role-lacks: Workbench needs `ssm:GetAutomationExecution`, which `EnvMgmtPermissionsBoundary` does not allow",
    );
    told(
        "warning: templates/onboard-account.cfn.yaml:",
        "role-unused: `EnvMgmtPermissionsBoundary` allows `ssm:DescribeDocument`",
    );
    assert_eq!(lines.len(), 4, "{lines:#?}");
}

#[test]
fn a_function_that_declares_nothing_is_a_fault() {
    let root = project("undeclared");
    assert!(run(&root, &["generate"]).0);
    let function = "Resources:\n  Other:\n    Type: AWS::Serverless::Function\n";
    let file = root.join("template.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text + function).unwrap();
    let (clean, lines) = run(&root, &["check"]);
    assert!(!clean);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(
        lines[0].contains(" role-lacks: what function `Other` calls is not declared; "),
        "{lines:#?}"
    );
}
