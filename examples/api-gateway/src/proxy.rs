//! Processes requests: each one is a run of the flow.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, Version};
use axum::response::IntoResponse as _;
use circuit_breaker::Registry;
use flowgen::{Node as _, Outcome, RunResult, Runner, Untimed};
use futures_util::FutureExt as _;
use hyper::body::Incoming;
use tracing::Instrument as _;

use crate::access::{AccessLine, LoggedBody, agent};
use crate::chance::Chance;
use crate::circuits::Circuits;
use crate::drawing::{Flow, Node};
use crate::exchange::{Answer, Exchange};
use crate::headers::{Peer, REQUEST_ID, Trust};
use crate::identity::{Clock, Keys, Tokens};
use crate::quota::Runtime;
use crate::routes::{Pool, Routes, TableError};
use crate::service::metrics::{Metrics, RunsEnded};
use crate::service::problem::Problem;
use crate::settings::Settings;
use crate::{RequestFlow, call, lanes};

/// Runs the flow for each request.
#[derive(Debug)]
pub struct Proxy {
    runner: Runner<RequestFlow, Untimed, RunsEnded>,
    routes: Routes,
    trust: Trust,
    chance: Chance,
    metrics: Metrics,
}

/// Error from creating the proxy.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// The routes can't be loaded.
    #[error(transparent)]
    Routes(#[from] TableError),
    /// The setting is invalid and was not checked before.
    #[error("the setting `{0}` is wrong")]
    Setting(&'static str),
}

/// The interval at which clients without recent requests are removed.
const FORGET: Duration = Duration::from_secs(60);

impl Proxy {
    /// Creates a proxy with these settings and loads its routes.
    ///
    /// # Errors
    ///
    /// The routes can't be loaded, or the settings are invalid.
    pub fn new(settings: &Settings, clock: Clock) -> Result<Self, ProxyError> {
        let caller = call::caller(Duration::from_millis(settings.answer.connect_ms));
        let breakers =
            Registry::new(settings.breaker.settings()).map_err(|_| ProxyError::Setting("breaker"))?;
        let metrics = Metrics::default();
        metrics.collect(Circuits(breakers.clone()));
        let runtime = Runtime::new();
        let routes = Routes::read(&settings.routes, Pool::new(breakers, settings.retry), runtime.clone())?;
        let jwks = settings.auth.jwks().ok_or(ProxyError::Setting("auth.jwks"))?;
        let keys = Keys::new(&settings.auth, jwks, caller.clone());
        let trust = Trust::new(&settings.trusted_proxies);
        let flow = Flow {
            gateway: lanes::Gateway { trust: trust.clone(), body: settings.request.body() },
            limits: lanes::Limits::new(settings.limits, runtime),
            router: lanes::Router,
            identity: lanes::Identity { tokens: Tokens::new(&settings.auth, keys, clock) },
            backends: lanes::Backends {
                caller: caller.clone(),
                upload: settings.request.body(),
                download: settings.answer.body(),
                retry: settings.retry,
            },
            aggregator: lanes::Aggregator { caller, part: settings.answer.part(), retry: settings.retry },
        };
        let runner = flow.into_runner().observer(metrics.runs_of(Node::PLAN));
        Ok(Self { runner, routes, trust, chance: Chance::new(settings.seed), metrics })
    }

    /// The metrics of the gateway.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The routes.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// Whether this address is that of a trusted proxy.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trust.covers(address)
    }

    /// Processes a request of this peer. Always returns a response.
    pub async fn serve(&self, request: Request<Incoming>, peer: Peer) -> Response<Body> {
        let mut rng = self.chance.draw();
        let id = match self.trust.request_id(request.headers(), peer.address) {
            Some(id) => id.to_owned(),
            None => format!("{:032x}", rng.u128(..)),
        };
        let run: Arc<str> = id.as_str().into();
        let client = self.trust.client(request.headers(), peer.address);
        let span = tracing::info_span!("request", %id, %client, method = %request.method(), path = request.uri().path());
        let Ok(id) = HeaderValue::try_from(id) else {
            return Problem::internal(&"a request id that is no header").into_response();
        };
        let (began, method, agent) = (Instant::now(), request.method().clone(), agent(request.headers()));
        let exchange = Exchange::new(request, peer, (id.clone(), client), rng, self.routes.now());
        let run = self.runner.run_with_id(run, exchange);
        let ended = AssertUnwindSafe(run).catch_unwind().instrument(span.clone()).await;
        let route = ended.as_ref().ok().and_then(|ended| ended.cx.route().ok().cloned());
        let panicked = |_| Problem::internal(&"a lane panicked").into_response();
        let response = span.in_scope(|| ended.map(answer).unwrap_or_else(panicked));
        let name = route.as_ref().map_or("", |route| route.name.as_str());
        self.metrics.count(&method, name, response.status(), began.elapsed());
        let status = response.status().as_u16();
        let line = AccessLine { span, began, agent, route, status, bytes: 0, is_complete: false };
        let mut response = response.map(|body| Body::new(LoggedBody::new(body, line)));
        response.headers_mut().insert(REQUEST_ID, id);
        // An intermediary sends its own HTTP version (RFC 9110, section 2.5), regardless of the backend's.
        *response.version_mut() = Version::HTTP_11;
        response
    }

    /// Removes clients without recent requests, for as long as it is polled.
    pub(crate) async fn forget_quiet_clients(&self) {
        loop {
            tokio::time::sleep(FORGET).await;
            self.runner.flow().limits.forget_the_quiet();
        }
    }
}

