//! The interval and the decision agree: an interval contains the null value exactly if the p-value is
//! not below its level. So no verdict contradicts the interval beside it.

use ab_test::analysis::{Column, Comparison, compare};
use ab_test::plan::{Better, Kind, Metric};
use ab_test::stats::cuped::Cuped;
use ab_test::stats::means::{Moments, Welch};
use ab_test::stats::rates::{self, Rate};
use ab_test::stats::{Alpha, Estimate};

fn levels() -> [Alpha; 3] {
    [0.2, 0.05, 1e-4].map(|level| Alpha::new(level).unwrap())
}

#[track_caller]
fn assert_agree(p: f64, alpha: Alpha, interval: Estimate, of: &str) {
    let is_significant = p < alpha.level();
    assert_eq!(is_significant, !interval.contains(0.0), "{of}: p = {p:e} at {}: {interval:?}", alpha.level());
    assert!(interval.low <= interval.value && interval.value <= interval.high, "{of}: {interval:?}");
}

/// All rates of up to some units, also 0 and 1.
#[test]
fn of_rates() {
    for (units_a, units_b) in [(1, 1), (7, 7), (18, 2), (3, 27), (40, 11)] {
        for (hits_a, hits_b) in (0..=units_a).flat_map(|a| (0..=units_b).map(move |b| (a, b))) {
            let (a, b) = (Rate::new(hits_a, units_a).unwrap(), Rate::new(hits_b, units_b).unwrap());
            let Ok(p) = rates::z_test(a, b) else { continue };
            for alpha in levels() {
                let of = format!("{hits_a}/{units_a} and {hits_b}/{units_b}");
                assert_agree(p, alpha, rates::difference(a, b, alpha), &of);
                if let Ok(lift) = rates::lift(a, b, alpha) {
                    assert_agree(p, alpha, lift, &of);
                }
            }
        }
    }
}

/// Small samples of every kind, of which many lie close to a level.
#[test]
fn of_means_and_orders() {
    let seed = 5;
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut lifts = 0;
    for round in 0..500 {
        let shift = f64::from(round % 30) / 10.0 - 1.5;
        let mut draw = |units: usize, shift: f64| -> Vec<f64> {
            // In every other round with many ties.
            let value = |random: &mut fastrand::Rng| random.f64() * 2.0 + random.f64().powi(3) + shift;
            let values = (0..units).map(|_| value(&mut random));
            if round % 2 == 0 {
                values.collect()
            } else {
                values.map(|value| (2.0 * value).round() / 2.0).collect()
            }
        };
        let (in_a, in_b) = [(4, 4), (12, 9), (27, 3), (5, 45)][round as usize % 4];
        let values = Column { a: draw(in_a, 0.0), b: draw(in_b, shift) };
        let before = Column { a: draw(in_a, 0.0), b: draw(in_b, 0.0) };
        for alpha in levels() {
            for (kind, covariate) in [(Kind::Mean, None), (Kind::Mean, Some(&before)), (Kind::Order, None)] {
                let metric = Metric::new("metric", kind, Better::Higher);
                let Ok(compared) = compare(&metric, &values, covariate, alpha) else { continue };
                let Comparison { p, difference, lift, shift, .. } = compared;
                assert_agree(p, alpha, difference, &format!("{kind:?} {round}"));
                lifts += usize::from(lift.is_ok());
                for other in lift.into_iter().chain(shift) {
                    assert_agree(p, alpha, other, &format!("{kind:?} {round}"));
                }
            }
        }
    }
    assert!(lifts > 500, "{lifts}");
}

/// A negative mean of A: a lift is relative to its size, and has the sign of the difference.
#[test]
fn a_lift_has_the_sign_of_the_difference() {
    let alpha = Alpha::new(0.05).unwrap();
    let moments = |shift: f64| Moments::of(&[1.0, 2.0, 3.0, 4.0].map(|value| value + shift)).unwrap();
    let lift = Welch::of(&moments(-102.5), &moments(-52.5)).unwrap().lift(alpha).unwrap();
    assert!((lift.value - 0.5).abs() < 1e-12 && lift.low > 0.0 && lift.high < 1.0, "{lift:?}");
    let lift = Welch::of(&moments(97.5), &moments(47.5)).unwrap().lift(alpha).unwrap();
    assert!((lift.value + 0.5).abs() < 1e-12 && lift.high < 0.0, "{lift:?}");
}

/// A covariate that one variant has more of by chance is what the adjustment takes out.
#[test]
fn an_imbalance_by_chance_is_removed() {
    let before_a: Vec<f64> = (0..40).map(f64::from).collect();
    let before_b: Vec<f64> = (10..50).map(f64::from).collect();
    let value = |before: &f64| 2.0 * before + (before * 7.0) % 3.0;
    let (a, b): (Vec<f64>, Vec<f64>) =
        (before_a.iter().map(value).collect(), before_b.iter().map(value).collect());
    let alpha = Alpha::new(0.05).unwrap();
    let plain = Welch::of(&Moments::of(&a).unwrap(), &Moments::of(&b).unwrap()).unwrap();
    assert!(plain.difference(alpha).low > 0.0, "{plain:?}");
    let adjusted = Cuped::of([&a, &before_a], [&b, &before_b]).unwrap();
    assert!(adjusted.test().difference(alpha).contains(0.0), "{adjusted:?}");
    assert!((adjusted.slope() - 2.0).abs() < 0.05, "{adjusted:?}");
}
