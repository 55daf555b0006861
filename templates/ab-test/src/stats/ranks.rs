//! Order: in how many pairs is the value of B the higher one?

use super::{Alpha, Estimate, Unclear, count, curve, finite};

/// Up to so many pairs, the distribution of U is counted out.
const MOST_PAIRS_COUNTED: usize = 400;

/// The test of H. B. Mann and D. R. Whitney (*Annals of Mathematical Statistics* 18, 1947), and what
/// it says of the share of pairs in which the value of B is the higher one, ties counting half.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MannWhitney {
    /// U of B: the number of such pairs.
    u: f64,
    p: f64,
    share: f64,
    error: f64,
    freedom: f64,
    /// Pairs of which none shares a unit with another.
    pairs: f64,
}

impl MannWhitney {
    /// Compares `b` with `a`.
    ///
    /// With at most 400 pairs and no ties the p-value is exact. Otherwise it is that of the normal
    /// approximation, with the variance corrected for ties and half a pair taken off for continuity
    /// (M. Hollander, D. A. Wolfe, *Nonparametric Statistical Methods*, section 4.1).
    ///
    /// # Errors
    ///
    /// A variant of fewer than two values, values that are not finite, or all the same.
    pub fn of(a: &[f64], b: &[f64]) -> Result<Self, Unclear> {
        let (a, b) = (finite(a, 2)?, finite(b, 2)?);
        let pooled = Pooled::of(a, b);
        let (in_a, in_b) = (count(a.len()), count(b.len()));
        let u = pooled.sum_in_b - in_b * (in_b + 1.0) / 2.0;
        let p = if pooled.tied == 0.0 && a.len() * b.len() <= MOST_PAIRS_COUNTED {
            exact_p(u, a.len(), b.len())
        } else {
            normal_p(u, pooled.variance_of_u(in_a, in_b)?, in_a * in_b)
        };
        // Each variant's part in the variance of the share (E. Brunner, U. Munzel, *Biometrical
        // Journal* 42, 2000), with the degrees of freedom of Satterthwaite.
        let (of_a, of_b) = (pooled.spread_a / (in_a * in_b * in_b), pooled.spread_b / (in_b * in_a * in_a));
        let error = of_a + of_b;
        let freedom = (error * error) / (of_a * of_a / (in_a - 1.0) + of_b * of_b / (in_b - 1.0));
        Ok(Self { u, p, share: u / (in_a * in_b), error: error.sqrt(), freedom, pairs: in_a.min(in_b) })
    }

    /// The number of pairs in which the value of B is the higher one, ties counting half.
    #[must_use]
    pub fn u(&self) -> f64 {
        self.u
    }

    /// The two-sided p-value.
    #[must_use]
    pub fn p(&self) -> f64 {
        self.p
    }

    /// The share of pairs in which the value of B is the higher one, with the interval of Brunner and
    /// Munzel.
    #[must_use]
    pub fn share(&self, alpha: Alpha) -> Estimate {
        let value = self.share;
        if self.error <= 0.0 {
            return self.share_if_separate(alpha);
        }
        let half = alpha.t(self.freedom) * self.error;
        Estimate { value, low: (value - half).max(0.0), high: (value + half).min(1.0) }
    }

    /// Where no value of one variant lies among those of the other, Brunner and Munzel's interval has
    /// no length. As many units as the smaller variant has make independent pairs, which all fell to
    /// one side, and of those the interval is known (C. J. Clopper, E. S. Pearson, *Biometrika* 26,
    /// 1934).
    fn share_if_separate(&self, alpha: Alpha) -> Estimate {
        let least = (alpha.level() / 2.0).powf(self.pairs.recip());
        let (low, high) = if self.share > 0.5 { (least, 1.0) } else { (0.0, 1.0 - least) };
        Estimate { value: self.share, low, high }
    }
}

