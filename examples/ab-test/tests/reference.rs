//! The statistics against scipy and statsmodels: every number here was printed by `reference.py`.

use ab_test::stats::means::{Moments, Welch};
use ab_test::stats::ranks::MannWhitney;
use ab_test::stats::rates::{self, Rate};
use ab_test::stats::{Alpha, Estimate, holm, ratio, sequential, shift, size};

const A: [f64; 10] = [12.1, 9.8, 11.4, 10.6, 13.9, 8.7, 10.1, 12.8, 9.2, 11.9];
const B: [f64; 8] = [13.2, 11.1, 14.8, 12.5, 15.3, 10.4, 12.9, 16.1];
const TIED_A: [f64; 12] = [1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 5.0, 5.0, 7.0, 8.0, 8.0];
const TIED_B: [f64; 13] = [2.0, 3.0, 3.0, 4.0, 5.0, 5.0, 6.0, 7.0, 8.0, 8.0, 9.0, 9.0, 10.0];

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
    let newcombe = [
        [(-0.00133877861693, 0.0583616050406), (-0.0218308038286, 0.0788344885537)],
        [(0.0425622038704, 0.380039310928), (-0.0824700185618, 0.486696665474)],
        [(-0.0221598058501, 0.29681326682), (-0.185954045019, 0.430827503162)],
        [(0.00489297766601, 0.0124702241899), (0.00232226812778, 0.0150455426221)],
    ];
    let wilson = [
        [(0.101299260601, 0.141609075848), (0.0901925095895, 0.157948295593)],
        [(0.0258360257746, 0.198642335243), (0.0139595154408, 0.317112134029)],
        [(0.0, 0.133192250939), (0.0, 0.302213276757)],
        [(0.0978721275057, 0.103090018985), (0.0961554755694, 0.104916101889)],
    ];
    for (((a, b, p), newcombe), wilson) in cases.into_iter().zip(newcombe).zip(wilson) {
        let (a, b) = (Rate::new(a.0, a.1).unwrap(), Rate::new(b.0, b.1).unwrap());
        assert_close(rates::z_test(a, b).unwrap(), p, 1e-9);
        for ((level, (low, high)), (wilson_low, wilson_high)) in
            [0.05, 0.001].into_iter().zip(newcombe).zip(wilson)
        {
            assert_interval(rates::difference(a, b, alpha(level)), low, high);
            assert_interval(a.wilson(alpha(level)), wilson_low, wilson_high);
        }
    }
}

#[test]
fn means_and_their_intervals() {
    let (long_a, long_b) = long();
    let cases: [(&[f64], &[f64], _, _, _); 2] = [
        (
            &A,
            &B,
            (0.0241149695832, 13.5897182474),
            (0.340820329285, 4.13417967072),
            (-1.4411799288, 5.9161799288),
        ),
        (
            &long_a,
            &long_b,
            (0.293123594871, 935.848599658),
            (-5.85118481104, 1.76758481104),
            (-8.44923338906, 4.36563338906),
        ),
    ];
    for (a, b, (p, freedom), at_95, at_99_9) in cases {
        let welch = Welch::of(&Moments::of(a).unwrap(), &Moments::of(b).unwrap()).unwrap();
        assert_close(welch.p(), p, 1e-9);
        assert_close(welch.freedom(), freedom, 1e-9);
        assert_interval(welch.difference(alpha(0.05)), at_95.0, at_95.1);
        assert_interval(welch.difference(alpha(0.001)), at_99_9.0, at_99_9.1);
    }
    assert_interval(Moments::of(&A).unwrap().mean(alpha(0.05)), 9.8638346087, 12.2361653913);
}

#[test]
fn ranks_exactly_with_ties_and_by_approximation() {
    let (long_a, long_b) = long();
    let cases: [(&[f64], &[f64], _, _, _); 3] = [
        (&A, &B, (65.0, 0.0266465560583), (0.8125, 0.58570136621, 1.0), (2.35, 0.4, 4.2)),
        (
            &TIED_A,
            &TIED_B,
            (110.0, 0.0837959302864),
            (0.705128205128, 0.488336953694, 0.921919456562),
            (2.0, 0.0, 4.0),
        ),
        (
            &long_a,
            &long_b,
            (106747.0, 0.17309650419),
            (0.474431111111, 0.437572557026, 0.511289665197),
            (-1.4, -4.2, 0.5),
        ),
    ];
    for (a, b, (u, p), (share, low, high), (median, lowest, highest)) in cases {
        let test = MannWhitney::of(a, b).unwrap();
        assert_close(test.u(), u, 0.0);
        assert_close(test.p(), p, 1e-9);
        assert_close(test.share(alpha(0.05)).value, share, 1e-9);
        // statsmodels lets an interval go beyond 1.
        assert_interval(test.share(alpha(0.05)), low, high);
        let shift = shift::of(a, b, alpha(0.05)).unwrap();
        for (is, wanted) in [(shift.value, median), (shift.low, lowest), (shift.high, highest)] {
            assert!((is - wanted).abs() < 1e-9, "{is} and not {wanted}");
        }
    }
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
fn bounds_of_early_looks_and_what_they_cost() {
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
