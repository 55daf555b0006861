//! The connections of clients.
//!
//! `axum::serve` is not used, since it can't limit connections or close slow ones.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::address::Network;
use crate::headers::Peer;
use crate::proxy::Proxy;
use crate::settings::Settings;
use crate::transfer::stream::ClientStream;

/// Serves until `stop` completes. Requests in flight then have time to end.
pub(crate) async fn serve(
    listener: TcpListener,
    proxy: Arc<Proxy>,
    settings: &Settings,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(settings.request.head_ms))
        .max_buf_size(settings.request.head_bytes);
    let connections = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(settings.connections));
    let addresses = Addresses::new(settings.connections_per_address);
    let write_idle = Duration::from_millis(settings.answer.idle_ms);
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, accept(&listener).await)
        };
        let (slot, stream) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        let Ok(peer) = stream.peer_addr() else { continue };
        let Some(place) = addresses.enter(peer.ip(), &proxy) else {
            tracing::debug!(%peer, "an address has too many connections");
            continue;
        };
        let proxy = Arc::clone(&proxy);
        let from = Peer::from(peer.ip());
        let service = service_fn(move |request| {
            let (proxy, from) = (Arc::clone(&proxy), from.clone());
            async move { Ok::<_, Infallible>(proxy.serve(request, from).await) }
        });
        let stream = ClientStream::new(stream, write_idle);
        let connection = connections.watch(http.serve_connection(stream, service));
        tokio::spawn(async move {
            if let Err(why) = connection.await {
                tracing::debug!(%why, %peer, "a connection broke off");
            }
            drop((slot, place));
        });
    }
    drop(listener);
    let drain = Duration::from_millis(settings.drain_ms);
    tokio::select! {
        () = connections.shutdown() => {}
        () = sleep(drain) => {
            tracing::warn!(?drain, "requests were still under way when the time to end them was over");
        }
    }
}

/// Counts the connections per address.
struct Addresses {
    most: usize,
    counts: Counts,
}

type Counts = Arc<Mutex<HashMap<Network, usize>>>;

/// A connection counted for its address. Dropping it releases the count.
struct Place(Option<(Network, Counts)>);

impl Addresses {
    fn new(most: usize) -> Self {
        Self { most, counts: Arc::default() }
    }

    /// Counts one more connection of this address. `None` at the limit. Trusted proxies have no limit.
    fn enter(&self, address: IpAddr, proxy: &Proxy) -> Option<Place> {
        if proxy.trusts(address) {
            return Some(Place(None));
        }
        let network = Network::from(address);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(network).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place(Some((network, Arc::clone(&self.counts)))))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((network, counts)) = &self.0 else { return };
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(network) {
            *count -= 1;
            if *count == 0 {
                counts.remove(network);
            }
        }
    }
}

/// Accepts the next connection. Retries on errors such as too many open files, which are temporary.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        let accepted: io::Result<_> = listener.accept().await;
        match accepted.and_then(|(stream, _)| stream.set_nodelay(true).map(|()| stream)) {
            Ok(stream) => return stream,
            Err(why) => {
                tracing::warn!(%why, "a connection was not accepted");
                sleep(Duration::from_millis(10)).await;
            }
        }
    }
}
