//! The promises of status and trust, each test with its promise's number.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use workbench_local::Process;
use workbench_tests::Stage;

mod calling_off;
mod dead_letters;
mod documents;
mod doubt;
mod launch;
mod long_queue;
mod queue;
mod repair;
mod status;
mod terminate;
mod trust;

/// Hands an event to the status function; how it is counted.
async fn counted(stage: &Stage, event: &Value) -> BTreeMap<&'static str, u32> {
    let record = json!({ "messageId": "event", "body": event.to_string() });
    let batch = serde_json::from_value(json!({ "Records": [record] })).unwrap();
    let process = Process::default();
    let cloud = stage.workbench.status_process(&process).await.unwrap();
    workbench_status::settle(&cloud, batch).await.counts
}
