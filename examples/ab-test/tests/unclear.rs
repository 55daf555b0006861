//! Samples that say nothing: an error each, and never a panic or a number that is none.

use ab_test::stats::cuped::Cuped;
use ab_test::stats::means::{Moments, Welch};
use ab_test::stats::ranks::BrunnerMunzel;
use ab_test::stats::rates::{self, Rate};
use ab_test::stats::{Alpha, Unclear, shift};

fn alpha() -> Alpha {
    Alpha::new(0.05).unwrap()
}

#[test]
fn no_values() {
    assert_eq!(Rate::of(&[]), Err(Unclear::TooFew { needs: 1 }));
    assert_eq!(Moments::of(&[1.0]), Err(Unclear::TooFew { needs: 2 }));
    assert_eq!(BrunnerMunzel::of(&[], &[1.0, 2.0]), Err(Unclear::TooFew { needs: 2 }));
    assert_eq!(shift::of(&[1.0, 2.0], &[], alpha()), Err(Unclear::TooFew { needs: 2 }));
    assert_eq!(Rate::new(0, 0), None);
    assert_eq!(Rate::new(2, 1), None);
}

#[test]
fn values_that_are_no_numbers() {
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(Moments::of(&[1.0, odd]), Err(Unclear::NotFinite));
        assert_eq!(BrunnerMunzel::of(&[1.0, 2.0], &[odd, 1.0]), Err(Unclear::NotFinite));
        assert_eq!(shift::of(&[1.0, odd], &[1.0, 2.0], alpha()), Err(Unclear::NotFinite));
        assert_eq!(Rate::of(&[odd]), Err(Unclear::NotARate));
    }
    assert_eq!(Moments::of(&[f64::MAX, -f64::MAX]), Err(Unclear::NotFinite));
}

#[test]
fn values_that_are_all_the_same() {
    let same = [3.0, 3.0, 3.0];
    let moments = Moments::of(&same).unwrap();
    assert_eq!(Welch::of(&moments, &moments), Err(Unclear::NoVariance));
    assert_eq!(BrunnerMunzel::of(&same, &same), Err(Unclear::NoVariance));
    for hits in [0, 5] {
        let rate = Rate::new(hits, 5).unwrap();
        assert_eq!(rates::z_test(rate, rate), Err(Unclear::NoVariance));
        let difference = rates::difference(rate, rate, alpha());
        assert!(difference.low < 0.0 && difference.high > 0.0, "an interval there is: {difference:?}");
    }
    let shift = shift::of(&same, &[4.0, 4.0], alpha()).unwrap().unwrap();
    assert_eq!((shift.low, shift.value, shift.high), (f64::NEG_INFINITY, 1.0, f64::INFINITY));
    let shift = shift::of(&[3.0; 9], &[4.0; 9], alpha()).unwrap().unwrap();
    assert_eq!((shift.low, shift.value, shift.high), (1.0, 1.0, 1.0));
}

/// Sums of 0.1 are rounded, so that their naive variance is not 0: that once was shipped as a win.
#[test]
fn values_that_are_all_the_same_in_any_number_and_size() {
    let constants = [0.1, 0.3, 1.0 / 3.0, 1e-300, 4e-320, 1e12 + 0.1, 1.7e15 + 0.25, -0.7, 1e300, f64::MAX];
    for value in constants {
        for (in_a, in_b) in [(2, 2), (2, 39), (63, 63), (39, 17), (900, 100)] {
            let moments = |units: usize| Moments::of(&vec![value; units]).unwrap();
            assert_eq!(moments(in_a).deviation(), 0.0);
            assert_eq!(Welch::of(&moments(in_a), &moments(in_b)), Err(Unclear::NoVariance), "{value}");
            let (a, b) = (vec![value; in_a], vec![value; in_b]);
            assert_eq!(BrunnerMunzel::of(&a, &b), Err(Unclear::NoVariance), "{value}");
            let before: Vec<f64> = (0..in_a.max(in_b)).map(|unit| [1.0, 5.0, 2.0][unit % 3]).collect();
            if in_a > 2 && in_b > 2 {
                let cuped = Cuped::of([&a, &before[..in_a]], [&b, &before[..in_b]]);
                assert_eq!(cuped, Err(Unclear::NoVariance), "{value}");
            }
        }
        let welch = Welch::of(&Moments::of(&[0.1; 50]).unwrap(), &Moments::of(&[0.2; 50]).unwrap());
        assert_eq!(welch, Err(Unclear::NoVariance), "two constants, which once had p = 1.5e-205");
    }
}

