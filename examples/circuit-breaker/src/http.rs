//! Classifies HTTP responses.

use http::{Response, StatusCode};

use super::call::{Classify, Verdict};

/// Errors and the server errors 500 to 599 are failures, except 501 (Not Implemented) and 505 (HTTP Version Not
/// Supported), which depend on the request. 429 (Too Many Requests) is ignored.
///
/// Only the head of a response is classified: a body that is cut off later does not count.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServerErrorsFail;

impl<B, E> Classify<Response<B>, E> for ServerErrorsFail {
    fn classify(&self, result: &Result<Response<B>, E>) -> Verdict {
        let Ok(response) = result else { return Verdict::Failure };
        match response.status() {
            StatusCode::NOT_IMPLEMENTED | StatusCode::HTTP_VERSION_NOT_SUPPORTED => Verdict::Success,
            StatusCode::TOO_MANY_REQUESTS => Verdict::Ignored,
            status if status.is_server_error() => Verdict::Failure,
            _ => Verdict::Success,
        }
    }
}
