use super::*;

#[test]
fn the_shipped_types_are_there_sorted_by_name() {
    let names: Vec<_> = environment_types()
        .iter()
        .map(|environment_type| environment_type.name)
        .collect();
    assert!(names.is_sorted(), "{names:?}");
    for shipped in ["sagemakerExample", "sagemakerNotebook"] {
        assert!(names.contains(&shipped), "{names:?}");
    }
}

#[test]
fn lookups_are_case_sensitive() {
    assert_eq!(
        environment_type("sagemakerNotebook").map(|found| found.name),
        Some("sagemakerNotebook")
    );
    assert_eq!(environment_type("SagemakerNotebook"), None);
    assert_eq!(
        compute("sagemaker").map(|found| found.status_location),
        Some("NotebookInstanceStatus")
    );
    assert_eq!(compute("SageMaker"), None);
}

#[test]
fn record_outputs_are_those_of_the_seed_guide() {
    let outputs = &environment_type("sagemakerNotebook").unwrap().record_outputs;
    assert_eq!(outputs.instance_name, "NotebookInstanceName");
    assert_eq!(outputs.instance_arn, "NotebookArn");
    assert_eq!(outputs.instance_role, "EnvironmentInstanceRoleArn");
}

#[test]
fn parameters_know_their_sources() {
    let launch = &environment_type("sagemakerNotebook").unwrap().launch;
    let source = |name: &str| {
        launch
            .parameters
            .iter()
            .find(|parameter| parameter.name == name)
            .unwrap()
            .source
    };
    assert_eq!(source("CIDR"), Some(Source::Config("CIDR")));
    assert_eq!(source("EnvId"), Some(Source::Environment(EnvironmentField::Id)));
    assert_eq!(source("VPC"), Some(Source::Account(AccountField::VpcId)));
    assert_eq!(source("PathId"), Some(Source::Product(ProductField::PathId)));
    assert_eq!(source("MainAccountRegion"), Some(Source::Main(MainField::Region)));
    assert_eq!(source("S3Mounts"), Some(Source::Datasets(DatasetsField::Mounts)));
    assert_eq!(
        source("ProvisionToken"),
        Some(Source::Unique(UniqueField::ProvisionToken))
    );
}

#[test]
fn every_required_parameter_has_a_source() {
    for environment_type in environment_types() {
        for document in [&environment_type.launch, &environment_type.terminate] {
            for parameter in document.parameters {
                assert!(
                    parameter.default.is_some() || parameter.source.is_some(),
                    "{}: {}",
                    environment_type.name,
                    parameter.name
                );
            }
        }
    }
}

#[test]
fn two_types_share_one_compute() {
    let compute = |name: &str| environment_type(name).unwrap().compute.name;
    assert_eq!(compute("sagemakerExample"), compute("sagemakerNotebook"));
}

#[test]
fn texts_are_those_of_the_files() {
    let found = environment_type("sagemakerExample").unwrap();
    let dir = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../templates/environments/sagemakerExample/"
    );
    let file = |name: &str| std::fs::read_to_string(format!("{dir}{name}")).unwrap();
    assert_eq!(found.template, file("sagemakerExample.cfn.yaml"));
    assert_eq!(found.launch.content, file("sagemakerExampleLaunchSSM.yaml"));
    assert_eq!(found.terminate.content, file("sagemakerExampleTerminateSSM.yaml"));
}

#[test]
fn patterns_accept_what_aws_has_and_refuse_what_it_would() {
    let launch = &environment_type("sagemakerNotebook").unwrap().launch;
    let accepts = |name: &str, value: &str| {
        let mut parameters = launch.parameters.iter();
        let parameter = parameters.find(|parameter| parameter.name == name).unwrap();
        regex_lite::Regex::new(parameter.allowed_pattern.unwrap())
            .unwrap()
            .is_match(value)
    };
    for (name, value, right) in [
        ("CIDR", "10.0.0.0/19", true),
        ("CIDR", "0.0.0.0/0", true),
        ("CIDR", "10.0.0.0", false),
        ("CIDR", "10.0.0.0/33", false),
        ("AutoStopIdleTimeInMinutes", "0", true),
        ("AutoStopIdleTimeInMinutes", "10080", true),
        ("AutoStopIdleTimeInMinutes", "010", false),
        ("AutoStopIdleTimeInMinutes", "100000", false),
        ("AutoStopIdleTimeInMinutes", "", false),
        (
            "EncryptionKeyArn",
            "arn:aws:kms:us-east-1:111111111111:key/b590a734-5adc-4a43-a24b-edf3795b812d",
            true,
        ),
        (
            "EncryptionKeyArn",
            "arn:aws-us-gov:kms:us-gov-west-1:111111111111:key/mrk-1234567890abcdef1234567890abcdef",
            true,
        ),
        (
            "EncryptionKeyArn",
            "arn:aws-cn:kms:cn-north-1:111111111111:key/mrk-1234",
            false,
        ),
        (
            "EncryptionKeyArn",
            "arn:aws:kms:us-east-1:111111111111:alias/a",
            false,
        ),
        ("DatasetsBucketArn", "arn:aws-cn:s3:::datasets", true),
    ] {
        assert_eq!(accepts(name, value), right, "{name} {value}");
    }
}
