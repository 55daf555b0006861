//! Tests of several metrics.

/// The p-values adjusted by the method of S. Holm (*Scandinavian Journal of Statistics* 6, 1979), in the order
/// given. If each is compared with alpha, the probability of any error is at most alpha, however the metrics
/// depend on each other. Bonferroni's method has the same guarantee and less power.
#[must_use]
pub fn adjusted(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&one, &other| p[one].total_cmp(&p[other]));
    let mut adjusted = vec![1.0; p.len()];
    let mut least: f64 = 0.0;
    for (left, &at) in (1..=p.len()).rev().zip(&order) {
        least = least.max(super::count(left) * p[at]).min(1.0);
        adjusted[at] = least;
    }
    adjusted
}
