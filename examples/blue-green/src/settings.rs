//! What can be set, by file or by environment: `BLUE_GREEN__WATCH__FOR_MS=5000` is `watch.for_ms`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use flowgen::Retry;
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::service::access::Access;
use crate::service::serve::Limits;
use crate::service::settings::{self, Wrong, wants};
use crate::service::telemetry::LogFormat;

/// So many looks at a new version are drawn at most; see the loop in the drawing.
const MOST_LOOKS: u64 = 5_000;

/// The settings of balancer, controller and versions. Every key has a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The folder of who serves, of the environments and of the releases; made if it is not there.
    pub folder: PathBuf,
    /// How logs are written: `text` or `json`.
    pub log: LogFormat,
    /// The longest body of a request, in bytes.
    pub body_bytes: usize,
    /// The longest time until an answer begins, in milliseconds.
    pub request_ms: u64,
    /// How long requests to the old version are waited for after a switch, and those to balancer and
    /// controller when they are told to stop, in milliseconds.
    pub drain_ms: u64,
    /// The token of operators, which the controller needs for the balancer as well.
    pub access: Access,
    /// The load balancer.
    pub balancer: Balancer,
    /// The controller of releases.
    pub controller: Controller,
    /// The versions.
    pub app: App,
    /// What a new version has to pass before it serves.
    pub gate: Gate,
    /// How a new version is watched once it serves.
    pub watch: Watch,
    /// How steps that fault are tried again.
    pub retry: Retries,
}

/// The load balancer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Balancer {
    /// Where users ask.
    pub listen: SocketAddr,
    /// Where the controller switches traffic. Without a token, an address of this machine.
    pub admin: SocketAddr,
    /// How long connecting to a version may take, in milliseconds.
    pub connect_ms: u64,
    /// How long a user's connection may be idle, take to send the head of a request, or take nothing of an answer, in
    /// milliseconds.
    pub idle_ms: u64,
    /// So many connections of users at once; more wait.
    pub connections: usize,
    /// So many connections of one address at once; more are closed.
    pub connections_per_address: usize,
}

/// The controller of releases.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Controller {
    /// Where operators release. Without a token, an address of this machine.
    pub listen: SocketAddr,
    /// How long the balancer or a version may take to answer the controller, in milliseconds.
    pub answer_ms: u64,
}

/// The versions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct App {
    /// Where a version listens; port 0 is any that is free.
    pub listen: SocketAddr,
    /// The program of a version and its arguments. `{version}`, `{slot}` and `{ticket}` are replaced. Where
    /// it is empty, the command line puts this program there.
    pub command: Vec<String>,
    /// How long a version may take until it listens, in milliseconds.
    pub start_ms: u64,
    /// How long a version that is told to end has for the requests that it still serves, in milliseconds;
    /// then it is killed.
    pub stop_ms: u64,
    /// Whether the controller starts the version that serves again if its process has died.
    pub restart: bool,
}

/// What a new version has to pass before it serves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gate {
    /// How long a version may take until it is ready, in milliseconds.
    pub ready_ms: u64,
    /// What it is asked before it serves.
    pub smoke_tests: Vec<SmokeTest>,
}

/// A request, and what the answer has to be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmokeTest {
    /// The path, with its query: `/greeting`.
    pub path: String,
    /// The status of the answer.
    #[serde(default = "ok")]
    pub status: u16,
    /// What its body has to contain.
    #[serde(default)]
    pub contains: String,
}

fn ok() -> u16 {
    200
}

/// How a new version is watched once it serves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Watch {
    /// How long, in milliseconds.
    pub for_ms: u64,
    /// How often it is looked at, in milliseconds.
    pub look_ms: u64,
    /// So many requests are judged at a time; fewer say nothing.
    pub sample: u64,
    /// So long may a sample take, in milliseconds. Later there are no figures, and the release fails.
    pub patience_ms: u64,
    /// So many bad samples in a row make a version bad.
    pub failure_limit: u32,
    /// A sample is bad only if chance explains it with a smaller probability than this.
    pub significance: f64,
    /// How much the share of errors may rise: 0.01 is one more of a hundred.
    pub errors: f64,
    /// How much the share of client errors, such as 404, may rise.
    pub client_errors: f64,
    /// The longest time of 95 of 100 requests may be so many times what it was …
    pub latency_factor: f64,
    /// … and so many milliseconds more.
    pub latency_slack_ms: u64,
}

/// How steps that fault are tried again.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retries {
    /// How often.
    pub times: usize,
    /// After how many milliseconds for the first time; later ones double.
    pub first_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("data"),
            log: LogFormat::Text,
            body_bytes: 1024 * 1024,
            request_ms: 30_000,
            drain_ms: 10_000,
            access: Access::default(),
            balancer: Balancer::default(),
            controller: Controller::default(),
            app: App::default(),
            gate: Gate::default(),
            watch: Watch::default(),
            retry: Retries::default(),
        }
    }
}

/// An address of this machine.
const fn local(port: u16) -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), port)
}

impl Default for Balancer {
    fn default() -> Self {
        Self {
            listen: local(8080),
            admin: local(8081),
            connect_ms: 1_000,
            idle_ms: 15_000,
            connections: 10_000,
            connections_per_address: 1_000,
        }
    }
}

