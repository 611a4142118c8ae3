use std::sync::{Arc, Mutex};

use serde_json::json;

use super::*;

fn world() -> World {
    World::new("us-east-1", Timestamp::UNIX_EPOCH)
}

#[test]
fn tasks_run_in_order_of_time_then_of_scheduling_each_at_its_own_time() {
    let mut world = world();
    let ran = Arc::new(Mutex::new(Vec::new()));
    for (name, seconds) in [("late", 20), ("first", 10), ("second", 10)] {
        let ran = Arc::clone(&ran);
        world.schedule(SignedDuration::from_secs(seconds), move |world| {
            ran.lock().unwrap().push((name, world.now.as_second()));
        });
    }
    assert_eq!(world.next_due(), Some(Timestamp::from_second(10).unwrap()));
    world.run_until(Timestamp::from_second(15).unwrap());
    assert_eq!(*ran.lock().unwrap(), [("first", 10), ("second", 10)]);
    assert_eq!(world.now.as_second(), 15);
    world.run_until(Timestamp::from_second(30).unwrap());
    assert_eq!(ran.lock().unwrap()[2], ("late", 20));
}

#[test]
fn a_task_that_a_task_schedules_runs_in_the_same_turn_if_it_is_due() {
    let mut world = world();
    world.schedule(SignedDuration::from_secs(1), |world| {
        world.schedule(SignedDuration::from_secs(1), |world| world.add_account("1"));
    });
    world.run_until(Timestamp::from_second(2).unwrap());
    assert!(world.accounts.contains("1"));
}

#[test]
fn time_does_not_run_backwards() {
    let mut world = world();
    world.run_until(Timestamp::from_second(5).unwrap());
    world.run_until(Timestamp::from_second(3).unwrap());
    assert_eq!(world.now.as_second(), 5);
}

#[test]
fn ids_are_the_same_in_every_run_and_different_in_one() {
    let (mut one, mut other) = (world(), world());
    let ids: Vec<String> = (0..100).map(|_| one.new_id("pp-", 13)).collect();
    assert!(
        ids.iter()
            .all(|id| id.len() == 16 && *id == other.new_id("pp-", 13))
    );
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 100);
    let uuid = one.new_uuid();
    assert!(uuid::Uuid::parse_str(&uuid).is_ok(), "{uuid}");
}

#[test]
fn a_refused_call_changes_nothing_and_is_in_the_log() {
    let mut world = world();
    let root = Principal::root("111122223333");
    let input = json!({"PolicyName": "p", "PolicyDocument":
        "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}"});
    world.faults.refuse(
        Service::Iam,
        "CreatePolicy",
        ApiError::new("LimitExceeded", "no"),
        1,
    );
    world
        .call(&root, Service::Iam, "CreatePolicy", &input)
        .unwrap_err();
    world.faults.lose_answer(Service::Iam, "CreatePolicy", 1);
    let lost = world
        .call(&root, Service::Iam, "CreatePolicy", &input)
        .unwrap_err();
    assert_eq!(lost, ApiError::connection_lost());
    let again = world
        .call(&root, Service::Iam, "CreatePolicy", &input)
        .unwrap_err();
    assert_eq!(again.code, "EntityAlreadyExists", "the lost call took effect");
    let log: Vec<_> = world
        .calls()
        .iter()
        .map(|call| call.error.as_deref().unwrap())
        .collect();
    assert_eq!(log, ["LimitExceeded", "ConnectionLost", "EntityAlreadyExists"]);
    assert_eq!(world.calls()[0].resources, ["arn:aws:iam::111122223333:policy/p"]);
}

#[test]
fn an_operation_that_a_service_does_not_have_is_refused_by_name() {
    let mut world = world();
    let root = Principal::root("111122223333");
    for service in [
        Service::Kms,
        Service::Sts,
        Service::Events,
        Service::SageMaker,
        Service::DynamoDb,
    ] {
        let error = world.call(&root, service, "PaintHouse", &json!({})).unwrap_err();
        assert_eq!(error.code, "UnknownOperationException");
        assert!(error.message.contains("`PaintHouse`"), "{error}");
    }
}
