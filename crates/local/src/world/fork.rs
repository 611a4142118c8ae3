//! A world as it is now, to go another way from there.

use std::collections::BTreeMap;

use super::World;
use crate::clock::SimulatedClock;
use crate::error::ApiError;

impl World {
    /// A world of its own in the same state.
    ///
    /// # Errors
    /// Something is scheduled: what is to happen can not be copied. Or a database refuses to be.
    pub(crate) fn fork(&self) -> Result<Self, ApiError> {
        if let Some(due) = self.next_due() {
            return Err(ApiError::internal(format!("something is to happen at {due}")));
        }
        let clock = SimulatedClock::new(self.now);
        Ok(Self {
            now: self.now,
            region: self.region.clone(),
            faults: self.faults.clone(),
            dynamodb: self.dynamodb.copy(&clock)?,
            clock,
            accounts: self.accounts.clone(),
            organizations: self.organizations.clone(),
            cloudformation: self.cloudformation.clone(),
            cognito: self.cognito.clone(),
            ec2: self.ec2.clone(),
            events: self.events.clone(),
            iam: self.iam.clone(),
            kms: self.kms.clone(),
            lambda: self.lambda.with_new_streams(),
            queues: self.queues.clone(),
            s3: self.s3.clone(),
            sagemaker: self.sagemaker.clone(),
            service_catalog: self.service_catalog.clone(),
            ssm: self.ssm.clone(),
            sts: self.sts.clone(),
            calls: self.calls.clone(),
            tasks: BTreeMap::new(),
            task_count: self.task_count,
            id_count: self.id_count,
            request_count: self.request_count,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use serde_json::{Value, json};

    use super::*;
    use crate::world::{Principal, Service};

    const ACCOUNT: &str = "111122223333";

    fn call(world: &mut World, service: Service, operation: &str, input: Value) -> Value {
        let root = Principal::root(ACCOUNT);
        world.call(&root, service, operation, &input).unwrap()
    }

    fn item(world: &mut World, key: &str) -> Value {
        let get = json!({ "TableName": "table", "Key": { "pk": { "S": key } } });
        call(world, Service::DynamoDb, "GetItem", get)["Item"].clone()
    }

    #[test]
    fn a_fork_has_what_there_was_and_goes_its_own_way() {
        let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH);
        let table = json!({ "TableName": "table", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }] });
        call(&mut world, Service::DynamoDb, "CreateTable", table);
        let put = |key: &str| json!({ "TableName": "table", "Item": { "pk": { "S": key } } });
        call(&mut world, Service::DynamoDb, "PutItem", put("before"));
        let mut fork = world.fork().unwrap();
        call(&mut fork, Service::DynamoDb, "PutItem", put("after"));
        fork.run_until(Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1));
        assert!(item(&mut fork, "before").is_object() && item(&mut fork, "after").is_object());
        assert_eq!(
            (item(&mut world, "after"), world.now),
            (Value::Null, Timestamp::UNIX_EPOCH)
        );
        // The next ids are the same in both.
        assert_eq!(world.new_uuid(), fork.new_uuid());
    }

    #[test]
    fn what_is_to_happen_can_not_be_copied() {
        let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH);
        world.schedule(SignedDuration::from_secs(1), |_| {});
        let refused = world.fork().err().unwrap();
        assert!(refused.message.contains("1970-01-01T00:00:01Z"), "{refused}");
    }
}
