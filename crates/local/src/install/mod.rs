//! Workbench installed on the local AWS from the shipped templates: `template.yaml` in the main account, the
//! onboarding template in each hosting account. What the functions and the tests need to know of it is read from the
//! stacks.

mod hosting_account;
mod main_account;
mod stack;

pub use hosting_account::HostingInstallation;
pub use main_account::{MainInstallation, Product};
pub use stack::DeployError;

pub(crate) use hosting_account::install_hosting;
pub(crate) use main_account::install_main;