/// 0.1 + 0.2 is not 0.3, though nothing but rounding lies between.
#[test]
fn values_that_differ_by_their_rounding() {
    for (one, other) in [(0.1 + 0.2, 0.3), (1e16, 1e16 + 2.0), (-1e-5, (-1e-5_f64).next_up().next_up())] {
        for units in [2, 10, 400] {
            let mixed = |by: usize| -> Vec<f64> {
                (0..units).map(|unit| if unit % by == 0 { one } else { other }).collect()
            };
            let (a, b) = (mixed(2), mixed(3));
            let welch = Welch::of(&Moments::of(&a).unwrap(), &Moments::of(&b).unwrap());
            assert_eq!(welch, Err(Unclear::NoVariance), "{one} {units}");
            assert_eq!(BrunnerMunzel::of(&a, &b), Err(Unclear::NoVariance), "{one} {units}");
            assert_eq!(BrunnerMunzel::of(&vec![one; units], &vec![other; units]), Err(Unclear::NoVariance));
        }
    }
    // Values that are the covariate times three: nothing but rounding is left of them.
    let before: Vec<f64> = (1..40).map(|unit| f64::from(unit) / 10.0).collect();
    let values: Vec<f64> = before.iter().map(|value| 3.0 * value + 0.7).collect();
    assert_eq!(Cuped::of([&values, &before], [&values, &before]), Err(Unclear::NoVariance));
}

/// A standard error far below 1 is one where the values are small as well, or are very large.
#[test]
fn values_of_any_size_have_the_same_p() {
    let of = |scale: f64| {
        let a = Moments::of(&[1.0, 2.0, 4.0, 5.0].map(|value| value * scale)).unwrap();
        let b = Moments::of(&[3.0, 5.0, 6.0, 9.0].map(|value| value * scale)).unwrap();
        Welch::of(&a, &b).unwrap().p()
    };
    for scale in [1e-300, 1e-160, 1e-9, 1e160, 1e300] {
        assert!((of(scale) - of(1.0)).abs() < 1e-12, "{scale}");
    }
}

#[test]
fn an_uninformative_covariate_gives_welch_except_for_the_degrees_of_freedom() {
    let (a, b) = ([1.0, 2.0, 4.0, 5.0], [3.0, 5.0, 6.0, 9.0]);
    let plain = Welch::of(&Moments::of(&a).unwrap(), &Moments::of(&b).unwrap()).unwrap();
    let cuped = Cuped::of([&a, &[0.3; 4]], [&b, &[0.1 + 0.2; 4]]).unwrap();
    assert!((cuped.test().error() - plain.error()).abs() < 1e-12);
    assert_eq!((cuped.slope(), cuped.reduction()), (0.0, 0.0));
    assert!(cuped.test().freedom() < plain.freedom(), "the slope costs one in each variant");
    assert_eq!(Cuped::of([&a[..2], &a[..2]], [&b, &b]), Err(Unclear::TooFew { needs: 3 }));
    assert_eq!(Cuped::of([&a, &a[..3]], [&b, &b]), Err(Unclear::TooFew { needs: 4 }));
    assert_eq!(Cuped::of([&a, &[f64::NAN; 4]], [&b, &b]), Err(Unclear::NotFinite));
}

/// Nearly all pairs go one way: the variance is tiny, and yet this is no more certain than if all did.
#[test]
fn a_few_units_never_decide_more_than_values_fully_apart() {
    let a: Vec<f64> = (0..27).map(f64::from).collect();
    let nearly = BrunnerMunzel::of(&a, &[25.5, 40.0, 41.0]).unwrap();
    assert_eq!(nearly.p(), 0.25, "2^-2 for three units");
    assert!(nearly.share(alpha()).low < 0.5);
}

#[test]
fn values_that_lie_apart_still_have_an_interval() {
    let (low, high): (Vec<f64>, Vec<f64>) =
        ((0..10).map(f64::from).collect(), (20..35).map(f64::from).collect());
    let up = BrunnerMunzel::of(&low, &high).unwrap().share(alpha());
    assert_eq!((up.value, up.high), (1.0, 1.0));
    assert_eq!(BrunnerMunzel::of(&low, &high).unwrap().p(), 2.0_f64.powi(-9));
    assert!((up.low - 0.025_f64.powf(0.1)).abs() < 1e-12, "Clopper and Pearson for 10 of 10: {up:?}");
    let down = BrunnerMunzel::of(&high, &low).unwrap().share(alpha());
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
    assert!(BrunnerMunzel::of(&a, &b).unwrap().p() > 0.1);
    let shift = shift::of(&a[..30_000], &b[..30_000], alpha()).unwrap().unwrap();
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
