//! JSON bodies, strictly: an error names the field by its dotted path, section 2.2 of the contract.

mod fields;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::StatusCode;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::{Path, Segment};
use utoipa::ToSchema;
use workbench_core::Error;
use workbench_core::id::ProjectId;
use workbench_core::text::shortened;

pub(crate) use fields::{given, object, objects};

use crate::problem::Problem;
use crate::query::same_project;

/// The largest body that is read, in bytes.
pub(crate) const LIMIT: usize = 100 * 1024;

/// A body that was received but not looked at: authorisation comes before.
#[derive(Debug)]
pub(crate) struct Body(Bytes);

impl Body {
    /// Reads the body. Whether the `content-type` says JSON does not matter.
    ///
    /// # Errors
    /// It is no JSON object, or has a field that is missing, unknown or wrong.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        read(&self.0)
    }

    /// Reads the body of a request that needs none: nothing is as good as `{}`.
    ///
    /// # Errors
    /// As [`Body::read`].
    pub(crate) fn read_optional<T: DeserializeOwned>(&self) -> Result<T, Error> {
        read(if self.0.trim_ascii().is_empty() {
            b"{}"
        } else {
            &self.0
        })
    }

    /// Refuses a body with anything but the path's project, of a request that needs none.
    ///
    /// # Errors
    /// It names another project, or has more.
    pub(crate) fn same_project(&self, project: Option<ProjectId>) -> Result<(), Error> {
        match project {
            Some(project) => {
                let given: ProjectAlone = self.read_optional()?;
                same_project(project, given.project_id.map(|id| id.to_string()).as_deref())
            }
            None => self.read_optional::<Nothing>().map(|Nothing {}| ()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ProjectAlone {
    #[serde(default)]
    project_id: Option<ProjectId>,
}

/// Nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

#[cfg(test)]
impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        Self(Bytes::copy_from_slice(bytes))
    }
}

#[cfg(test)]
impl From<&serde_json::Value> for Body {
    fn from(value: &serde_json::Value) -> Self {
        Self(value.to_string().into())
    }
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Bytes::from_request(request, state)
            .await
            .map(Self)
            .map_err(|rejection| match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE),
                _ => Problem::refusal(StatusCode::BAD_REQUEST, "body: could not be received"),
            })
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    match bytes.trim_ascii_start().first() {
        Some(b'{') => {}
        None => return Err(Error::invalid("body", "Required")),
        // serde would read a struct from a list of its fields' values too, without any names.
        Some(_) => {
            let other: Result<IgnoredAny, _> = serde_json::from_slice(bytes);
            let any = other.map_err(|error| refusal(String::new(), &error));
            return any.and_then(|_| Err(Error::invalid("body", "expected an object")));
        }
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = dotted(error.path());
        // serde_json calls a number in the place of an enum's word malformed.
        let well_formed = || serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
        if !error.inner().is_data() && !path.is_empty() && well_formed() {
            return Error::invalid(path, "expected a string");
        }
        refusal(path, error.inner())
    })?;
    json.end().map_err(|error| refusal(String::new(), &error))?;
    Ok(read)
}

fn dotted(path: &Path) -> String {
    let segments: Vec<String> = path
        .iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Map { key } => Some(shortened(key)),
            Segment::Enum { variant } => Some(shortened(variant)),
            Segment::Unknown => None,
        })
        .collect();
    segments.join(".")
}

