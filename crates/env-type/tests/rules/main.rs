//! Every rule, broken alone: small edits of one right package, each with the findings it must lead to.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where its ground is missing"
)]

mod cases;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cases::CASES;
use workbench_env_type::{Code, ComputeFacts, Faults, Package, check, check_dirs, package_dirs, render};

#[expect(
    dead_code,
    unreachable_pub,
    reason = "the domain's own table of computes, of which a few fields matter here"
)]
#[path = "../../../core/src/compute.rs"]
mod compute;

const NAME: &str = "demoNotebook";
const COMPUTES: &[ComputeFacts<'_>] = &[ComputeFacts::new(
    "sagemaker",
    "SageMaker Notebook Instance State Change",
    &["sagemaker:StartNotebookInstance"],
    "AWS::SageMaker::NotebookInstance",
    &[("RoleArn", &["iam:PassRole"]), ("KmsKeyId", &["kms:CreateGrant"])],
    &["url"],
)];

const MANIFEST: &str = "env-type.yaml";
const TEMPLATE: &str = "demoNotebook.cfn.yaml";
const LAUNCH: &str = "demoNotebookLaunchSSM.yaml";
const TERMINATE: &str = "demoNotebookTerminateSSM.yaml";

/// One edit: in this file, replace the first of these texts by that.
type Edit = (&'static str, &'static str, &'static str);
/// One finding: this code in this file, on the line where this text first starts in the edited file.
type Finding = (Code, &'static str, &'static str);

/// The package with edits, in a folder of its own.
fn edited(folder: &str, edits: &[Edit]) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/package")
        .join(NAME);
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder).join(NAME);
    let _ = fs::remove_dir_all(&to);
    fs::create_dir_all(&to).unwrap();
    for file in [MANIFEST, TEMPLATE, LAUNCH, TERMINATE] {
        let mut text = fs::read_to_string(from.join(file)).unwrap();
        for (_, old, new) in edits.iter().filter(|(edited, ..)| *edited == file) {
            assert!(text.contains(old), "{folder}: {file} has no `{old}`");
            text = text.replacen(old, new, 1);
        }
        fs::write(to.join(file), text).unwrap();
    }
    to
}

fn faults(dir: &Path) -> Faults {
    Package::read(dir).map_or_else(|faults| faults, |package| check(&package, COMPUTES))
}

/// `file:line code` of each finding.
fn lines(faults: &Faults) -> Vec<String> {
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    faults
        .iter()
        .map(|fault| format!("{}:{} {}", name(&fault.file), fault.line, fault.code))
        .collect()
}

