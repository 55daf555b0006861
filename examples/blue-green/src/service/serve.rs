//! Serving requests, within limits, until the service is told to stop.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, StatusCode};
use axum::middleware::map_response;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use super::problem;

/// An address that can't be listened on.
#[derive(Debug, thiserror::Error)]
#[error("the address {address} can't be used")]
pub struct ListenError {
    address: SocketAddr,
    #[source]
    why: io::Error,
}

impl From<ListenError> for io::Error {
    fn from(error: ListenError) -> Self {
        Self::new(error.why.kind(), error)
    }
}

/// Listens on an address. Says which it is: with port 0 it is any that is free.
///
/// # Errors
///
/// The address is taken, or none of this machine.
pub async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ListenError> {
    let at = |why| ListenError { address, why };
    let listener = TcpListener::bind(address).await.map_err(at)?;
    let bound = listener.local_addr().map_err(at)?;
    Ok((listener, bound))
}

/// What a request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest body, in bytes.
    pub body: usize,
    /// The longest time until the answer begins.
    pub time: Duration,
}

/// The header that names a request, given by the caller or made here.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts limits, a request id and a span around all routes, catches panics, and makes each error a problem document.
pub fn within(limits: Limits, routes: Router) -> Router {
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(map_response(problem::document))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, limits.time))
        .layer(CatchPanicLayer::new());
    routes.layer(DefaultBodyLimit::max(limits.body)).layer(layers)
}

fn span<B>(request: &axum::http::Request<B>) -> tracing::Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or("");
    tracing::info_span!("request", id, method = %request.method(), path = request.uri().path())
}

/// Serves until `stop` comes. Requests that are under way then have `drain` to end.
///
/// # Errors
///
/// What the listener fails with.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    stop: impl Future<Output = ()> + Send + Clone + 'static,
    drain: Duration,
) -> io::Result<()> {
    let served = axum::serve(listener, routes).with_graceful_shutdown(stop.clone());
    let deadline = async {
        stop.await;
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        served = served => served,
        () = deadline => {
            tracing::warn!(?drain, "requests were still under way when the time to end them was over");
            Ok(())
        }
    }
}

/// Comes when the process is told to stop: by Ctrl-C, or by SIGTERM where there is one.
///
/// # Errors
///
/// Signals can't be listened to.
pub async fn told_to_stop() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