impl Default for Controller {
    fn default() -> Self {
        Self { listen: local(8082), answer_ms: 2_000 }
    }
}

impl Default for App {
    fn default() -> Self {
        Self { listen: local(0), command: Vec::new(), start_ms: 10_000, stop_ms: 15_000, restart: true }
    }
}

impl Default for Gate {
    fn default() -> Self {
        let greets = SmokeTest { path: "/greeting".to_owned(), status: ok(), contains: "hello".to_owned() };
        Self { ready_ms: 30_000, smoke_tests: vec![greets] }
    }
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            for_ms: 60_000,
            look_ms: 500,
            sample: 200,
            patience_ms: 30_000,
            failure_limit: 3,
            significance: 0.01,
            errors: 0.01,
            client_errors: 0.2,
            latency_factor: 1.5,
            latency_slack_ms: 20,
        }
    }
}

impl Default for Retries {
    fn default() -> Self {
        Self { times: 3, first_ms: 100 }
    }
}

impl settings::Settings for Settings {
    const PREFIX: &'static str = "BLUE_GREEN";

    fn check(&self) -> Result<(), Wrong> {
        let positive = |value: u64, key| wants(value > 0, key, "has to be at least 1");
        wants(self.body_bytes > 0, "body_bytes", "has to be at least 1")?;
        positive(self.request_ms, "request_ms")?;
        let apart = |one: SocketAddr, other| one.port() == 0 || one != other;
        let Balancer { listen, admin, connect_ms, idle_ms, connections, connections_per_address } =
            self.balancer;
        wants(apart(listen, admin), "balancer.admin", "has to be another address than `balancer.listen`")?;
        positive(connect_ms, "balancer.connect_ms")?;
        positive(idle_ms, "balancer.idle_ms")?;
        let is_count = |count: usize| (1..=Semaphore::MAX_PERMITS).contains(&count);
        wants(is_count(connections), "balancer.connections", "has to be at least 1")?;
        wants(connections_per_address > 0, "balancer.connections_per_address", "has to be at least 1")?;
        let controller = self.controller.listen;
        let is_free = apart(controller, listen) && apart(controller, admin);
        wants(is_free, "controller.listen", "has to be another address than those of the balancer")?;
        self.access.check("balancer.admin", admin)?;
        self.access.check("controller.listen", controller)?;
        positive(self.controller.answer_ms, "controller.answer_ms")?;
        positive(self.app.start_ms, "app.start_ms")?;
        positive(self.gate.ready_ms, "gate.ready_ms")?;
        let tests = &self.gate.smoke_tests;
        wants(!tests.is_empty(), "gate.smoke_tests", "has to name a request")?;
        let are_paths = tests.iter().all(|test| test.path.starts_with('/'));
        wants(are_paths, "gate.smoke_tests", "has to have paths that begin with `/`")?;
        self.watch.check()?;
        positive(self.retry.first_ms, "retry.first_ms")
    }
}

impl Watch {
    fn check(&self) -> Result<(), Wrong> {
        wants(self.look_ms > 0, "watch.look_ms", "has to be at least 1")?;
        wants(self.sample > 0, "watch.sample", "has to be at least 1: no figures are no good figures")?;
        wants(self.patience_ms > 0, "watch.patience_ms", "has to be at least 1")?;
        wants(self.failure_limit > 0, "watch.failure_limit", "has to be at least 1")?;
        let longest = self.patience_ms.saturating_mul(self.failure_limit.into()).saturating_add(self.for_ms);
        let why = "has to be longer: 5,000 looks have to reach for `watch.for_ms` and as many times \
                   `watch.patience_ms` as `watch.failure_limit` says";
        wants(longest / self.look_ms < MOST_LOOKS, "watch.look_ms", why)?;
        let is_level = self.significance > 0.0 && self.significance < 1.0;
        wants(is_level, "watch.significance", "has to be between 0 and 1, and neither of them")?;
        wants((0.0..=1.0).contains(&self.errors), "watch.errors", "has to be between 0 and 1")?;
        let is_share = (0.0..=1.0).contains(&self.client_errors);
        wants(is_share, "watch.client_errors", "has to be between 0 and 1")?;
        let factor = self.latency_factor;
        wants(factor >= 1.0 && factor.is_finite(), "watch.latency_factor", "has to be at least 1")
    }
}

impl Settings {
    /// What a request may take.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits { body: self.body_bytes, time: Duration::from_millis(self.request_ms) }
    }

    /// How long requests may take to end.
    #[must_use]
    pub fn drain(&self) -> Duration {
        Duration::from_millis(self.drain_ms)
    }
}

impl App {
    /// How this program is started to serve a version, with the same settings.
    #[must_use]
    pub fn served_by(program: &Path, settings: Option<&Path>) -> Vec<String> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let words = ["app", "--version-name", "{version}", "--slot", "{slot}", "--ticket", "{ticket}"];
        let mut command = vec![text(program)];
        command.extend(words.map(str::to_owned));
        command.extend(settings.into_iter().flat_map(|file| ["--settings".to_owned(), text(file)]));
        command
    }
}

impl Retries {
    /// The policy for steps that fault. Half of each pause is chance, drawn from `seed`.
    #[must_use]
    pub fn policy(&self, seed: u64) -> Retry {
        Retry::times(self.times).first(Duration::from_millis(self.first_ms)).jitter(seed)
    }
}
