//! Ids and texts that people give.

use std::fmt::Display;
use std::str::FromStr;

use bolero::check;
use serde_json::json;
use workbench_core::id::{
    AccountId, AwsAccountId, CostCenterId, EnvTypeConfigId, EnvTypeId, EnvironmentId, ExecutionId,
    InstanceId, InvalidId, ProductId, ProjectId, ProvisionedProductId, ProvisioningArtifactId, RecordId,
    UserId,
};
use workbench_core::page::PageSize;
use workbench_core::project::RoleId;
use workbench_core::text::{Description, Name, Title};
use workbench_fuzz::Edited;

const UUID: &str = "b590a734-5adc-4a43-a24b-edf3795b812d";

const EXAMPLES: [&str; 17] = [
    UUID,
    "B590A734-5ADC-4A43-A24B-EDF3795B812D",
    "{b590a734-5adc-4a43-a24b-edf3795b812d}",
    "env-b590a734-5adc-4a43-a24b-edf3795b812d",
    "proj-b590a734-5adc-4a43-a24b-edf3795b812d",
    "etc-b590a734-5adc-4a43-a24b-edf3795b812d",
    "acc-b590a734-5adc-4a43-a24b-edf3795b812d",
    "cc-b590a734-5adc-4a43-a24b-edf3795b812d",
    "proj-b590a734-5adc-4a43-a24b-edf3795b812d#Researcher",
    "proj-b590a734-5adc-4a43-a24b-edf3795b812d#ProjectAdmin",
    "et-prod-hxwmltpkg2edy,pa-fh6spfcycydtq",
    "prod-hxwmltpkg2edy",
    "pa-fh6spfcycydtq",
    "pp-uac6562y6s6ls",
    "rec-b6yqf6zonc2qg",
    "111111111111",
    "BasicNotebookInstance-x4CC6ZFJzqJJ",
];

/// What is accepted is the text itself and nothing else; a refusal says what was given.
fn exact<T: FromStr<Err = InvalidId> + Display>(text: &str) {
    match text.parse::<T>() {
        Ok(id) => assert_eq!(id.to_string(), text),
        Err(refusal) => {
            let given: String = text.chars().take(80).collect();
            let start = format!("Invalid ID: `{given}` is not of the form ");
            assert!(refusal.to_string().starts_with(&start), "{refusal}");
        }
    }
}

#[test]
fn an_id_is_its_text_or_is_refused() {
    check!().with_generator(Edited::of(&EXAMPLES)).for_each(|text| {
        exact::<AccountId>(text);
        exact::<CostCenterId>(text);
        exact::<EnvironmentId>(text);
        exact::<EnvTypeConfigId>(text);
        exact::<ProjectId>(text);
        exact::<UserId>(text);
        exact::<AwsAccountId>(text);
        exact::<ProductId>(text);
        exact::<ProvisioningArtifactId>(text);
        exact::<ProvisionedProductId>(text);
        exact::<RecordId>(text);
        exact::<ExecutionId>(text);
        exact::<InstanceId>(text);
        exact::<EnvTypeId>(text);
        if let Ok(role) = serde_json::from_value::<RoleId>(json!(text)) {
            assert_eq!(serde_json::to_value(role).unwrap(), json!(text));
        }
    });
}

#[test]
fn an_id_of_one_kind_is_none_of_another() {
    check!().with_generator(Edited::of(&EXAMPLES)).for_each(|text| {
        let kinds = [
            text.parse::<AccountId>().is_ok(),
            text.parse::<CostCenterId>().is_ok(),
            text.parse::<EnvironmentId>().is_ok(),
            text.parse::<EnvTypeConfigId>().is_ok(),
            text.parse::<ProjectId>().is_ok(),
            text.parse::<UserId>().is_ok(),
            text.parse::<EnvTypeId>().is_ok(),
            text.parse::<ProductId>().is_ok(),
            text.parse::<AwsAccountId>().is_ok(),
        ];
        assert!(kinds.iter().filter(|is| **is).count() <= 1, "{text}");
    });
}

#[test]
fn an_id_out_of_an_event_is_that_environments() {
    check!().with_generator(Edited::of(&EXAMPLES)).for_each(|text| {
        if let Ok(id) = EnvironmentId::from_event(text) {
            let lower = text.to_ascii_lowercase();
            assert_eq!(
                id.to_string().trim_start_matches("env-"),
                lower.trim_start_matches("env-")
            );
        }
    });
}

#[test]
fn a_name_is_its_text_or_is_refused() {
    let examples = [
        "test",
        "Sagemaker Example",
        "An Amazon SageMaker Jupyter Notebook",
        "a-b_c.d 9",
    ];
    check!().with_generator(Edited::of(&examples)).for_each(|text| {
        let plain = |text: &str| {
            text.chars()
                .all(|c| c.is_ascii_alphanumeric() || " ._-".contains(c))
        };
        let named = [
            Name::new(text.as_str()).map(|name| name.to_string()),
            Title::new(text.as_str()).map(|title| title.to_string()),
            Description::new(text.as_str()).map(|description| description.to_string()),
        ];
        for read in named {
            match read {
                Ok(read) => assert!(read == *text && plain(text) && !text.is_empty(), "{text}"),
                Err(rule) => assert!(rule.starts_with("must be 1 to "), "{rule}"),
            }
        }
    });
}

#[test]
fn a_page_size_is_a_number_in_its_range_or_is_refused() {
    check!()
        .with_generator(Edited::of(&["1", "50", "100", "-1", "+7", "007"]))
        .for_each(|text| match PageSize::parse(text, 60) {
            Ok(size) => assert_eq!(i64::from(size.get()), text.parse::<i64>().unwrap()),
            Err(refusal) => assert!(refusal.to_string().starts_with("pageSize: Must be "), "{refusal}"),
        });
}
