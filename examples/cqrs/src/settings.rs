//! What can be set, by file or by environment: `BANK__RETRY__TIMES=5` is `retry.times`.

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
    /// Where customers send commands and queries.
    pub listen: SocketAddr,
    /// Where operators see to the views. Without a token, an address of this machine.
    pub operators: SocketAddr,
    /// The token of operators.
    pub access: Access,
    /// The file of the database, or a Postgres server: `postgres://user@host/name`.
    pub database: String,
    /// How logs are written: `text` or `json`.
    pub log: LogFormat,
    /// The longest body of a request, in bytes.
    pub body_bytes: usize,
    /// The longest time for a request, in milliseconds.
    pub request_ms: u64,
    /// How long requests have to end once the service was told to stop, in milliseconds.
    pub drain_ms: u64,
    /// How commands are carried out.
    pub commands: CommandSide,
    /// How queries are answered.
    pub queries: QuerySide,
    /// Who is told what has happened.
    pub outbox: Told,
    /// How steps that fault are tried again.
    pub retry: Retries,
}

/// How commands are carried out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CommandSide {
    /// How often a command is tried again when somebody else was faster.
    pub tries: u32,
    /// After how many events a snapshot of an account is kept, so that no more of them are read; 0 for none.
    pub snapshot_every: usize,
}

/// How queries are answered.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QuerySide {
    /// How long a query waits for what its caller has done, in milliseconds.
    pub wait_ms: u64,
    /// How many events are applied to the view at once.
    pub batch: i64,
    /// After how many milliseconds it is looked for events that other processes have appended.
    pub look_ms: u64,
}

/// Who is told what has happened.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Told {
    /// Where messages are sent to. Without it, they are logged.
    pub url: Option<String>,
}

/// How steps that fault are tried again.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retries {
    /// How often.
    pub times: usize,
    /// After how many milliseconds for the first time; later ones double.
    pub first_ms: u64,
    /// How long a step may take, in milliseconds.
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
    /// What a request may take.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits { body: self.body_bytes, time: Duration::from_millis(self.request_ms) }
    }

    /// How the bank works. Half of each pause between tries is chance, so that runs don't retry in step.
    ///
    /// # Errors
    ///
    /// The client that sends messages can't be made.
    pub fn policy(&self, seed: u64) -> reqwest::Result<Policy> {
        let Retries { times, first_ms, timeout_ms } = self.retry;
        Ok(Policy {
            tries: self.commands.tries,
            snapshot_every: self.commands.snapshot_every,
            batch: self.queries.batch,
            wait: Duration::from_millis(self.queries.wait_ms),
            retry: Retry::times(times).first(Duration::from_millis(first_ms)).jitter(seed),
            timeout: Duration::from_millis(timeout_ms),
            receiver: Receiver::at(self.outbox.url.as_deref())?,
        })
    }
}
