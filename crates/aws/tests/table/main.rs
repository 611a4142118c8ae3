//! The table, by real requests against an embedded DynamoDB.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod associations;
mod catalog;
#[cfg(test)]
mod data;
#[cfg(test)]
mod dynamo;
mod endless;
#[cfg(test)]
mod environments;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod launch;
#[cfg(test)]
mod lists;
mod projects;
mod races;
mod selections;