/// What the ranks of both variants together say.
struct Pooled {
    /// The sum of the ranks of B.
    sum_in_b: f64,
    /// The sum of t³ − t over groups of t equal values.
    tied: f64,
    /// The variances of the placements of A among B, and of B among A.
    spread_a: f64,
    spread_b: f64,
}

impl Pooled {
    fn of(a: &[f64], b: &[f64]) -> Self {
        let mut all: Vec<(f64, bool)> =
            a.iter().map(|&value| (value, false)).chain(b.iter().map(|&value| (value, true))).collect();
        all.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        let mut sum_in_b = 0.0;
        let mut tied = 0.0;
        let (mut before_a, mut before_b) = (0, 0);
        let (mut placed_a, mut placed_b) = (Placements::default(), Placements::default());
        #[expect(clippy::float_cmp, reason = "ties are values that are exactly equal")]
        for group in all.chunk_by(|one, other| one.0 == other.0) {
            let of_b = group.iter().filter(|(_, is_b)| *is_b).count();
            let of_a = group.len() - of_b;
            let size = count(group.len());
            tied += size * size * size - size;
            sum_in_b += count(of_b) * (count(before_a + before_b) + size.midpoint(1.0));
            placed_a.add(of_a, count(before_b) + count(of_b) / 2.0);
            placed_b.add(of_b, count(before_a) + count(of_a) / 2.0);
            before_a += of_a;
            before_b += of_b;
        }
        Self { sum_in_b, tied, spread_a: placed_a.variance(), spread_b: placed_b.variance() }
    }

    fn variance_of_u(&self, in_a: f64, in_b: f64) -> Result<f64, Unclear> {
        let units = in_a + in_b;
        let variance = in_a * in_b / 12.0 * (units + 1.0 - self.tied / (units * (units - 1.0)));
        if variance > 0.0 { Ok(variance) } else { Err(Unclear::NoVariance) }
    }
}

/// Over the values of a variant: how many of the other one lie below. Kept as D. E. Knuth describes
/// after Welford, since sums of squares would lose the digits that count.
#[derive(Default)]
struct Placements {
    values: f64,
    mean: f64,
    squares: f64,
}

impl Placements {
    fn add(&mut self, times: usize, place: f64) {
        let times = count(times);
        if times > 0.0 {
            let (before, off) = (self.values, place - self.mean);
            self.values += times;
            self.mean += off * times / self.values;
            self.squares += off * off * before * times / self.values;
        }
    }

    fn variance(&self) -> f64 {
        self.squares / (self.values - 1.0)
    }
}

fn normal_p(u: f64, variance: f64, pairs: f64) -> f64 {
    let off = ((u - pairs / 2.0).abs() - 0.5).max(0.0);
    curve::two_sided(off / variance.sqrt())
}

/// How often U is as far from its middle if all orders are equally likely. Without ties U is whole.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "U is whole and at most 400")]
fn exact_p(u: f64, in_a: usize, in_b: usize) -> f64 {
    let ways = ways(in_a, in_b);
    let farther = (u.max(count(in_a * in_b) - u)) as usize;
    let tail: f64 = ways[farther..].iter().sum();
    (2.0 * tail / ways.iter().sum::<f64>()).min(1.0)
}

/// By U: the number of orders that have it. It is the coefficient of the Gaussian binomial, built by
/// multiplying with `1 − x^(m+i)` and dividing by `1 − x^i`. All are whole, and for 400 pairs below
/// 2^53: exact.
fn ways(in_a: usize, in_b: usize) -> Vec<f64> {
    let mut ways = vec![0.0; in_a * in_b + 1];
    ways[0] = 1.0;
    let (few, many) = (in_a.min(in_b), in_a.max(in_b));
    for step in 1..=few {
        for at in (many + step..ways.len()).rev() {
            ways[at] -= ways[at - many - step];
        }
        for at in step..ways.len() {
            ways[at] += ways[at - step];
        }
    }
    ways
}
