//! What a gateway of which every request is a run costs: the generated one beside a proxy by hand with the
//! same checks, on loopback, under the same load, in turn.
//!
//! Each gateway has a thread of its own, so that what is measured is what it does, and not how many cores
//! there are. Backend, identity service and clients share another one.

mod by_hand;
mod load;
mod nothing;

use std::net::SocketAddr;
use std::num::NonZeroU32;

use anyhow::{Context as _, Result};
use api_gateway::demo::identity::{AUDIENCE, ISSUER, Identity, Signer, claims};
use api_gateway::demo::serve;
use api_gateway::settings::{Auth, Quota, Quotas, Settings};
use api_gateway::App;
use axum::Router;
use axum::routing::get;
use tokio::runtime::{Builder, Runtime};

use crate::table::Table;
use load::{Load, Round};

const ROUNDS: usize = 15;
const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// Nobody meets it: what counts is that it is counted.
const QUOTA: Quota =
    Quota { per_second: NonZeroU32::new(10_000_000).unwrap(), burst: NonZeroU32::new(10_000_000).unwrap() };

/// What is asked: with a token, and without.
const PATHS: [(&str, &str); 2] = [("with a token", "/products/7"), ("public", "/open/7")];

pub(crate) fn measure() -> Result<()> {
    let (outside, ours, theirs) = (one_thread()?, one_thread()?, one_thread()?);
    let backends = outside.block_on(start())?;
    let (generated, by_hand) = (ours.block_on(generated(&backends))?, theirs.block_on(by_hand::start(&backends))?);
    let runs = nothing::runs()?;
    let mut throughput = Table::new(&["requests", "gateway", "a second", "p50", "p99", "µs each", "the flow"]);
    let mut ratios = Table::new(&["requests", "throughput, median", "best round of each", "p50", "p99"]);
    for (name, path) in PATHS {
        let load = |gateway| Load { gateway, path, token: &backends.token };
        let round = |gateway| outside.block_on(load(gateway).round());
        for gateway in [generated, by_hand] {
            round(gateway)?;
        }
        let mut rounds = Vec::new();
        for nth in 0..ROUNDS {
            // Whoever comes second has no advantage by it.
            let (first, second) = if nth % 2 == 0 { (generated, by_hand) } else { (by_hand, generated) };
            let (first, second) = (round(first)?, round(second)?);
            rounds.push(if nth % 2 == 0 { [first, second] } else { [second, first] });
        }
        let of = |which: usize| rounds.iter().map(|both| both[which]).collect::<Vec<_>>();
        let (ours, theirs) = (of(0), of(1));
        for (gateway, rounds) in [("generated", &ours), ("by hand", &theirs)] {
            let each = 1e6 / median(rounds, Round::throughput);
            let share = runs.as_secs_f64() * 1e8 / each;
            throughput.row(vec![
                name.to_owned(),
                gateway.to_owned(),
                format!("{:.0}", median(rounds, Round::throughput)),
                micros(median(rounds, |round| round.p50.as_secs_f64())),
                micros(median(rounds, |round| round.p99.as_secs_f64())),
                format!("{each:.1}"),
                if gateway == "generated" { format!("{share:.1} %") } else { String::new() },
            ]);
        }
        let ratio = |of: fn(&Round) -> f64| {
            let mut ratios: Vec<f64> = rounds.iter().map(|both| of(&both[0]) / of(&both[1])).collect();
            ratios.sort_by(f64::total_cmp);
            format!("{:.2}", ratios[ratios.len() / 2])
        };
        let best = |rounds: &[Round]| rounds.iter().map(Round::throughput).fold(0.0, f64::max);
        ratios.row(vec![
            name.to_owned(),
            ratio(Round::throughput),
            format!("{:.2}", best(&ours) / best(&theirs)),
            ratio(|round| round.p50.as_secs_f64()),
            ratio(|round| round.p99.as_secs_f64()),
        ]);
    }
    println!("\ngateway: {ROUNDS} rounds of {}, in turn\n\n{throughput}", load::describe());
    println!("generated \u{f7} by hand, of the two rounds that came after each other\n\n{ratios}");
    println!("a run of the flow whose lanes do nothing: {:.2} µs", runs.as_secs_f64() * 1e6);
    Ok(())
}

fn micros(seconds: f64) -> String {
    format!("{:.0} µs", seconds * 1e6)
}

fn median(rounds: &[Round], of: impl Fn(&Round) -> f64) -> f64 {
    let mut values: Vec<f64> = rounds.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// A runtime whose one thread runs all the time.
fn one_thread() -> Result<Runtime> {
    Ok(Builder::new_multi_thread().worker_threads(1).enable_all().build()?)
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
        format!("[routes.{name}]\npath = '/{name}/{{id}}'\nbackend = 'b'\npublic = {public}\nlimit = {{ per_second = 10000000, burst = 10000000 }}\n")
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
    let limits = Quotas { global: QUOTA, client: QUOTA };
    let settings = Settings { listen: LOCAL, operators: LOCAL, routes: file, auth, limits, ..Settings::default() };
    let app = App::start(settings).await.context("the generated gateway does not start")?;
    let address = app.address();
    tokio::spawn(app.run(std::future::pending()));
    Ok(address)
}
