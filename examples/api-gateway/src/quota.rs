//! Rate limits.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::{StatusCode, header};
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{NotUntil, RateLimiter};
use serde::Deserialize;
use tokio::time::Instant;

use crate::service::problem::Problem;

/// A rate limit: requests per second, and a burst after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Requests per second, at least 1.
    pub per_second: NonZeroU32,
    /// The size of a burst, at least 1.
    pub burst: NonZeroU32,
}

impl From<Quota> for governor::Quota {
    fn from(quota: Quota) -> Self {
        Self::per_second(quota.per_second).allow_burst(quota.burst)
    }
}

/// A limit shared by all requests of a kind.
pub(crate) type Bucket = RateLimiter<NotKeyed, InMemoryState, Runtime, NoOpMiddleware<Duration>>;

/// A limit per key.
pub(crate) type Buckets<K> = RateLimiter<K, HashMapStateStore<K>, Runtime, NoOpMiddleware<Duration>>;

/// The clock of the runtime, which tests can pause.
#[derive(Clone, Debug)]
pub(crate) struct Runtime(Instant);

impl Clock for Runtime {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

impl Runtime {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }
}

pub(crate) fn bucket(quota: Quota, clock: &Runtime) -> Bucket {
    RateLimiter::direct_with_clock(quota.into(), clock.clone())
}

pub(crate) fn buckets<K: std::hash::Hash + Eq + Clone>(quota: Quota, clock: &Runtime) -> Buckets<K> {
    RateLimiter::new(quota.into(), HashMapStateStore::default(), clock.clone())
}

/// The response to a request above the limit: 429 with `Retry-After`.
pub(crate) fn too_many(whose: &str, until: &NotUntil<Duration>, clock: &Runtime) -> Problem {
    let wait = until.wait_time_from(clock.now());
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let seconds = seconds.max(1);
    let detail = format!("too many requests {whose}; try again in {seconds} s");
    Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).with(header::RETRY_AFTER, seconds)
}
