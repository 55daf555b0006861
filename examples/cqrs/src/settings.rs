//! The settings, from a file or the environment: `BANK__RETRY__TIMES=5` is `retry.times`.

use std::net::SocketAddr;
use std::time::Duration;

use flowgen::Retry;
use serde::Deserialize;

use crate::bank::Policy;
use crate::lanes::Receiver;
use crate::service::access::Access;
use crate::service::serve::Limits;
use crate::service::settings::{self, Wrong, wants};
use crate::service::telemetry::LogFormat;

/// The settings of the service. Every key has a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The address for customers: commands and queries.
    pub listen: SocketAddr,
    /// The address for operators. Without a token, it must be an address of this machine.
    pub operators: SocketAddr,
    /// The token of operators.
    pub access: Access,
    /// The file of the database, or a Postgres server: `postgres://user@host/name`.
    pub database: String,
    /// The format of the logs: `text` or `json`.
    pub log: LogFormat,
    /// The maximum size of a request body, in bytes.
    pub body_bytes: usize,
    /// The maximum duration of a request, in milliseconds.
    pub request_ms: u64,
    /// How long requests may continue after the service was asked to stop, in milliseconds.
    pub drain_ms: u64,
    /// The command side.
    pub commands: CommandSide,
    /// The query side.
    pub queries: QuerySide,
    /// The receiver of messages.
    pub outbox: Told,
    /// How faulted steps are retried.
    pub retry: Retries,
}

/// The settings of the command side.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CommandSide {
    /// How often a command is retried after a concurrent append to its account.
    pub tries: u32,
    /// The number of events after which a snapshot of an account is stored, which bounds the events to read. 0
    /// disables snapshots.
    pub snapshot_every: usize,
}

/// The settings of the query side.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QuerySide {
    /// How long a query waits for the view to reach the requested position, in milliseconds.
    pub wait_ms: u64,
    /// The number of events applied to the view at once.
    pub batch: i64,
    /// The interval at which events of other processes are looked for, in milliseconds.
    pub look_ms: u64,
}

/// The receiver of messages.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Told {
    /// The URL that messages are sent to. Without it, they are logged.
    pub url: Option<String>,
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

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            operators: SocketAddr::from(([127, 0, 0, 1], 8081)),
            access: Access::default(),
            database: "data/bank.db".to_owned(),
            log: LogFormat::Text,
            body_bytes: 16 * 1024,
            request_ms: 10_000,
            drain_ms: 10_000,
            commands: CommandSide::default(),
            queries: QuerySide::default(),
            outbox: Told::default(),
            retry: Retries::default(),
        }
    }
}

impl Default for CommandSide {
    fn default() -> Self {
        Self { tries: 5, snapshot_every: 100 }
    }
}

impl Default for QuerySide {
    fn default() -> Self {
        Self { wait_ms: 2_000, batch: 500, look_ms: 1_000 }
    }
}

impl Default for Retries {
    fn default() -> Self {
        Self { times: 3, first_ms: 100, timeout_ms: 5_000 }
    }
}

impl settings::Settings for Settings {
    const PREFIX: &'static str = "BANK";

    fn check(&self) -> Result<(), Wrong> {
        let ports_differ = self.listen.port() == 0 || self.listen != self.operators;
        wants(ports_differ, "operators", "has to be another address than `listen`")?;
        self.access.check("operators", self.operators)?;
        wants(!self.database.is_empty(), "database", "has to name a file or a server")?;
        wants(self.body_bytes > 0, "body_bytes", "has to be at least 1")?;
        wants(self.request_ms > 0, "request_ms", "has to be at least 1")?;
        wants(self.queries.wait_ms < self.request_ms, "queries.wait_ms", "has to be below `request_ms`")?;
        wants(self.queries.batch > 0, "queries.batch", "has to be at least 1")?;
        wants(self.queries.look_ms > 0, "queries.look_ms", "has to be at least 1")?;
        let is_url = self.outbox.url.as_ref().is_none_or(|url| url.starts_with("http://"));
        wants(is_url, "outbox.url", "has to begin with `http://`")?;
        wants(self.retry.first_ms > 0, "retry.first_ms", "has to be at least 1")?;
        wants(self.retry.timeout_ms > 0, "retry.timeout_ms", "has to be at least 1")
    }
}

impl Settings {
    /// The limits of a request.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits { body: self.body_bytes, time: Duration::from_millis(self.request_ms) }
    }

    /// The policy of the bank. Half of each retry delay is random, so that runs do not retry at the same time.
    ///
    /// # Errors
    ///
    /// The client that sends messages can't be created.
    pub fn policy(&self, seed: u64) -> reqwest::Result<Policy> {
        let Retries { times, first_ms, timeout_ms } = self.retry;
        Ok(Policy {
            tries: self.commands.tries,
            snapshot_every: self.commands.snapshot_every,
            batch: self.queries.batch,
            wait: Duration::from_millis(self.queries.wait_ms),
            retry: Retry::max_retries(times).initial_delay(Duration::from_millis(first_ms)).jitter(seed),
            timeout: Duration::from_millis(timeout_ms),
            receiver: Receiver::at(self.outbox.url.as_deref())?,
        })
    }
}
