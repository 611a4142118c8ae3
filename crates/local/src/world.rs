//! The state of the local AWS and the one door to it: [`World::call`].

mod fork;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::clock::SimulatedClock;
use crate::error::ApiError;
use crate::faults::Faults;
pub use crate::service::Service;
use crate::{
    cloudformation, cognito, dynamodb, ec2, events, iam, kms, lambda, s3, sagemaker, service_catalog, sqs,
    ssm, sts, tagging,
};

/// A role, by the account that owns it and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleKey {
    /// Account that owns the role.
    pub account: String,
    /// The role's name, without its path.
    pub name: String,
}

/// Who makes a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Account whose resources the call reaches.
    pub account: String,
    /// `arn:aws:sts::<account>:assumed-role/<role>/<session>`, or `arn:aws:iam::<account>:root`.
    pub arn: String,
    /// The role behind the session; `None` is the account's root, which may do everything.
    pub role: Option<RoleKey>,
    /// `UserId` of GetCallerIdentity: `<role id>:<session>`, or the account for root.
    pub user_id: String,
}

impl Principal {
    /// The root of an account, to which no policy applies.
    pub fn root(account: &str) -> Self {
        Self {
            account: account.to_owned(),
            arn: format!("arn:aws:iam::{account}:root"),
            role: None,
            user_id: account.to_owned(),
        }
    }
}

/// One call as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// When, in simulated time.
    pub at: Timestamp,
    /// Account of the caller.
    pub account: String,
    /// ARN of the caller.
    pub principal: String,
    /// The service called.
    pub service: Service,
    /// The operation called.
    pub operation: String,
    /// ARNs of the resources named in the call.
    pub resources: Vec<String>,
    /// Error code of the answer, if it was refused.
    pub error: Option<String>,
    /// Whether the call came in through the SDK or loopback HTTP rather than from another local service.
    pub external: bool,
}

type Task = Box<dyn FnOnce(&mut World) + Send>;

/// Everything the local AWS knows: all accounts in one region, and the simulated time.
pub struct World {
    /// Simulated time. Only [`World::run_until`] turns it.
    pub now: Timestamp,
    /// The region of every resource.
    pub region: String,
    /// What tests have switched on.
    pub faults: Faults,
    pub(crate) clock: SimulatedClock,
    pub(crate) accounts: BTreeSet<String>,
    /// Organization by member account.
    pub(crate) organizations: BTreeMap<String, String>,
    pub(crate) cloudformation: cloudformation::State,
    pub(crate) cognito: cognito::State,
    pub(crate) dynamodb: dynamodb::State,
    pub(crate) ec2: ec2::State,
    pub(crate) events: events::State,
    pub(crate) iam: iam::State,
    pub(crate) kms: kms::State,
    pub(crate) lambda: lambda::State,
    pub(crate) queues: sqs::State,
    pub(crate) s3: s3::State,
    pub(crate) sagemaker: sagemaker::State,
    pub(crate) service_catalog: service_catalog::State,
    pub(crate) ssm: ssm::State,
    pub(crate) sts: sts::State,
    calls: Vec<Call>,
    tasks: BTreeMap<(Timestamp, u64), Task>,
    task_count: u64,
    id_count: u64,
    request_count: u64,
}

impl World {
    /// An empty world in one region at a time.
    pub fn new(region: &str, now: Timestamp) -> Self {
        Self {
            now,
            region: region.to_owned(),
            faults: Faults::default(),
            clock: SimulatedClock::new(now),
            accounts: BTreeSet::new(),
            organizations: BTreeMap::new(),
            cloudformation: cloudformation::State::default(),
            cognito: cognito::State::default(),
            dynamodb: dynamodb::State::default(),
            ec2: ec2::State::default(),
            events: events::State::default(),
            iam: iam::State::default(),
            kms: kms::State::default(),
            lambda: lambda::State::default(),
            queues: sqs::State::default(),
            s3: s3::State::default(),
            sagemaker: sagemaker::State::default(),
            service_catalog: service_catalog::State::default(),
            ssm: ssm::State::default(),
            sts: sts::State::default(),
            calls: Vec::new(),
            tasks: BTreeMap::new(),
            task_count: 0,
            id_count: 0,
            request_count: 0,
        }
    }

    /// Makes an account exist. Its default event bus exists from then on.
    pub fn add_account(&mut self, account: &str) {
        self.accounts.insert(account.to_owned());
    }

    /// Makes an account a member of an organization (`o-…`), and of no other.
    pub fn join_organization(&mut self, account: &str, organization: &str) {
        self.organizations
            .insert(account.to_owned(), organization.to_owned());
    }

    /// Makes a call as AWS would: injected fault, IAM check, the operation itself, the call log.
    ///
    /// # Errors
    /// The service's own error, `AccessDeniedException` where no policy allows the call, or an injected fault.
    pub fn call(
        &mut self,
        principal: &Principal,
        service: Service,
        operation: &str,
        input: &Value,
    ) -> Result<Value, ApiError> {
        self.logged_call(principal, service, operation, input, false)
    }

    /// [`World::call`] for a request that came in through the SDK or loopback HTTP.
    pub(crate) fn external_call(
        &mut self,
        principal: &Principal,
        service: Service,
        operation: &str,
        input: &Value,
    ) -> Result<Value, ApiError> {
        self.logged_call(principal, service, operation, input, true)
    }

