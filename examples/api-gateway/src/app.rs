//! The whole gateway: its startup and shutdown.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpListener;

use crate::headers::Peer;
use crate::identity::Clock;
use crate::operators;
use crate::proxy::{Proxy, ProxyError};
use crate::service::access::{AccessError, Guard};
use crate::service::health::{self, Readiness};
use crate::service::openapi;
use crate::service::serve::{self, ListenError, listen, serve};
use crate::settings::Settings;
use crate::transfer::server::{self, ConnectionLimits};

/// The OpenAPI document of the operators' address.
const OPERATORS: &str = include_str!("../openapi/operators.json");

/// A running gateway: it has loaded its routes and listens on both addresses.
#[derive(Debug)]
pub struct App {
    settings: Settings,
    proxy: Arc<Proxy>,
    clients: TcpListener,
    operators: TcpListener,
    guard: Guard,
    addresses: (SocketAddr, SocketAddr),
}

/// Error from starting or running the gateway.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The gateway can't listen on an address.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The token of operators can't be read.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The listener of the operators' address fails.
    #[error("operators are not listened to any more")]
    Operators(#[source] io::Error),
    /// The routes can't be loaded, or the settings are invalid.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
}

impl App {
    /// Loads the routes and listens.
    ///
    /// # Errors
    ///
    /// The routes or a token can't be read, or the gateway can't listen on an address.
    pub async fn start(settings: Settings) -> Result<Self, AppError> {
        Self::start_at(settings, Clock::default()).await
    }

    /// The same with another clock, which decides whether tokens have expired.
    ///
    /// # Errors
    ///
    /// The routes or a token can't be read, or the gateway can't listen on an address.
    pub async fn start_at(settings: Settings, clock: Clock) -> Result<Self, AppError> {
        let guard = settings.access.guard()?;
        let proxy = Arc::new(Proxy::new(&settings, clock)?);
        let (clients, address) = listen(settings.listen).await?;
        let (operators, operators_address) = listen(settings.operators).await?;
        let addresses = (address, operators_address);
        Ok(Self { settings, proxy, clients, operators, guard, addresses })
    }

    /// The address for clients.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.addresses.0
    }

    /// The address for operators.
    #[must_use]
    pub fn operators(&self) -> SocketAddr {
        self.addresses.1
    }

    /// The proxy that processes requests.
    #[must_use]
    pub fn proxy(&self) -> &Arc<Proxy> {
        &self.proxy
    }

    /// Serves until `stop` completes. Requests in flight then have time to end.
    ///
    /// # Errors
    ///
    /// The listener of the operators' address fails.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), AppError> {
        let Self { settings, proxy, clients, operators, guard, .. } = self;
        let readiness = Readiness::default();
        readiness.set(true);
        let lame_duck = Duration::from_millis(settings.lame_duck_ms);
        let unready = readiness.until(stop);
        let stop = async move {
            unready.await;
            tokio::time::sleep(lame_duck).await;
        };
        let stop = stop.boxed().shared();
        let drain = Duration::from_millis(settings.drain_ms);
        let routes =
            guard.before(operators::routes(Arc::clone(&proxy))).merge(health::routes(readiness.clone()));
        let metrics = proxy.metrics();
        let routes = routes.merge(metrics.routes(async || {})).merge(openapi::routes(OPERATORS));
        let routes = metrics.count_requests(serve::within(settings.for_operators(), routes));
        let for_clients = serve_clients(clients, Arc::clone(&proxy), &settings, stop.clone());
        // The operators' address stays open until the last request of a client has ended.
        let (drained, is_drained) = tokio::sync::oneshot::channel::<()>();
        let for_clients = async {
            for_clients.await;
            drop(drained);
        };
        let is_drained = is_drained.map(|_| ()).shared();
        let for_operators = serve(operators, routes, is_drained, drain);
        let served = async { tokio::join!(for_clients, for_operators).1 };
        let served = tokio::select! {
            served = served => served,
            () = proxy.forget_quiet_clients() => Ok(()),
        };
        served.map_err(AppError::Operators)
    }
}

/// Serves the connections of clients. Trusted proxies have no limit of connections.
async fn serve_clients(
    clients: TcpListener,
    proxy: Arc<Proxy>,
    settings: &Settings,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(settings.request.head_ms))
        .max_buf_size(settings.request.head_bytes);
    let limits = ConnectionLimits {
        connections: settings.connections,
        per_address: settings.connections_per_address,
        write_idle: Duration::from_millis(settings.answer.idle_ms),
        drain: Duration::from_millis(settings.drain_ms),
    };
    let service_for = |address| {
        let (proxy, peer) = (Arc::clone(&proxy), Peer::from(address));
        service_fn(move |request| {
            let (proxy, peer) = (Arc::clone(&proxy), peer.clone());
            async move { Ok::<_, Infallible>(proxy.serve(request, peer).await) }
        })
    };
    server::serve(clients, http, limits, |address| proxy.trusts(address), service_for, stop).await;
}
