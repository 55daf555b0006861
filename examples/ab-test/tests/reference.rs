//! The statistics against scipy, statsmodels and independent computations: every number here was
//! printed by `reference.py`.

use ab_test::stats::cuped::Cuped;
use ab_test::stats::lift::NoLift;
use ab_test::stats::means::{Moments, Welch};
use ab_test::stats::ranks::BrunnerMunzel;
use ab_test::stats::rates::{self, Rate};
use ab_test::stats::{Alpha, Estimate, holm, ratio, sequential, shift, size};

const A: [f64; 10] = [12.1, 9.8, 11.4, 10.6, 13.9, 8.7, 10.1, 12.8, 9.2, 11.9];
const B: [f64; 8] = [13.2, 11.1, 14.8, 12.5, 15.3, 10.4, 12.9, 16.1];
const TIED_A: [f64; 12] = [1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 5.0, 5.0, 7.0, 8.0, 8.0];
const TIED_B: [f64; 13] = [2.0, 3.0, 3.0, 4.0, 5.0, 5.0, 6.0, 7.0, 8.0, 8.0, 9.0, 9.0, 10.0];

const CONSTANT: [f64; 6] = [11.5; 6];
const BEFORE_A: [f64; 10] = [11.0, 9.1, 12.0, 9.9, 13.1, 9.0, 9.6, 11.8, 9.9, 11.2];
const BEFORE_B: [f64; 8] = [11.9, 10.3, 13.6, 11.0, 14.1, 9.8, 11.1, 15.2];

/// Two long, skewed samples with ties, which need no list.
fn long() -> (Vec<f64>, Vec<f64>) {
    let sample = |units: u32, by: u32, modulus: u32, power: f64| {
        let value = move |unit: u32| {
            (1000.0 * (f64::from(unit * by % modulus) / f64::from(modulus)).powf(power)).floor() / 10.0
        };
        (1..=units).map(value).collect()
    };
    (sample(500, 7919, 1009, 2.0), sample(450, 6101, 1013, 2.2))
}

fn alpha(level: f64) -> Alpha {
    Alpha::new(level).unwrap()
}

/// Equal in this many digits, by default nine.
#[track_caller]
fn assert_close(is: f64, wanted: f64, relative: f64) {
    let off = (is - wanted).abs() / wanted.abs().max(1e-12);
    assert!(off <= relative || (is - wanted).abs() < 1e-13, "{is} and not {wanted}");
}

#[track_caller]
fn assert_interval(is: Estimate, low: f64, high: f64) {
    assert_close(is.low, low, 1e-9);
    assert_close(is.high, high, 1e-9);
}

#[test]
fn rates_and_their_intervals() {
    let cases = [
        ((120, 1000), (150, 1010), 0.0608687466268),
        ((3, 40), (11, 38), 0.0136207234723),
        ((0, 25), (4, 30), 0.0579616053212),
        ((5123, 51000), (5402, 49500), 7.02312455793e-06),
    ];
    let score = [
        [(-0.00130720548157, 0.0584469871966), (-0.0217994974692, 0.0791170615201)],
        [(0.0474470851395, 0.385666833948), (-0.0823120019227, 0.499094134441)],
        [(-0.00796918247192, 0.29681326682), (-0.189472540266, 0.430827503162)],
        [(0.00489331171913, 0.0124707012596), (0.0023230715113, 0.0150470225189)],
    ];
    let lift = [
        Some([(-0.00963219853211, 0.547378381149), (-0.147351861718, 0.798856488958)]),
        Some([(0.277057454316, 11.2212910143), (-0.302621166555, 22.347876286)]),
        None,
        Some([(0.0478262271551, 0.126423449374), (0.0224210337294, 0.154415534305)]),
    ];
    let wilson = [
        [(0.101299260601, 0.141609075848), (0.0901925095895, 0.157948295593)],
        [(0.0258360257746, 0.198642335243), (0.0139595154408, 0.317112134029)],
        [(0.0, 0.133192250939), (0.0, 0.302213276757)],
        [(0.0978721275057, 0.103090018985), (0.0961554755694, 0.104916101889)],
    ];
    for (at, (a, b, p)) in cases.into_iter().enumerate() {
        let (a, b) = (Rate::new(a.0, a.1).unwrap(), Rate::new(b.0, b.1).unwrap());
        assert_close(rates::z_test(a, b).unwrap(), p, 1e-9);
        for (level, alpha) in [0.05, 0.001].map(alpha).into_iter().enumerate() {
            let interval = |is: Estimate, wanted: (f64, f64)| assert_interval(is, wanted.0, wanted.1);
            interval(rates::difference(a, b, alpha), score[at][level]);
            interval(a.wilson(alpha), wilson[at][level]);
            match lift[at] {
                Some(lift) => interval(rates::lift(a, b, alpha).unwrap(), lift[level]),
                None => assert_eq!(rates::lift(a, b, alpha), Err(NoLift::BaselineNearZero)),
            }
        }
    }
}

