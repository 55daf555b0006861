//! A backend: through its breaker, in time, and again while its budget lasts.

use std::time::Duration;

use anyhow::Result;
use axum::body::{Body, HttpBody as _};
use axum::http::request::Parts;
use axum::http::uri::{Authority, Scheme};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use circuit_breaker::{Breaker, Verdict};
use http_body_util::Limited;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::{sleep, timeout};
use tower::retry::budget::{Budget as _, TpsBudget};

use super::body::Idle;
use super::{Refused, refused};

pub(super) type Connections = Client<HttpConnector, Body>;

pub(super) struct Backend {
    authority: Authority,
    host: HeaderValue,
    breaker: Breaker,
    budget: TpsBudget,
}

const RETRIES: u32 = 1;
const UPLOAD: usize = 1024 * 1024;
const DOWNLOAD: usize = 64 * 1024 * 1024;
const IDLE: Duration = Duration::from_secs(10);

pub(super) fn connections() -> Connections {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(Duration::from_secs(1)));
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(30))
        .build(connector)
}

pub(super) fn is_too_long(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    length.is_some_and(|length: usize| length > UPLOAD)
}

impl Backend {
    pub(super) fn new(address: &str) -> Result<Self> {
        Ok(Self {
            authority: address.parse()?,
            host: HeaderValue::from_str(address)?,
            breaker: Breaker::new(address, circuit_breaker::Settings::default())?,
            budget: TpsBudget::new(Duration::from_secs(10), 10, 0.2),
        })
    }

    /// Sends a request on, and once more if nothing speaks against that.
    pub(super) async fn send(
        &self,
        connections: &Connections,
        head: Parts,
        body: Body,
        time: Duration,
    ) -> Result<Response<Body>, Refused> {
        let mut uri = head.uri.into_parts();
        uri.scheme = Some(Scheme::HTTP);
        uri.authority = Some(self.authority.clone());
        let uri = Uri::from_parts(uri).map_err(|_| refused(StatusCode::BAD_REQUEST, "no path"))?;
        let mut headers = head.headers;
        headers.insert(header::HOST, self.host.clone());
        let request = |headers, body| {
            let mut request = Request::new(body);
            *request.method_mut() = head.method.clone();
            *request.uri_mut() = uri.clone();
            *request.headers_mut() = headers;
            request
        };
        self.budget.deposit();
        let answer = if body.is_end_stream() && is_idempotent(&head.method) {
            let mut retries = 0;
            loop {
                let came = self.once(connections, request(headers.clone(), Body::empty()), time).await;
                let passes = match &came {
                    Ok(answer) => is_passing(answer.status()),
                    Err((status, ..)) => is_passing(*status),
                };
                if !passes || retries == RETRIES || !self.budget.withdraw() {
                    break came?;
                }
                retries += 1;
                sleep(Duration::from_millis(25).mul_f64(0.5 + fastrand::f64() / 2.0)).await;
            }
        } else {
            let body = Body::new(Idle::new(Limited::new(body, UPLOAD), IDLE));
            self.once(connections, request(headers, body), time).await?
        };
        Ok(answer.map(|body| Body::new(Idle::new(Limited::new(body, DOWNLOAD), IDLE))))
    }

    async fn once(
        &self,
        connections: &Connections,
        request: Request<Body>,
        time: Duration,
    ) -> Result<Response<Incoming>, Refused> {
        let left_alone = |_| refused(StatusCode::SERVICE_UNAVAILABLE, "left alone");
        let permit = self.breaker.admit().map_err(left_alone)?;
        let came = match timeout(time, connections.request(request)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(refused(StatusCode::BAD_GATEWAY, "unreachable")),
            Err(_) => Err(refused(StatusCode::GATEWAY_TIMEOUT, "too slow")),
        };
        permit.record(match &came {
            Ok(answer) if !answer.status().is_server_error() => Verdict::Success,
            _ => Verdict::Failure,
        });
        came
    }
}

fn is_idempotent(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::PUT | Method::DELETE | Method::OPTIONS)
}

fn is_passing(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
}