fn refusal(path: String, error: &serde_json::Error) -> Error {
    let text = error.to_string();
    if !error.is_data() {
        return Error::invalid("body", format!("Malformed JSON: {text}"));
    }
    // Where in the text it was is of no use to somebody who has the path.
    let text = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(text, _)| text);
    let quoted = |prefix: &str| text.strip_prefix(prefix)?.split('`').nth(1).map(shortened);
    let within = |key: String| {
        if path.is_empty() {
            key
        } else {
            format!("{path}.{key}")
        }
    };
    if let Some(key) = quoted("missing field ") {
        return Error::invalid(within(key), "Required");
    }
    if let Some(key) = quoted("duplicate field ") {
        return Error::invalid(within(key), "is given twice");
    }
    let field = if path.is_empty() { "body".to_owned() } else { path };
    if let Some(key) = quoted("unknown field ") {
        let known = text
            .split_once("`, ")
            .map_or("no fields are expected", |(_, known)| known)
            .replace('`', "'");
        return Error::invalid(field, format!("Unrecognized key(s): '{key}'; {known}"));
    }
    if let Some((received, expected)) = text
        .strip_prefix("invalid type: ")
        .and_then(|rest| rest.rsplit_once(", expected "))
    {
        let expected = match expected {
            "a sequence" => "a list",
            text if text.starts_with("struct ") => "an object",
            text => text,
        };
        return Error::invalid(
            field,
            format!("expected {expected}, received {}", shortened(received)),
        );
    }
    if let Some(given) = quoted("unknown variant ") {
        let expected = text
            .rsplit_once(", expected ")
            .map_or("another", |(_, expected)| expected);
        return Error::invalid(field, format!("Invalid value `{given}`, expected {expected}"));
    }
    Error::invalid(field, text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq, Eq)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Sample {
        name: String,
        #[serde(default)]
        project_id: Option<ProjectId>,
        #[serde(default, deserialize_with = "objects")]
        params: Vec<Param>,
        #[serde(default, deserialize_with = "given")]
        colour: Option<Colour>,
    }

    #[derive(Debug, Deserialize, PartialEq, Eq)]
    #[serde(deny_unknown_fields)]
    struct Param {
        key: String,
    }

    #[derive(Debug, Deserialize, PartialEq, Eq)]
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    enum Colour {
        Red,
        Green,
    }

    fn refused(text: &str) -> String {
        read::<Sample>(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_body_is_read_whatever_its_white_space() {
        let sample = read::<Sample>(b" {\"name\": \"a\", \"params\": [{\"key\": \"K\"}]}\n").unwrap();
        assert_eq!((sample.name.as_str(), sample.params[0].key.as_str()), ("a", "K"));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_path() {
        for (body, message) in [
            ("", "body: Required"),
            ("{}", "name: Required"),
            ("[\"a\"]", "body: expected an object"),
            ("7", "body: expected an object"),
            (r#"{"name":7}"#, "name: expected a string, received integer `7`"),
            (
                r#"{"name":"a","params":{}}"#,
                "params: expected a list, received map",
            ),
            (
                r#"{"name":"a","params":[7]}"#,
                "params.0: expected an object, received integer `7`",
            ),
            (
                r#"{"name":"a","params":[["x"]]}"#,
                "params.0: expected an object, received sequence",
            ),
            (r#"{"name":null}"#, "name: expected a string, received null"),
            (
                r#"{"name":"a","colour":null}"#,
                "colour: must not be null; leave it out",
            ),
            (r#"{"name":"a","name":"b"}"#, "name: is given twice"),
            (
                r#"{"name":"a","nam":1}"#,
                "nam: Unrecognized key(s): 'nam'; expected one of 'name', 'projectId', 'params', 'colour'",
            ),
            (
                r#"{"name":"a","params":[{"key":"K"},{}]}"#,
                "params.1.key: Required",
            ),
            (
                r#"{"name":"a","params":[{"key":"K","k":1}]}"#,
                "params.0.k: Unrecognized key(s): 'k'; expected 'key'",
            ),
            (r#"{"name":"a","colour":1}"#, "colour: expected a string"),
            (
                r#"{"name":"a","colour":"BLUE"}"#,
                "colour: Invalid value `BLUE`, expected `RED` or `GREEN`",
            ),
            (
                r#"{"name":"a","projectId":"p"}"#,
                "projectId: Invalid ID: `p` is not of the form `proj-<uuid>`, with a lower-case UUID",
            ),
        ] {
            assert_eq!(refused(body), message, "{body}");
        }
    }

    #[test]
    fn what_is_quoted_is_shortened() {
        let long = "B".repeat(200);
        for body in [
            format!(r#"{{"name":"a","colour":"{long}"}}"#),
            format!(r#"{{"name":"a","params":"{long}"}}"#),
            format!(r#"{{"name":"a","projectId":"{long}"}}"#),
            format!(r#"{{"name":"a","{long}":1}}"#),
        ] {
            let refusal = refused(&body);
            let quoted = refusal.split(|c| c != 'B').map(str::len).max();
            assert!(
                quoted.is_some_and(|quoted| (1..=80).contains(&quoted)),
                "{refusal}"
            );
        }
    }

    #[test]
    fn malformed_json_is_told_with_its_place() {
        assert!(
            refused(r#"{"name": "a""#).starts_with("body: Malformed JSON: EOF"),
            "{}",
            refused(r#"{"name": "a""#)
        );
        assert!(refused(r#"{"name": "a"} x"#).starts_with("body: Malformed JSON: trailing characters"));
        assert!(refused("{'name': 1}").starts_with("body: Malformed JSON: key must be a string"));
        assert!(refused("no json").starts_with("body: Malformed JSON: expected ident"));
    }

    #[test]
    fn where_no_body_is_needed_none_is_as_good_as_an_empty_object() {
        for body in ["", "  ", "{}"] {
            assert!(
                Body(Bytes::from_static(body.as_bytes()))
                    .read_optional::<Nothing>()
                    .is_ok(),
                "{body}"
            );
        }
        let error = Body(Bytes::from_static(b"{\"a\":1}"))
            .read_optional::<Nothing>()
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "a: Unrecognized key(s): 'a'; there are no fields"
        );
    }

    #[test]
    fn w04_a_body_can_not_name_another_project() {
        let checked = |body: serde_json::Value, project: Option<&str>| {
            let project = project.map(|id| id.parse().unwrap());
            Body::from(&body)
                .same_project(project)
                .map_err(|error| error.to_string())
        };
        let project = "proj-b590a734-5adc-4a43-a24b-edf3795b812d";
        assert_eq!(checked(json!({}), None), Ok(()));
        assert_eq!(checked(json!({ "projectId": project }), Some(project)), Ok(()));
        let other = json!({ "projectId": "proj-00000000-0000-4000-8000-000000000000" });
        let differs = checked(other.clone(), Some(project)).unwrap_err();
        assert!(
            differs.starts_with("projectId: differs from the path's"),
            "{differs}"
        );
        let unknown = checked(other, None).unwrap_err();
        assert!(
            unknown.starts_with("projectId: Unrecognized key(s): 'projectId'"),
            "{unknown}"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in ".{0,60}") {
            let _ = read::<Sample>(&bytes);
            let _ = read::<Sample>(text.as_bytes());
            let _ = read::<Sample>(format!("{{\"name\":\"a\",{text:?}:1}}").as_bytes());
        }
    }
}
