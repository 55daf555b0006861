//! The order saga with each lane in a process of its own. `docs/temporal.md` tells the story.
//!
//! `cargo run -p flowgen-temporal --example orders -- work PaymentService` serves the lanes that are
//! named, or all; `cargo run -p flowgen-temporal --example orders -- start` starts three orders.

mod shop;

use std::env;
use std::error::Error;
use std::future::pending;
use std::process::ExitCode;
use std::time::Duration;

use flowgen::{Retry, Scope, TokioClock};
use flowgen_temporal::{Runs, connect};
use shop::drawing::Node;
use shop::{Order, SHOP};

type Result = std::result::Result<(), Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{:#}", flowgen::Fault::new(error));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result {
    let url = env::var("TEMPORAL_URL").unwrap_or_else(|_| "http://127.0.0.1:7233".to_owned());
    let runs = Runs::new(connect(&url, "default").await?, "order-saga");
    let mut arguments = env::args().skip(1);
    match arguments.next().as_deref() {
        Some("work") => work(&runs, arguments).await,
        Some("start") => start(&runs).await,
        _ => Err("say `work`, with the lanes to serve, or `start`".into()),
    }
}

/// Serves lanes until Ctrl-C.
async fn work(runs: &Runs<Node, Order>, lanes: impl Iterator<Item = String>) -> Result {
    let runner = SHOP
        .runner()
        .clock(TokioClock)
        .retry(Scope::All, Retry::max_retries(3))
        .timeout(Scope::All, Duration::from_secs(10));
    let worker = runs.worker(runner).lanes(lanes)?;
    println!("process {} works; end it with Ctrl-C", std::process::id());
    let stop = async {
        // Where the signal can't be listened to, the worker goes on until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    };
    Ok(worker.run_until(stop).await?)
}

/// Starts three orders and says what became of them: all goes well, the payment is declined, and
/// shipping fails.
async fn start(runs: &Runs<Node, Order>) -> Result {
    let order = |pieces, cents, destination: &str| {
        let destination = destination.to_owned();
        Order { pieces, cents, limit: 50_00, destination }
    };
    let orders = [
        ("order-1", order(2, 49_90, "Lisbon")),
        ("order-2", order(3, 74_85, "Oslo")),
        ("order-3", order(1, 24_95, "Atlantis")),
    ];
    for (run, order) in &orders {
        println!("{run}: {:?}", runs.start(run, order).await?);
    }
    for (run, _) in &orders {
        let ended = runs.outcome(run).await?;
        println!("{run}: {}\n  {}", ended.outcome, ended.path_text());
    }
    Ok(())
}
