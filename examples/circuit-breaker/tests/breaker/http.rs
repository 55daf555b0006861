//! The classifier of HTTP responses.

use circuit_breaker::{Classify, ServerErrorsFail, Verdict};
use http::Response;

fn verdict(status: u16) -> Verdict {
    ServerErrorsFail.classify(&Ok::<_, ()>(Response::builder().status(status).body(()).unwrap()))
}

#[test]
fn server_errors_are_failures_and_refused_requests_are_not() {
    for status in [500, 502, 503, 504, 507, 599] {
        assert_eq!(verdict(status), Verdict::Failure, "{status}");
    }
    for status in [200, 204, 301, 304, 400, 401, 404, 409, 501, 505] {
        assert_eq!(verdict(status), Verdict::Success, "{status}");
    }
    assert_eq!(verdict(429), Verdict::Ignored);
    assert_eq!(ServerErrorsFail.classify(&Err::<Response<()>, _>("connection refused")), Verdict::Failure);
}
