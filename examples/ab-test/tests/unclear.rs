//! Samples that say nothing: an error each, and never a panic or a number that is none.

use ab_test::stats::means::{Moments, Welch};
use ab_test::stats::ranks::MannWhitney;
use ab_test::stats::rates::{self, Rate};
use ab_test::stats::{Alpha, Unclear, shift};

fn alpha() -> Alpha {
    Alpha::new(0.05).unwrap()
}

#[test]
fn no_values() {
    assert_eq!(Rate::of(&[]), Err(Unclear::TooFew { needs: 1 }));
    assert_eq!(Moments::of(&[1.0]), Err(Unclear::TooFew { needs: 2 }));
    assert_eq!(MannWhitney::of(&[], &[1.0, 2.0]), Err(Unclear::TooFew { needs: 2 }));
    assert_eq!(shift::of(&[1.0, 2.0], &[], alpha()), Err(Unclear::TooFew { needs: 2 }));
    assert_eq!(Rate::new(0, 0), None);
    assert_eq!(Rate::new(2, 1), None);
}

#[test]
fn values_that_are_no_numbers() {
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(Moments::of(&[1.0, odd]), Err(Unclear::NotFinite));
        assert_eq!(MannWhitney::of(&[1.0, 2.0], &[odd, 1.0]), Err(Unclear::NotFinite));
        assert_eq!(shift::of(&[1.0, odd], &[1.0, 2.0], alpha()), Err(Unclear::NotFinite));
        assert_eq!(Rate::of(&[odd]), Err(Unclear::NotARate));
    }
    assert_eq!(Moments::of(&[f64::MAX, f64::MAX]), Err(Unclear::NotFinite));
}

#[test]
fn values_that_are_all_the_same() {
    let same = [3.0, 3.0, 3.0];
    let moments = Moments::of(&same).unwrap();
    assert_eq!(Welch::of(&moments, &moments), Err(Unclear::NoVariance));
    assert_eq!(MannWhitney::of(&same, &same), Err(Unclear::NoVariance));
    for hits in [0, 5] {
        let rate = Rate::new(hits, 5).unwrap();
        assert_eq!(rates::z_test(rate, rate), Err(Unclear::NoVariance));
        let difference = rates::difference(rate, rate, alpha());
        assert!(difference.low < 0.0 && difference.high > 0.0, "an interval there is: {difference:?}");
    }
    let shift = shift::of(&same, &[4.0, 4.0], alpha()).unwrap();
    assert_eq!((shift.low, shift.value, shift.high), (1.0, 1.0, 1.0));
}

#[test]
fn values_that_lie_apart_still_have_an_interval() {
    let (low, high): (Vec<f64>, Vec<f64>) =
        ((0..10).map(f64::from).collect(), (20..35).map(f64::from).collect());
    let up = MannWhitney::of(&low, &high).unwrap().share(alpha());
    assert_eq!((up.value, up.high), (1.0, 1.0));
    assert!((up.low - 0.025_f64.powf(0.1)).abs() < 1e-12, "Clopper and Pearson for 10 of 10: {up:?}");
    let down = MannWhitney::of(&high, &low).unwrap().share(alpha());
    assert_eq!((down.value, down.low), (0.0, 0.0));
    assert!((down.high + up.low - 1.0).abs() < 1e-12);
}

#[test]
fn very_large_samples() {
    let (a, b): (Vec<f64>, Vec<f64>) =
        (0..200_000_u32).map(|unit| (f64::from(unit % 1000), f64::from(unit % 1000 + unit % 2))).unzip();
    let welch = Welch::of(&Moments::of(&a).unwrap(), &Moments::of(&b).unwrap()).unwrap();
    let half = welch.difference(alpha()).high - 0.5;
    let error = half / 1.96;
    assert!((error - 0.913).abs() < 0.001, "many degrees of freedom are nearly a normal curve: {error}");
    assert!(MannWhitney::of(&a, &b).unwrap().p() > 0.1);
    let shift = shift::of(&a, &b, alpha()).unwrap();
    assert!(shift.low <= shift.value && shift.value <= shift.high);
}

#[test]
fn a_level_lies_between_0_and_1() {
    for odd in [0.0, 1.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(Alpha::new(odd), None);
    }
    assert!(Alpha::beyond(1e9).level() > 0.0 && Alpha::beyond(0.0).level() < 1.0);
    assert!(Alpha::beyond(1e9).z().is_finite());
}
