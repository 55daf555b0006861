//! Many users at once, directly and through the balancer, and through switches: how many answers a second,
//! how long they take, and how many are lost.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use blue_green::Colour;
use blue_green::balancer::{Assignment, Client};
use blue_green::load::{Load, Seen, Users};
use blue_green::settings::App;
use blue_green::site::Site;
use blue_green::slot::Launch;

const PROGRAM: &str = env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")));
const USERS: Users = Users { at_once: 32, pause: Duration::ZERO, patience: Duration::from_secs(10) };
const TIME: Duration = Duration::from_secs(3);
const SWITCHES: u64 = 500;

#[tokio::main]
async fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let is_test = std::env::args().any(|argument| argument == "--test");
    let (time, switches) = if is_test { (TIME / 10, SWITCHES / 10) } else { (TIME, SWITCHES) };
    let site = Site::start(Path::new(PROGRAM), &[]).unwrap();
    let balancer = Client::new(site.admin(), USERS.patience).unwrap();
    let launch = Launch {
        command: App::served_by(PROGRAM.as_ref(), None),
        within: USERS.patience,
        grace: USERS.patience,
    };
    let blue = site.slot(Colour::Blue).start("blue", "bench", &launch).await.unwrap();
    let green = site.slot(Colour::Green).start("green", "bench", &launch).await.unwrap();
    let switch = async |generation: u64| {
        let instance = if generation % 2 == 1 { &blue } else { &green };
        balancer.switch(&Assignment { generation, instance: Some(instance.clone()) }).await.unwrap();
    };
    switch(1).await;

    println!("{} users at once", USERS.at_once);
    println!(
        "{:24} {:>10} {:>9} {:>9} {:>9} {:>6} {:>6}",
        "", "answers/s", "p50", "p95", "p99", "lost", "stale"
    );
    show("directly", &asked(blue.address, time).await);
    show("through the balancer", &asked(site.users(), time).await);
    let load = Load::start(site.users(), USERS);
    for generation in 2..2 + switches {
        switch(generation).await;
    }
    show(&format!("over {switches} switches"), &load.stop().await);
}

async fn asked(address: SocketAddr, time: Duration) -> Seen {
    let load = Load::start(address, USERS);
    tokio::time::sleep(time).await;
    load.stop().await
}

#[expect(clippy::cast_precision_loss)]
fn show(what: &str, seen: &Seen) {
    let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|share| format!("{:.2?}", seen.quantile(share)));
    let rate = seen.answered() as f64 / seen.elapsed.as_secs_f64();
    let (lost, stale) = (seen.lost.len(), seen.stale.len());
    println!("{what:24} {rate:>10.0} {p50:>9} {p95:>9} {p99:>9} {lost:>6} {stale:>6}");
    assert!(seen.nothing_was_lost(), "{:?} {:?}", seen.lost, seen.stale);
}
