//! Calls an HTTP service that fails for a while through a breaker, and prints its changes.

mod service;

use std::error::Error;
use std::time::Duration;

use axum::http::{Request, Uri};
use bytes::Bytes;
use http_body_util::Empty;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::time::{sleep, timeout};
use tower::{Layer, Service, ServiceExt};
use tracing_subscriber::fmt::time::uptime;

use circuit_breaker::{Breaker, BreakerLayer, CallError, ServerErrorsFail, Settings, State, Window};
use service::Health;

type Failure = Box<dyn Error + Send + Sync>;

/// Short periods, so that the demonstration is short.
fn settings() -> Settings {
    Settings {
        window: Window::Time(Duration::from_secs(1)),
        minimum_calls: 10,
        slow_after: Some(Duration::from_millis(250)),
        open_for: Duration::from_millis(300),
        probes: 3,
        ..Settings::default()
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let log = tracing_subscriber::fmt().with_timer(uptime()).with_target(false).with_ansi(false);
    log.with_writer(std::io::stdout).init();
    timeout(Duration::from_secs(30), show()).await?
}

async fn show() -> Result<(), Failure> {
    let health = Health::default();
    let stock = format!("http://{}/stock", service::serve(health.clone()).await?).parse()?;
    let breaker = Breaker::new("stock", settings())?;
    let caller = tokio::spawn(request_in_a_loop(breaker.clone(), stock));

    sleep(Duration::from_millis(500)).await;
    health.set_failing(true);
    until(|| breaker.metrics().opened >= 2).await;
    health.set_failing(false);
    until(|| breaker.state() == State::Closed).await;
    sleep(Duration::from_millis(500)).await;
    caller.abort();

    let metrics = breaker.metrics();
    let made = metrics.successes + metrics.failures + metrics.dropped;
    println!("\n{} calls: {made} were made, {} were rejected", made + metrics.rejected, metrics.rejected);
    println!("{} succeeded, {} failed", metrics.successes, metrics.failures);
    println!("the service received {} requests", health.requests());
    Ok(())
}

/// Requests the stock in a loop, through the breaker.
async fn request_in_a_loop(breaker: Breaker, stock: Uri) -> Result<(), Failure> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let mut client = BreakerLayer::new(breaker).classify(ServerErrorsFail).layer(client);
    loop {
        let request = Request::get(stock.clone()).body(Empty::new())?;
        match client.ready().await?.call(request).await {
            Ok(answer) => tracing::debug!(status = %answer.status()),
            Err(CallError::Rejected(rejected)) => tracing::debug!(%rejected, "use yesterday's stock"),
            Err(CallError::Failed(error)) => tracing::debug!(%error),
        }
        sleep(Duration::from_millis(10)).await;
    }
}

async fn until(holds: impl Fn() -> bool) {
    while !holds() {
        sleep(Duration::from_millis(10)).await;
    }
}
