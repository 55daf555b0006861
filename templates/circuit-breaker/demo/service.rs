//! A service that can be made to fail.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;

/// How the service is.
#[derive(Clone, Default)]
pub(crate) struct Health(Arc<Inner>);

#[derive(Default)]
struct Inner {
    is_failing: AtomicBool,
    requests: AtomicU64,
}

impl Health {
    /// Makes it fail, or recover.
    pub(crate) fn set_failing(&self, failing: bool) {
        tracing::info!("the service {}", if failing { "fails" } else { "recovers" });
        self.0.is_failing.store(failing, Ordering::Relaxed);
    }

    /// The requests that came to it.
    pub(crate) fn requests(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }
}

/// Serves `/stock` on a free port of this machine, until the program ends.
pub(crate) async fn serve(health: Health) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let app = Router::new().route("/stock", get(stock)).with_state(health);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

async fn stock(State(Health(health)): State<Health>) -> (StatusCode, &'static str) {
    health.requests.fetch_add(1, Ordering::Relaxed);
    if health.is_failing.load(Ordering::Relaxed) {
        (StatusCode::SERVICE_UNAVAILABLE, "out of order\n")
    } else {
        (StatusCode::OK, "7 pieces\n")
    }
}
