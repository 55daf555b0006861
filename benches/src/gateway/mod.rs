//! What a gateway of which every request is a run costs: the generated one beside a proxy by hand with the
//! same checks, on loopback, under the same load, in turn.
//!
//! Each gateway has a thread of its own, so that what is measured is what it does, and not how many cores
//! there are. Backend, identity service and clients share another one.

mod by_hand;
mod load;
mod nothing;
mod thread;

use std::net::SocketAddr;
use std::num::NonZeroU32;

use anyhow::{Context as _, Result};
use api_gateway::App;
use api_gateway::demo::identity::{AUDIENCE, ISSUER, Identity, Signer, claims};
use api_gateway::demo::serve;
use api_gateway::settings::{Auth, Quota, Quotas, Settings};
use axum::Router;
use axum::routing::get;

use crate::table::Table;
use load::{Load, Round};
use thread::Thread;

const ROUNDS: usize = 15;
const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// Nobody meets it: what counts is that it is counted.
const QUOTA: Quota =
    Quota { per_second: NonZeroU32::new(10_000_000).unwrap(), burst: NonZeroU32::new(10_000_000).unwrap() };

/// What is asked: with a token, and without.
const PATHS: [(&str, &str); 2] = [("with a token", "/products/7"), ("public", "/open/7")];

pub(crate) fn measure() -> Result<()> {
    let (outside, ours, theirs) = (Thread::start()?, Thread::start()?, Thread::start()?);
    let backends = outside.runtime.block_on(start())?;
    let generated = Gateway { address: ours.runtime.block_on(generated(&backends))?, thread: ours };
    let by_hand = Gateway { address: theirs.runtime.block_on(by_hand::start(&backends))?, thread: theirs };
    let flow = nothing::run()?;
    let heads = ["requests", "gateway", "a second", "p50", "p99", "CPU each", "least"];
    let (mut figures, mut ratios) =
        (Table::new(&heads), Table::new(&["requests", "throughput", "p50", "p99", "CPU"]));
    for (name, path) in PATHS {
        let round = |gateway: &Gateway| {
            let before = gateway.thread.cpu()?;
            let load = Load { gateway: gateway.address, path, token: &backends.token };
            let round = outside.runtime.block_on(load.round())?;
            Ok::<_, anyhow::Error>(round.with_cpu(gateway.thread.cpu()?.saturating_sub(before)))
        };
        // Connections, keys and caches are warm after that.
        for gateway in [&generated, &by_hand] {
            round(gateway)?;
        }
        let mut rounds = Vec::new();
        for nth in 0..ROUNDS {
            // Whoever comes second has no advantage by it.
            rounds.push(if nth % 2 == 0 {
                let first = round(&generated)?;
                (first, round(&by_hand)?)
            } else {
                let first = round(&by_hand)?;
                (round(&generated)?, first)
            });
        }
        let (ours, theirs): (Vec<_>, Vec<_>) = rounds.iter().copied().unzip();
        for (gateway, rounds) in [("generated", &ours), ("by hand", &theirs)] {
            let median = |of: fn(&Round) -> f64| middle(rounds.iter().map(of));
            figures.row(vec![
                name.to_owned(),
                gateway.to_owned(),
                format!("{:.0}", median(Round::throughput)),
                micros(median(Round::p50)),
                micros(median(Round::p99)),
                micros(median(Round::cpu)),
                micros(rounds.iter().map(Round::cpu).fold(f64::INFINITY, f64::min)),
            ]);
        }
        let ratio =
            |of: fn(&Round) -> f64| format!("{:.2}", middle(rounds.iter().map(|(a, b)| of(a) / of(b))));
        let [throughput, p50, p99, cpu] = [Round::throughput, Round::p50, Round::p99, Round::cpu].map(ratio);
        ratios.row(vec![name.to_owned(), throughput, p50, p99, cpu]);
        let least = ours.iter().map(Round::cpu).fold(f64::INFINITY, f64::min);
        println!("{name}: the flow is {:.1} % of the CPU of a request", 100.0 * flow.as_secs_f64() / least);
    }
    println!("\ngateway: {ROUNDS} rounds of {}, in turn\n\n{figures}", load::describe());
    println!("generated \u{f7} by hand, the median of the rounds\n\n{ratios}");
    println!("a run of the flow with lanes that do nothing: {}", micros(flow.as_secs_f64()));
    Ok(())
}

/// A gateway, and the thread that it has for itself.
struct Gateway {
    address: SocketAddr,
    thread: Thread,
}

fn micros(seconds: f64) -> String {
    format!("{:.1} µs", seconds * 1e6)
}

fn middle(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// What stands behind both gateways.
struct Backends {
    backend: SocketAddr,
    jwks: String,
    token: String,
}

async fn start() -> Result<Backends> {
    let signer = Signer::new("key-1");
    let token = signer.sign(&claims("ada"))?;
    let jwks = format!("http://{}/jwks.json", serve(Identity::of([signer]).routes()).await?);
    let body = "x".repeat(1_000);
    let product = get(move || async move { body });
    let routes = Router::new().route("/products/{id}", product.clone()).route("/open/{id}", product);
    Ok(Backends { backend: serve(routes).await?, jwks, token })
}

async fn generated(backends: &Backends) -> Result<SocketAddr> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("routes.toml");
    let route = |name: &str, public: bool| {
        format!(
            "[routes.{name}]\npath = '/{name}/{{id}}'\nbackend = 'b'\npublic = {public}\nlimit = {{ per_second = 10000000, burst = 10000000 }}\n"
        )
    };
    let routes = format!(
        "[backends.b]\nurl = 'http://{}'\n{}{}",
        backends.backend,
        route("products", false),
        route("open", true)
    );
    std::fs::write(&file, routes)?;
    let auth = Auth {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        jwks: backends.jwks.clone(),
        ..Auth::default()
    };
    let limits = Quotas { address: QUOTA, global: QUOTA, client: QUOTA };
    let settings =
        Settings { listen: LOCAL, operators: LOCAL, routes: file, auth, limits, ..Settings::default() };
    let app = App::start(settings).await.context("the generated gateway does not start")?;
    let address = app.address();
    tokio::spawn(app.run(std::future::pending()));
    Ok(address)
}
