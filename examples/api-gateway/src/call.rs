//! A call to a backend, with circuit breaker and timeout. Separates failures of the backend from those of the
//! client.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::uri::{self, PathAndQuery, Scheme};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use bytes::Bytes;
use circuit_breaker::{Dropped, Verdict};
use http_body_util::{Either, Empty};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::{sleep, timeout};

use crate::routes::Backend;
use crate::service::problem::Problem;
use crate::transfer::body::{ClientBody, LimitedBody, Progress, Stage};
use crate::transfer::stream::Connector;

/// The body of a request to a backend: a client's body, or none.
pub(crate) type Upload = Either<Empty<Bytes>, LimitedBody<ClientBody<Incoming>>>;

/// The HTTP client for backends, with its connection pool.
pub(crate) type Caller = Client<Connector, Upload>;

/// How long an idle connection to a backend is kept. Servers close idle connections after 5 s or more (the default
/// of Node.js, uvicorn and Apache is 5 s), and a request on a connection that was just closed fails.
const KEEP_IDLE: Duration = Duration::from_secs(4);

/// The maximum number of response headers. hyper's default of 100 is less than other proxies allow.
const MAX_HEADERS: usize = 256;

pub(crate) fn caller(connect: Duration) -> Caller {
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(KEEP_IDLE)
        .http1_max_headers(MAX_HEADERS)
        .build(Connector::new(connect))
}

/// Why there is no response from a backend.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The backend was not called: its circuit breaker is open for this duration.
    #[error("circuit open")]
    Open(Option<Duration>),
    /// The backend can't be reached, or it closed the connection.
    #[error("unreachable: {0}")]
    Broken(String),
    /// The backend did not respond in time.
    #[error("no answer in {0:?}")]
    TimedOut(Duration),
    /// The backend responded with this status.
    #[error("status {}", .0.as_u16())]
    Status(StatusCode),
    /// The response can't be used, for this reason.
    #[error("the answer {0}")]
    Useless(&'static str),
    /// The client did not send its whole body.
    #[error("the client's body: {0:?}")]
    Client(Stage),
}

impl Failure {
    /// Whether a retry may succeed.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Broken(_) | Self::TimedOut(_) => true,
            Self::Status(status) => is_passing(*status),
            Self::Open(_) | Self::Useless(_) | Self::Client(_) => false,
        }
    }

    /// The response to the client. It contains no internal details.
    pub(crate) fn problem(&self, backend: &str) -> Problem {
        match self {
            Self::Open(wait) => {
                let seconds = wait.map_or(1, |wait| wait.as_secs() + 1);
                let detail = format!("the circuit of `{backend}` is open; try again in {seconds} s");
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).with(header::RETRY_AFTER, seconds)
            }
            Self::Broken(_) => bad_gateway(format!("`{backend}` can't be reached, or broke off")),
            Self::TimedOut(time) => {
                Problem::new(StatusCode::GATEWAY_TIMEOUT, format!("`{backend}` did not answer in {time:?}"))
            }
            Self::Status(status) if status.is_client_error() => {
                Problem::new(*status, format!("`{backend}` says: {status}"))
            }
            Self::Status(status) => bad_gateway(format!("`{backend}` says: {status}")),
            Self::Useless(why) => bad_gateway(format!("the answer of `{backend}` {why}")),
            Self::Client(Stage::TooLong) => {
                Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long; send less at once")
            }
            Self::Client(Stage::Stalled) => {
                Problem::new(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time; send it again")
            }
            Self::Client(_) => Problem::new(StatusCode::BAD_REQUEST, "the body broke off"),
        }
    }

    /// The reason in an aggregated response that lacks this part.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Open(_) => "circuit open",
            Self::Broken(_) => "unreachable",
            Self::TimedOut(_) => "timed out",
            Self::Status(_) | Self::Useless(_) => "failed",
            Self::Client(_) => "not requested",
        }
    }
}

