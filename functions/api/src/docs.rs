//! GET `/openapi.json`, and `/docs`: the same for people, one page that needs nothing else.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::Json;
use axum::response::{Html, IntoResponse, Response};
use http::HeaderValue;
use http::header::CONTENT_SECURITY_POLICY;
use serde_json::Value;

use crate::openapi::document;

/// The page's own style, and nothing else.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
    color:#1b1f24;background:#fff}h2{margin-top:2.5rem;border-bottom:1px solid #d0d7de}summary{cursor:pointer;\
    padding:.3rem 0}code,pre{font:14px/1.4 ui-monospace,monospace}pre{background:#f6f8fa;padding:.7rem;\
    overflow:auto}table{border-collapse:collapse}td{padding:.15rem 1rem .15rem 0;vertical-align:top}\
    .method{display:inline-block;min-width:4.2rem;font-weight:600}\
    @media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}pre{background:#161b22}\
    h2{border-color:#30363d}a{color:#58a6ff}}";

static PAGE: LazyLock<String> = LazyLock::new(|| written(document()));

pub(crate) async fn openapi() -> Json<&'static Value> {
    Json(document())
}

pub(crate) async fn page() -> Response {
    ([(CONTENT_SECURITY_POLICY, POLICY)], Html(PAGE.as_str())).into_response()
}

fn written(document: &Value) -> String {
    let title = text(&document["info"]["title"]);
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style><h1>{title}</h1><p>{}</p>\
         <p>Send Cognito's access token in the header <code>Authorization</code>. Programs read \
         <a href=\"openapi.json\">openapi.json</a>.</p>",
        text(&document["info"]["description"]),
    );
    for tag in document["tags"].as_array().into_iter().flatten() {
        let _ = write!(page, "<h2>{}</h2>", text(&tag["name"]));
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if operation["tags"].get(0) == Some(&tag["name"]) {
                    write_operation(&mut page, path, method, operation);
                }
            }
        }
    }
    page.push_str("<h2>what is sent and answered</h2>");
    for (name, schema) in document["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten()
    {
        let _ = write!(
            page,
            "<details id=\"{0}\"><summary><code>{0}</code></summary><pre>{1}</pre></details>",
            escaped(name),
            escaped(&pretty(schema)),
        );
    }
    page.push_str("</html>");
    page
}

fn write_operation(page: &mut String, path: &str, method: &str, operation: &Value) {
    let _ = write!(
        page,
        "<details><summary><code><span class=\"method\">{}</span>{}</code> {}</summary><p>{}</p><table>",
        escaped(&method.to_uppercase()),
        escaped(path),
        text(&operation["summary"]),
        text(&operation["description"]),
    );
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let _ = write!(
            page,
            "<tr><td><code>{}</code><td>{}<td>{}",
            text(&parameter["name"]),
            text(&parameter["in"]),
            text(&parameter["description"]),
        );
    }
    page.push_str("</table>");
    let body = &operation["requestBody"]["content"]["application/json"];
    if let Some(name) = reference(&body["schema"]) {
        let _ = write!(
            page,
            "<p>Body: <a href=\"#{0}\"><code>{0}</code></a></p>",
            escaped(name)
        );
    }
    if let Some(example) = body.get("example") {
        let _ = write!(page, "<pre>{}</pre>", escaped(&pretty(example)));
    }
    page.push_str("<table>");
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        let answer = match reference(answer) {
            Some(name) => &document()["components"]["responses"][name],
            None => answer,
        };
        let _ = write!(
            page,
            "<tr><td><code>{}</code><td>{}",
            escaped(status),
            text(&answer["description"])
        );
        if let Some(name) = reference(&answer["content"]["application/json"]["schema"]) {
            let _ = write!(page, "<td><a href=\"#{0}\"><code>{0}</code></a>", escaped(name));
        }
    }
    page.push_str("</table></details>");
}

/// The last word of what a schema refers to.
fn reference(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()?.rsplit('/').next()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn text(value: &Value) -> String {
    escaped(value.as_str().unwrap_or_default())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_operation_and_fetches_nothing() {
        let page = written(document());
        for (path, item) in document()["paths"].as_object().unwrap() {
            assert!(page.contains(&format!("</span>{path}</code>")), "{path}");
            let count = item.as_object().unwrap().len();
            assert_eq!(
                page.matches(&format!("</span>{path}</code>")).count(),
                count,
                "{path}"
            );
        }
        for outside in ["<script", "<link", "<img", "src=", "http://", "https://"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }

    #[test]
    fn texts_can_not_become_markup() {
        assert_eq!(escaped("<b a=\"&\">"), "&lt;b a=&quot;&amp;&quot;>");
    }
}
