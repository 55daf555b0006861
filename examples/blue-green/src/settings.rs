//! The settings, from a file or the environment: `BLUE_GREEN__WATCH__FOR_MS=5000` is `watch.for_ms`.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use flowgen::Retry;
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::service::access::Access;
use crate::service::serve::Limits;
use crate::service::settings::{self, Wrong, wants};
use crate::service::telemetry::LogFormat;

/// The maximum number of looks at a new version, as bounded by the loop in the drawing.
const MOST_LOOKS: u64 = 5_000;

/// The settings of balancer, controller and versions. Every key has a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The folder of the balancer's assignment, the environments and the releases. It is created if it does not
    /// exist.
    pub folder: PathBuf,
    /// The format of the logs: `text` or `json`.
    pub log: LogFormat,
    /// The maximum size of a request body, in bytes.
    pub body_bytes: usize,
    /// The maximum time until a response begins, in milliseconds.
    pub request_ms: u64,
    /// How long requests to the old version may continue after a switch, and requests to balancer and controller
    /// after these were asked to stop, in milliseconds.
    pub drain_ms: u64,
    /// The token of operators. The controller also uses it for the balancer.
    pub access: Access,
    /// The settings of the load balancer.
    pub balancer: Balancer,
    /// The settings of the controller of releases.
    pub controller: Controller,
    /// The settings of the versions.
    pub app: App,
    /// The conditions that a new version must meet before it goes live.
    pub gate: Gate,
    /// How a new version is watched after it went live.
    pub watch: Watch,
    /// How faulted steps are retried.
    pub retry: Retries,
}

/// The settings of the load balancer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Balancer {
    /// The load balancer: `embedded`, or `haproxy:/run/haproxy/admin.sock` for an HAProxy with this socket.
    pub kind: BalancerKind,
    /// HAProxy's backend. It has a server `blue` and a server `green`.
    pub backend: String,
    /// The file that HAProxy loads its servers from when it starts. By default, `haproxy.state` in `folder`.
    pub state_file: Option<PathBuf>,
    /// The address for users.
    pub listen: SocketAddr,
    /// The admin address, which the controller uses to switch traffic. Without a token, it must be an address of
    /// this machine.
    pub admin: SocketAddr,
    /// The maximum time to connect to a version, in milliseconds.
    pub connect_ms: u64,
    /// How long a user's connection may be idle, take to send the head of a request, or read nothing of a
    /// response, in milliseconds.
    pub idle_ms: u64,
    /// The maximum number of users' connections. Further ones wait.
    pub connections: usize,
    /// The maximum number of connections per address. Further ones are closed.
    pub connections_per_address: usize,
}

/// A load balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum BalancerKind {
    /// The balancer of this program.
    #[default]
    Embedded,
    /// HAProxy, with the path of its socket.
    HaProxy(PathBuf),
}

/// The settings of the controller of releases.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Controller {
    /// The address for operators. Without a token, it must be an address of this machine.
    pub listen: SocketAddr,
    /// How long the balancer or a version may take to answer the controller, in milliseconds.
    pub answer_ms: u64,
}

/// The settings of the versions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct App {
    /// The address that a version listens on. Port 0 selects any free port.
    pub listen: SocketAddr,
    /// The program of a version and its arguments, in which `{version}`, `{slot}` and `{ticket}` are replaced. If
    /// empty, the command line uses this program.
    pub command: Vec<String>,
    /// The maximum time until a version listens, in milliseconds.
    pub start_ms: u64,
    /// How long a version may take to complete its requests after it was asked to end, in milliseconds. Then it is
    /// killed.
    pub stop_ms: u64,
    /// Whether the controller restarts the live version if its process has died.
    pub restart: bool,
}

/// The conditions that a new version must meet before it goes live.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gate {
    /// The maximum time until a version is ready, in milliseconds.
    pub ready_ms: u64,
    /// The requests that test a version before it goes live.
    pub smoke_tests: Vec<SmokeTest>,
}

/// A request with its expected response.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmokeTest {
    /// The path with the query: `/greeting`.
    pub path: String,
    /// The expected status.
    #[serde(default = "ok")]
    pub status: u16,
    /// A text that the body must contain.
    #[serde(default)]
    pub contains: String,
}

fn ok() -> u16 {
    200
}

/// How a new version is watched after it went live.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Watch {
    /// The duration of the watch, in milliseconds.
    pub for_ms: u64,
    /// The interval between two looks, in milliseconds.
    pub look_ms: u64,
    /// The number of requests in a sample. Fewer are not compared.
    pub sample: u64,
    /// The maximum duration of a sample, in milliseconds. After that, too few requests are not compared, and an
    /// operator decides.
    pub patience_ms: u64,
    /// The number of bad samples in a row that make a version bad.
    pub failure_limit: u32,
    /// The level of significance: a sample is bad only if its p-value is below it.
    pub significance: f64,
    /// The tolerated increase of the share of errors. 0.01 is one more per hundred requests.
    pub errors: f64,
    /// The tolerated increase of the share of client errors, such as 404.
    pub client_errors: f64,
    /// The 95 % quantile of the times may be this many times that of the old version …
    pub latency_factor: f64,
    /// … plus this many milliseconds.
    pub latency_slack_ms: u64,
    /// Whether the mean times are compared by the same limits if the balancer, as HAProxy, reports no quantiles.
    pub mean_latency: bool,
}

/// How faulted steps are retried.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retries {
    /// The maximum number of retries.
    pub times: usize,
    /// The delay before the first retry, in milliseconds. It doubles with each further retry.
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
            kind: BalancerKind::Embedded,
            backend: "blue-green".to_owned(),
            state_file: None,
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
            mean_latency: true,
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
        let Balancer { listen, admin, connect_ms, idle_ms, connections, connections_per_address, .. } =
            self.balancer;
        let is_in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        let backend = &self.balancer.backend;
        let is_name = !backend.is_empty() && backend.bytes().all(is_in_name);
        wants(is_name, "balancer.backend", "has to be letters, digits and `-_.:`, as HAProxy's names are")?;
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
        let why = "has to be longer: 5,000 looks have to cover `watch.for_ms`, and `watch.patience_ms` \
                   times `watch.failure_limit`";
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
    /// The limits of a request.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits { body: self.body_bytes, time: Duration::from_millis(self.request_ms) }
    }

    /// The time that requests have to end.
    #[must_use]
    pub fn drain(&self) -> Duration {
        Duration::from_millis(self.drain_ms)
    }
}

impl App {
    /// The command that starts this program as a version, with the same settings.
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

impl FromStr for BalancerKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.strip_prefix("haproxy:")) {
            ("embedded", _) => Ok(Self::Embedded),
            (_, Some(socket)) if !socket.is_empty() => Ok(Self::HaProxy(socket.into())),
            _ => {
                Err(format!("`{text}` has to be `embedded`, or `haproxy:` and the path of HAProxy's socket"))
            }
        }
    }
}

impl TryFrom<String> for BalancerKind {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for BalancerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => f.write_str("embedded"),
            Self::HaProxy(socket) => write!(f, "haproxy:{}", socket.display()),
        }
    }
}

impl Retries {
    /// The retry policy for faulted steps. Half of each delay is random, drawn from `seed`.
    #[must_use]
    pub fn policy(&self, seed: u64) -> Retry {
        Retry::max_retries(self.times).initial_delay(Duration::from_millis(self.first_ms)).jitter(seed)
    }
}
