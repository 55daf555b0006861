//! Whether the service lives, and whether it wants requests.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use serde_json::json;

/// Whether the service wants requests: not before it has come up, and not while it goes down.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Says whether it does.
    pub fn set(&self, is_ready: bool) {
        self.0.store(is_ready, Ordering::Release);
    }

    /// It does not any more once `stop` comes, which as many as want it can wait for.
    pub fn until(&self, stop: impl Future<Output = ()> + Send + 'static) -> Shared<BoxFuture<'static, ()>> {
        let readiness = self.clone();
        let stop = async move {
            stop.await;
            readiness.set(false);
        };
        stop.boxed().shared()
    }

    /// Does it?
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// `/live` answers while the process lives; `/ready` answers 503 while it wants no requests.
pub fn routes(readiness: Readiness) -> Router {
    let ready = move || async move {
        let is_ready = readiness.is_ready();
        let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        (status, Json(json!({ "ready": is_ready })))
    };
    Router::new().route("/live", get(|| async { Json(json!({ "live": true })) })).route("/ready", get(ready))
}