    fn logged_call(
        &mut self,
        principal: &Principal,
        service: Service,
        operation: &str,
        input: &Value,
        external: bool,
    ) -> Result<Value, ApiError> {
        let resources = resources(self, principal, service, operation, input);
        let index = self.calls.len();
        self.calls.push(Call {
            at: self.now,
            account: principal.account.clone(),
            principal: principal.arn.clone(),
            service,
            operation: operation.to_owned(),
            resources: resources.clone(),
            error: None,
            external,
        });
        let answer = match self.faults.refusal(principal, service, operation) {
            Some(error) => Err(error),
            None => iam::check(self, principal, service, operation, input, &resources)
                .and_then(|()| dispatch(self, principal, service, operation, input)),
        };
        let answer = if (self.faults).loses_answer(principal, service, operation, external) {
            Err(ApiError::connection_lost())
        } else {
            answer
        };
        if let (Err(error), Some(call)) = (&answer, self.calls.get_mut(index)) {
            call.error = Some(error.code.clone());
        }
        answer
    }

    /// The calls made so far, oldest first.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Empties the call log.
    pub fn forget_calls(&mut self) {
        self.calls.clear();
    }

    /// Runs a task when that much simulated time has passed.
    pub fn schedule(&mut self, after: SignedDuration, task: impl FnOnce(&mut World) + Send + 'static) {
        self.task_count += 1;
        let due = self
            .now
            .saturating_add(after.max(SignedDuration::ZERO))
            .unwrap_or(Timestamp::MAX);
        self.tasks.insert((due, self.task_count), Box::new(task));
    }

    /// Turns the time to `at`, running every task that falls due, in order of time and then of scheduling.
    pub fn run_until(&mut self, at: Timestamp) {
        while let Some(entry) = self.tasks.first_entry() {
            let (due, _) = *entry.key();
            if due > at {
                break;
            }
            let task = entry.remove();
            self.turn(due);
            task(self);
        }
        self.turn(at);
    }

    /// When the next scheduled task falls due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.tasks.keys().next().map(|(due, _)| *due)
    }

    fn turn(&mut self, at: Timestamp) {
        self.now = self.now.max(at);
        self.clock.set(self.now);
    }

    /// A new id: the prefix and `len` lower-case letters and digits, the same in every run.
    pub fn new_id(&mut self, prefix: &str, len: usize) -> String {
        const DIGITS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let mut id = prefix.to_owned();
        id.extend(
            self.digits(len, 36)
                .into_iter()
                .map(|digit| char::from(DIGITS[digit])),
        );
        id
    }

    /// A new id of the prefix and `len` hexadecimal digits, the same in every run.
    pub fn new_hex_id(&mut self, prefix: &str, len: usize) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut id = prefix.to_owned();
        id.extend(
            self.digits(len, 16)
                .into_iter()
                .map(|digit| char::from(DIGITS[digit])),
        );
        id
    }

    /// A new UUID, the same in every run.
    pub fn new_uuid(&mut self) -> String {
        let hex = self.new_hex_id("", 32);
        format!(
            "{}-{}-4{}-a{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[13..16],
            &hex[17..20],
            &hex[20..]
        )
    }

    /// A request id, which is not counted among the other ids: requests do not change what is created next.
    pub(crate) fn new_request_id(&mut self) -> String {
        self.request_count += 1;
        format!("00000000-0000-4000-a000-{:012x}", self.request_count)
    }

    /// Digits of a base from a SplitMix64 sequence seeded by the count of ids.
    fn digits(&mut self, len: usize, base: u64) -> Vec<usize> {
        self.id_count += 1;
        let mut state = self.id_count.wrapping_mul(0x2545_f491_4f6c_dd1d);
        (0..len)
            .map(|_| {
                state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut mixed = state;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                usize::try_from((mixed ^ (mixed >> 31)) % base).unwrap_or_default()
            })
            .collect()
    }
}

fn dispatch(
    world: &mut World,
    principal: &Principal,
    service: Service,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let handle = match service {
        Service::CloudFormation => cloudformation::handle,
        Service::Cognito => cognito::handle,
        Service::DynamoDb => dynamodb::handle,
        Service::Ec2 => ec2::handle,
        Service::Events => events::handle,
        Service::Iam => iam::handle,
        Service::Kms => kms::handle,
        Service::Logs => {
            return Err(ApiError::unknown_operation(service.prefix(), operation));
        }
        Service::Lambda => lambda::handle,
        Service::S3 => s3::handle,
        Service::SageMaker => sagemaker::handle,
        Service::ServiceCatalog => service_catalog::handle,
        Service::Sqs => sqs::handle,
        Service::Ssm => ssm::handle,
        Service::Sts => sts::handle,
        Service::Tagging => tagging::handle,
    };
    handle(world, principal, operation, input)
}

fn resources(
    world: &World,
    principal: &Principal,
    service: Service,
    operation: &str,
    input: &Value,
) -> Vec<String> {
    let resources = match service {
        Service::CloudFormation => cloudformation::resources,
        Service::Cognito => cognito::resources,
        Service::DynamoDb => dynamodb::resources,
        Service::Ec2 => ec2::resources,
        Service::Events => events::resources,
        Service::Iam => iam::resources,
        Service::Kms => kms::resources,
        Service::Logs => return vec!["*".to_owned()],
        Service::Lambda => lambda::resources,
        Service::S3 => s3::resources,
        Service::SageMaker => sagemaker::resources,
        Service::ServiceCatalog => service_catalog::resources,
        Service::Sqs => sqs::resources,
        Service::Ssm => ssm::resources,
        Service::Sts => sts::resources,
        Service::Tagging => tagging::resources,
    };
    resources(world, principal, operation, input)
}

#[cfg(test)]
mod tests;
