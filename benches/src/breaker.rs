//! What a circuit breaker adds to a call that does nothing: the generated one beside
//! `tower-resilience-circuitbreaker`, both as tower layers with the same settings.

use std::future::{Ready, ready};
use std::hint::black_box;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use circuit_breaker::{Breaker, BreakerLayer, Settings, Window};
use tower::{Layer, Service, service_fn};
use tower_resilience_circuitbreaker::{CircuitBreakerHandle, CircuitBreakerLayer, SlidingWindowType};

use crate::figures::{Spread, ratio};
use crate::ready::{allocations, now};
use crate::table::Table;

const ROUNDS: usize = 15;
const CALLS: u32 = 200_000;

const WINDOW: u32 = 100;
const MINIMUM: u32 = 20;
const SLOW: Duration = Duration::from_secs(5);
const OPEN: Duration = Duration::from_hours(1);

pub(crate) fn measure() -> Result<()> {
    let mut table =
        Table::new(&["call", "this", "of the peer", "this \u{f7} peer", "allocations", "of the peer"]);
    for (name, is_open) in [("admitted", false), ("rejected", true)] {
        let mut this = ours(is_open)?.layer(service_fn(answer));
        let mut peer = theirs(is_open)?.layer(service_fn(answer));
        ensure!(call(&mut this) != is_open && call(&mut peer) != is_open, "not {name}");
        let rounds = (0..ROUNDS).map(|_| (time(&mut this), time(&mut peer)));
        let (ours, theirs): (Vec<_>, Vec<_>) = rounds.unzip();
        let [ours, theirs] = [ours, theirs].map(|rounds| Spread::of(rounds).median);
        table.row(vec![
            name.to_owned(),
            each(ours),
            each(theirs),
            ratio(ours, theirs),
            allocations(|| call(&mut this)),
            allocations(|| call(&mut peer)),
        ]);
    }
    println!("\nbreaker: {ROUNDS} rounds of {CALLS} calls\n\n{table}");
    Ok(())
}

fn ours(is_open: bool) -> Result<BreakerLayer> {
    let window = Window::Calls(WINDOW);
    let settings = Settings { window, minimum_calls: MINIMUM, slow_after: Some(SLOW), ..Settings::default() };
    let breaker = Breaker::new("target", settings)?;
    if is_open {
        breaker.force_open();
    }
    Ok(BreakerLayer::new(breaker))
}

fn theirs(is_open: bool) -> Result<CircuitBreakerLayer> {
    let (layer, handle): (_, CircuitBreakerHandle) = CircuitBreakerLayer::builder()
        .sliding_window_type(SlidingWindowType::CountBased)
        .sliding_window_size(WINDOW as usize)
        .minimum_number_of_calls(MINIMUM as usize)
        .slow_call_duration_threshold(SLOW)
        .wait_duration_in_open(OPEN)
        .build_with_handle()?;
    if is_open {
        now(handle.force_open());
    }
    Ok(layer)
}

/// The call: it does nothing.
fn answer(question: u32) -> Ready<Result<u32, &'static str>> {
    ready(Ok(question))
}

/// Makes a call. Says whether it was admitted.
fn call<S: Service<u32>>(service: &mut S) -> bool {
    let is_ready = service.poll_ready(&mut Context::from_waker(Waker::noop())).is_ready();
    is_ready && now(service.call(black_box(7))).is_ok()
}

/// The time of `CALLS` calls.
fn time<S: Service<u32>>(service: &mut S) -> Duration {
    let begun = Instant::now();
    for _ in 0..CALLS {
        black_box(call(service));
    }
    begun.elapsed()
}

fn each(calls: Duration) -> String {
    format!("{:.1} ns", calls.as_secs_f64() * 1e9 / f64::from(CALLS))
}
