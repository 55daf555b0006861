//! Explores every outcome of every decision, and every fault, repeated call and late call at every step. A refused
//! request reaches no backend, and every run ends with a response or a reason.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use bytes::Bytes;
use flowgen::explore::{Answer as Wants, Explorer, Scenario, Wanted};
use flowgen::{Fork as _, Next, Node as _, Result, Visit};
use http_body_util::Empty;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::oneshot;

use super::*;
use crate::demo::identity::{Signer, claims};
use crate::drawing::End;
use crate::settings::{Auth, Quota, Quotas, RetrySettings};

const ROUTES: &str = "
[backends.here]
url = 'http://HERE'

[backends.dead]
url = 'http://DEAD'

[routes.one]
path = '/one'
methods = ['GET', 'PUT']
backend = 'here'
public = true
retries = 2

[routes.dead]
path = '/dead'
backend = 'dead'
public = true
retries = 0

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

/// An action right before a visit of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// Makes the backend fail the next request.
    BackendFails,
    /// Other clients use up the global limit.
    OthersCome,
    /// The client uses up its own limit.
    ClientComes,
}

/// A proxy with its own backend, and other clients that send requests.
struct Site {
    proxy: Proxy,
    backend: Arc<Backend>,
    acts: Mutex<BTreeMap<(u32, u32), Act>>,
}

/// Answers with JSON except at `/text`, and counts the requests of the explored run.
#[derive(Default)]
struct Backend {
    asked: AtomicUsize,
    failures: AtomicUsize,
}

impl Backend {
    fn answer(&self, headers: &HeaderMap, path: &str) -> (StatusCode, &'static str) {
        if headers[REQUEST_ID] == "explored" {
            self.asked.fetch_add(1, Ordering::SeqCst);
        }
        let fails =
            self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match path {
            _ if fails.is_ok() => (StatusCode::SERVICE_UNAVAILABLE, ""),
            "/text" => (StatusCode::OK, "no JSON"),
            _ => (StatusCode::OK, "[]"),
        }
    }
}

/// More than a run uses, and small enough to be used up.
const BURST: u32 = 10;

impl Site {
    async fn new() -> Self {
        let backend = Arc::<Backend>::default();
        let asked = Arc::clone(&backend);
        let routes = Router::new()
            .fallback(async move |uri: Uri, headers: HeaderMap| asked.answer(&headers, uri.path()));
        let here = crate::demo::serve(routes).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("routes.toml");
        let routes = ROUTES.replace("HERE", &here.to_string()).replace("DEAD", "127.0.0.1:9");
        std::fs::write(&file, routes).unwrap();
        let quota =
            |burst: u32| Quota { per_second: 1.try_into().unwrap(), burst: burst.try_into().unwrap() };
        let limits = Quotas { address: quota(1_000), global: quota(5 * BURST), client: quota(BURST) };
        let auth = Auth { jwks: "http://127.0.0.1:9/".to_owned(), cooldown_ms: 0, ..Auth::default() };
        let retry = RetrySettings { first_ms: 1, ..RetrySettings::default() };
        let settings = Settings { routes: file, auth, limits, retry, ..Settings::default() };
        let proxy = Proxy::new(&settings, Clock::default()).unwrap();
        Self { proxy, backend, acts: Mutex::default() }
    }

    fn exchange(&self, id: &'static str, path: &'static str) -> Exchange {
        let address = IpAddr::from([127, 0, 0, 1]);
        let request = Request::get(path).header("host", "here").body(()).unwrap();
        let (head, ()) = request.into_parts();
        let (rng, table) = (self.proxy.chance.draw(), self.proxy.routes.now());
        Exchange::without_body(HeaderValue::from_static(id), rng, (Peer::from(address), address), head, table)
    }

    async fn act(&self, act: Act) {
        let (times, path) = match act {
            Act::BackendFails => {
                self.backend.failures.store(1, Ordering::SeqCst);
                return;
            }
            Act::OthersCome => (5 * BURST, "/no"),
            Act::ClientComes => (BURST, "/one"),
        };
        for _ in 0..times {
            let others = self.proxy.runner.flow();
            let other = self.exchange("other", path);
            drop(Runner::new(others, Node::RequestReceived.index()).run(other).await);
        }
    }
}

impl flowgen::Flow<Exchange> for Site {
    type Node = Node;

    async fn step(&self, at: Node, exchange: &mut Exchange, visit: &Visit) -> Result<Next<Node>> {
        let act = self.acts.lock().unwrap().remove(&(at.index(), visit.number()));
        if let Some(act) = act {
            self.act(act).await;
        }
        self.proxy.runner.flow().step(at, exchange, visit).await
    }