/// The response to the client.
fn answer(ended: RunResult<Node, Exchange>) -> Response<Body> {
    let RunResult { outcome, cx: exchange, .. } = ended;
    match (outcome, exchange.refusal, exchange.answer) {
        (Outcome::Completed { .. }, Some(problem), _) => problem.into_response(),
        (Outcome::Completed { .. }, None, Some(Answer::Streamed(answer))) => answer.map(Body::new),
        (Outcome::Completed { .. }, None, Some(Answer::Joined(answer))) => answer.map(Body::from),
        (outcome, ..) => Problem::internal(&outcome).into_response(),
    }
}

#[cfg(test)]
mod explored;

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::get;
    use flowgen::{Fault, Next, Node as _, Result, Visit};

    use super::*;
    use crate::drawing::End;
    use crate::settings::{Auth, Quota, Quotas};

    const ROUTES: &str = "
[backends.here]
url = 'http://HERE'

[routes.one]
path = '/one'
backend = 'here'
public = true
retries = 1

[routes.guarded]
path = '/guarded'
backend = 'here'

[routes.several]
path = '/several/{part}'
public = true
retries = 0
parts.a = { backend = 'here', path = '/{part}', required = true }
parts.b = { backend = 'here', path = '/b' }
";

    /// A proxy to a backend that fails the first request for `/one` and answers all others with JSON.
    async fn proxy(limits: Quotas) -> Proxy {
        let failed = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let once = get(move || {
            let has_failed = failed.swap(true, std::sync::atomic::Ordering::SeqCst);
            async move { if has_failed { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE } }
        });
        let routes = Router::new().route("/one", once).route("/{part}", get(async || "[]"));
        let here = crate::demo::serve(routes).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("routes.toml");
        std::fs::write(&file, ROUTES.replace("HERE", &here.to_string())).unwrap();
        let auth = Auth { jwks: "http://127.0.0.1:9/".to_owned(), ..Auth::default() };
        let settings = Settings { routes: file, auth, limits, ..Settings::default() };
        Proxy::new(&settings, Clock::default()).unwrap()
    }

    /// The flow of a proxy with a fault at one node, after its work is done.
    struct Faulty<'p>(&'p RequestFlow, Option<Node>);

    impl flowgen::Flow<Exchange> for Faulty<'_> {
        type Node = Node;

        async fn step(&self, at: Node, exchange: &mut Exchange, visit: &Visit) -> Result<Next<Node>> {
            let next = self.0.step(at, exchange, visit).await?;
            if self.1 == Some(at) { Err(Fault::new("out of order")) } else { Ok(next) }
        }

        fn fork(exchange: &Exchange) -> Option<Exchange> {
            RequestFlow::fork(exchange)
        }

        fn join(exchange: &mut Exchange, branch: Exchange) {
            RequestFlow::join(exchange, branch);
        }
    }

    async fn run(proxy: &Proxy, path: &str, faults: Option<Node>) -> RunResult<Node, Exchange> {
        let address = std::net::IpAddr::from([127, 0, 0, 1]);
        let request = Request::get(path).header("host", "here").body(()).unwrap();
        let (head, ()) = request.into_parts();
        let (rng, table) = (proxy.chance.draw(), proxy.routes.now());
        let exchange = Exchange::without_body(
            HeaderValue::from_static("a-request"),
            rng,
            (Peer::from(address), address),
            head,
            table,
        );
        let flow = Faulty(proxy.runner.flow(), faults);
        Runner::new(&flow, Node::RequestReceived.index()).run(exchange).await
    }

    const SCREENED: &str = "Request received → Screen request → Well formed? → ";
    const COUNTED: &str = "Take global quota → Global quota left? → ";
    const FOUND: &str = "Find route → Route found? → Verify token → Authenticated? → ";
    const LIMITED: &str = "Take client and route quota → Within limits? → ";

    #[tokio::test]
    async fn every_request_follows_the_drawing() {
        let forward = "Forward request → What came? → ";
        let let_in = format!("{SCREENED}{COUNTED}{FOUND}{LIMITED}How many backends? → ");
        let parts = "Split request → Ask for required parts → Ask for optional parts → Join answers → ";
        for (path, end, walk) in [
            ("/one", End::Answered, format!("{let_in}{forward}Back off → {forward}Answer → Answered")),
            ("/several/a", End::Answered, format!("{let_in}{parts}Complete enough? → Answer → Answered")),
            ("/several/one", End::Incomplete, format!("{let_in}{parts}Complete enough? → Incomplete")),
            ("/a/../b", End::Malformed, format!("{SCREENED}Malformed")),
            (
                "/no",
                End::NoSuchRoute,
                format!("{SCREENED}{COUNTED}Find route → Route found? → No such route"),
            ),
            ("/guarded", End::Unauthorized, format!("{SCREENED}{COUNTED}{FOUND}Unauthorized")),
        ] {
            let ended = run(&proxy(Quotas::default()).await, path, None).await;
            // Either branch may end first, depending on the backends.
            let (required, optional) = ("Ask for required parts", "Ask for optional parts");
            let walked = ended.path_text();
            let walked =
                walked.replace(&format!("{optional} → {required}"), &format!("{required} → {optional}"));
            assert_eq!(walked, walk, "{path}");
            assert!(ended.outcome.is_completed_at(end), "{path}: {}", ended.outcome);
        }
        let none = Quota { per_second: 1.try_into().unwrap(), burst: 1.try_into().unwrap() };
        let global = proxy(Quotas { global: none, ..Quotas::default() }).await;
        drop(run(&global, "/no", None).await);
        let walk = format!("{SCREENED}{COUNTED}Too many requests");
        assert_eq!(run(&global, "/no", None).await.path_text(), walk);
        let client = proxy(Quotas { client: none, ..Quotas::default() }).await;
        drop(run(&client, "/one", None).await);
        let walk = format!("{SCREENED}{COUNTED}{FOUND}{LIMITED}Too many requests");
        assert_eq!(run(&client, "/one", None).await.path_text(), walk);
    }

    /// A fault is reported as a problem, and does not count as a missing response, regardless of the steps done
    /// before.
    #[tokio::test]
    async fn a_fault_of_any_node_shows_the_client_no_details() {
        let mut faulted = Vec::new();
        for path in ["/one", "/several/a"] {
            for &node in Node::ALL {
                let ended = run(&proxy(Quotas::default()).await, path, Some(node)).await;
                if ended.outcome.is_completed() {
                    continue;
                }
                faulted.push(node);
                let answer = answer(ended);
                assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{node:?}");
                assert_eq!(answer.headers()["content-type"], "application/problem+json");
                let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
                assert!(!String::from_utf8_lossy(&body).contains("out of order"), "{node:?}");
            }
        }
        let works =
            |node: &&Node| !matches!(node.spec().kind, flowgen::plan::Kind::End | flowgen::plan::Kind::Start);
        for node in Node::ALL.iter().filter(works) {
            assert!(faulted.contains(node), "{node:?} was not reached");
        }
    }
}
