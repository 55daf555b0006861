//! What is called: each backend with its breaker and its budget for retries.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::uri::{Authority, PathAndQuery, Scheme};
use axum::http::{HeaderValue, Uri};
use tower::retry::budget::TpsBudget;

use crate::call;
use crate::circuit::{Breaker, Registry};
use crate::settings::RetrySettings;

/// A backend. Two names with one address are the same one.
pub(crate) struct Target {
    pub(crate) authority: Authority,
    pub(crate) host: HeaderValue,
    pub(crate) breaker: Breaker,
    /// What may be spent on retries, so that they do not bury a backend that is down.
    pub(crate) budget: TpsBudget,
}

/// All backends that were ever named. It outlives the tables that name them, so that nothing that was
/// learnt about a backend is lost with a reload.
pub(crate) struct Pool {
    targets: Mutex<BTreeMap<String, Arc<Target>>>,
    breakers: Registry,
    retry: RetrySettings,
}

/// For how long a call pays for a retry.
const BUDGET: Duration = Duration::from_secs(10);

impl Pool {
    pub(crate) fn new(breakers: Registry, retry: RetrySettings) -> Self {
        Self { targets: Mutex::default(), breakers, retry }
    }

    /// The backend at a URL; or why it can't be one.
    pub(super) fn target(&self, url: &str) -> Result<Arc<Target>, &'static str> {
        let uri: Uri = url.parse().map_err(|_| "is no URL")?;
        if uri.scheme() != Some(&Scheme::HTTP) {
            return Err("has to begin with `http://`: TLS to backends is for what stands between");
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
            let breaker = self.breakers.breaker(authority.as_str());
            let RetrySettings { floor_per_second, share, .. } = self.retry;
            Arc::new(Target {
                authority,
                host,
                breaker,
                budget: TpsBudget::new(BUDGET, floor_per_second, share),
            })
        });
        Ok(Arc::clone(target))
    }

    /// The breakers of all backends.
    pub(crate) fn breakers(&self) -> Vec<Breaker> {
        self.breakers.breakers()
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("breaker", &self.breaker).finish_non_exhaustive()
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.breakers.fmt(f)
    }
}
