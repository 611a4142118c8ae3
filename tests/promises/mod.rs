//! The promises of status and trust, each test with its promise's number.

mod launch;
mod repair;
mod status;
mod trust;
