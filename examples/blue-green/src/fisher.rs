//! Fisher's exact test, one-sided: whether one share is significantly greater than another.
//!
//! R. A. Fisher, "The Logic of Inductive Inference", Journal of the Royal Statistical Society 98 (1935). The test
//! is exact for counts of any size. It therefore holds for the few errors of a typical sample, where the z-test
//! with a pooled variance does not.

/// A number of hits in a number of trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) hits: u64,
    pub(crate) of: u64,
}

impl Share {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub(crate) fn rate(self) -> f64 {
        if self.of == 0 { 0.0 } else { self.hits as f64 / self.of as f64 }
    }
}

/// The probability of at least the hits in `new` under the null hypothesis, given the total number of hits.
///
/// 1 if the share in `new` is not greater than that in `old`, or if one of the two has no trials.
pub(crate) fn p_value(new: Share, old: Share) -> f64 {
    if new.of == 0 || old.of == 0 || new.rate() <= old.rate() {
        return 1.0;
    }
    let (all, hits) = (new.of + old.of, new.hits + old.hits);
    // Sums the hypergeometric distribution from the hits in `new` to the highest possible number.
    let misses = all - hits;
    let first = ln_choose(hits, new.hits) + ln_choose(misses, new.of - new.hits) - ln_choose(all, new.of);
    let mut term = first.exp();
    let mut sum = term;
    for more in new.hits..hits.min(new.of) {
        let up = count(hits - more) * count(new.of - more);
        let down = count(more + 1) * count(misses + more + 1 - new.of);
        term *= up / down;
        sum += term;
    }
    sum.min(1.0)
}

/// The logarithm of the binomial coefficient.
fn ln_choose(of: u64, chosen: u64) -> f64 {
    let chosen = chosen.min(of - chosen);
    (1..=chosen).map(|nth| (count(of - chosen + nth) / count(nth)).ln()).sum()
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn count(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected values are sums of exact fractions, computed in Python:
    /// `comb(K, x) * comb(N - K, n - x) / comb(N, n)` for each possible `x`.
    #[test]
    fn values_agree_with_exact_fractions() {
        for (new, old, wanted) in [
            ((3, 4), (1, 4), 0.24285714285714285),
            ((10, 10), (0, 200), 2.7043883597916422e-17),
            ((7, 200), (0, 200), 0.007406481321436423),
            ((6, 200), (0, 200), 0.01504202907549459),
            ((12, 200), (2, 200), 0.005738941430019923),
            ((20, 200), (10, 1000), 7.483812933158072e-10),
            ((150, 5000), (80, 5000), 1.7743506583459243e-06),
            ((1, 1), (0, 1), 0.5),
            ((200, 200), (199, 200), 0.5),
        ] {
            let share = |(hits, of)| Share { hits, of };
            let found = p_value(share(new), share(old));
            assert!((found - wanted).abs() <= wanted * 1e-9, "{new:?}, {old:?}: {found:e} for {wanted:e}");
        }
    }

    #[test]
    fn a_share_that_is_not_greater_is_not_significant() {
        let share = |hits, of| Share { hits, of };
        for (new, old) in [((0, 0), (5, 10)), ((5, 10), (0, 0)), ((1, 100), (1, 100)), ((0, 100), (9, 10))] {
            let found = p_value(share(new.0, new.1), share(old.0, old.1));
            assert!((found - 1.0).abs() < f64::EPSILON, "{found}");
        }
    }
}
