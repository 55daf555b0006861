//! Serves requests within limits until the service is asked to stop.

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

/// Error if the service can't listen on an address.
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

/// Listens on an address. Returns the actual address: port 0 selects any free port.
///
/// # Errors
///
/// The address is in use, or it is not an address of this machine.
pub async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ListenError> {
    let at = |why| ListenError { address, why };
    let listener = TcpListener::bind(address).await.map_err(at)?;
    let bound = listener.local_addr().map_err(at)?;
    Ok((listener, bound))
}

/// The limits of a request.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The maximum size of the body, in bytes.
    pub body: usize,
    /// The maximum time until the response begins.
    pub time: Duration,
}

/// The header with the id of a request. The caller or this service sets it.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Adds limits, a request id and a tracing span to all routes, catches panics, and converts errors to problem
/// documents.
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

/// Serves until `stop` completes. Requests in flight then have `drain` to end.
///
/// # Errors
///
/// The listener fails.
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

/// Completes on Ctrl-C or, on Unix, on SIGTERM.
///
/// # Errors
///
/// The signal handlers can't be installed.
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
