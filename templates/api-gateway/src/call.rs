//! One call to a backend: through its breaker, in time, and told apart from what the client does wrong.

use std::sync::Arc;
use std::time::Duration;

use axum::http::uri::{self, PathAndQuery, Scheme};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{Either, Empty};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::timeout;

use crate::body::{Metered, Progress, Stage};
use crate::circuit::Verdict;
use crate::routes::Target;
use crate::service::problem::Problem;

/// What is sent to a backend: a client's body, or none.
pub(crate) type Upload = Either<Empty<Bytes>, Metered<Incoming>>;

/// Calls backends, and keeps connections to them.
pub(crate) type Caller = Client<HttpConnector, Upload>;

/// Idle connections are closed after so long: sooner than most servers do it.
const KEEP_IDLE: Duration = Duration::from_secs(30);

pub(crate) fn caller(connect: Duration) -> Caller {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(connect));
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(KEEP_IDLE)
        .build(connector)
}

/// Why there is no answer from a backend.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// It was not asked: its breaker is open, for so long.
    #[error("left alone")]
    Open(Option<Duration>),
    /// It can't be reached, or it broke off.
    #[error("unreachable: {0}")]
    Broken(String),
    /// It did not answer in time.
    #[error("no answer in {0:?}")]
    TimedOut(Duration),
    /// It has answered, but with this.
    #[error("status {}", .0.as_u16())]
    Status(StatusCode),
    /// Its answer is of no use, for this reason.
    #[error("the answer {0}")]
    Useless(&'static str),
    /// The client did not send what it had to.
    #[error("the client's body: {0:?}")]
    Client(Stage),
}

impl Failure {
    /// May another try go better?
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Broken(_) | Self::TimedOut(_) => true,
            Self::Status(status) => is_passing(*status),
            Self::Open(_) | Self::Useless(_) | Self::Client(_) => false,
        }
    }

    /// The same for the client. What is inside stays inside.
    pub(crate) fn problem(&self, backend: &str) -> Problem {
        match self {
            Self::Open(wait) => {
                let seconds = wait.map_or(1, |wait| wait.as_secs() + 1);
                let detail = format!("`{backend}` is being left alone; try again in {seconds} s");
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
            Self::Client(Stage::Stalled | Stage::Awaited) => {
                Problem::new(StatusCode::REQUEST_TIMEOUT, "the body did not come in time; send it again")
            }
            Self::Client(_) => Problem::new(StatusCode::BAD_REQUEST, "the body broke off"),
        }
    }

    /// In a word, for an answer that lacks this part.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Open(_) => "left alone",
            Self::Broken(_) => "unreachable",
            Self::TimedOut(_) => "timed out",
            Self::Status(_) | Self::Useless(_) => "failed",
            Self::Client(_) => "not asked for",
        }
    }
}

fn bad_gateway(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_GATEWAY, detail)
}

/// Statuses of which a backend says itself that they pass.
pub(crate) fn is_passing(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
}

/// What a backend is asked.
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: PathAndQuery,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Upload,
}

impl Ask {
    fn request(mut self, target: &Target) -> Result<(Request<Upload>, Option<Arc<Progress>>), Failure> {
        let progress = match &mut self.body {
            Either::Left(_) => None,
            Either::Right(body) => Some(body.progress()),
        };
        let mut uri = uri::Parts::default();
        uri.scheme = Some(Scheme::HTTP);
        uri.authority = Some(target.authority.clone());
        uri.path_and_query = Some(self.path);
        let mut request = Request::new(self.body);
        *request.method_mut() = self.method;
        *request.uri_mut() = Uri::from_parts(uri).map_err(|_| Failure::Useless("can't be asked for"))?;
        *request.headers_mut() = self.headers;
        request.headers_mut().insert(header::HOST, target.host.clone());
        Ok((request, progress))
    }
}

/// Asks a backend once, if its breaker lets it.
///
/// A server error is an answer, and counts against the backend. What the client does wrong does not.
pub(crate) async fn ask(
    caller: &Caller,
    target: &Target,
    ask: Ask,
    time: Duration,
) -> Result<Response<Incoming>, Failure> {
    let (request, progress) = ask.request(target)?;
    let permit = target.breaker.admit().map_err(|_| Failure::Open(target.breaker.retry_after()))?;
    let came = timeout(time, caller.request(request)).await;
    let stage = progress.map_or(Stage::Moving, |progress| progress.stage());
    let (verdict, came) = match came {
        Ok(Ok(answer)) if answer.status().is_server_error() => (Verdict::Failure, Ok(answer)),
        Ok(Ok(answer)) => (Verdict::Success, Ok(answer)),
        // The time ran out while the client was waited for.
        Err(_) if stage == Stage::Awaited => (Verdict::Ignored, Err(Failure::Client(stage))),
        Ok(Err(_)) if matches!(stage, Stage::TooLong | Stage::Stalled | Stage::Broken) => {
            (Verdict::Ignored, Err(Failure::Client(stage)))
        }
        Ok(Err(why)) => (Verdict::Failure, Err(Failure::Broken(chain(&why)))),
        Err(_) => (Verdict::Failure, Err(Failure::TimedOut(time))),
    };
    permit.record(verdict);
    if let Err(failure) = &came {
        tracing::warn!(backend = %target.authority, %failure, "a call failed");
    }
    came
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |&error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// The host of a request to this authority.
pub(crate) fn host(authority: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(authority).ok()
}