fn welch(a: &[f64], b: &[f64]) -> Welch {
    Welch::of(&Moments::of(a).unwrap(), &Moments::of(b).unwrap()).unwrap()
}

/// What scipy says of two samples: p-value and degrees of freedom, the intervals at 5 % and 0.1 %, and
/// the interval of the lift at 5 %, if it has ends.
type Compared<'a> = (&'a [f64], &'a [f64], [f64; 2], [f64; 2], [f64; 2], Option<[f64; 2]>);

#[test]
fn means_and_their_intervals() {
    let (long_a, long_b) = long();
    let cases: [Compared<'_>; 5] = [
        (
            &A,
            &B,
            [0.0241149695832, 13.5897182474],
            [0.340820329285, 4.13417967072],
            [-1.4411799288, 5.9161799288],
            Some([0.0290632112022, 0.401231068443]),
        ),
        (
            &long_a,
            &long_b,
            [0.293123594871, 935.848599658],
            [-5.85118481104, 1.76758481104],
            [-8.44923338906, 4.36563338906],
            Some([-0.167713248385, 0.0563439210226]),
        ),
        (
            &[1.0, 2.0],
            &[3.0, 5.0],
            [0.198727388935, 1.47058823529],
            [-4.41852283007, 9.41852283007],
            [-97.7585816779, 102.758581678],
            None,
        ),
        (
            &CONSTANT,
            &B,
            [0.0397396841251, 7.0],
            [0.111022678661, 3.46397732134],
            [-2.04659431608, 5.62159431608],
            Some([0.00965414597049, 0.301215419247]),
        ),
        (
            &long_a[..450],
            &long_b[..50],
            [0.274527669484, 59.9500074014],
            [-14.0750799885, 4.07107998852],
            [-20.6974026553, 10.6934026553],
            Some([-0.411931807518, 0.125118983725]),
        ),
    ];
    for (a, b, [p, freedom], at_95, at_99_9, lift) in cases {
        let welch = welch(a, b);
        assert_close(welch.p(), p, 1e-9);
        assert_close(welch.freedom(), freedom, 1e-9);
        assert_interval(welch.difference(alpha(0.05)), at_95[0], at_95[1]);
        assert_interval(welch.difference(alpha(0.001)), at_99_9[0], at_99_9[1]);
        match lift {
            Some([low, high]) => assert_interval(welch.lift(alpha(0.05)).unwrap(), low, high),
            None => assert_eq!(welch.lift(alpha(0.05)), Err(NoLift::BaselineNearZero)),
        }
    }
    assert_interval(welch(&A, &B).a().mean(alpha(0.05)), 9.8638346087, 12.2361653913);
}

/// A sample that is far from 0 is compared as well as one that is near it. The values near 1.7e15
/// (microseconds since 1970) are rounded to quarters, and so is their difference.
#[test]
fn means_of_values_that_are_far_from_0() {
    let (a, b) = long();
    for (offset, difference, p, freedom) in [
        (0.0, -2.0418, 0.293123594871, 935.848599658),
        (1e12, -2.04180406359, 0.293122669103, 935.848583254),
        (1.7e15, -2.04416666667, 0.292574919502, 935.873248564),
    ] {
        let far = |values: &[f64]| values.iter().map(|value| value + offset).collect::<Vec<_>>();
        let welch = welch(&far(&a), &far(&b));
        assert_close(welch.difference(alpha(0.05)).value, difference, 1e-9);
        assert_close(welch.p(), p, 1e-9);
        assert_close(welch.freedom(), freedom, 1e-9);
    }
}

