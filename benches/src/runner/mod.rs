//! The cost of a run in process: what flowgen adds to the calls of the steps themselves.

mod ten;

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::figures::Spread;
use crate::ready::{allocations, now};
use crate::table::Table;
use ten::{Count, STEPS};

const ROUNDS: usize = 15;
const RUNS: u32 = 20_000;

pub(crate) fn measure() -> Result<()> {
    let visit = ten::visit();
    let by_hand = || ten::by_hand(&visit);
    ensure!(now(ten::by_flow()) == Count(STEPS) && now(by_hand()) == Count(STEPS), "a step is missing");
    let rounds = (0..ROUNDS).map(|_| (time(ten::by_flow), time(by_hand)));
    let (flow, hand): (Vec<_>, Vec<_>) = rounds.unzip();
    let [flow, hand] = [flow, hand].map(|rounds| Spread::of(rounds).median);

    let mut table = Table::new(&["ten steps", "each step", "runs a second", "allocations a run"]);
    let mut row = |name: &str, time, allocations| {
        table.row(vec![name.to_owned(), each_step(time), per_second(time), allocations]);
    };
    row("`flow.run(cx)`", flow, allocations(|| now(ten::by_flow())));
    row("the same calls by hand", hand, allocations(|| now(by_hand())));
    println!("\nrunner: {ROUNDS} rounds of {RUNS} runs\n\n{table}");
    Ok(())
}

/// The time of `RUNS` runs.
fn time<F: Future>(run: impl Fn() -> F) -> Duration {
    let begun = Instant::now();
    for _ in 0..RUNS {
        black_box(now(run()));
    }
    begun.elapsed()
}

fn each_step(runs: Duration) -> String {
    format!("{:.1} ns", runs.as_secs_f64() * 1e9 / f64::from(RUNS) / f64::from(STEPS))
}

fn per_second(runs: Duration) -> String {
    format!("{:.0}", f64::from(RUNS) / runs.as_secs_f64())
}
