//! Clients that ask one thing after another, for a time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use axum::http::{Request, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const CLIENTS: usize = 16;
const TIME: Duration = Duration::from_millis(700);

pub(super) fn describe() -> String {
    format!("{TIME:?} with {CLIENTS} connections")
}

/// What is asked of whom.
pub(super) struct Load<'a> {
    pub(super) gateway: SocketAddr,
    pub(super) path: &'static str,
    pub(super) token: &'a str,
}

/// What came of a round; times are in seconds.
#[derive(Clone, Copy)]
pub(super) struct Round {
    requests: f64,
    time: Duration,
    p50: Duration,
    p99: Duration,
    cpu: Duration,
}

impl Round {
    pub(super) fn with_cpu(self, cpu: Duration) -> Self {
        Self { cpu, ..self }
    }

    /// Requests a second.
    pub(super) fn throughput(&self) -> f64 {
        self.requests / self.time.as_secs_f64()
    }

    pub(super) fn p50(&self) -> f64 {
        self.p50.as_secs_f64()
    }

    pub(super) fn p99(&self) -> f64 {
        self.p99.as_secs_f64()
    }

    /// What the gateway's thread used for each request.
    pub(super) fn cpu(&self) -> f64 {
        self.cpu.as_secs_f64() / self.requests
    }
}

impl Load<'_> {
    pub(super) async fn round(&self) -> Result<Round> {
        let begun = Instant::now();
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            clients.spawn(client(self.gateway, self.path, format!("Bearer {}", self.token), begun + TIME));
        }
        let mut took = Vec::new();
        while let Some(client) = clients.join_next().await {
            took.extend(client??);
        }
        let time = begun.elapsed();
        took.sort_unstable();
        let at = |part: usize| took.get(took.len() * part / 100).copied().unwrap_or_default();
        #[allow(clippy::cast_precision_loss, reason = "there are not that many")]
        let requests = took.len() as f64;
        Ok(Round { requests, time, p50: at(50), p99: at(99), cpu: Duration::ZERO })
    }
}

/// Asks until the time is over. Says how long each request took.
async fn client(
    gateway: SocketAddr,
    path: &'static str,
    token: String,
    until: Instant,
) -> Result<Vec<Duration>> {
    let stream = TcpStream::connect(gateway).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut took = Vec::new();
    loop {
        let begun = Instant::now();
        if begun >= until {
            return Ok(took);
        }
        let request = Request::get(path)
            .header(header::HOST, "gateway")
            .header(header::USER_AGENT, "flowgen-benches")
            .header(header::ACCEPT, "*/*")
            .header(header::ACCEPT_LANGUAGE, "pt, en")
            .header(header::AUTHORIZATION, &token)
            .body(Empty::<Bytes>::new())?;
        let answer = sender.send_request(request).await?;
        ensure!(answer.status().is_success(), "{path}: {}", answer.status());
        let length = answer.into_body().collect().await?.to_bytes().len();
        ensure!(length == 1_000, "{path}: {length} bytes came");
        took.push(begun.elapsed());
    }
}
