//! A look at the results, and the verdict that follows from it.

use super::{Comparison, Doubt, Reason, Sample, Verdict, compare};
use crate::plan::{Metric, Plan};
use crate::stats::{Alpha, Unclear, holm};

/// A look at the results.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// The number of measured units.
    pub units: usize,
    /// These units as a fraction of the sample.
    pub fraction: f64,
    /// The level of this look. A p-value below it is significant.
    pub alpha: Alpha,
    /// The primary metric. Its interval has the level of this look, which makes it a repeated confidence interval:
    /// whenever the experiment stops, it contains the true value with the planned probability (C. Jennison, B. W.
    /// Turnbull, *JRSS B* 51, 1989).
    pub primary: Result<Comparison, Unclear>,
    /// The secondary metrics, without guardrails.
    pub secondary: Vec<Secondary>,
}

/// A secondary metric at a look.
#[derive(Clone, Debug, PartialEq)]
pub struct Secondary {
    /// The metric.
    pub metric: Metric,
    /// The comparison.
    pub compared: Result<Comparison, Unclear>,
    /// The p-value, adjusted for all metrics together.
    pub adjusted_p: f64,
}

impl Look {
    /// Looks at a sample, after earlier looks.
    #[must_use]
    pub fn at(plan: &Plan, sample: &Sample, before: &[Look]) -> Self {
        let fraction = plan.fraction(sample.len());
        let fractions: Vec<f64> = before.iter().map(|look| look.fraction).chain([fraction]).collect();
        let alpha = plan.level(&fractions);
        let mut compared = plan.draft().metrics().into_iter().enumerate().map(|(at, metric)| {
            let covariate = sample.covariate(plan.draft(), &metric);
            let comparison = compare(&metric, &sample.column(at), covariate.as_ref(), alpha);
            (metric, comparison)
        });
        let primary = compared.next().map_or(Err(Unclear::TooFew { needs: 1 }), |(_, primary)| primary);
        let secondary = compared.take(plan.draft().secondary.len()).collect();
        let secondary = adjusted(p_of(&primary), secondary);
        Self { units: sample.len(), fraction, alpha, primary, secondary }
    }

    /// Whether the sample is full.
    #[must_use]
    pub fn is_full(&self, plan: &Plan) -> bool {
        self.units >= plan.units()
    }
}

/// Adjusts the p-values of the secondary metrics: by Holm's method among themselves, and with the primary metric
/// as a gate, so that none is significant unless that one is. The probability of any error in the experiment is
/// therefore at most alpha (A. Dmitrienko, A. C. Tamhane, *Pharmaceutical Statistics* 6, 2007).
fn adjusted(gate: f64, compared: Vec<(Metric, Result<Comparison, Unclear>)>) -> Vec<Secondary> {
    let p: Vec<f64> = compared.iter().map(|(_, compared)| p_of(compared)).collect();
    let with = |((metric, compared), p): (_, f64)| Secondary { metric, compared, adjusted_p: p.max(gate) };
    compared.into_iter().zip(holm::adjusted(&p)).map(with).collect()
}

/// The p-value, or 1 if there is no comparison.
fn p_of(compared: &Result<Comparison, Unclear>) -> f64 {
    compared.as_ref().map_or(1.0, |compared| compared.p)
}

/// The verdict after a look. `None` if it is not the last look and the result is not significant.
#[must_use]
pub fn judge(plan: &Plan, look: &Look, is_last: bool) -> Option<Verdict> {
    let improvement = match &look.primary {
        Ok(primary) if primary.is_significant(look.alpha) => {
            let is_better = primary.improvement().value > 0.0;
            return Some(if is_better { Verdict::Ship } else { Verdict::Keep(Reason::Worse) });
        }
        Ok(primary) => Ok(primary.improvement()),
        Err(why) => Err(*why),
    };
    is_last.then(|| match improvement {
        Ok(improvement) if improvement.high < plan.draft().primary.effect => Verdict::Keep(Reason::TooLittle),
        _ if !look.is_full(plan) => {
            Verdict::Inconclusive(Doubt::TooFewUnits { measured: look.units, planned: plan.units() })
        }
        Ok(_) => Verdict::Inconclusive(Doubt::Undecided),
        Err(why) => Verdict::Inconclusive(Doubt::Unclear(why)),
    })
}