fn expected(dir: &Path, findings: &[Finding]) -> Vec<String> {
    let mut lines: Vec<_> = findings
        .iter()
        .map(|(code, file, at)| {
            let text = fs::read_to_string(dir.join(file)).unwrap();
            let (before, _) = text.split_once(at).unwrap_or_else(|| panic!("no `{at}`"));
            format!("{file}:{} {code}", before.matches('\n').count() + 1)
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn the_right_package_has_no_faults() {
    let faults = faults(&edited("right", &[]));
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn each_broken_rule_is_found_on_its_line_and_nothing_else() {
    let (mut tested, mut wrong) = (BTreeSet::new(), Vec::new());
    for (place, (edits, findings)) in CASES.iter().copied().flatten().enumerate() {
        let dir = edited(&format!("rule-{place}"), edits);
        let faults = faults(&dir);
        let mut found = lines(&faults);
        found.sort();
        let wanted = expected(&dir, findings);
        if found != wanted {
            wrong.push(format!("{edits:?}\n  wanted {wanted:?}\n  found\n{faults}"));
        }
        tested.extend(findings.iter().map(|(code, ..)| *code));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Tested below: they are about names and files, not about text.
    tested.extend([Code::PackageFile, Code::PackageName]);
    // Tested with the deployment.
    tested.extend([Code::GeneratedBlock, Code::GeneratedStale]);
    tested.extend([Code::RoleLacks, Code::RoleUnused]);
    let untested: Vec<_> = Code::ALL.iter().filter(|code| !tested.contains(code)).collect();
    assert!(untested.is_empty(), "rules without test: {untested:?}");
}

#[test]
fn the_shipped_packages_have_no_faults() {
    let computes = compute::facts(ComputeFacts::new);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/environments");
    let dirs = package_dirs(&root).unwrap();
    assert!(dirs.len() >= 2, "{dirs:?}");
    let mut out = Vec::new();
    assert!(
        check_dirs(&dirs, &computes, &mut out).unwrap(),
        "{}",
        String::from_utf8_lossy(&out)
    );
}

#[test]
fn a_copy_of_a_package_has_to_name_its_own_roles_and_policies() {
    let (from, to) = ("sagemakerExample", "jupyterLab");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/environments");
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("copy").join(to);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    let copy = |file: &str| {
        let text = fs::read_to_string(root.join(from).join(file.replace(to, from))).unwrap();
        fs::write(dir.join(file), text.replace(from, to)).unwrap();
        text
    };
    for file in ["cfn.yaml", "LaunchSSM.yaml", "TerminateSSM.yaml"] {
        let dot = if file.starts_with('c') { "." } else { "" };
        copy(&format!("{to}{dot}{file}"));
    }
    let manifest = copy(MANIFEST);
    let check = || {
        let package = Package::read(&dir).unwrap();
        check(&package, &compute::facts(ComputeFacts::new))
    };
    assert!(check().is_empty(), "{}", check());

    fs::write(dir.join(MANIFEST), &manifest).unwrap();
    let names = ["role/sagemakerExample-*", "policy/sagemakerExample-*"];
    let lines: Vec<usize> = (1..)
        .zip(manifest.lines())
        .filter(|(_, line)| names.iter().any(|name| line.contains(name)))
        .map(|(number, _)| number)
        .collect();
    let found = check();
    assert!(
        found.iter().all(|fault| fault.code == Code::PermissionName),
        "{found}"
    );
    assert_eq!(found.iter().map(|fault| fault.line).collect::<Vec<_>>(), lines);
    let right = "`arn:${AWS::Partition}:iam::${AWS::AccountId}:role/jupyterLab-*`: the names from `unique.namespace` \
                 begin with the type";
    assert!(found.iter().any(|fault| fault.right == right), "{found}");
}

#[test]
fn missing_and_foreign_files_are_found() {
    let dir = edited("files", &[]);
    fs::remove_file(dir.join(TEMPLATE)).unwrap();
    fs::write(dir.join("demonotebook.cfn.yaml"), "").unwrap();
    assert_eq!(
        lines(&faults(&dir)),
        [
            format!("{TEMPLATE}:1 package-file"),
            "demonotebook.cfn.yaml:1 package-file".into()
        ]
    );
}

/// `what is wrong; what would be right` of each finding.
fn words(faults: &Faults) -> Vec<String> {
    let words = |fault: &workbench_env_type::Fault| format!("{}; {}", fault.wrong, fault.right);
    faults.iter().map(words).collect()
}

#[test]
fn a_missing_file_is_the_one_that_has_another_types_name() {
    let dir = edited("missing", &[]);
    fs::remove_file(dir.join(LAUNCH)).unwrap();
    assert_eq!(words(&faults(&dir)), [format!("`{LAUNCH}` is missing; add it")]);
    fs::write(dir.join("otherLaunchSSM.yaml"), "").unwrap();
    let found = words(&faults(&dir));
    let rename = format!("`{LAUNCH}` is missing; rename `otherLaunchSSM.yaml` to it");
    assert!(found.contains(&rename), "{found:?}");
    fs::write(dir.join("anotherLaunchSSM.yaml"), "").unwrap();
    let found = words(&faults(&dir));
    assert!(
        found.contains(&format!("`{LAUNCH}` is missing; add it")),
        "{found:?}"
    );
}

#[test]
fn what_is_no_folder_is_one_finding() {
    let dir = edited("no-package", &[]);
    for wrong in [dir.join("nope"), dir.join(MANIFEST)] {
        let told = format!("`{}` is no folder; the folder of a package", wrong.display());
        assert_eq!(words(&faults(&wrong)), [told]);
    }
}

#[test]
fn an_event_of_another_type_is_told_what_to_write() {
    let other = "\"EnvType\": \"sagemakerExample\"";
    let dir = edited("other-type", &[(LAUNCH, "\"EnvType\": \"demoNotebook\"", other)]);
    assert_eq!(
        words(&faults(&dir)),
        ["the detail of step `PushSuccess` has `EnvType` `sagemakerExample`; write `demoNotebook`"]
    );
}

#[test]
fn files_of_instances_are_read_in_the_order_of_their_names() {
    let dir = edited("instance-files", &[]);
    let package = Package::read(&dir).unwrap();
    assert_eq!((package.files.len(), package.files_hash()), (0, None));
    let without = package.content_hash();
    fs::create_dir(dir.join("files")).unwrap();
    fs::write(dir.join("files/mount_s3.sh"), "mount").unwrap();
    fs::write(dir.join("files/get-it.sh"), [0, 255, b'"', b'\n']).unwrap();
    let package = Package::read(&dir).unwrap();
    let names: Vec<_> = package.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["get-it.sh", "mount_s3.sh"]);
    assert!(render(std::slice::from_ref(&package), &["sagemaker"]).contains(r#"content: b"\x00\xff\"\n""#));
    let (files, all) = (package.files_hash().unwrap(), package.content_hash());
    assert_eq!(files.len(), 64);
    assert_ne!(all, without);
    fs::rename(dir.join("files/get-it.sh"), dir.join("files/get.sh")).unwrap();
    let package = Package::read(&dir).unwrap();
    assert_ne!(package.files_hash().unwrap(), files);
    assert_ne!(package.content_hash(), all);
}

#[test]
fn folders_below_and_strange_names_are_found() {
    let dir = edited("strange-files", &[]);
    fs::create_dir_all(dir.join("files/deeper")).unwrap();
    fs::write(dir.join("files/a b.sh"), "").unwrap();
    fs::create_dir(dir.join("file")).unwrap();
    assert_eq!(
        lines(&faults(&dir)),
        [
            "file:1 package-file",
            "a b.sh:1 package-file",
            "deeper:1 package-file"
        ]
    );
    let dir = edited("no-folder", &[]);
    fs::write(dir.join("files"), "").unwrap();
    assert_eq!(lines(&faults(&dir)), ["files:1 package-file"]);
}

#[test]
fn a_folder_whose_name_is_no_camel_case_is_found() {
    let from = edited("name", &[]);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("name/demo-notebook");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    for file in [MANIFEST, TEMPLATE, LAUNCH, TERMINATE] {
        let text = fs::read_to_string(from.join(file))
            .unwrap()
            .replace("\"demoNotebook\"", "\"demo-notebook\"");
        fs::write(dir.join(file.replace(NAME, "demo-notebook")), text).unwrap();
    }
    assert_eq!(lines(&faults(&dir)), ["env-type.yaml:1 package-name"]);
}

#[test]
fn findings_print_as_file_line_code_wrong_and_right() {
    let dir = edited("print", &[(MANIFEST, "compute: sagemaker", "compute: ec2")]);
    let mut out = Vec::new();
    assert!(!check_dirs(&[&dir], COMPUTES, &mut out).unwrap());
    let text = String::from_utf8(out).unwrap();
    assert_eq!(
        text,
        format!(
            "{}:2: compute: compute `ec2` has no driver; `sagemaker`\n",
            dir.join(MANIFEST).display()
        )
    );

    let mut out = Vec::new();
    assert!(check_dirs(&[edited("print-right", &[])], COMPUTES, &mut out).unwrap());
    assert!(out.is_empty());
}

#[test]
fn the_documentation_lists_exactly_the_codes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/adding-an-environment-type.md");
    let text = fs::read_to_string(path).unwrap();
    let (_, table) = text.split_once("## Check codes").unwrap();
    let listed: Vec<_> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(code, _)| code)
        .collect();
    assert_eq!(
        listed,
        Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>()
    );
}
