//! The plan: all decisions before the first unit is exposed.

mod error;
mod file;
mod metric;
mod size;

pub use error::PlanError;
pub use metric::{Better, Expected, Guardrail, Kind, Metric, Primary};

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::stats::{Alpha, count, sequential};
use crate::variant::Assignment;

/// A plan that can still be changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The name of the experiment.
    pub name: String,
    /// The salt of its assignment. Each experiment needs another one.
    pub salt: String,
    /// The share of units that get B.
    #[serde(default = "half")]
    pub share_of_b: f64,
    /// The probability of finding B better or worse although there is no difference.
    pub alpha: f64,
    /// The probability of finding an effect that matters.
    pub power: f64,
    /// The number of looks at the results, including the last one.
    #[serde(default = "once")]
    pub looks: u16,
    /// The primary metric.
    pub primary: Primary,
    /// Metrics that are reported and do not affect the verdict.
    #[serde(default)]
    pub secondary: Vec<Metric>,
    /// Metrics that must not be harmed.
    #[serde(default)]
    pub guardrails: Vec<Guardrail>,
}

fn half() -> f64 {
    0.5
}

fn once() -> u16 {
    1
}

/// A validated draft with its sample size. It can't be changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    draft: Draft,
    units: usize,
    alpha: Alpha,
    /// The level of each look, if all looks take place as planned.
    levels: Vec<Alpha>,
    digest: Digest,
}

/// A SHA-256 digest: of a draft, or of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest(String);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let hash = Sha256::digest(bytes);
        let halves = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        Self(halves.filter_map(|half| char::from_digit(half.into(), 16)).collect())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Draft {
    /// Validates the draft and computes its sample size.
    ///
    /// # Errors
    ///
    /// A number is out of its range, a name is missing or duplicate, or the effect is too small for any sample.
    pub fn freeze(self) -> Result<Plan, PlanError> {
        let alpha = error::check(&self)?;
        let units = size::units(&self, alpha)?;
        let digest = self.digest();
        let mut plan = Plan { draft: self, units, alpha, levels: Vec::new(), digest };
        plan.levels = levels(alpha, &plan.planned_fractions());
        Ok(plan)
    }

    /// The digest of the draft.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(file::canonical(self).as_bytes())
    }

    /// All metrics: the primary one, the secondary ones and the guardrails.
    #[must_use]
    pub fn metrics(&self) -> Vec<Metric> {
        let guardrails = self.guardrails.iter().map(Guardrail::metric);
        std::iter::once(self.primary.metric())
            .chain(self.secondary.iter().cloned())
            .chain(guardrails)
            .collect()
    }

    /// The columns of the data, in the order of a unit's values: one for each metric in the order of
    /// [`metrics`](Self::metrics), then one for each covariate.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let metrics = self.metrics();
        let mut columns: Vec<String> = metrics.iter().map(|metric| metric.name.clone()).collect();
        for covariate in metrics.into_iter().filter_map(|metric| metric.covariate) {
            if !columns.contains(&covariate) {
                columns.push(covariate);
            }
        }
        columns
    }
}

impl Plan {
    /// The draft of the plan.
    #[must_use]
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The sample size: the number of units in both variants together.
    #[must_use]
    pub fn units(&self) -> usize {
        self.units
    }

    /// The probability of finding B better or worse although there is no difference.
    #[must_use]
    pub fn alpha(&self) -> Alpha {
        self.alpha
    }

    /// The digest of the draft when it was frozen.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The assignment of units to variants.
    #[must_use]
    pub fn assignment(&self) -> Assignment {
        Assignment::new(&self.draft.salt, self.draft.share_of_b)
    }

    /// The number of looks at the results, including the last one.
    #[must_use]
    pub fn looks(&self) -> usize {
        usize::from(self.draft.looks)
    }

    /// The number of units at this look. Looks are numbered from 0.
    #[must_use]
    pub fn units_at(&self, look: usize) -> usize {
        (self.units * (look + 1)).div_ceil(self.looks()).min(self.units)
    }

    /// This number of units as a fraction of the sample.
    #[must_use]
    pub fn fraction(&self, units: usize) -> f64 {
        (count(units) / count(self.units)).min(1.0)
    }

    /// The level of the last of these looks, given as fractions of the sample.
    #[must_use]
    pub fn level(&self, fractions: &[f64]) -> Alpha {
        let planned = self.levels.get(fractions.len().saturating_sub(1));
        match planned.filter(|_| self.planned_fractions().starts_with(fractions)) {
            Some(level) => *level,
            None => levels(self.alpha, fractions).last().copied().unwrap_or(self.alpha),
        }
    }

    fn planned_fractions(&self) -> Vec<f64> {
        (0..self.looks()).map(|look| self.fraction(self.units_at(look))).collect()
    }

    /// The one-sided level of each guardrail at each look.
    #[must_use]
    pub fn guardrail_level(&self) -> Alpha {
        self.alpha.shared_by(self.draft.guardrails.len() * self.looks())
    }
}

/// The level of each look, if the looks take place at these fractions of the sample.
fn levels(alpha: Alpha, fractions: &[f64]) -> Vec<Alpha> {
    sequential::bounds(alpha, fractions).into_iter().map(Alpha::beyond).collect()
}
