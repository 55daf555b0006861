//! A gateway in this process, with an identity service and backends, all on sockets of their own.

#![allow(dead_code, unused_imports, reason = "each test uses a part of it")]

pub mod backend;
pub mod raw;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use api_gateway::demo::identity::{AUDIENCE, ISSUER, Identity, Signer, claims};
pub use api_gateway::demo::serve;
pub use api_gateway::settings::{
    AnswerSettings, Auth, BreakerSettings, Quota, Quotas, RequestSettings, RetrySettings, Settings,
};
pub use api_gateway::{App, AppError, Clock, Proxy};
pub use backend::{Backend, Seen};

/// A gateway that stops on request.
pub struct World {
    pub client: Client,
    pub gateway: SocketAddr,
    pub operators: SocketAddr,
    pub identity: Identity,
    pub signer: Signer,
    /// The backends `one` and `two`.
    pub one: Backend,
    pub two: Backend,
    /// An address without a listener: the backend `dead`.
    pub dead: SocketAddr,
    folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<Result<(), AppError>>,
}

/// Long enough for anything on a busy machine, and far from for ever.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub fn quota(per_second: u32, burst: u32) -> Quota {
    Quota { per_second: NonZeroU32::new(per_second).unwrap(), burst: NonZeroU32::new(burst).unwrap() }
}

/// Everything below `/one/` and `/two/`, with a token; everything below `/open/` without.
pub const ROUTES: &str = r#"
[routes.one]
path = "/one/{*rest}"
methods = ["GET", "HEAD", "POST", "PUT", "DELETE"]
backend = "one"

[routes.two]
path = "/two/{*rest}"
backend = "two"

[routes.open]
path = "/open/{*rest}"
methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]
backend = "one"
public = true
"#;

/// Settings for tests: any port, no long pauses, and limits that no test reaches by accident.
fn settings() -> Settings {
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    let many = quota(1_000_000, 1_000_000);
    Settings {
        listen: local,
        operators: local,
        seed: Some(7),
        lame_duck_ms: 0,
        request: RequestSettings { body_bytes: 100_000, ..RequestSettings::default() },
        answer: AnswerSettings { body_bytes: 10_000_000, part_bytes: 10_000, ..AnswerSettings::default() },
        auth: Auth {
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            cooldown_ms: 0,
            ..Auth::default()
        },
        limits: Quotas { address: many, global: many, client: many },
        retry: RetrySettings { first_ms: 1, ..RetrySettings::default() },
        breaker: BreakerSettings { window: 1_000, minimum_calls: 1_000, ..BreakerSettings::default() },
        ..Settings::default()
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(ROUTES, |_| {}).await
    }

    pub async fn with(routes: &str, change: impl FnOnce(&mut Settings)) -> Self {
        Self::at(Clock::default(), routes, change).await
    }

    pub async fn at(clock: Clock, routes: &str, change: impl FnOnce(&mut Settings)) -> Self {
        let signer = Signer::new("key-1");
        let identity = Identity::of([signer.clone()]);
        let jwks = format!("http://{}/jwks.json", serve(identity.routes()).await.unwrap());
        let (one, two) = (Backend::start("one").await, Backend::start("two").await);
        let dead = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings();
        settings.auth.jwks = jwks;
        settings.routes = folder.path().join("routes.toml");
        change(&mut settings);
        let backends = backends(&[("one", one.address), ("two", two.address), ("dead", dead)]);
        std::fs::write(folder.path().join("routes.toml"), backends + routes).unwrap();
        let app = App::start_at(settings, clock).await.unwrap();
        let (gateway, operators) = (app.address(), app.operators());
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::spawn(app.run(async {
            let _ = stopped.await;
        }));
        let client = Client::builder().timeout(PATIENCE).no_proxy().build().unwrap();
        let stop = Some(stop);
        Self { client, gateway, operators, identity, signer, one, two, dead, folder, stop, ended }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.gateway)
    }

    /// A good token of this client.
    pub fn token(&self, subject: &str) -> String {
        self.signer.sign(&claims(subject)).unwrap()
    }

    /// A request without a token.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path))
    }

    /// What comes for a request of `ada`.
    pub async fn ask(&self, path: &str) -> Response {
        self.get(path).bearer_auth(self.token("ada")).send().await.unwrap()
    }

    /// What comes for this token.
    pub async fn ask_with(&self, path: &str, token: &str) -> Response {
        self.get(path).bearer_auth(token).send().await.unwrap()
    }

    pub async fn operator(&self, path: &str) -> Value {
        let url = format!("http://{}{path}", self.operators);
        self.client.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// What the breaker of a backend says.
    pub async fn breaker(&self, backend: SocketAddr) -> Value {
        let backends = self.operator("/backends").await;
        let name = backend.to_string();
        backends.as_array().unwrap().iter().find(|one| one["backend"] == *name).unwrap().clone()
    }

    /// Writes other routes, and has them read.
    pub async fn reload(&self, routes: &str) -> Response {
        let (one, two) = (self.one.address, self.two.address);
        let backends = backends(&[("one", one), ("two", two), ("dead", self.dead)]);
        self.reload_file(&(backends + routes)).await
    }

    pub async fn reload_file(&self, file: &str) -> Response {
        std::fs::write(self.folder.path().join("routes.toml"), file).unwrap();
        self.client.post(format!("http://{}/reload", self.operators)).send().await.unwrap()
    }

    /// Tells the gateway to stop.
    pub fn begin_stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until it has stopped.
    pub async fn stopped(mut self) {
        self.begin_stop();
        tokio::time::timeout(PATIENCE, self.ended).await.unwrap().unwrap().unwrap();
    }
}

/// The table of these backends.
pub fn backends(named: &[(&str, SocketAddr)]) -> String {
    let lines = named.iter().map(|(name, address)| format!("[backends.{name}]\nurl = 'http://{address}'\n"));
    lines.collect()
}

/// The body of an answer that is a problem: what it says.
pub async fn problem(answer: Response, status: u16) -> String {
    let (found, kind) = (answer.status(), answer.headers().get("content-type").cloned());
    let id = answer.headers().contains_key("x-request-id");
    let text = answer.text().await.unwrap();
    assert_eq!(found.as_u16(), status, "{text}");
    assert_eq!(kind.unwrap(), "application/problem+json", "{text}");
    assert!(id, "it has no request id: {text}");
    let problem: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(problem["status"], status);
    assert_eq!(problem["type"], "about:blank");
    assert!(problem["title"].is_string());
    problem["detail"].as_str().unwrap().to_owned()
}

/// Polls until something holds.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let polled = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, polled).await.is_ok(), "it never came to pass: {what}");
}
