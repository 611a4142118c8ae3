//! Answers of requests that make something.

use std::fmt::Display;

use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::StatusCode;
use serde::Serialize;

/// The id of what was made, for [`crate::audit`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MadeId(pub(crate) String);

/// What was made, with its id.
#[derive(Debug)]
pub(crate) struct Made<T> {
    status: StatusCode,
    id: MadeId,
    answer: T,
}

impl<T> Made<T> {
    /// 201
    pub(crate) fn created(id: impl Display, answer: T) -> Self {
        Self {
            status: StatusCode::CREATED,
            id: MadeId(id.to_string()),
            answer,
        }
    }

    /// The same with another status.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

impl<T: Serialize> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        (self.status, Extension(self.id), Json(self.answer)).into_response()
    }
}