#[test]
fn means_adjusted_by_a_covariate() {
    let (long_a, long_b) = long();
    let root = |value: f64, number: f64| value.sqrt() + number * 7.0 % 11.0;
    let third_a = |value: f64, number: f64| value / 3.0 + number * 7.0 % 11.0;
    let third_b = |value: f64, number: f64| value / 3.0 + number * 5.0 % 13.0;
    let before = |values: &[f64], of: fn(f64, f64) -> f64| -> Vec<f64> {
        (1_u32..).zip(values).map(|(number, &value)| of(value, f64::from(number))).collect()
    };
    let (root_a, root_b) = (before(&long_a, root), before(&long_b, root));
    let (nine, one) = (&long_a[..450], &long_b[..50]);
    let (third_a, third_b) = (before(nine, third_a), before(one, third_b));
    for (a, b, [difference, error, p, slope, reduction], [mean_of_a, freedom]) in [
        (
            [&A, &BEFORE_A[..]],
            [&B, &BEFORE_B[..]],
            [0.700408641153, 0.297558251189, 0.0338575129455, 1.04920911867, 0.906562301706],
            [11.733151715, 13.8785353985],
        ),
        (
            [&long_a[..], &root_a],
            [&long_b[..], &root_b],
            [-0.910541784069, 1.52247877596, 0.54994204472, 4.48564984648, 0.386505096693],
            [32.6499408451, 929.384324937],
        ),
        (
            [nine, &third_a],
            [one, &third_b],
            [-3.35648586892, 1.5497242566, 0.0345705418501, 2.74965227993, 0.903255068016],
            [33.2974485869, 56.3234602214],
        ),
    ] {
        let cuped = Cuped::of(a, b).unwrap();
        let test = cuped.test();
        assert_close(test.difference(alpha(0.05)).value, difference, 1e-9);
        assert_close(test.error(), error, 1e-9);
        assert_close(test.freedom(), freedom, 1e-9);
        assert_close(test.p(), p, 1e-9);
        assert_close(cuped.slope(), slope, 1e-9);
        assert_close(cuped.reduction(), reduction, 1e-9);
        assert_close(test.a().mean(alpha(0.05)).value, mean_of_a, 1e-9);
    }
}

/// The p-value, the share with its interval, and the shift with its interval, if there is one.
type Ranked<'a> = (&'a [f64], &'a [f64], f64, [f64; 3], Option<[f64; 3]>);

#[test]
fn ranks_with_and_without_ties() {
    let (long_a, long_b) = long();
    let ties = |times: [usize; 3]| {
        [0.0, 1.0, 2.0]
            .into_iter()
            .zip(times)
            .flat_map(|(value, times)| vec![value; times])
            .collect::<Vec<_>>()
    };
    let (ties_a, ties_b) = (ties([40, 25, 5]), ties([28, 30, 12]));
    let cases: [Ranked<'_>; 6] = [
        (&A, &B, 0.0104140925115, [0.8125, 0.58570136621, 1.0], Some([2.35, 0.5, 4.0])),
        (
            &TIED_A,
            &TIED_B,
            0.0625473979943,
            [0.705128205128, 0.488336953694, 0.921919456562],
            Some([2.0, 0.0, 4.0]),
        ),
        (
            &long_a,
            &long_b,
            0.173714094491,
            [0.474431111111, 0.437572557026, 0.511289665197],
            Some([-1.4, -4.1, 0.5]),
        ),
        (&ties_a, &ties_b, 0.021441798278, [0.601020408163, 0.515169445171, 0.686871371156], None),
        (&CONSTANT, &B, 0.170470660787, [0.75, 0.362997513462, 1.0], Some([1.55, -0.4, 3.8])),
        (
            &long_a[..450],
            &long_b[..50],
            0.158862468304,
            [0.434755555556, 0.343239559409, 0.526271551703],
            Some([-3.8, -10.2, 1.6]),
        ),
    ];
    for (a, b, p, [share, low, high], shifted) in cases {
        let test = BrunnerMunzel::of(a, b).unwrap();
        assert_close(test.p(), p, 1e-9);
        assert_close(test.share(alpha(0.05)).value, share, 1e-9);
        // statsmodels lets an interval go beyond 1.
        assert_interval(test.share(alpha(0.05)), low, high);
        let shift = shift::of(a, b, alpha(0.05)).unwrap();
        assert_eq!(shift.is_some(), shifted.is_some());
        for (shift, wanted) in shift.into_iter().zip(shifted) {
            for (is, wanted) in [shift.value, shift.low, shift.high].into_iter().zip(wanted) {
                assert!((is - wanted).abs() < 1e-9, "{is} and not {wanted}");
            }
        }
    }
    // With three units, nothing is significant before 2^-2, and this is not.
    let few = BrunnerMunzel::of(&[1.0, 4.0, 6.0], &[2.0, 5.0, 7.0, 9.0]).unwrap();
    assert_close(few.p(), 0.29823544831, 1e-9);
    assert_interval(few.share(alpha(0.05)), 0.195161433547, 1.0);
}

