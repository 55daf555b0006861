//! The settings, from a file or the environment: `SHOP__RETRY__TIMES=5` is `retry.times`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use flowgen::Retry;
use serde::Deserialize;

use crate::service::access::Access;
use crate::service::serve::Limits;
use crate::service::settings::{self, Wrong, wants};
use crate::service::telemetry::LogFormat;

/// The settings of the service. Every key has a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The address for customers.
    pub listen: SocketAddr,
    /// The address for operators. Without a token, it must be an address of this machine.
    pub operators: SocketAddr,
    /// The token of operators.
    pub access: Access,
    /// The folder of the databases. It is created if it does not exist.
    pub folder: PathBuf,
    /// The format of the logs: `text` or `json`.
    pub log: LogFormat,
    /// The maximum size of a request body, in bytes.
    pub body_bytes: usize,
    /// The maximum duration of a request, in milliseconds.
    pub request_ms: u64,
    /// How long requests and steps may continue after the service was asked to stop, in milliseconds.
    pub drain_ms: u64,
    /// How long the data of an order is kept after the order has ended, in seconds: its run, the entries of the
    /// services, the marks of undone steps and its idempotency key.
    pub keep_ended_secs: u64,
    /// The goods of the shop.
    pub shop: Shop,
    /// The limits of concurrent work.
    pub at_once: AtOnce,
    /// How faulted steps are retried.
    pub retry: Retries,
    /// The Temporal server that runs the orders. Without one, the orders run in this process and are saved in the
    /// folder.
    pub temporal: Option<Temporal>,
}

/// The goods of the shop.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shop {
    /// Pieces in stock.
    pub stock: u32,
    /// The price of a piece, in cents.
    pub cents: u64,
    /// The highest amount of one charge, in cents.
    pub limit_cents: u64,
    /// The destinations of shipments.
    #[serde(deserialize_with = "settings::list")]
    pub destinations: Vec<String>,
}

/// The limits of concurrent work. Work above a limit waits or is refused, so that overload does not slow down the
/// rest.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AtOnce {
    /// The highest number of unfinished orders. At this limit, a new order gets 503 with `Retry-After`.
    pub orders: usize,
    /// The highest number of concurrent steps of all orders. The time that a step waits does not count as its own.
    pub steps: usize,
}

/// How faulted steps are retried.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retries {
    /// The maximum number of retries.
    pub times: usize,
    /// The delay before the first retry, in milliseconds. It doubles with each further retry.
    pub first_ms: u64,
    /// The maximum duration of a step, in milliseconds.
    pub timeout_ms: u64,
}

/// A Temporal server. Requires the feature `temporal`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Temporal {
    /// The URL of the server.
    pub url: String,
    /// The namespace of the workflows.
    pub namespace: String,
    /// The name of the flow. The names of its task queues begin with it.
    pub flow: String,
    /// The lanes that this process serves, by their names in the drawing. If empty, it serves all lanes.
    #[serde(deserialize_with = "settings::list")]
    pub lanes: Vec<String>,
    /// After this time without a heartbeat, in milliseconds, a process is considered lost and another one repeats
    /// its steps.
    pub lost_after_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            operators: SocketAddr::from(([127, 0, 0, 1], 8081)),
            access: Access::default(),
            folder: PathBuf::from("data"),
            log: LogFormat::Text,
            body_bytes: 16 * 1024,
            request_ms: 10_000,
            drain_ms: 10_000,
            keep_ended_secs: 30 * 24 * 60 * 60,
            shop: Shop::default(),
            at_once: AtOnce::default(),
            retry: Retries::default(),
            temporal: None,
        }
    }
}

impl Default for Temporal {
    fn default() -> Self {
        Self {
            url: "http://127.0.0.1:7233".to_owned(),
            namespace: "default".to_owned(),
            flow: "orders".to_owned(),
            lanes: Vec::new(),
            lost_after_ms: 30_000,
        }
    }
}

impl Default for Shop {
    fn default() -> Self {
        let destinations = ["Lisbon", "Oslo"].map(str::to_owned).to_vec();
        Self { stock: 100, cents: 24_95, limit_cents: 50_00, destinations }
    }
}

impl Default for AtOnce {
    fn default() -> Self {
        Self { orders: 1_000, steps: 16 }
    }
}

impl Default for Retries {
    fn default() -> Self {
        Self { times: 3, first_ms: 100, timeout_ms: 5_000 }
    }
}

impl settings::Settings for Settings {
    const PREFIX: &'static str = "SHOP";

    fn check(&self) -> Result<(), Wrong> {
        let ports_differ = self.listen.port() == 0 || self.listen != self.operators;
        wants(ports_differ, "operators", "has to be another address than `listen`")?;
        self.access.check("operators", self.operators)?;
        wants(self.body_bytes > 0, "body_bytes", "has to be at least 1")?;
        wants(self.request_ms > 0, "request_ms", "has to be at least 1")?;
        wants(self.shop.cents > 0, "shop.cents", "has to be at least 1")?;
        wants(!self.shop.destinations.is_empty(), "shop.destinations", "has to name a place")?;
        wants(self.at_once.orders > 0, "at_once.orders", "has to be at least 1")?;
        wants(self.at_once.steps > 0, "at_once.steps", "has to be at least 1")?;
        wants(self.retry.first_ms > 0, "retry.first_ms", "has to be at least 1")?;
        wants(self.retry.timeout_ms > 0, "retry.timeout_ms", "has to be at least 1")?;
        let keeps_marks = self.keep_ended() > 2 * self.retry.timeout();
        let why = "has to be more than twice `retry.timeout_ms`: the mark of an undo has to be there when a late \
                   effect arrives";
        wants(keeps_marks, "keep_ended_secs", why)?;
        self.temporal.as_ref().map_or(Ok(()), Temporal::check)
    }
}

impl Temporal {
    fn check(&self) -> Result<(), Wrong> {
        let is_built = cfg!(feature = "temporal");
        wants(is_built, "temporal", "wants a program that is built with `--features temporal`")?;
        wants(!self.flow.is_empty(), "temporal.flow", "has to be a name")?;
        wants(self.lost_after_ms > 0, "temporal.lost_after_ms", "has to be at least 1")
    }
}

impl Settings {
    /// The limits of a request.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits { body: self.body_bytes, time: Duration::from_millis(self.request_ms) }
    }

    /// How long the data of an order is kept after the order has ended.
    #[must_use]
    pub fn keep_ended(&self) -> Duration {
        Duration::from_secs(self.keep_ended_secs)
    }
}

impl Retries {
    /// The retry policy for faulted steps. Half of each delay is random, so that runs do not retry at the same
    /// time.
    #[must_use]
    pub fn policy(&self, seed: u64) -> Retry {
        Retry::max_retries(self.times).initial_delay(Duration::from_millis(self.first_ms)).jitter(seed)
    }

    /// The maximum duration of a step.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}
