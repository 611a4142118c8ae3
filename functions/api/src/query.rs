//! The query, strictly: what is not asked for by the route is refused, and nothing is given twice.

use axum::extract::FromRequestParts;
use http::request::Parts;
use workbench_core::Error;
use workbench_core::id::ProjectId;
use workbench_core::page::{Direction, PageRequest, PageSize, SortKey};
use workbench_core::text::shortened;

use crate::problem::Problem;

mod selection;

/// The keys and values of a query that were not read yet.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query as URLs have it.
    ///
    /// # Errors
    /// It is not form-encoded.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        serde_urlencoded::from_str(text)
            .map(Self)
            .map_err(|error| Error::invalid("query", error.to_string()))
    }

    /// Reads `pageSize`, `paginationToken`, and `filter` and `sort` on one of `keys`.
    ///
    /// # Errors
    /// A value is none that these can have.
    pub(crate) fn page(&mut self, keys: &[SortKey]) -> Result<PageRequest, Error> {
        self.page_of(keys, PageSize::MAX)
    }

    /// As [`Query::page`], of at most `max` rows.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn page_of(&mut self, keys: &[SortKey], max: u16) -> Result<PageRequest, Error> {
        let size = self
            .take("pageSize")?
            .map(|text| PageSize::parse(&text, max))
            .transpose()?;
        Ok(PageRequest {
            size: size.unwrap_or_default(),
            token: self.take("paginationToken")?,
            selection: self.selection(keys)?,
        })
    }

    /// Reads `pageSize`, `paginationToken` and `sort[createdAt]`, of a list that has no filter and shows the newest first
    /// unless it is asked for otherwise.
    ///
    /// # Errors
    /// A value is none that these can have.
    pub(crate) fn page_newest_first(&mut self) -> Result<PageRequest, Error> {
        let direction = self.sort(&[SortKey::CreatedAt])?.map(|(_, direction)| direction);
        let mut request = self.page(&[])?;
        request.selection.direction = direction.unwrap_or(Direction::Descending);
        Ok(request)
    }

    /// Refuses a `projectId` that is not the path's.
    ///
    /// # Errors
    /// It differs.
    pub(crate) fn same_project(&mut self, project: Option<ProjectId>) -> Result<(), Error> {
        match project {
            Some(project) => same_project(project, self.take("projectId")?.as_deref()),
            None => Ok(()),
        }
    }

    /// Refuses what was not read.
    ///
    /// # Errors
    /// Names the keys that the route does not know.
    pub(crate) fn end(self) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let keys: Vec<String> = self
            .0
            .iter()
            .map(|(key, _)| format!("'{}'", shortened(key)))
            .collect();
        Err(Error::invalid(
            "query",
            format!("Unrecognized key(s): {}", keys.join(", ")),
        ))
    }

    pub(crate) fn take(&mut self, key: &str) -> Result<Option<String>, Error> {
        let mut values = self
            .0
            .extract_if(.., |(found, _)| found == key)
            .map(|(_, value)| value);
        let value = values.next();
        match values.next() {
            None => Ok(value),
            Some(_) => Err(Error::invalid(key, "is given twice")),
        }
    }
}

/// Refuses a project id beside the path that is not the path's: the path decides.
///
/// # Errors
/// It differs.
pub(crate) fn same_project(path: ProjectId, given: Option<&str>) -> Result<(), Error> {
    if given.is_none_or(|given| given == path.to_string()) {
        return Ok(());
    }
    Err(Error::invalid(
        "projectId",
        format!("differs from the path's, `{path}`; leave it out"),
    ))
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default())?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PROJECT: &str = "proj-b590a734-5adc-4a43-a24b-edf3795b812d";

    fn page(text: &str) -> Result<PageRequest, String> {
        let read = || {
            let mut query = Query::parse(text)?;
            let page = query.page(&[])?;
            query.end()?;
            Ok(page)
        };
        read().map_err(|error: Error| error.to_string())
    }

    #[test]
    fn a_page_is_read() {
        assert_eq!(page(""), Ok(PageRequest::default()));
        let read = page("paginationToken=a%2Bb%3D&pageSize=7").unwrap();
        assert_eq!((read.size.get(), read.token.as_deref()), (7, Some("a+b=")));
    }

    #[test]
    fn the_newest_come_first_unless_it_is_asked_for_otherwise() {
        let direction = |text: &str| {
            let mut query = Query::parse(text).unwrap();
            let request = query.page_newest_first()?;
            query.end()?;
            Ok::<_, Error>(request.selection.direction)
        };
        assert_eq!(direction("pageSize=2"), Ok(Direction::Descending));
        assert_eq!(direction("sort[createdAt]=desc"), Ok(Direction::Descending));
        assert_eq!(direction("sort[createdAt]=asc"), Ok(Direction::Ascending));
        assert!(direction("sort[name]=asc").is_err());
        assert!(direction("filter[createdAt][lt]=2026").is_err());
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(
            page("pagesize=7&x=1").unwrap_err(),
            "query: Unrecognized key(s): 'pagesize', 'x'"
        );
        assert_eq!(
            page("pageSize=7&pageSize=8").unwrap_err(),
            "pageSize: is given twice"
        );
        assert_eq!(
            page("pageSize=0").unwrap_err(),
            "pageSize: Must be Between 1 and 100"
        );
        assert_eq!(
            page("sort[name]=asc").unwrap_err(),
            "sort: Unrecognized key(s): 'name'; this list has none"
        );
        assert_eq!(page("pageSize=10abc").unwrap_err(), "pageSize: Must be a number");
    }

    #[test]
    fn w04_a_project_id_beside_the_path_must_be_the_paths() {
        let project = PROJECT.parse().ok();
        let same = |text: &str, project| {
            let mut query = Query::parse(text).unwrap();
            query.same_project(project).and_then(|()| query.end())
        };
        assert_eq!(same(&format!("projectId={PROJECT}"), project), Ok(()));
        let error = same("projectId=proj-00000000-0000-4000-8000-000000000000", project).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("projectId: differs from the path's"),
            "{error}"
        );
        assert!(same(&format!("projectId={PROJECT}"), None).is_err());
    }

    proptest! {
        #[test]
        fn no_query_makes_reading_panic(text in ".{0,120}", value in ".{0,20}") {
            let _ = page(&text);
            let _ = page(&format!("pageSize={value}&paginationToken={text}"));
        }
    }
}
