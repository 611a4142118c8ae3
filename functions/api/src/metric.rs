//! Requests, errors and latency by route, as CloudWatch reads them out of the log: the embedded metric format, one line
//! a request.

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};
use workbench_aws::Clock;

/// The routes, each request of which writes its line to standard output. Routes have few names; paths do not count.
pub fn metered(router: Router, clock: Clock) -> Router {
    router.layer(middleware::from_fn_with_state(clock, meter))
}

async fn meter(State(clock): State<Clock>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", MatchedPath::as_str);
    let route = format!("{} {route}", request.method());
    let start = clock.now();
    let response = next.run(request).await;
    println!("{}", line(&route, response.status().as_u16(), start, clock.now()));
    response
}

/// Each metric of each route costs by the month, so there is one: the number of its latencies is that of its requests.
/// Errors of a route cost only where there are any.
fn line(route: &str, status: u16, start: Timestamp, end: Timestamp) -> String {
    let failed = status >= 500;
    let count = |name: &str| json!({ "Name": name, "Unit": "Count" });
    let mut by_route = vec![json!({ "Name": "Latency", "Unit": "Milliseconds" })];
    if failed {
        by_route.push(count("Errors"));
    }
    let directive = |dimensions: Value, metrics: Vec<Value>| json!({ "Namespace": "Workbench", "Dimensions": [dimensions], "Metrics": metrics });
    json!({
        "_aws": {
            "Timestamp": end.as_millisecond(),
            "CloudWatchMetrics": [
                directive(json!(["Route"]), by_route),
                directive(json!([]), ["Requests", "Refusals", "Errors"].map(count).into()),
            ],
        },
        "Route": route,
        "Requests": 1,
        "Refusals": u8::from((400..500).contains(&status)),
        "Errors": u8::from(failed),
        "Latency": end.as_millisecond() - start.as_millisecond(),
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_its_own_members() {
        let at = |milliseconds: i64| Timestamp::from_millisecond(1_795_514_400_000 + milliseconds).unwrap();
        for (status, refusals, errors) in [(204, 0, 0), (409, 1, 0), (503, 0, 1)] {
            let line = line("GET /projects/{projectId}", status, at(0), at(42));
            assert!(!line.contains('\n'));
            let line: Value = serde_json::from_str(&line).unwrap();
            for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
                for metric in directive["Metrics"].as_array().unwrap() {
                    assert!(line[metric["Name"].as_str().unwrap()].is_number());
                }
            }
            let by_route = &line["_aws"]["CloudWatchMetrics"][0];
            assert!(line[by_route["Dimensions"][0][0].as_str().unwrap()].is_string());
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
