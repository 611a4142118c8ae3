//! Environments at rest whose instances have changed by nobody's request, without an event that has come.
//!
//! The sweep asks about what is under way only. What rests is compared with the list of all instances of its account,
//! many in one call, and AWS is asked about those that differ.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::orphans::Environments;
use crate::environment::Environment;
use crate::id::{AwsAccountId, InstanceId};
use crate::registry;
use crate::status::Status;

/// How long an environment has rested before it is compared: events of before may still be on their way.
const RESTS: SignedDuration = SignedDuration::from_mins(15);

/// The instances of a compute that an account has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instances {
    /// The compute's name.
    pub compute: &'static str,
    /// When they were listed.
    pub at: Timestamp,
    /// What each is; nothing where AWS has a word for it that is not mapped.
    pub statuses: HashMap<InstanceId, Option<Status>>,
    /// Whether these are all.
    pub whole: bool,
}

/// How an instance differs from what its environment says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drift {
    /// It has this status.
    Is(Status),
    /// It is not there.
    NotListed,
}

/// The environments at rest in `account` whose instance is not what they say, with what it is. They were read after the
/// instances were listed: what has changed meanwhile is known then.
#[must_use]
pub fn drifted<'a>(
    account: &AwsAccountId,
    instances: &Instances,
    environments: &'a Environments,
) -> Vec<(&'a Environment, Drift)> {
    let here = |environment: &&Environment| environment.home.account.aws_account_id == *account;
    let resting = environments.values().flatten().filter(here);
    let drifted = resting.filter_map(|environment| Some((environment, differs(environment, instances)?)));
    let mut drifted: Vec<_> = drifted.collect();
    drifted.sort_by_key(|(environment, _)| environment.id);
    drifted
}

fn differs(environment: &Environment, instances: &Instances) -> Option<Drift> {
    let ty = registry::environment_type(&environment.recipe.type_name)?;
    let rests = matches!(environment.status(), Status::Completed | Status::Stopped)
        && instances.at.duration_since(environment.updated_at) > RESTS;
    if !rests || ty.compute.name != instances.compute {
        return None;
    }
    let instance = environment.instance.as_ref()?;
    match instances.statuses.get(&instance.id) {
        None => instances.whole.then_some(Drift::NotListed),
        // What changes at this moment has an event to come.
        Some(Some(status @ (Status::Completed | Status::Stopped | Status::Failed))) => {
            (*status != environment.status()).then_some(Drift::Is(*status))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Instance;
    use crate::test_data;

    fn running() -> Environment {
        let mut environment = test_data::environment();
        environment.lifecycle.status = Status::Completed;
        environment.instance = Some(Instance {
            id: "BasicNotebookInstance-x4CC6ZFJzqJJ".parse().unwrap(),
            arn: "arn".into(),
            role_arn: "arn".into(),
        });
        environment
    }

    /// What the account of an environment that has rested for an hour lists: `listed` for its instance, or nothing.
    fn instances(environment: &Environment, listed: Option<Option<Status>>) -> Instances {
        let statuses = environment.instance.iter().zip(listed);
        Instances {
            compute: "sagemaker",
            at: environment.updated_at + SignedDuration::from_hours(1),
            statuses: statuses
                .map(|(instance, status)| (instance.id.clone(), status))
                .collect(),
            whole: true,
        }
    }

    /// What comes of one environment where its account lists these.
    fn told_by(environment: &Environment, instances: &Instances) -> Option<Drift> {
        let account = environment.home.account.aws_account_id.clone();
        let environments = HashMap::from([(environment.id, Some(environment.clone()))]);
        let found = drifted(&account, instances, &environments);
        found.first().map(|(_, told)| *told)
    }

    fn told(environment: &Environment, listed: Option<Option<Status>>) -> Option<Drift> {
        told_by(environment, &instances(environment, listed))
    }

    #[test]
    fn an_instance_that_is_otherwise_or_not_there_is_told() {
        let environment = running();
        for status in [Status::Stopped, Status::Failed] {
            assert_eq!(told(&environment, Some(Some(status))), Some(Drift::Is(status)));
        }
        assert_eq!(told(&environment, None), Some(Drift::NotListed));
    }

    #[test]
    fn what_is_so_or_on_its_way_or_has_no_word_is_not_told() {
        let environment = running();
        assert_eq!(told(&environment, Some(Some(Status::Completed))), None);
        assert_eq!(told(&environment, Some(Some(Status::Stopping))), None);
        assert_eq!(told(&environment, Some(None)), None);
    }

    #[test]
    fn only_what_rests_for_a_while_is_compared() {
        for status in Status::ALL {
            let mut environment = running();
            environment.lifecycle.status = status;
            let compared = told(&environment, Some(Some(Status::Failed))).is_some();
            assert_eq!(
                compared,
                matches!(status, Status::Completed | Status::Stopped),
                "{status}"
            );
        }
        let environment = running();
        let instances = Instances {
            at: environment.updated_at + SignedDuration::from_mins(15),
            ..instances(&environment, None)
        };
        assert_eq!(told_by(&environment, &instances), None);
    }

    #[test]
    fn what_a_list_that_is_cut_does_not_name_may_be_there() {
        let environment = running();
        let instances = Instances {
            whole: false,
            ..instances(&environment, None)
        };
        assert_eq!(told_by(&environment, &instances), None);
    }
}
