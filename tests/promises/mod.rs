//! The promises of status and trust, each test with its promise's number.

mod calling_off;
mod dead_letters;
mod doubt;
mod launch;
mod long_queue;
mod queue;
mod repair;
mod status;
mod trust;
