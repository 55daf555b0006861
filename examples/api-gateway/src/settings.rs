//! The settings, from a file or the environment: `GATEWAY__AUTH__LEEWAY_S=5` is `auth.leeway_s`.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use axum::http::Uri;
use ipnet::IpNet;
use jsonwebtoken::{Algorithm, AlgorithmFamily};
use serde::Deserialize;

use crate::transfer::body::BodyLimits;

pub use crate::quota::Quota;
use crate::service::access::Access;
use crate::service::serve::Limits;
use crate::service::settings::{self, Wrong, wants};
use crate::service::telemetry::LogFormat;

/// The settings of the gateway. All keys except `auth.issuer`, `auth.audience` and `auth.jwks` have a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The address for clients.
    pub listen: SocketAddr,
    /// The address for operators, to inspect backends and reload routes. Without a token, it must be an address of
    /// this machine.
    pub operators: SocketAddr,
    /// The token of operators.
    pub access: Access,
    /// The file of the routes.
    pub routes: PathBuf,
    /// The format of the logs: `text` or `json`.
    pub log: LogFormat,
    /// The maximum number of connections. Further ones wait.
    pub connections: usize,
    /// The maximum number of connections per address, or per IPv6 network of 64 bits. Further ones are closed at
    /// once. Trusted proxies are exempt.
    pub connections_per_address: usize,
    /// How long the gateway accepts connections after SIGTERM while `/ready` answers 503, in milliseconds. Set it
    /// to the time that a load balancer needs to react.
    pub lame_duck_ms: u64,
    /// How long requests may continue after that, in milliseconds.
    pub drain_ms: u64,
    /// The networks of trusted proxies before this gateway. Their `X-Forwarded-*` and `X-Request-Id` headers are
    /// kept. Those of other peers are removed.
    #[serde(deserialize_with = "settings::list")]
    pub trusted_proxies: Vec<IpNet>,
    /// The seed of retry delays and request ids. Without it, the seed is random.
    pub seed: Option<u64>,
    /// The limits of a request.
    pub request: RequestSettings,
    /// The limits of a response.
    pub answer: AnswerSettings,
    /// The validation of tokens.
    pub auth: Auth,
    /// The rate limits.
    pub limits: Quotas,
    /// How requests are retried.
    pub retry: RetrySettings,
    /// When the circuit breaker of a backend opens.
    pub breaker: BreakerSettings,
}

/// The limits of a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequestSettings {
    /// The maximum size of the body, in bytes.
    pub body_bytes: u64,
    /// The maximum size of the head, in bytes. At least 8192.
    pub head_bytes: usize,
    /// The maximum time to receive the head, in milliseconds. Also the time after which an idle connection is
    /// closed.
    pub head_ms: u64,
    /// The maximum time between two parts of the body, in milliseconds.
    pub idle_ms: u64,
    /// The maximum time for the whole body, in milliseconds.
    pub body_ms: u64,
}

/// The limits of a response.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnswerSettings {
    /// The maximum size of the body, in bytes.
    pub body_bytes: u64,
    /// The maximum size of a part of an aggregated response, in bytes.
    pub part_bytes: u64,
    /// The maximum time between two parts of the body, in milliseconds.
    pub idle_ms: u64,
    /// The maximum time to connect to a backend, in milliseconds.
    pub connect_ms: u64,
}

/// The validation of tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Auth {
    /// The required issuer: `iss`.
    pub issuer: String,
    /// The required audience: `aud`.
    pub audience: String,
    /// The URL of the keys, with the scheme `http`.
    pub jwks: String,
    /// The allowed signature algorithms. Algorithms with a shared secret are never allowed.
    #[serde(deserialize_with = "settings::list")]
    pub algorithms: Vec<Algorithm>,
    /// The tolerated difference between clocks, in seconds.
    pub leeway_s: u64,
    /// The interval after which the keys are fetched again, in milliseconds.
    pub refresh_ms: u64,
    /// The minimum time between two fetches of the keys, in milliseconds. A token with an unknown key waits for up
    /// to this time.
    pub cooldown_ms: u64,
    /// How long cached keys remain valid while the identity service is down, in milliseconds.
    pub stale_ms: u64,
    /// How long the identity service may take to answer, in milliseconds.
    pub timeout_ms: u64,
}

