//! Backends with their retry budgets, and circuit breakers.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::uri::{Authority, PathAndQuery, Scheme};
use axum::http::{HeaderValue, Uri};
use circuit_breaker::{Breaker, Registry};
use tower::retry::budget::TpsBudget;

use crate::call;
use crate::settings::RetrySettings;

/// A backend. Two names with the same address are the same backend.
pub(crate) struct Target {
    pub(crate) authority: Authority,
    pub(crate) host: HeaderValue,
    /// Limits retries, so that they do not overload a backend that is down.
    pub(crate) budget: TpsBudget,
}

/// All backends and breakers. It outlives the route tables, so that a reload loses no counts.
pub(crate) struct Pool {
    targets: Mutex<BTreeMap<String, Arc<Target>>>,
    breakers: Registry,
    retry: RetrySettings,
}

/// How long a call adds to the retry budget.
const BUDGET: Duration = Duration::from_secs(10);

impl Pool {
    pub(crate) fn new(breakers: Registry, retry: RetrySettings) -> Self {
        Self { targets: Mutex::default(), breakers, retry }
    }

    /// The backend with this URL, or why the URL is invalid.
    pub(super) fn target(&self, url: &str) -> Result<Arc<Target>, &'static str> {
        let uri: Uri = url.parse().map_err(|_| "is no URL")?;
        if uri.scheme() != Some(&Scheme::HTTP) {
            return Err("has to begin with `http://`: a proxy or a mesh adds TLS to backends");
        }
        if uri.path_and_query().is_some_and(|path| *path != PathAndQuery::from_static("/")) {
            return Err("has to end with the port: paths stay as they are");
        }
        let authority = uri.authority().ok_or("names no host")?.clone();
        if authority.as_str().contains('@') {
            return Err("must not hold a password");
        }
        let host = call::host(authority.as_str()).ok_or("names no host")?;
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        let target = targets.entry(authority.to_string()).or_insert_with(|| {
            let RetrySettings { floor_per_second, share, .. } = self.retry;
            Arc::new(Target { authority, host, budget: TpsBudget::new(BUDGET, floor_per_second, share) })
        });
        Ok(Arc::clone(target))
    }

    /// The breaker that all routes to a backend share.
    pub(super) fn shared_breaker(&self, target: &Target) -> Breaker {
        self.breakers.breaker(target.authority.as_str())
    }

    /// The breaker of one route to a backend. With `slow_after`, it counts slow responses, too.
    pub(super) fn own_breaker(&self, target: &Target, route: &str, slow_after: Option<Duration>) -> Breaker {
        let name = format!("{} {route}", target.authority);
        let breaker = self.breakers.breaker(&name);
        if breaker.settings().slow_after == slow_after {
            return breaker;
        }
        let settings = circuit_breaker::Settings { slow_after, ..breaker.settings().clone() };
        // The other settings were valid, and so is this one, since the file can't contain zero.
        self.breakers.set(&name, settings).unwrap_or(breaker)
    }

    /// All breakers.
    pub(crate) fn breakers(&self) -> Vec<Breaker> {
        self.breakers.breakers()
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("authority", &self.authority).finish_non_exhaustive()
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.breakers.fmt(f)
    }
}
