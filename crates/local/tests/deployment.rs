//! The local AWS deploys the shipped templates.

use jiff::Timestamp;
use workbench_local::{Endpoints, Workbench};

#[tokio::test]
async fn it_deploys() {
    let now: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
    let workbench = Workbench::start(now, Endpoints::Local).await.unwrap();
    println!("{:#?}", workbench.main);
    println!("{:#?}", workbench.hosting);
}
