//! How often each kind of test finds a difference: simulated, with seeds that are printed.
//!
//! Without a difference it has to be as often as the level says, whatever the split and the spread of
//! the variants; the bounds are those between which chance leaves all but one run in a thousand.

use std::ops::RangeInclusive;

use statrs::distribution::{Binomial, DiscreteCDF as _};

use ab_test::stats::Alpha;
use ab_test::stats::cuped::Cuped;
use ab_test::stats::means::{Moments, Welch};
use ab_test::stats::ranks::BrunnerMunzel;
use ab_test::stats::rates::{Rate, z_test};

const EXPERIMENTS: usize = 1_000;

/// Equal and unequal traffic.
const SPLITS: [(usize, usize); 3] = [(60, 60), (180, 20), (20, 180)];

/// What B's values are multiplied by, around the same middle.
const SPREADS: [f64; 3] = [1.0, 3.0, 1.0 / 3.0];

fn bounds(probability: f64) -> RangeInclusive<usize> {
    let found = Binomial::new(probability, EXPERIMENTS as u64).unwrap();
    let at = |quantile: f64| usize::try_from(found.inverse_cdf(quantile)).unwrap();
    at(0.0005)..=at(0.9995)
}

/// How many experiments have a p-value below 5 %.
fn found(seed: u64, mut p: impl FnMut(&mut fastrand::Rng) -> Option<f64>) -> usize {
    let mut random = fastrand::Rng::with_seed(seed);
    let found = (0..EXPERIMENTS).filter(|_| p(&mut random).is_some_and(|p| p < 0.05)).count();
    println!("seed {seed}: {found} of {EXPERIMENTS}");
    found
}

#[track_caller]
fn assert_false_positives(of: &str, seed: u64, p: impl FnMut(&mut fastrand::Rng) -> Option<f64>) {
    let found = found(seed, p);
    assert!(bounds(0.05).contains(&found), "{of}, seed {seed}: {found}, not in {:?}", bounds(0.05));
}

/// A standard normal value (G. E. P. Box, M. E. Muller, 1958).
fn normal(random: &mut fastrand::Rng) -> f64 {
    let (radius, angle) = ((-2.0 * (1.0 - random.f64()).ln()).sqrt(), std::f64::consts::TAU * random.f64());
    radius * angle.cos()
}

fn values(random: &mut fastrand::Rng, units: usize, middle: f64, spread: f64) -> Vec<f64> {
    (0..units).map(|_| middle + spread * normal(random)).collect()
}

fn welch(a: &[f64], b: &[f64]) -> Option<f64> {
    Some(Welch::of(&Moments::of(a).ok()?, &Moments::of(b).ok()?).ok()?.p())
}

fn order(a: &[f64], b: &[f64]) -> Option<f64> {
    Some(BrunnerMunzel::of(a, b).ok()?.p())
}

/// Every split with every spread.
fn settings() -> impl Iterator<Item = (u64, (usize, usize), f64)> {
    let settings = SPLITS.into_iter().flat_map(|split| SPREADS.map(|spread| (split, spread)));
    (1..).zip(settings).map(|(seed, (split, spread))| (seed, split, spread))
}

#[test]
fn rates_that_are_equal() {
    for (seed, rate, (in_a, in_b)) in [
        (1, 0.5, (60, 60)),
        (2, 0.5, (450, 50)),
        (3, 0.1, (300, 300)),
        (4, 0.2, (100, 900)),
        (5, 0.9, (400, 400)),
    ] {
        assert_false_positives("rates", seed, |random| {
            let mut of =
                |units: usize| Rate::new((0..units).filter(|_| random.f64() < rate).count(), units).unwrap();
            z_test(of(in_a), of(in_b)).ok()
        });
    }
}

#[test]
fn means_that_are_equal() {
    for (seed, (in_a, in_b), spread) in settings() {
        assert_false_positives(&format!("means {in_a}:{in_b}, spread {spread}"), seed, |random| {
            welch(&values(random, in_a, 10.0, 1.0), &values(random, in_b, 10.0, spread))
        });
    }
}

/// The Mann–Whitney test finds 15 % here where B has the smaller share and the greater spread.
#[test]
fn orders_in_which_only_the_spread_differs() {
    for (seed, (in_a, in_b), spread) in settings() {
        assert_false_positives(&format!("orders {in_a}:{in_b}, spread {spread}"), seed, |random| {
            order(&values(random, in_a, 0.0, 1.0), &values(random, in_b, 0.0, spread))
        });
    }
}

