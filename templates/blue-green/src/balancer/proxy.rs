//! Handing requests on.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::uri::{Authority, Scheme};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use http_body::{Frame, SizeHint};
use http_body_util::Limited;

use super::Proxy;
use super::upstream::InFlight;
use crate::service::problem::Problem;

/// Says in an answer which assignment of the balancer it was given under. It never falls: who sends a
/// request after an answer of a generation gets one of that, or of a newer one.
pub const GENERATION: HeaderName = HeaderName::from_static("x-generation");

/// Headers that are between two neighbours (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// The body of an answer; the request is over when all of it has gone through.
struct Answer<B> {
    body: B,
    request: InFlight,
}

impl<B: HttpBody<Data = Bytes> + Unpin> HttpBody for Answer<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(task);
        if let Poll::Ready(Some(Err(_))) = frame {
            self.request.failed = true;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

pub(super) async fn hand_on(State(proxy): State<Proxy>, request: Request) -> Response {
    let (generation, in_flight) = proxy.upstreams.enter();
    let mut answer = match in_flight {
        Some(in_flight) => ask(in_flight, request, proxy.body_bytes).await,
        None => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no version serves yet: release one")
            .into_response(),
    };
    answer.headers_mut().insert(GENERATION, HeaderValue::from(generation));
    answer
}

async fn ask(mut in_flight: InFlight, mut request: Request, body_bytes: usize) -> Response {
    let address = in_flight.backend().instance.address.to_string();
    let mut uri = std::mem::take(request.uri_mut()).into_parts();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Authority::try_from(address).ok();
    let Ok(uri) = uri.try_into() else {
        return Problem::new(StatusCode::BAD_REQUEST, "the request has no path").into_response();
    };
    *request.uri_mut() = uri;
    *request.version_mut() = Version::HTTP_11;
    strip(request.headers_mut());
    let request = request.map(|body| Body::new(Limited::new(body, body_bytes)));
    match in_flight.backend().client.request(request).await {
        Ok(answer) => {
            in_flight.failed = answer.status().is_server_error();
            let mut answer = answer.map(|body| Body::new(Answer { body, request: in_flight }));
            strip(answer.headers_mut());
            answer
        }
        Err(why) if is_too_long(&why) => {
            in_flight.failed = false;
            let detail = format!("the body may have {body_bytes} bytes");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail).into_response()
        }
        Err(why) => {
            let instance = &in_flight.backend().instance;
            tracing::error!(%instance, error = &why as &dyn std::error::Error, "does not answer");
            Problem::new(StatusCode::BAD_GATEWAY, "the version that serves did not answer").into_response()
        }
    }
}

/// Takes out what is only for this hop.
fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|names| names.to_str().ok())
        .flat_map(|names| names.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(&named) {
        headers.remove(name);
    }
    headers.remove("keep-alive");
}

fn is_too_long(why: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(why), |why| why.source())
        .any(|why| why.is::<http_body_util::LengthLimitError>())
}