fn bad_gateway(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_GATEWAY, detail)
}

/// Whether the status reports a temporary failure.
pub(crate) fn is_passing(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
}

/// A request to a backend.
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: PathAndQuery,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Upload,
}

impl Ask {
    fn request(mut self, backend: &Backend) -> Result<(Request<Upload>, Option<Arc<Progress>>), Failure> {
        let progress = match &mut self.body {
            Either::Left(_) => None,
            Either::Right(body) => Some(body.progress()),
        };
        let mut uri = uri::Parts::default();
        uri.scheme = Some(Scheme::HTTP);
        uri.authority = Some(backend.target.authority.clone());
        uri.path_and_query = Some(self.path);
        let mut request = Request::new(self.body);
        *request.method_mut() = self.method;
        *request.uri_mut() = Uri::from_parts(uri).map_err(|_| Failure::Useless("cannot be requested"))?;
        *request.headers_mut() = self.headers;
        request.headers_mut().insert(header::HOST, backend.target.host.clone());
        Ok((request, progress))
    }
}

/// Sends a request to a backend once, if its circuit breaker admits it.
///
/// `time` limits how long the backend takes to begin its response after it has received the whole request, and to
/// read the next part of a body that has arrived. Waiting for the client does not count.
///
/// A server error is a response, and counts as a failure of the backend. Failures of the client are ignored: a
/// body that stalls or is cut off, and a client that disconnects. So is a backend that closes the connection
/// during an upload.
pub(crate) async fn ask(
    caller: &Caller,
    backend: &Backend,
    ask: Ask,
    time: Duration,
) -> Result<Response<Incoming>, Failure> {
    let (request, progress) = ask.request(backend)?;
    let permit = backend.breaker.admit().map_err(|_| Failure::Open(backend.breaker.retry_after()))?;
    let permit = permit.when_dropped(Dropped::Ignored);
    let response = caller.request(request);
    let response = match &progress {
        None => timeout(time, response).await.ok(),
        Some(progress) => after_upload(response, progress, time).await,
    };
    let stage = progress.map_or(Stage::Complete, |progress| progress.stage());
    let (verdict, response) = match response {
        // Only a client that requested it can switch protocols, and this gateway does not forward such requests.
        Some(Ok(response)) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
            (Verdict::Failure, Err(Failure::Useless("switches protocols unasked")))
        }
        Some(Ok(response)) if response.status().is_server_error() => (Verdict::Failure, Ok(response)),
        Some(Ok(response)) => (Verdict::Success, Ok(response)),
        Some(Err(_)) if matches!(stage, Stage::TooLong | Stage::Stalled | Stage::Broken) => {
            (Verdict::Ignored, Err(Failure::Client(stage)))
        }
        Some(Err(why)) => {
            let is_early_close = stage != Stage::Complete && !why.is_connect();
            let verdict = if is_early_close { Verdict::Ignored } else { Verdict::Failure };
            (verdict, Err(Failure::Broken(chain(&why))))
        }
        None => (Verdict::Failure, Err(Failure::TimedOut(time))),
    };
    permit.record(verdict);
    if let Err(failure) = &response {
        tracing::warn!(backend = %backend.target.authority, %failure, "a call failed");
    }
    response
}

/// Waits for a response. The timeout restarts with each part of the body, and is paused while waiting for the
/// client, whose body has its own limit. Returns `None` on a timeout.
async fn after_upload<R>(
    response: impl Future<Output = R>,
    progress: &Progress,
    time: Duration,
) -> Option<R> {
    let mut response = pin!(response);
    loop {
        let is_waiting_for_client = progress.stage() == Stage::WaitingForSender;
        tokio::select! {
            response = &mut response => return Some(response),
            () = progress.advanced() => {}
            () = sleep(time), if !is_waiting_for_client => return None,
        }
    }
}

/// The message of an error and of its sources.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |&error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// The `Host` header for this authority.
pub(crate) fn host(authority: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(authority).ok()
}
