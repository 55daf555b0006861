//! By how much the values of B are higher: the estimate of Hodges and Lehmann.

use super::ranks::Sorted;
use super::{Alpha, Estimate, Unclear};

/// The median of all differences `b − a` (J. L. Hodges, E. L. Lehmann, *Annals of Mathematical
/// Statistics* 34, 1963). The interval has every shift at which the test of Brunner and Munzel does
/// not find `b − shift` higher or lower than `a`. So it contains 0 exactly if that test decides
/// nothing. An end is infinite if the units are too few to reject any shift to that side.
///
/// There is no shift if the test decides although the smallest shift would undo that: so many values
/// are equal that they have an order and no distance.
///
/// The differences are not listed: each bound is found by bisection, in O((n + m) log(n + m)) all
/// together.
///
/// # Errors
///
/// A variant of fewer than two values, or values that are not finite.
pub fn of(a: &[f64], b: &[f64], alpha: Alpha) -> Result<Option<Estimate>, Unclear> {
    let sorted = Sorted::of(a, b)?;
    let value = median_difference(&sorted);
    let zero = sorted.shifted(0.0);
    // Bisection starts at 0, so that it can't step over the decision about 0.
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

/// How many differences are at most this. Both sides are sorted, so that one walk counts them.
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

/// The first number in this range of which it holds, if it holds for all that follow and for the last.
///
/// The bisection goes over the numbers that `f64` can represent, and not over the line of real
/// numbers, on which most of them are close to 0.
fn first(from: f64, to: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (order(from), order(to));
    while low < high {
        // Rounded down, which `midpoint` does not do below zero.
        let middle = low + (high.abs_diff(low) / 2).cast_signed();
        if holds(ordered(middle)) { high = middle } else { low = middle + 1 }
    }
    ordered(low)
}

/// The place of a number among all numbers; [`ordered`] is the inverse.
fn order(number: f64) -> i64 {
    swap_negative(number.to_bits().cast_signed())
}

fn ordered(place: i64) -> f64 {
    f64::from_bits(swap_negative(place).cast_unsigned())
}

/// Bits of a negative number order it the wrong way round.
fn swap_negative(bits: i64) -> i64 {
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}
