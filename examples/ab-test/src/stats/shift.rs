//! The shift between the variants: the Hodges–Lehmann estimate.

use super::ranks::Sorted;
use super::{Alpha, Estimate, Unclear};

/// The median of all differences `b − a` (J. L. Hodges, E. L. Lehmann, *Annals of Mathematical Statistics* 34,
/// 1963). The interval consists of every shift at which the test of Brunner and Munzel does not find `b − shift`
/// significantly higher or lower than `a`. It therefore contains 0 exactly if that test is not significant. An end
/// is infinite if there are too few units to reject any shift on that side.
///
/// Returns `None` if the test is significant but would not be after the smallest possible shift: so many values
/// are equal that they have an order but no distance.
///
/// The differences are not listed: each bound is found by bisection, in O((n + m) log(n + m)) in total.
///
/// # Errors
///
/// A variant has fewer than two values, or a value is not finite.
pub fn of(a: &[f64], b: &[f64], alpha: Alpha) -> Result<Option<Estimate>, Unclear> {
    let sorted = Sorted::of(a, b)?;
    let value = median_difference(&sorted);
    let zero = sorted.shifted(0.0);
    // Bisection starts at 0, so that it can't miss the decision about 0.
    let from = if zero.is_above(alpha) { 0.0 } else { f64::NEG_INFINITY };
    let to = if zero.is_below(alpha) { 0.0 } else { f64::INFINITY };
    let start_low = if zero.is_above(alpha) { value } else { value.min(0.0) };
    let start_high = if zero.is_below(alpha) { value } else { value.max(0.0) };
    let shift = Estimate {
        value,
        low: first(from, start_low, |shift| !sorted.shifted(shift).is_above(alpha)),
        high: 0.0 - first(-to, -start_high, |shift| !sorted.shifted(-shift).is_below(alpha)),
    };
    let is_decided = zero.is_above(alpha) || zero.is_below(alpha);
    let is_at_zero = shift.low < f64::MIN_POSITIVE && shift.high > -f64::MIN_POSITIVE;
    Ok(Some(shift).filter(|_| !(is_decided && is_at_zero)))
}

fn median_difference(sorted: &Sorted) -> f64 {
    let pairs = sorted.a.len() * sorted.b.len();
    let ranked =
        |rank: usize| first(f64::NEG_INFINITY, f64::INFINITY, |most| differences_up_to(sorted, most) >= rank);
    ranked(pairs.div_ceil(2)).midpoint(ranked(pairs / 2 + 1))
}

/// The number of differences up to `most`. Both lists are sorted, so that one pass is enough.
fn differences_up_to(Sorted { a, b }: &Sorted, most: f64) -> usize {
    let (mut rest_beyond, mut up_to) = (b.as_slice(), 0);
    for from in a {
        while let [first, rest @ ..] = rest_beyond
            && first - from <= most
        {
            rest_beyond = rest;
        }
        up_to += b.len() - rest_beyond.len();
    }
    up_to
}

/// The first number in this range for which `holds` is true. It must be true for all later numbers, including the
/// last.
///
/// Bisects the numbers that `f64` can represent rather than the real line, since most of them are close to 0.
fn first(from: f64, to: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (order(from), order(to));
    while low < high {
        // Rounds down, which `midpoint` does not do for negative numbers.
        let middle = low + (high.abs_diff(low) / 2).cast_signed();
        if holds(ordered(middle)) { high = middle } else { low = middle + 1 }
    }
    ordered(low)
}

/// The index of a number in the order of all numbers. [`ordered`] is the inverse.
fn order(number: f64) -> i64 {
    swap_negative(number.to_bits().cast_signed())
}

fn ordered(place: i64) -> f64 {
    f64::from_bits(swap_negative(place).cast_unsigned())
}

/// Reverses the order of negative numbers, whose bits are ordered by absolute value.
fn swap_negative(bits: i64) -> i64 {
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}
