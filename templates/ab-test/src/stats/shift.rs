//! By how much the values of B are higher: the estimate of Hodges and Lehmann.

use super::{Alpha, Estimate, Unclear, count, finite};

/// The median of all differences `b − a` (J. L. Hodges, E. L. Lehmann, *Annals of Mathematical
/// Statistics* 34, 1963) with the interval that belongs to the Mann–Whitney test (M. Hollander, D. A.
/// Wolfe, *Nonparametric Statistical Methods*, section 4.3, with the normal approximation of its
/// rank). It is by how much B is shifted if the variants differ in nothing else.
///
/// The differences are not listed: each rank that is asked for is found by halving, in
/// O((n + m) log(n + m)) all together.
///
/// # Errors
///
/// A variant of fewer than two values, or values that are not finite.
pub fn of(a: &[f64], b: &[f64], alpha: Alpha) -> Result<Estimate, Unclear> {
    let differences = Differences::of(finite(a, 2)?, finite(b, 2)?);
    let (in_a, in_b) = (count(a.len()), count(b.len()));
    let spread = (in_a * in_b * (in_a + in_b + 1.0) / 12.0).sqrt();
    let rank = whole((in_a * in_b / 2.0 - alpha.z() * spread).round().max(1.0));
    Ok(Estimate {
        value: differences.median(),
        low: differences.ranked(rank),
        high: differences.ranked(differences.pairs() + 1 - rank),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank is positive, and no huge one"
)]
fn whole(rank: f64) -> usize {
    rank as usize
}

/// All differences of two variants, ordered, though never listed.
struct Differences {
    a: Vec<f64>,
    b: Vec<f64>,
}

impl Differences {
    fn of(a: &[f64], b: &[f64]) -> Self {
        let sorted = |values: &[f64]| {
            let mut values = values.to_vec();
            values.sort_unstable_by(f64::total_cmp);
            values
        };
        Self { a: sorted(a), b: sorted(b) }
    }

    fn pairs(&self) -> usize {
        self.a.len() * self.b.len()
    }

    fn median(&self) -> f64 {
        let pairs = self.pairs();
        self.ranked(pairs.div_ceil(2)).midpoint(self.ranked(pairs / 2 + 1))
    }

    /// The difference of this rank, from 1.
    fn ranked(&self, rank: usize) -> f64 {
        let (mut low, mut high) = (i64::MIN, i64::MAX);
        while low < high {
            // Rounded down, which `midpoint` does not do below zero.
            let middle = low + (high.abs_diff(low) / 2).cast_signed();
            if self.up_to(from_ordered(middle)) >= rank { high = middle } else { low = middle + 1 }
        }
        from_ordered(low)
    }

    /// How many differences are at most this. Both sides are sorted, so one walk counts them.
    fn up_to(&self, most: f64) -> usize {
        if most.is_nan() {
            return if most.is_sign_positive() { self.pairs() } else { 0 };
        }
        let (mut beyond, mut below) = (0, 0);
        for from in &self.a {
            while beyond < self.b.len() && self.b[beyond] - from <= most {
                beyond += 1;
            }
            below += beyond;
        }
        below
    }
}

/// The number that is so many steps from zero: it keeps the order of all numbers, so that halving
/// goes over numbers as they are and not over a line on which most of them lie together.
fn from_ordered(step: i64) -> f64 {
    let bits = step ^ ((step >> 63).cast_unsigned() >> 1).cast_signed();
    f64::from_bits(bits.cast_unsigned())
}
