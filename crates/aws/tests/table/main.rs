//! The table, by real requests against an embedded DynamoDB.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod associations;
#[cfg(test)]
mod catalog;
#[cfg(test)]
mod costs;
#[cfg(test)]
mod data;
#[cfg(test)]
mod due;
#[cfg(test)]
mod dynamo;
#[cfg(test)]
mod endless;
#[cfg(test)]
mod environments;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod in_account;
#[cfg(test)]
mod launch;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod projects;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod races;
#[cfg(test)]
mod selections;
#[cfg(test)]
mod timeline;