/// The rate limits.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quotas {
    /// Per address, or IPv6 network of 64 bits, for all requests, with or without tokens.
    pub address: Quota,
    /// For all clients together.
    pub global: Quota,
    /// Per client, identified by the subject of its token, or by its address if the route is public.
    pub client: Quota,
}

/// How requests are retried. Each route sets the number of retries.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetrySettings {
    /// The delay before the first retry, in milliseconds. It doubles with each further retry, and half of it is
    /// random.
    pub first_ms: u64,
    /// The maximum number of retries, as a share of the calls of the last ten seconds.
    pub share: f32,
    /// The number of retries per second that are always allowed.
    pub floor_per_second: u32,
}

/// When the circuit breaker of a backend opens. The other settings are the defaults of
/// [`circuit_breaker::Settings`].
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BreakerSettings {
    /// The number of recent calls that count.
    pub window: u32,
    /// The breaker does not open with fewer calls than this.
    pub minimum_calls: u32,
    /// The breaker opens if this share of the calls failed.
    pub failure_rate: f64,
    /// The duration of the first open period, in milliseconds.
    pub open_ms: u64,
    /// The number of probes that then decide whether the backend has recovered.
    pub probes: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            operators: SocketAddr::from(([127, 0, 0, 1], 8081)),
            access: Access::default(),
            routes: PathBuf::from("routes.toml"),
            log: LogFormat::Text,
            connections: 10_000,
            connections_per_address: 500,
            lame_duck_ms: 2_000,
            drain_ms: 10_000,
            trusted_proxies: Vec::new(),
            seed: None,
            request: RequestSettings::default(),
            answer: AnswerSettings::default(),
            auth: Auth::default(),
            limits: Quotas::default(),
            retry: RetrySettings::default(),
            breaker: BreakerSettings::default(),
        }
    }
}

impl Default for RequestSettings {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            head_bytes: 16 * 1024,
            head_ms: 15_000,
            idle_ms: 10_000,
            body_ms: 300_000,
        }
    }
}

impl Default for AnswerSettings {
    fn default() -> Self {
        Self { body_bytes: 64 * 1024 * 1024, part_bytes: 1024 * 1024, idle_ms: 10_000, connect_ms: 1_000 }
    }
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            audience: String::new(),
            jwks: String::new(),
            algorithms: vec![Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256],
            leeway_s: 30,
            refresh_ms: 300_000,
            cooldown_ms: 1_000,
            stale_ms: 3_600_000,
            timeout_ms: 2_000,
        }
    }
}

impl Default for Quotas {
    fn default() -> Self {
        let quota = |rate| Quota { per_second: rate, burst: rate };
        Self { address: quota(some(500)), global: quota(some(5_000)), client: quota(some(100)) }
    }
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self { first_ms: 25, share: 0.2, floor_per_second: 10 }
    }
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self { window: 100, minimum_calls: 20, failure_rate: 0.5, open_ms: 5_000, probes: 5 }
    }
}

