//! Hosting accounts beyond the first.

use workbench_tests::Stage;

#[tokio::test]
async fn another_hosting_account_gets_a_network_and_roles_of_its_own() {
    let mut workbench = Stage::empty().await;
    let first = workbench.hosting.clone();
    let second = workbench.install_hosting("777788889999").await.unwrap();
    assert_ne!(first.vpc, second.vpc);
    assert_ne!(first.external_id, second.external_id);
    assert!(second.env_mgmt_role.contains("777788889999"), "{second:?}");
}
