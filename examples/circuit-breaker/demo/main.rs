//! Calls an HTTP service that fails for a while, and shows what the breaker before it does.

mod service;

use std::error::Error;
use std::time::Duration;

use axum::http::{Request, Response, Uri};
use bytes::Bytes;
use http_body_util::Empty;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::time::{sleep, timeout};
use tower::{Layer, Service, ServiceExt};
use tracing_subscriber::fmt::time::uptime;

use circuit_breaker::{Breaker, BreakerLayer, CallError, Settings, State, Verdict, Window};
use service::Health;

type Failure = Box<dyn Error + Send + Sync>;

/// Short waits, so that nobody has to.
fn settings() -> Settings {
    Settings {
        window: Window::Time(Duration::from_secs(1)),
        minimum_calls: 10,
        slow_after: Duration::from_millis(250),
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
    let caller = tokio::spawn(keep_asking(breaker.clone(), stock));

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
    println!("{} went well, {} failed", metrics.successes, metrics.failures);
    println!("the service saw {} requests", health.requests());
    Ok(())
}

/// Asks for the stock all the time, as many who do not know of each other would.
async fn keep_asking(breaker: Breaker, stock: Uri) -> Result<(), Failure> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let mut client = BreakerLayer::new(breaker).classify(classify).layer(client);
    loop {
        let request = Request::get(stock.clone()).body(Empty::new())?;
        match client.ready().await?.call(request).await {
            Ok(answer) => tracing::debug!(status = %answer.status()),
            Err(CallError::Rejected(rejected)) => tracing::debug!(%rejected, "take the number of yesterday"),
            Err(CallError::Failed(error)) => tracing::debug!(%error),
        }
        sleep(Duration::from_millis(10)).await;
    }
}

/// What says that it can't serve anybody says that it is ill; what refuses a request does not.
fn classify<B, E>(answer: &Result<Response<B>, E>) -> Verdict {
    match answer {
        Ok(answer) if !answer.status().is_server_error() => Verdict::Success,
        _ => Verdict::Failure,
    }
}

async fn until(holds: impl Fn() -> bool) {
    while !holds() {
        sleep(Duration::from_millis(10)).await;
    }
}
