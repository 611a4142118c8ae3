//! Requests, errors and latency by route, as CloudWatch reads them out of the log: one line a request.

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::json;
use workbench_aws::Clock;
use workbench_aws::metric::{self, Metrics, Unit};

/// The routes of the installation with this namespace, each request of which writes its line to standard output. Routes
/// have few names; paths do not count.
pub fn metered(router: Router, namespace: &str, clock: Clock) -> Router {
    let state = (Arc::<str>::from(namespace), clock);
    router.layer(middleware::from_fn_with_state(state, meter))
}

async fn meter(
    State((namespace, clock)): State<(Arc<str>, Clock)>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", MatchedPath::as_str);
    let route = format!("{} {route}", request.method());
    let start = clock.now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    println!("{}", line(&route, status, &namespace, start, clock.now()));
    response
}

/// Each metric of each route costs by the month, so there is one: the number of its latencies is that of its requests.
/// Errors of a route cost only where there are any.
fn line(route: &str, status: u16, namespace: &str, start: Timestamp, end: Timestamp) -> String {
    let failed = status >= 500;
    let count = |name| (name, Unit::Count);
    let mut of_route = vec![("Latency", Unit::Milliseconds)];
    if failed {
        of_route.push(count("Errors"));
    }
    let metrics = [
        Metrics {
            by: Some("Route"),
            names: of_route,
        },
        Metrics {
            by: None,
            names: ["Requests", "Refusals", "Errors"].map(count).into(),
        },
    ];
    let members = [
        ("Route", json!(route)),
        ("Requests", json!(1)),
        ("Refusals", json!(u8::from((400..500).contains(&status)))),
        ("Errors", json!(u8::from(failed))),
        ("Latency", json!(end.as_millisecond() - start.as_millisecond())),
    ];
    metric::line(&metrics, members, namespace, end)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_line_names_its_own_members() {
        let at = |milliseconds: i64| Timestamp::from_millisecond(1_795_514_400_000 + milliseconds).unwrap();
        for (status, refusals, errors) in [(204, 0, 0), (409, 1, 0), (503, 0, 1)] {
            let line = line(
                "GET /projects/{projectId}",
                status,
                "workbench-dev",
                at(0),
                at(42),
            );
            assert!(!line.contains('\n'));
            let line: Value = serde_json::from_str(&line).unwrap();
            for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
                // Two installations in one account are counted apart.
                assert_eq!(directive["Dimensions"][0][0], "Namespace");
                for metric in directive["Metrics"].as_array().unwrap() {
                    assert!(line[metric["Name"].as_str().unwrap()].is_number());
                }
            }
            let by_route = &line["_aws"]["CloudWatchMetrics"][0];
            assert!(line[by_route["Dimensions"][0][1].as_str().unwrap()].is_string());
            assert_eq!(line["Namespace"], "workbench-dev");
            assert_eq!(
                by_route["Metrics"].as_array().unwrap().len(),
                1 + usize::from(status == 503)
            );
            assert_eq!(
                (&line["Refusals"], &line["Errors"]),
                (&refusals.into(), &errors.into())
            );
            assert_eq!((&line["Requests"], &line["Latency"]), (&1.into(), &42.into()));
        }
    }
}
