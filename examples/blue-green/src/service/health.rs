//! The liveness and readiness of the service.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum::{Json, Router};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use serde_json::json;

use super::problem::Problem;

/// Whether the service accepts requests. It does not before its start is complete and while it stops.
#[derive(Clone, Default)]
pub struct Readiness {
    is_up: Arc<AtomicBool>,
    check: Option<Arc<Check>>,
}

/// Returns why a running service accepts no requests, or `None` if it does. Called for each `/ready`.
type Check = dyn Fn() -> Option<String> + Send + Sync;

impl fmt::Debug for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readiness").field("is_up", &self.is_up).finish_non_exhaustive()
    }
}

impl Readiness {
    /// Readiness with a check: the service is not ready while `check` returns a reason. `check` must not block.
    #[must_use]
    pub fn unless(check: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        Self { check: Some(Arc::new(check)), ..Self::default() }
    }

    /// Sets whether the service accepts requests.
    pub fn set(&self, is_ready: bool) {
        self.is_up.store(is_ready, Ordering::Release);
    }

    /// Sets the service to not ready when `stop` completes. The returned future can be cloned for several waiters.
    pub fn until(&self, stop: impl Future<Output = ()> + Send + 'static) -> Shared<BoxFuture<'static, ()>> {
        let readiness = self.clone();
        let stop = async move {
            stop.await;
            readiness.set(false);
        };
        stop.boxed().shared()
    }

    /// Whether the service accepts requests.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.why_not().is_none()
    }

    /// Why the service accepts no requests, or `None` if it does.
    #[must_use]
    pub fn why_not(&self) -> Option<String> {
        if !self.is_up.load(Ordering::Acquire) {
            return Some("the service is starting or stopping".to_owned());
        }
        self.check.as_ref().and_then(|check| check())
    }
}

/// `/live` answers while the process lives. `/ready` answers 503, with the reason as a problem document, while the
/// service accepts no requests.
pub fn routes(readiness: Readiness) -> Router {
    let ready = move || async move {
        match readiness.why_not() {
            None => Json(json!({ "ready": true })).into_response(),
            Some(why) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, why).into_response(),
        }
    };
    Router::new().route("/live", get(|| async { Json(json!({ "live": true })) })).route("/ready", get(ready))
}