    fn fork(exchange: &Exchange) -> Option<Exchange> {
        RequestFlow::fork(exchange)
    }

    fn join(exchange: &mut Exchange, branch: Exchange) {
        RequestFlow::join(exchange, branch);
    }
}

/// For calls whose result is lost: clones the input of a backend call except the body, and no results.
impl Clone for Exchange {
    fn clone(&self) -> Self {
        Self { attempts: self.attempts, ..self.fork() }
    }
}

/// A body of which the client sends only a part.
async fn broken_body() -> Incoming {
    let (mut client, server) = tokio::io::duplex(1_024);
    let (give, given) = oneshot::channel();
    let give = Mutex::new(Some(give));
    let service = service_fn(move |request: Request<Incoming>| {
        let give = give.lock().unwrap().take();
        drop(give.map(|give| give.send(request.into_body())));
        std::future::pending::<std::result::Result<Response<Empty<Bytes>>, Infallible>>()
    });
    tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(server), service));
    let head = b"PUT /one HTTP/1.1\r\nhost: here\r\ncontent-length: 10\r\n\r\n123";
    client.write_all(head).await.unwrap();
    given.await.unwrap()
}

struct Requested(Arc<Site>);

impl Scenario for Requested {
    type Flow = Arc<Site>;
    type Cx = Exchange;

    async fn new() -> (Self, Self::Flow, Exchange) {
        let site = Arc::new(Site::new().await);
        let exchange = site.exchange("explored", "/one");
        (Self(Arc::clone(&site)), site, exchange)
    }

    async fn bring_about(&self, exchange: &mut Exchange, wanted: Wanted<Node>) -> bool {
        let Wants::Outcome(outcome) = wanted.answer else { return false };
        let (at, act) = match (wanted.node, outcome) {
            (Node::GlobalQuotaLeft, "No") => (Node::TakeGlobalQuota, Act::OthersCome),
            (Node::WithinLimits, "No") => (Node::TakeClientAndRouteQuota, Act::ClientComes),
            (Node::WhatCame, "Try again") => (Node::ForwardRequest, Act::BackendFails),
            (Node::WhatCame, "Bad request") => {
                exchange.head.method = Method::PUT;
                exchange.body = Some(broken_body().await);
                return true;
            }
            (node, outcome) => {
                let path = match (node, outcome) {
                    (Node::WellFormed, "No") => "/a/../b",
                    (Node::RouteFound, "No") => "/no",
                    (Node::Authenticated, "No") => "/guarded",
                    (Node::Authenticated, "Unknown") => {
                        let token = Signer::new("key-1").sign(&claims("ada")).unwrap();
                        let token = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
                        exchange.head.headers.insert(header::AUTHORIZATION, token);
                        "/guarded"
                    }
                    (Node::HowManyBackends, "Several") | (Node::CompleteEnough, "Yes") => "/several/a",
                    (Node::CompleteEnough, "No") => "/several/text",
                    (Node::WhatCame, "Failure") => "/dead",
                    _ => return false,
                };
                exchange.head.uri = Uri::from_static(path);
                return true;
            }
        };
        self.0.acts.lock().unwrap().insert((at.index(), wanted.visit), act);
        true
    }

    async fn check(&self, ended: &RunResult<Node, Exchange>) -> std::result::Result<(), String> {
        let forwards = [Node::ForwardRequest, Node::AskForRequiredParts, Node::AskForOptionalParts];
        let is_let_in = ended.path.iter().any(|walked| forwards.contains(&walked.node));
        let asked = self.0.backend.asked.load(Ordering::SeqCst);
        if !is_let_in && asked > 0 {
            return Err(format!("a backend was asked {asked} times for a request that was not let in"));
        }
        let Exchange { answer, refusal, .. } = &ended.cx;
        match &ended.outcome {
            Outcome::Completed { end: End::Answered } if answer.is_some() && refusal.is_none() => Ok(()),
            Outcome::Completed { end } if *end != End::Answered && refusal.is_some() => Ok(()),
            // The client gets a problem without further details.
            Outcome::Failed { .. } | Outcome::RolledBack { .. } => Ok(()),
            outcome => Err(format!("{outcome}, with the answer {answer:?} and the refusal {refusal:?}")),
        }
    }
}

#[tokio::test]
async fn refused_requests_reach_no_backend_and_every_run_has_an_answer_or_a_reason() {
    let coverage = Explorer::new().most_runs(200).explore::<Requested>().await.unwrap();
    println!("{coverage}");
    assert_eq!(coverage.gaps().count(), 0, "{coverage}");
}