#[test]
fn the_ratio_of_a_sample() {
    assert_close(ratio::p(500, 500, 0.5), 1.0, 0.0);
    assert_close(ratio::p(5120, 4880, 0.5), 0.0163950718492, 1e-9);
    assert_close(ratio::p(9300, 700, 0.08), 0.00022776260245, 1e-9);
    assert_close(ratio::p(10500, 9500, 0.5), 1.53745979443e-12, 1e-9);
}

#[test]
fn several_metrics() {
    let adjusted = holm::adjusted(&[0.01, 0.04, 0.03, 0.005, 0.9]);
    for (is, wanted) in adjusted.into_iter().zip([0.04, 0.09, 0.09, 0.025, 0.9]) {
        assert_close(is, wanted, 1e-12);
    }
}

#[test]
fn how_many_units_it_takes() {
    assert_close(size::rates(0.1, 0.02, alpha(0.05), 0.8, 1.0), 3840.84748244, 1e-9);
    assert_close(size::rates(0.4, -0.05, alpha(0.01), 0.9, 0.25), 7001.06584468, 1e-9);
    assert_close(size::means(12.0, 1.5, alpha(0.05), 0.8, 1.0), 1004.65660686, 1e-9);
    assert_close(size::means(12.0, 1.5, alpha(0.01), 0.9, 3.0), 1269.70770511, 1e-9);
    assert_close(size::order(0.06, alpha(0.05), 0.9, 1.0), 486.454771363, 1e-9);
    assert_close(size::order(0.1, alpha(0.01), 0.8, 0.25), 486.623673903, 1e-9);
}

/// The reference integrates the joint distribution of all looks, where the crate goes from look to
/// look; the former is good for some six digits. The first case is also in the tables of Lan and
/// `DeMets`: 4.877, 3.357, 2.680, 2.290, 2.031.
#[test]
fn bounds_and_costs_of_early_looks() {
    let cases: [(f64, &[f64], &[f64], _, _); 4] = [
        (
            0.05,
            &[0.2, 0.4, 0.6, 0.8, 1.0],
            &[4.87688493187, 3.35701191634, 2.68028006539, 2.28982126461, 2.03103026987],
            0.8,
            1.02471911385,
        ),
        (0.05, &[0.5, 1.0], &[2.96258804273, 1.96859564146], 0.9, 1.00341793519),
        (
            0.01,
            &[0.25, 0.5, 0.75, 1.0],
            &[5.49296102429, 3.80139501579, 3.04448328601, 2.60303087506],
            0.8,
            1.00898485631,
        ),
        (
            0.05,
            &[0.3, 0.45, 0.9, 1.0],
            &[3.9285725445, 3.14897588668, 2.09999416925, 2.05543884694],
            0.8,
            1.02424354542,
        ),
    ];
    for (level, fractions, bounds, power, inflation) in cases {
        for (is, wanted) in sequential::bounds(alpha(level), fractions).into_iter().zip(bounds) {
            assert_close(is, *wanted, 2e-5);
        }
        assert_close(sequential::inflation(alpha(level), power, fractions), inflation, 2e-5);
    }
    assert_close(sequential::bounds(alpha(0.05), &[1.0])[0], 1.95996398454, 1e-9);
    assert_close(sequential::inflation(alpha(0.05), 0.8, &[1.0]), 1.0, 1e-9);
}
