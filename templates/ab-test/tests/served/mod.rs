//! Servers on free ports of this machine, which stop when they are dropped.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// How a server answers.
#[derive(Clone, Copy)]
pub enum Answer {
    AtOnce,
    /// After so many milliseconds.
    SlowlyBy(u64),
    /// That it can't, after so many answers that were good.
    FailingAfter(usize),
}

/// A server, with a runtime of its own.
pub struct Served {
    address: SocketAddr,
    _runtime: Runtime,
}

impl Served {
    pub fn answering(answer: Answer) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let app = Router::new().route("/", get(move || answer.give(asked.fetch_add(1, Ordering::SeqCst))));
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self { address, _runtime: runtime }
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Answer {
    async fn give(self, before: usize) -> StatusCode {
        match self {
            Self::AtOnce => StatusCode::OK,
            Self::SlowlyBy(milliseconds) => {
                tokio::time::sleep(Duration::from_millis(milliseconds)).await;
                StatusCode::OK
            }
            Self::FailingAfter(answers) if before < answers => StatusCode::OK,
            Self::FailingAfter(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
