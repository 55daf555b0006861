//! Forwards requests to the live version.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::uri::{Authority, Scheme};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version, header};
use axum::response::{IntoResponse, Response};
use http_body::{Frame, SizeHint};
use tokio::time::sleep;

use super::returned::Returned;
use super::tally::Outcome;
use super::upstream::{InFlight, NO_VERSION};
use super::{Peer, Proxy};
use crate::service::problem::{PassedOn, Problem};
use crate::service::serve::Limits;
use crate::transfer::body::{BodyLimits, ClientBody, LimitedBody, Progress, Stage};

/// The generation of the assignment that a response was given under. It never decreases: a request sent after a
/// response of some generation gets one of the same or a newer generation.
pub const GENERATION: HeaderName = HeaderName::from_static("x-generation");

/// The addresses that a request was forwarded by.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Headers of one connection (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// The body of a response. The request ends when the whole body has been sent.
struct Answer<B> {
    body: B,
    request: InFlight,
    /// The outcome of the request if the whole body was sent.
    complete: Outcome,
}

impl<B: HttpBody> Answer<B> {
    fn new(body: B, request: InFlight, complete: Outcome) -> Self {
        let mut answer = Self { body, request, complete };
        answer.note_end(answer.body.is_end_stream());
        answer
    }

    /// If the client disconnects before the end, that says nothing about the version, unless it has already
    /// failed.
    fn note_end(&mut self, is_end: bool) {
        if is_end && self.request.outcome != Outcome::Failed {
            self.request.outcome = self.complete;
        }
    }
}

impl<B: HttpBody<Data = Bytes> + Unpin> HttpBody for Answer<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(task);
        match &frame {
            Poll::Ready(Some(Err(_))) => self.request.outcome = Outcome::Failed,
            Poll::Ready(Some(Ok(_))) => {
                // A body of known length is not polled again after its last part.
                let is_end = self.body.is_end_stream();
                self.note_end(is_end);
            }
            Poll::Ready(None) => self.note_end(true),
            Poll::Pending => {}
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
        Some(in_flight) => ask_any(&proxy, in_flight, request).await,
        None => Problem::new(StatusCode::SERVICE_UNAVAILABLE, NO_VERSION).into_response(),
    };
    // An intermediary sends its own HTTP version (RFC 9110, section 2.5), regardless of the service's.
    *answer.version_mut() = Version::HTTP_11;
    answer.headers_mut().insert(GENERATION, HeaderValue::from(generation));
    answer
}

/// Sends the request to the live version. If that is unreachable, none of the request was sent, and the previous
/// version may serve it.
async fn ask_any(proxy: &Proxy, in_flight: InFlight, request: Request) -> Response {
    let (mut head, body) = request.into_parts();
    let peer = head.extensions.get().copied();
    forward(&mut head.headers, peer);
    let live = in_flight.backend().instance.clone();
    let (problem, body) = match ask(in_flight, &head, ClientBody::new(body), proxy.limits).await {
        Ok(answer) => return answer,
        Err(unreachable) => unreachable,
    };
    let Some(other) = proxy.upstreams.enter_other(&live) else { return problem.into_response() };
    tracing::warn!(%live, other = %other.backend().instance, "the version before serves a request");
    match ask(other, &head, body, proxy.limits).await {
        Ok(answer) => answer,
        Err((problem, _)) => problem.into_response(),
    }
}

/// Sends a request to a version. Returns the body if the version is unreachable.
async fn ask(
    mut in_flight: InFlight,
    head: &Parts,
    body: ClientBody<Body>,
    limits: Limits,
) -> Result<Response, (Problem, ClientBody<Body>)> {
    let address = in_flight.backend().instance.address.to_string();
    let mut uri = head.uri.clone().into_parts();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Authority::try_from(address).ok();
    let Ok(uri) = Uri::from_parts(uri) else {
        return Ok(Problem::new(StatusCode::BAD_REQUEST, "the request has no path").into_response());
    };
    let returned = Returned::default();
    let upload = BodyLimits { bytes: limits.body as u64, idle: limits.time, total: Some(limits.time) };
    let mut request = Request::new(LimitedBody::new(returned.body(body), upload));
    *request.method_mut() = head.method.clone();
    *request.headers_mut() = head.headers.clone();
    *request.uri_mut() = uri;
    let progress = request.body_mut().progress();
    let answer = after_upload(in_flight.backend().client.request(request), &progress, limits.time).await;
    let problem = match (answer, progress.stage()) {
        (Some(Ok(answer)), _) => {
            if answer.status().is_server_error() {
                in_flight.outcome = Outcome::Failed;
            }
            let complete =
                if answer.status().is_client_error() { Outcome::Refused } else { Outcome::Answered };
            let mut answer = answer.map(|body| Body::new(Answer::new(body, in_flight, complete)));
            strip(answer.headers_mut());
            answer.extensions_mut().insert(PassedOn);
            return Ok(answer);
        }
        (Some(Err(_)), Stage::TooLong) => {
            // The version was not involved.
            let detail = format!("the body may have {} bytes", limits.body);
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
        }
        (Some(Err(_)), Stage::Stalled) => {
            let detail = format!("the body did not arrive within {:?}", limits.time);
            Problem::new(StatusCode::REQUEST_TIMEOUT, detail)
        }
        (Some(Err(_)), Stage::Broken) => Problem::new(StatusCode::BAD_REQUEST, "the body broke off"),
        (Some(Err(error)), _) => {
            in_flight.outcome = Outcome::Failed;
            let instance = &in_flight.backend().instance;
            tracing::error!(%instance, error = &error as &dyn std::error::Error, "the version did not answer");
            let problem = Problem::new(StatusCode::BAD_GATEWAY, "the version that serves did not answer");
            match returned.take() {
                Some(body) if error.is_connect() => return Err((problem, body)),
                _ => problem,
            }
        }
        (None, _) => {
            in_flight.outcome = Outcome::Failed;
            let instance = &in_flight.backend().instance;
            tracing::error!(%instance, timeout = ?limits.time, "the version did not answer in time");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the version that serves did not answer in time")
        }
    };
    Ok(problem.into_response())
}

/// Waits for a response. The timeout restarts with each part of the body, and is paused while waiting for the
/// client, whose body has its own limit. Returns `None` on a timeout.
async fn after_upload<R>(answer: impl Future<Output = R>, progress: &Progress, time: Duration) -> Option<R> {
    let mut answer = pin!(answer);
    loop {
        let is_waiting_for_client = progress.stage() == Stage::WaitingForSender;
        tokio::select! {
            answer = &mut answer => return Some(answer),
            () = progress.advanced() => {}
            () = sleep(time), if !is_waiting_for_client => return None,
        }
    }
}

/// Prepares the headers of a request for the version. Appends the peer to `X-Forwarded-For`, after the elements
/// that the client or an earlier proxy has set.
fn forward(headers: &mut HeaderMap, peer: Option<Peer>) {
    strip(headers);
    let Some(Peer(peer)) = peer else { return };
    let before = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    let all: Vec<String> = before.map(str::to_owned).chain([peer.to_canonical().to_string()]).collect();
    if let Ok(value) = HeaderValue::from_str(&all.join(", ")) {
        headers.insert(FORWARDED_FOR, value);
    }
}

/// Removes the headers of this connection.
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
