//! Lists, of which the API answers page after page.

use serde_json::Value;

use super::{Client, Error};
use crate::selection::Selection;

/// The most rows that a page of most lists has.
const PAGE: usize = 100;

/// A list of the API, and what is wanted of it.
pub(crate) struct List<'a> {
    path: String,
    /// The field of an answer that has the page; none if the answer is the page.
    field: Option<&'static str>,
    page: usize,
    query: Vec<(String, String)>,
    selection: Option<&'a Selection>,
    limit: usize,
    /// Whether all rows must be there before any is known to be among the first.
    sorted_here: bool,
}

impl<'a> List<'a> {
    /// All rows of the list at `path`.
    pub(crate) fn of(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            field: None,
            page: PAGE,
            query: Vec::new(),
            selection: None,
            limit: usize::MAX,
            sorted_here: false,
        }
    }

    /// Of answers that have the page in a field.
    pub(crate) fn below(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    /// Of pages that have at most so many rows.
    pub(crate) fn of_pages(mut self, rows: usize) -> Self {
        self.page = rows;
        self
    }

    /// With something more in its query.
    pub(crate) fn with(mut self, key: &str, value: &str) -> Self {
        self.query.push((key.to_owned(), value.to_owned()));
        self
    }

    /// Only what is selected. The API is asked for as much of that as it can do on `keys`; the rest is done here.
    pub(crate) fn selected(mut self, selection: &'a Selection, keys: &[&str]) -> Self {
        self.query.extend(selection.query(keys));
        self.sorted_here = selection.is_sorted_here(keys);
        self.limit = selection.limit;
        if !self.sorted_here && selection.is_filtered_there(keys) {
            self.page = self.page.min(self.limit.max(1));
        }
        self.selection = Some(selection);
        self
    }

    /// The rows.
    ///
    /// # Errors
    /// The API refuses, or can not be reached.
    pub(crate) async fn rows(self, client: &Client) -> Result<Vec<Value>, Error> {
        let mut rows = Vec::new();
        let mut token = None;
        let enough = if self.sorted_here { usize::MAX } else { self.limit };
        loop {
            let mut page = client.get(&self.next(token)).await?;
            if let Some(field) = self.field {
                page = page[field].take();
            }
            if let Value::Array(found) = page["data"].take() {
                let fits = |row: &Value| self.selection.is_none_or(|selection| selection.fits(row));
                rows.extend(found.into_iter().filter(fits));
            }
            token = page["paginationToken"].as_str().map(str::to_owned);
            if token.is_none() || rows.len() >= enough {
                break;
            }
        }
        if let Some(selection) = self.selection.filter(|_| self.sorted_here) {
            selection.sort(&mut rows);
        }
        rows.truncate(self.limit);
        Ok(rows)
    }

    /// Where the next page is.
    fn next(&self, token: Option<String>) -> String {
        let mut query = self.query.clone();
        query.push(("pageSize".into(), self.page.to_string()));
        query.extend(token.map(|token| ("paginationToken".into(), token)));
        // Keys and values are texts: they can always be written.
        let query = serde_urlencoded::to_string(query).unwrap_or_default();
        format!("{}?{query}", self.path)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::extract::RawQuery;
    use axum::{Json, Router, routing};
    use serde_json::json;

    use super::*;

    /// Three pages of two rows, and how many of them are asked for.
    async fn paged() -> (Client, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let pages = asked.clone();
        let page = move |RawQuery(query): RawQuery| {
            pages.fetch_add(1, Ordering::Relaxed);
            let query = query.unwrap_or_default();
            let page = (1..3).find(|page| query.ends_with(&format!("paginationToken=after%2B{page}")));
            let page = page.unwrap_or(0);
            let row =
                |index: usize| json!({ "name": format!("{}", 9 - 2 * page - index), "status": "STOPPED" });
            let mut body = json!({ "data": [row(0), row(1)] });
            if page < 2 {
                body["paginationToken"] = json!(format!("after+{}", page + 1));
            }
            async move { Json(body) }
        };
        let router = Router::new().route("/rows", routing::get(page));
        (Client::of(router, "t").await, asked)
    }

    async fn names(client: &Client, selection: &Selection, keys: &[&str]) -> Vec<String> {
        let rows = List::of("/rows")
            .selected(selection, keys)
            .rows(client)
            .await
            .unwrap();
        let name = |row: &Value| row["name"].as_str().unwrap().to_owned();
        rows.iter().map(name).collect()
    }

    #[tokio::test]
    async fn all_pages_are_fetched_but_none_beyond_the_limit() {
        let (client, asked) = paged().await;
        let mut selection = Selection::all();
        assert_eq!(names(&client, &selection, &[]).await.len(), 6);
        assert_eq!(asked.swap(0, Ordering::Relaxed), 3);
        selection.limit = 3;
        assert_eq!(names(&client, &selection, &[]).await, ["9", "8", "7"]);
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn rows_are_sorted_before_the_limit_where_the_api_has_no_order() {
        let (client, asked) = paged().await;
        let mut selection = Selection::all().sorted("name");
        selection.limit = 2;
        assert_eq!(names(&client, &selection, &[]).await, ["4", "5"]);
        assert_eq!(asked.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn a_page_is_as_small_as_the_limit_only_if_no_row_of_it_is_left_out_here() {
        let next = |keys: &[&str], limit| {
            let mut selection = Selection::named("demo");
            selection.limit = limit;
            List::of("/projects").selected(&selection, keys).next(None)
        };
        assert!(next(&["name"], 3).ends_with("pageSize=3"));
        assert!(next(&["name"], 0).ends_with("pageSize=1"));
        assert!(next(&["name"], usize::MAX).ends_with("pageSize=100"));
        assert!(next(&[], 3).ends_with("pageSize=100"));
    }

    #[test]
    fn a_token_is_passed_on_as_it_came() {
        let list = List::of("/projects").with("filter[name][eq]", "a b").of_pages(60);
        assert_eq!(
            list.next(None),
            "/projects?filter%5Bname%5D%5Beq%5D=a+b&pageSize=60"
        );
        assert!(
            list.next(Some("a+b/c=".into()))
                .ends_with("&paginationToken=a%2Bb%2Fc%3D")
        );
    }
}
