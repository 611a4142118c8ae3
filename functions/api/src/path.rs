//! Ids in the path, each checked for its form.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use http::StatusCode;
use http::request::Parts;
use workbench_core::Error;
use workbench_core::id::InvalidId;

use crate::problem::Problem;

/// The parts of the path that the route names.
#[derive(Debug)]
pub(crate) struct PathIds(Vec<(String, String)>);

impl PathIds {
    /// The id that the route calls `name`.
    ///
    /// # Errors
    /// It has not the form of such an id.
    pub(crate) fn get<T: FromStr<Err = InvalidId>>(&self, name: &str) -> Result<T, Error> {
        self.find(name)?.ok_or_else(|| Error::invalid(name, "Required"))
    }

    /// The id that the route calls `name`, if this route has it.
    ///
    /// # Errors
    /// It has not the form of such an id.
    pub(crate) fn find<T: FromStr<Err = InvalidId>>(&self, name: &str) -> Result<Option<T>, Error> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found
            .map(|(_, text)| {
                text.parse()
                    .map_err(|error: InvalidId| Error::invalid(name, error.to_string()))
            })
            .transpose()
    }
}

#[cfg(test)]
impl PathIds {
    pub(crate) fn of(parts: &[(&str, &str)]) -> Self {
        let parts = parts
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Self(parts.collect())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathIds {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::refusal(StatusCode::BAD_REQUEST, "path: is not UTF-8"))?;
        Ok(Self(
            params
                .iter()
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use workbench_core::id::{EnvTypeId, EnvironmentId, ProjectId};

    use super::*;

    fn ids(text: &str) -> PathIds {
        PathIds::of(&[("id", text)])
    }

    #[test]
    fn an_id_is_read_or_its_place_is_named() {
        let text = "env-b590a734-5adc-4a43-a24b-edf3795b812d";
        assert_eq!(ids(text).get::<EnvironmentId>("id").unwrap().to_string(), text);
        let error = ids("env-1").get::<EnvironmentId>("id").unwrap_err().to_string();
        assert!(error.starts_with("id: Invalid ID: `env-1`"), "{error}");
        assert_eq!(ids(text).find::<ProjectId>("projectId").unwrap(), None);
    }

    proptest! {
        #[test]
        fn no_path_makes_reading_ids_panic(text in ".{0,200}") {
            let _ = ids(&text).get::<EnvironmentId>("id");
            let _ = ids(&text).get::<EnvTypeId>("id");
        }
    }
}
