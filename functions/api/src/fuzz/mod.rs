//! Fuzz targets: whatever a request says, it is read or refused by a message that names the place, and reading it
//! agrees with the OpenAPI document.

mod bodies;
mod paths;
mod queries;
