//! The shipped templates, deployed into the local AWS: what they make is what the system runs on.

mod account;
mod catalog;
mod hosts;
mod life;
mod made;
mod permissions;
mod traces;
mod update;
