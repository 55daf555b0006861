//! The connections of users, with limits on their number and on their idle time.
//!
//! `axum::serve` has no such limits. This is a smaller version of the server in the pattern `api-gateway`.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, Ipv6Addr};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tower::Service as _;

use crate::settings::Settings;
use crate::transfer::stream::ClientStream;

/// The address of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Peer(pub(super) IpAddr);

/// Serves until `stop` completes. Requests in flight then have time to end.
pub(super) async fn serve(
    listener: TcpListener,
    routes: Router,
    settings: &Settings,
    stop: impl Future<Output = ()>,
) {
    let idle = Duration::from_millis(settings.balancer.idle_ms);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(idle);
    let connections = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(settings.balancer.connections));
    let addresses = Addresses::new(settings.balancer.connections_per_address);
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, accept(&listener).await)
        };
        let (slot, (stream, peer)) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        let Some(place) = addresses.enter(peer) else {
            tracing::debug!(%peer, "an address has too many connections");
            continue;
        };
        let routes = routes.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let mut routes = routes.clone();
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            async move { Ok::<_, Infallible>(routes.call(request).await.unwrap_or_else(|never| match never {})) }
        });
        let connection = connections.watch(http.serve_connection(ClientStream::new(stream, idle), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, %peer, "a connection broke off");
            }
            drop((slot, place));
        });
    }
    drop(listener);
    let drain = settings.drain();
    tokio::select! {
        () = connections.shutdown() => {}
        () = sleep(drain) => {
            tracing::warn!(?drain, "requests were still under way when the time to end them was over");
        }
    }
}

/// Accepts the next connection. Retries on errors such as too many open files, which are temporary.
async fn accept(listener: &TcpListener) -> (TcpStream, IpAddr) {
    loop {
        let accepted = listener.accept().await;
        match accepted.and_then(|(stream, peer)| stream.set_nodelay(true).map(|()| (stream, peer.ip()))) {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

type Counts = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// Counts the connections per address. IPv6 addresses count by their first 64 bits, since a client usually has all
/// addresses of such a network (RFC 6177).
struct Addresses {
    most: usize,
    counts: Counts,
}

/// A connection counted for its address. Dropping it releases the count.
struct Place(IpAddr, Counts);

impl Addresses {
    fn new(most: usize) -> Self {
        Self { most, counts: Arc::default() }
    }

    /// Counts one more connection of this address. `None` at the limit.
    fn enter(&self, address: IpAddr) -> Option<Place> {
        let network = match address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        };
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(network).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place(network, Arc::clone(&self.counts)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Self(network, counts) = self;
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(network) {
            *count -= 1;
            if *count == 0 {
                counts.remove(network);
            }
        }
    }
}
