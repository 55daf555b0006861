//! The connections of clients, with limits on their number and on their idle time.
//!
//! `axum::serve` can't limit connections or close slow ones.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::network::Network;
use super::stream::ClientStream;

/// The limits of connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionLimits {
    /// The maximum number of connections. Further ones wait.
    pub(crate) connections: usize,
    /// The maximum number of connections of one client. Further ones are closed.
    pub(crate) per_address: usize,
    /// The maximum time for which a client may read nothing.
    pub(crate) write_idle: Duration,
    /// The time that requests have to end at shutdown.
    pub(crate) drain: Duration,
}

/// Serves until `stop` completes. Requests in flight then have time to end. `service_for` makes the service of a
/// connection, by the address of the client. Addresses for which `is_exempt` returns true have no limit of their own.
pub(crate) async fn serve<S>(
    listener: TcpListener,
    http: http1::Builder,
    limits: ConnectionLimits,
    is_exempt: impl Fn(IpAddr) -> bool,
    service_for: impl Fn(IpAddr) -> S,
    stop: impl Future<Output = ()>,
) where
    S: Service<Request<Incoming>, Response = Response<Body>, Error = Infallible> + Send + 'static,
    S::Future: Send,
{
    let connections = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(limits.connections));
    let addresses = Addresses::new(limits.per_address);
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
        let address = peer.ip();
        let place = if is_exempt(address) { Some(None) } else { addresses.enter(address).map(Some) };
        let Some(place) = place else {
            tracing::debug!(%peer, "an address has too many connections");
            continue;
        };
        let stream = ClientStream::new(stream, limits.write_idle);
        let connection = connections.watch(http.serve_connection(stream, service_for(address)));
        tokio::spawn(async move {
            if let Err(why) = connection.await {
                tracing::debug!(%why, %peer, "a connection broke off");
            }
            drop((slot, place));
        });
    }
    drop(listener);
    let drain = limits.drain;
    tokio::select! {
        () = connections.shutdown() => {}
        () = sleep(drain) => {
            tracing::warn!(?drain, "requests were still under way when the time to end them was over");
        }
    }
}

/// Accepts the next connection. Retries on errors such as too many open files, which are temporary.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        let accepted = listener.accept().await;
        match accepted.and_then(|(stream, peer)| stream.set_nodelay(true).map(|()| (stream, peer))) {
            Ok(accepted) => return accepted,
            Err(why) => {
                tracing::warn!(%why, "a connection was not accepted");
                sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

/// Counts the connections per address.
struct Addresses {
    most: usize,
    counts: Counts,
}

type Counts = Arc<Mutex<HashMap<Network, usize>>>;

/// A connection of an address, counted until this is dropped.
struct Place(Network, Counts);

impl Addresses {
    fn new(most: usize) -> Self {
        Self { most, counts: Counts::default() }
    }

    /// Counts one more connection of this address. `None` at the limit.
    fn enter(&self, address: IpAddr) -> Option<Place> {
        let network = Network::from(address);
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