fn some(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

impl settings::Settings for Settings {
    const PREFIX: &'static str = "GATEWAY";

    fn check(&self) -> Result<(), Wrong> {
        let ports_differ = self.listen.port() == 0 || self.listen != self.operators;
        wants(ports_differ, "operators", "has to be another address than `listen`")?;
        self.access.check("operators", self.operators)?;
        wants(self.connections > 0, "connections", "has to be at least 1")?;
        wants(self.connections_per_address > 0, "connections_per_address", "has to be at least 1")?;
        wants(self.request.head_bytes >= 8192, "request.head_bytes", "has to be at least 8192")?;
        wants(self.request.head_ms > 0, "request.head_ms", "has to be at least 1")?;
        wants(self.request.idle_ms > 0, "request.idle_ms", "has to be at least 1")?;
        wants(self.request.body_ms > 0, "request.body_ms", "has to be at least 1")?;
        wants(self.answer.body_bytes > 0, "answer.body_bytes", "has to be at least 1")?;
        wants(self.answer.part_bytes > 0, "answer.part_bytes", "has to be at least 1")?;
        wants(self.answer.idle_ms > 0, "answer.idle_ms", "has to be at least 1")?;
        wants(self.answer.connect_ms > 0, "answer.connect_ms", "has to be at least 1")?;
        wants(self.retry.first_ms > 0, "retry.first_ms", "has to be at least 1")?;
        let is_share = (0.0..=1.0).contains(&self.retry.share);
        wants(is_share, "retry.share", "has to be from 0 to 1")?;
        self.auth.check()?;
        self.breaker.settings().check().map_err(|wrong| Wrong {
            key: match wrong.field {
                "window" => "breaker.window",
                "minimum_calls" => "breaker.minimum_calls",
                "failure_rate" => "breaker.failure_rate",
                "open_for" => "breaker.open_ms",
                "probes" => "breaker.probes",
                _ => "breaker",
            },
            why: wrong.why,
        })
    }
}

impl Auth {
    fn check(&self) -> Result<(), Wrong> {
        wants(!self.issuer.is_empty(), "auth.issuer", "has to name the issuer of tokens")?;
        wants(!self.audience.is_empty(), "auth.audience", "has to name the audience of tokens")?;
        wants(self.jwks().is_some(), "auth.jwks", "has to be an `http` URL: where the keys are")?;
        let share_no_secret =
            self.algorithms.iter().all(|algorithm| algorithm.family() != AlgorithmFamily::Hmac);
        wants(!self.algorithms.is_empty(), "auth.algorithms", "has to name one")?;
        wants(share_no_secret, "auth.algorithms", "must not hold HS256, HS384 or HS512: keys are public")?;
        wants(self.refresh_ms > 0, "auth.refresh_ms", "has to be at least 1")?;
        wants(self.stale_ms >= self.refresh_ms, "auth.stale_ms", "has to be at least `auth.refresh_ms`")?;
        wants(self.timeout_ms > 0, "auth.timeout_ms", "has to be at least 1")
    }

    /// The URL of the keys.
    pub(crate) fn jwks(&self) -> Option<Uri> {
        let uri: Uri = self.jwks.parse().ok()?;
        (uri.scheme_str() == Some("http") && uri.host().is_some()).then_some(uri)
    }
}

impl Settings {
    /// The limits of a request from an operator.
    pub(crate) fn for_operators(&self) -> Limits {
        Limits { body: 1024, time: Duration::from_secs(10) }
    }
}

impl RequestSettings {
    pub(crate) fn body(&self) -> BodyLimits {
        let total = Some(Duration::from_millis(self.body_ms));
        BodyLimits { bytes: self.body_bytes, idle: Duration::from_millis(self.idle_ms), total }
    }
}

impl AnswerSettings {
    pub(crate) fn body(&self) -> BodyLimits {
        BodyLimits { bytes: self.body_bytes, idle: Duration::from_millis(self.idle_ms), total: None }
    }

    pub(crate) fn part(&self) -> BodyLimits {
        BodyLimits { bytes: self.part_bytes, ..self.body() }
    }
}

impl BreakerSettings {
    pub(crate) fn settings(self) -> circuit_breaker::Settings {
        let open_for = Duration::from_millis(self.open_ms);
        let defaults = circuit_breaker::Settings::default();
        circuit_breaker::Settings {
            window: circuit_breaker::Window::Calls(self.window),
            minimum_calls: self.minimum_calls,
            failure_rate: self.failure_rate,
            open_for,
            longest_open: defaults.longest_open.max(open_for),
            probes: self.probes,
            ..defaults
        }
    }
}
