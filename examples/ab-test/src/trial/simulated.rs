//! Simulated users, generated from a seed.

use statrs::distribution::{ContinuousCDF as _, Normal};

use super::Trial;
use crate::variant::{Assignment, Variant};

/// The distribution of a metric's values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// 1 with this probability, otherwise 0.
    Rate(f64),
    /// Normally distributed.
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        deviation: f64,
    },
    /// The exponential of a normally distributed value: most are small, and some are very large.
    LogNormal {
        /// The median.
        median: f64,
        /// The standard deviation of the logarithm.
        deviation: f64,
    },
    /// A constant.
    Constant(f64),
}

/// A metric or a covariate, with its distributions in both variants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// The distribution in A.
    pub a: Shape,
    /// The distribution in B.
    pub b: Shape,
}

impl Effect {
    /// No effect: both variants have the same distribution.
    #[must_use]
    pub fn none(shape: Shape) -> Self {
        Self { a: shape, b: shape }
    }
}

/// Simulated users. The same seed creates the same users with the same behavior.
#[derive(Clone, Debug)]
pub struct Simulated {
    seed: u64,
    users: usize,
    metrics: Vec<Effect>,
    lost_in_b: f64,
    ignores_assignment: bool,
}

impl Simulated {
    /// An unlimited number of users.
    #[must_use]
    pub fn new(seed: u64, metrics: Vec<Effect>) -> Self {
        Self { seed, users: usize::MAX, metrics, lost_in_b: 0.0, ignores_assignment: false }
    }

    /// Limits the number of users.
    #[must_use]
    pub fn users(self, users: usize) -> Self {
        Self { users, ..self }
    }

    /// Loses this share of the users of B, as if B crashed.
    #[must_use]
    pub fn losing_in_b(self, share: f64) -> Self {
        Self { lost_in_b: share, ..self }
    }

    /// Gives B to all users, ignoring the assignment, as if a flag was set wrong.
    #[must_use]
    pub fn ignoring_assignment(self) -> Self {
        Self { ignores_assignment: true, ..self }
    }

    /// The random generator of one user.
    fn chance(&self, unit: &str) -> fastrand::Rng {
        let number: u64 = unit.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or_default();
        // Mixes the seed, since streams of adjacent seeds are similar at first.
        fastrand::Rng::with_seed(fastrand::Rng::with_seed(self.seed ^ number.rotate_left(32)).u64(..))
    }
}

impl Trial for Simulated {
    async fn arrivals(&self, before: usize, most: usize) -> flowgen::Result<Vec<String>> {
        let after = before.saturating_add(most).min(self.users);
        Ok((before..after).map(|number| format!("user-{}-{number}", self.seed)).collect())
    }

    fn assign(&self, unit: &str, assignment: &Assignment) -> Variant {
        if self.ignores_assignment { Variant::B } else { assignment.variant(unit) }
    }

    async fn measure(&self, unit: &str, variant: Variant) -> flowgen::Result<Option<Vec<f64>>> {
        let mut chance = self.chance(unit);
        let values = self.metrics.iter().map(|metric| match variant {
            Variant::A => metric.a.draw(&mut chance),
            Variant::B => metric.b.draw(&mut chance),
        });
        let values = values.collect();
        let is_lost = variant == Variant::B && chance.f64() < self.lost_in_b;
        Ok((!is_lost).then_some(values))
    }
}

impl Shape {
    fn draw(self, chance: &mut fastrand::Rng) -> f64 {
        match self {
            Self::Rate(rate) => f64::from(u8::from(chance.f64() < rate)),
            Self::Normal { mean, deviation } => mean + deviation * standard(chance),
            Self::LogNormal { median, deviation } => median * (deviation * standard(chance)).exp(),
            Self::Constant(value) => value,
        }
    }
}

/// A standard normal value, from a uniform one by the inverse distribution function. Excludes 0 and 1.
fn standard(chance: &mut fastrand::Rng) -> f64 {
    Normal::standard().inverse_cdf(chance.f64().max(f64::EPSILON / 2.0))
}
