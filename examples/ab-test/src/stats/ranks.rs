//! Ranks: the share of pairs in which B has the higher value.

use super::{Alpha, Estimate, Unclear, count, curve, finite, rounding};

/// The test of E. Brunner and U. Munzel (*Biometrical Journal* 42, 2000), with Satterthwaite's degrees of freedom.
/// Its null hypothesis is that B has the higher value in half of all pairs, where a tie counts as half. The
/// variants may differ in all other respects, for example in their spread, which the Mann–Whitney test does not
/// allow.
///
/// The test rejects too often if one variant has only a few units and nearly all pairs have the same order: its
/// variance is then close to 0. The p-value is therefore bounded below, and the length of the interval as well, by
/// their values if *all* pairs had the same order: the m units of the smaller variant belong to m independent
/// pairs, and a sign test of those has the p-value 2^(1 − m) (C. J. Clopper, E. S. Pearson, *Biometrika* 26,
/// 1934).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BrunnerMunzel {
    share: f64,
    error: f64,
    freedom: f64,
    /// The number of pairs that have no unit in common.
    pairs: f64,
}

impl BrunnerMunzel {
    /// Compares `b` with `a`.
    ///
    /// # Errors
    ///
    /// A variant has fewer than two values, a value is not finite, or all values are equal up to rounding.
    pub fn of(a: &[f64], b: &[f64]) -> Result<Self, Unclear> {
        Sorted::of(a, b)?.test()
    }

    /// The two-sided p-value.
    #[must_use]
    pub fn p(&self) -> f64 {
        let least = 2.0_f64.powf(1.0 - self.pairs);
        let off = self.share - 0.5;
        let p = if self.error > 0.0 { curve::t_two_sided(off / self.error, self.freedom) } else { 0.0 };
        if off == 0.0 { 1.0 } else { p.max(least) }
    }

    /// The share of pairs in which B has the higher value. Its interval contains one half exactly if the p-value
    /// is not below `alpha`.
    #[must_use]
    pub fn share(&self, alpha: Alpha) -> Estimate {
        let value = self.share;
        let half = if self.error > 0.0 { alpha.t(self.freedom) * self.error } else { 0.0 };
        let least = (alpha.level() / 2.0).powf(self.pairs.recip());
        let (mut low, mut high) = ((value - half).max(0.0), (value + half).min(1.0));
        if value > 0.5 {
            low = low.min(least)
        } else {
            high = high.max(1.0 - least)
        }
        Estimate { value, low, high }
    }

    /// Whether the share is significantly greater than one half.
    pub(super) fn is_above(&self, alpha: Alpha) -> bool {
        self.share > 0.5 && self.p() < alpha.level()
    }

    /// Whether the share is significantly less than one half.
    pub(super) fn is_below(&self, alpha: Alpha) -> bool {
        self.share < 0.5 && self.p() < alpha.level()
    }
}

/// The values of both variants in ascending order. Each has at least one.
pub(super) struct Sorted {
    pub(super) a: Vec<f64>,
    pub(super) b: Vec<f64>,
}

impl Sorted {
    pub(super) fn of(a: &[f64], b: &[f64]) -> Result<Self, Unclear> {
        let sorted = |values: &[f64]| {
            let mut values = finite(values, 2)?.to_vec();
            values.sort_unstable_by(f64::total_cmp);
            Ok(values)
        };
        Ok(Self { a: sorted(a)?, b: sorted(b)? })
    }

    fn test(&self) -> Result<BrunnerMunzel, Unclear> {
        let ends = [self.a.first(), self.b.first(), self.a.last(), self.b.last()];
        let least = ends.into_iter().flatten().copied().fold(f64::INFINITY, f64::min);
        let most = ends.into_iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
        if most - least <= 2.0 * rounding(least.abs().max(most.abs())) {
            return Err(Unclear::NoVariance);
        }
        Ok(self.shifted(0.0))
    }

    /// The test of `b − shift` against `a`. It compares differences with the shift, which have the same order as
    /// the values even after rounding.
    pub(super) fn shifted(&self, shift: f64) -> BrunnerMunzel {
        let (in_a, in_b) = (count(self.a.len()), count(self.b.len()));
        let of_a = placements(&self.a, &self.b, |from, to| to - from < shift, |from, to| to - from <= shift);
        let of_b = placements(&self.b, &self.a, |from, to| from - to > shift, |from, to| from - to >= shift);
        let (part_a, part_b) =
            (of_a.variance() / (in_a * in_b * in_b), of_b.variance() / (in_b * in_a * in_a));
        let variance = part_a + part_b;
        let freedom = variance * variance / (part_a * part_a / (in_a - 1.0) + part_b * part_b / (in_b - 1.0));
        BrunnerMunzel { share: of_b.mean / in_a, error: variance.sqrt(), freedom, pairs: in_a.min(in_b) }
    }
}

/// For each of these values, the number of others that are less, where a tie counts as half. Both lists are in
/// ascending order, so that one pass is enough.
fn placements(
    of: &[f64],
    among: &[f64],
    is_below: impl Fn(f64, f64) -> bool,
    is_no_higher: impl Fn(f64, f64) -> bool,
) -> Placements {
    let mut placements = Placements::default();
    let (mut rest_below, mut rest_no_higher) = (among, among);
    for &value in of {
        while let [first, rest @ ..] = rest_below
            && is_below(value, *first)
        {
            rest_below = rest;
        }
        while let [first, rest @ ..] = rest_no_higher
            && is_no_higher(value, *first)
        {
            rest_no_higher = rest;
        }
        let (below, no_higher) = (among.len() - rest_below.len(), among.len() - rest_no_higher.len());
        placements.add(count(below).midpoint(count(no_higher)));
    }
    placements
}

/// The mean and the variance of placements, updated by B. P. Welford's formula (*Technometrics* 4, 1962), since
/// sums of squares would lose digits.
#[derive(Default)]
struct Placements {
    values: f64,
    mean: f64,
    squares: f64,
}

impl Placements {
    fn add(&mut self, place: f64) {
        self.values += 1.0;
        let off = place - self.mean;
        self.mean += off / self.values;
        self.squares += off * (place - self.mean);
    }

    fn variance(&self) -> f64 {
        self.squares / (self.values - 1.0)
    }
}