#[test]
fn orders_with_heavy_ties() {
    for (seed, (in_a, in_b), spread) in settings() {
        assert_false_positives(&format!("ties {in_a}:{in_b}, spread {spread}"), seed, |random| {
            let mut ties = |units: usize, spread: f64| -> Vec<f64> {
                values(random, units, 0.0, spread).into_iter().map(f64::round).collect()
            };
            let a = ties(in_a, 1.0);
            order(&a, &ties(in_b, spread))
        });
    }
}

/// Very few units find less than the level, and never more.
#[test]
fn orders_of_very_few_units() {
    for (seed, (in_a, in_b)) in
        [(1, (2, 2)), (2, (3, 3)), (3, (5, 5)), (4, (27, 3)), (5, (45, 5)), (6, (3, 90))]
    {
        for spread in SPREADS {
            let found = found(seed, |random| {
                order(&values(random, in_a, 0.0, 1.0), &values(random, in_b, 0.0, spread))
            });
            assert!(found <= *bounds(0.05).end(), "{in_a}:{in_b}, spread {spread}: {found}");
        }
    }
}

/// Values with a covariate from before: this much of their deviation is the covariate.
fn adjusted(random: &mut fastrand::Rng, units: usize, middle: f64, spread: f64) -> [Vec<f64>; 2] {
    let before = values(random, units, 50.0, 1.0);
    let value = |before: &f64| middle + spread * (0.8 * (before - 50.0) + 0.6 * normal(random));
    [before.iter().map(value).collect(), before]
}

fn cuped([a, before_a]: &[Vec<f64>; 2], [b, before_b]: &[Vec<f64>; 2]) -> Option<Cuped> {
    Cuped::of([a, before_a], [b, before_b]).ok()
}

#[test]
fn adjusted_means_that_are_equal() {
    for (seed, (in_a, in_b), spread) in settings() {
        assert_false_positives(&format!("adjusted {in_a}:{in_b}, spread {spread}"), seed, |random| {
            let a = adjusted(random, in_a, 10.0, 1.0);
            cuped(&a, &adjusted(random, in_b, 10.0, spread)).map(|cuped| cuped.test().p())
        });
    }
}

/// With a correlation of 0.8, the covariate takes 64 % of the variance away.
#[test]
fn a_covariate_reduces_the_variance_and_finds_more() {
    let (mut reduction, mut plain) = (0.0, 0);
    let found = found(1, |random| {
        let (a, b) = (adjusted(random, 60, 10.0, 1.0), adjusted(random, 60, 10.3, 1.0));
        plain += usize::from(welch(&a[0], &b[0]).is_some_and(|p| p < 0.05));
        let cuped = cuped(&a, &b)?;
        reduction += cuped.reduction();
        Some(cuped.test().p())
    });
    #[expect(clippy::cast_precision_loss, reason = "a thousand")]
    let mean = reduction / EXPERIMENTS as f64;
    assert!((mean - 0.64).abs() < 0.01, "{mean}");
    // Statsmodels says of an effect of 0.3 with 60 units in each variant: a power of 0.371 with a
    // deviation of 1, and of 0.775 with one of 0.6.
    assert!(bounds(0.371).contains(&plain), "{plain} not in {:?}", bounds(0.371));
    assert!(bounds(0.775).contains(&found), "{found} not in {:?}", bounds(0.775));
}

/// The interval of a lift contains the true one as often as its level says.
#[test]
fn a_lift_is_where_its_interval_says() {
    let alpha = Alpha::new(0.05).unwrap();
    for (seed, (in_a, in_b), spread) in settings() {
        let mut missed = 0;
        found(seed, |random| {
            let (a, b) = (values(random, in_a, 10.0, 2.0), values(random, in_b, 12.0, 2.0 * spread));
            let welch = Welch::of(&Moments::of(&a).ok()?, &Moments::of(&b).ok()?).ok()?;
            missed += usize::from(!welch.lift(alpha).ok()?.contains(0.2));
            Some(welch.p())
        });
        assert!(bounds(0.05).contains(&missed), "{in_a}:{in_b}, spread {spread}: {missed}");
    }
}
