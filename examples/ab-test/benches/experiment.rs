//! What an experiment costs: in the path of each request, and at each look.

use divan::{AllocProfiler, Bencher, black_box};

use ab_test::analysis::{Column, compare};
use ab_test::plan::{Better, Kind, Metric};
use ab_test::stats::{Alpha, sequential};
use ab_test::switch::{Routing, Switch};
use ab_test::variant::Assignment;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// What a request waits for.
#[divan::bench]
fn assign(bencher: Bencher<'_, '_>) {
    let switch = Switch::default();
    switch.turn("bench", Routing::Split(Assignment::new("bench", 0.5))).unwrap();
    bencher.bench(|| switch.serves(black_box("user-1234567")));
}

/// The least that assigning could cost: the hash of std, which differs from process to process and so
/// could not keep a unit where it is.
#[divan::bench]
fn assign_with_the_hash_of_std(bencher: Bencher<'_, '_>) {
    use std::hash::{BuildHasher as _, RandomState};
    let state = RandomState::new();
    bencher.bench(|| state.hash_one(("bench", black_box("user-1234567"))).is_multiple_of(2));
}

#[divan::bench(args = [1_000, 100_000])]
fn compare_rates(bencher: Bencher<'_, '_>, units: u32) {
    comparing(bencher, Kind::Rate, units);
}

#[divan::bench(args = [1_000, 100_000])]
fn compare_means(bencher: Bencher<'_, '_>, units: u32) {
    comparing(bencher, Kind::Mean, units);
}

/// With the shift, which would take ten thousand million differences if it listed them.
#[divan::bench(args = [1_000, 100_000])]
fn compare_order(bencher: Bencher<'_, '_>, units: u32) {
    comparing(bencher, Kind::Order, units);
}

fn comparing(bencher: Bencher<'_, '_>, kind: Kind, units: u32) {
    let metric = Metric::new("metric", kind, Better::Higher);
    let value = |unit: u32, by: u32| {
        if kind == Kind::Rate { f64::from(unit * by % 2) } else { f64::from(unit * by % 10_007) }
    };
    let sample = |by: u32| (0..units).map(|unit| value(unit, by)).collect::<Vec<_>>();
    let (values, alpha) = (Column { a: sample(3), b: sample(5) }, Alpha::beyond(1.96));
    bencher.bench(|| compare(&metric, &values, None, alpha).is_ok());
}

/// The bounds of all looks, once an experiment.
#[divan::bench(args = [1, 5, 20])]
fn bounds(bencher: Bencher<'_, '_>, looks: u32) {
    let fractions: Vec<f64> = (1..=looks).map(|look| f64::from(look) / f64::from(looks)).collect();
    bencher.bench(|| sequential::bounds(Alpha::beyond(1.96), black_box(&fractions)));
}
