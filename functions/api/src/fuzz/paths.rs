//! Ids of paths.

use bolero::check;
use workbench_core::id::{AccountId, EnvTypeId, EnvironmentId, ProjectId, UserId};
use workbench_fuzz::Edited;

use crate::path::PathIds;

const EXAMPLES: [&str; 5] = [
    "env-b590a734-5adc-4a43-a24b-edf3795b812d",
    "proj-b590a734-5adc-4a43-a24b-edf3795b812d",
    "acc-b590a734-5adc-4a43-a24b-edf3795b812d",
    "b590a734-5adc-4a43-a24b-edf3795b812d",
    "et-prod-hxwmltpkg2edy,pa-fh6spfcycydtq",
];

#[test]
fn an_id_is_read_or_its_place_is_named() {
    check!().with_generator(Edited::of(&EXAMPLES)).for_each(|text| {
        let ids = PathIds::of(&[("id", text)]);
        let read = [
            ids.get::<EnvironmentId>("id").map(|id| id.to_string()),
            ids.get::<ProjectId>("id").map(|id| id.to_string()),
            ids.get::<AccountId>("id").map(|id| id.to_string()),
            ids.get::<UserId>("id").map(|id| id.to_string()),
            ids.get::<EnvTypeId>("id").map(|id| id.to_string()),
        ];
        for read in read {
            match read {
                Ok(read) => assert_eq!(read, *text),
                Err(refusal) => assert!(refusal.to_string().starts_with("id: Invalid ID: `"), "{refusal}"),
            }
        }
    });
}
