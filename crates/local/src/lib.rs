//! A local AWS for development and tests.
//!
//! It answers the AWS SDK in process, and the AWS CLI or boto3 over loopback HTTP, with a main and any number of
//! hosting accounts in one region. Role policies, trust policies and external ids are honoured; time is simulated.
//! It ends where AWS would: it knows only what AWS documents, and names what it does not know in an error.

mod accounts;
mod clock;
mod cloudformation;
mod cognito;
mod dynamodb;
mod ec2;
mod error;
mod events;
mod faults;
mod functions;
mod iam;
mod input;
mod install;
mod kms;
mod lambda;
mod local_aws;
mod package;
mod people;
mod process;
mod request;
mod s3;
mod sagemaker;
mod scalar;
mod service;
mod service_catalog;
mod sqs;
mod ssm;
mod sts;
mod tagging;
mod wire;
mod workbench;
mod world;

pub use accounts::{OpenError, OpenedAccount};
pub use aws_credential_types::Credentials;
pub use axum::http::Method;
pub use clock::SimulatedClock;
pub use cloudformation::INERT_TYPES;
pub use error::ApiError;
pub use events::{BusEvent, Undelivered};
pub use faults::{Chance, EventFaults, FAULT_FORMS, Fault, FaultError, Faults};
pub use functions::FunctionError;
pub use install::{DeployError, HostingInstallation, MainInstallation, Product};
pub use lambda::{FailedInvocation, Function, Invocation};
pub use local_aws::LocalAws;
pub use package::{Deployment, PackageError};
pub use people::{People, Person, Tokens};
pub use process::{Died, Gate, HeldCall, Process};
pub use sqs::{DeadLetters, Message};
pub use workbench::{Answer, Endpoints, OfferedType, Snapshot, StartError, Workbench};
pub use workbench_account::Summary;
pub use world::{Call, Principal, RoleKey, Service, World};
