//! The load balancer: one address for users, independent of the version that serves them.
//!
//! The controller uses it through [`LoadBalancer`]. [`Balancer`] is the embedded one, a process of this program whose
//! admin interface [`Client`] calls. [`HaProxy`] is HAProxy, through its runtime API.

mod admin;
mod client;
mod control;
mod haproxy;
mod health;
mod metrics;
mod proxy;
mod returned;
mod tally;
mod upstream;

use std::convert::Infallible;
use std::future::Future;
use std::io::{Error, Result};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpListener;
use tower::Service as _;

use crate::service::access::Guard;
use crate::service::health::{Readiness, routes as health_routes};
use crate::service::metrics::Metrics;
use crate::service::openapi;
use crate::service::serve::{self, Limits, listen, serve};
use crate::settings::Settings;
use crate::transfer::server::{self, ConnectionLimits};
pub use client::Client;
pub use control::{BalancerError, LoadBalancer};
pub use haproxy::HaProxy;
pub use proxy::GENERATION;
pub use tally::Tally;
use upstream::Upstreams;
pub use upstream::{Assignment, Figures, Standing};

/// The OpenAPI document of the admin address.
const OPENAPI: &str = include_str!("../../openapi/balancer.json");

/// A running balancer. It directs requests to the same instance as before its restart.
#[derive(Debug)]
pub struct Balancer {
    settings: Settings,
    upstreams: Upstreams,
    users: TcpListener,
    admin: TcpListener,
    guard: Guard,
    addresses: (SocketAddr, SocketAddr),
}

/// The state of the routes for users.
#[derive(Clone, Debug)]
struct Proxy {
    upstreams: Upstreams,
    /// The maximum size of a request body, the time for it to arrive, and the time for a version to answer.
    limits: Limits,
}

impl Balancer {
    /// Loads the assignment and listens.
    ///
    /// # Errors
    ///
    /// The file of the assignment or the token can't be read, or the balancer can't listen on an address.
    pub async fn start(settings: Settings) -> Result<Self> {
        let guard = settings.access.guard().map_err(Error::other)?;
        std::fs::create_dir_all(&settings.folder)?;
        let file = settings.folder.join("balancer");
        let upstreams = Upstreams::open(file, Duration::from_millis(settings.balancer.connect_ms))?;
        let (users, address) = listen(settings.balancer.listen).await?;
        let (admin, admin_address) = listen(settings.balancer.admin).await?;
        let addresses = (address, admin_address);
        Ok(Self { settings, upstreams, users, admin, guard, addresses })
    }

    /// The address for users.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.addresses.0
    }

    /// The admin address, which the controller uses to switch traffic.
    #[must_use]
    pub fn admin(&self) -> SocketAddr {
        self.addresses.1
    }

    /// Forwards requests until `stop` completes. Requests in flight then have time to end.
    ///
    /// # Errors
    ///
    /// A listener fails.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
        let Self { settings, upstreams, users, admin, guard, .. } = self;
        let readiness = Readiness::unless({
            let upstreams = upstreams.clone();
            move || upstreams.why_not_ready()
        });
        readiness.set(true);
        let stop = readiness.until(stop);
        let drain = Duration::from_millis(settings.drain_ms);
        let limits = settings.limits();
        let live = upstreams.clone();
        let proxy = Proxy { upstreams: upstreams.clone(), limits };
        let for_users = Router::new().fallback(proxy::hand_on).with_state(proxy);
        let for_admin = admin::routes(upstreams);
        let metrics = Metrics::default();
        metrics.collect(live.clone());
        let for_admin = guard.before(for_admin).merge(health_routes(readiness));
        let for_admin = for_admin.merge(metrics.routes(async || {})).merge(openapi::routes(OPENAPI));
        // The proxy distinguishes a slow client from a slow version, so its own limits must apply first.
        let outer = Limits { time: limits.time.saturating_mul(3), ..limits };
        let probe = reqwest::Client::builder().timeout(Duration::from_millis(settings.balancer.connect_ms));
        let probe = probe.build().map_err(Error::other)?;
        let stopped = stop.clone();
        let watched = async {
            tokio::select! {
                () = stopped => {}
                () = health::watch(&live, &probe) => {}
            }
            Ok(())
        };
        let for_users = metrics.count_requests(serve::within(outer, for_users));
        let for_admin = metrics.count_requests(serve::within(limits, for_admin));
        let for_users = async {
            serve_users(users, for_users, &settings, stop.clone()).await;
            Ok(())
        };
        tokio::try_join!(watched, for_users, serve(admin, for_admin, stop.clone(), drain),)?;
        Ok(())
    }
}

/// The address of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Peer(IpAddr);

/// Serves the connections of users. Each request has its [`Peer`] as an extension.
async fn serve_users(
    users: TcpListener,
    routes: Router,
    settings: &Settings,
    stop: impl Future<Output = ()>,
) {
    let idle = Duration::from_millis(settings.balancer.idle_ms);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(idle);
    let limits = ConnectionLimits {
        connections: settings.balancer.connections,
        per_address: settings.balancer.connections_per_address,
        write_idle: idle,
        drain: settings.drain(),
    };
    let service_for = |address| {
        let routes = routes.clone();
        service_fn(move |request: Request<Incoming>| {
            let mut routes = routes.clone();
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(address));
            async move { Ok::<_, Infallible>(routes.call(request).await.unwrap_or_else(|never| match never {})) }
        })
    };
    server::serve(users, http, limits, |_| false, service_for, stop).await;
}
