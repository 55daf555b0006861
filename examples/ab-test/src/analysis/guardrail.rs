//! The check for harm by B.

use super::Sample;
use super::compare::{difference, turned};
use crate::plan::{Guardrail, Plan};
use crate::stats::{Estimate, Unclear};

/// A guardrail at a look.
#[derive(Clone, Debug, PartialEq)]
pub struct Guarded {
    /// The guardrail.
    pub guardrail: Guardrail,
    /// The improvement, which is negative for harm, or why there is no estimate yet.
    pub improvement: Result<Estimate, Unclear>,
}

impl Guarded {
    /// Whether even the upper end of the interval is more harm than tolerated.
    #[must_use]
    pub fn is_harmed(&self) -> bool {
        self.improvement.is_ok_and(|improvement| improvement.high < -self.guardrail.tolerance)
    }
}

/// Checks all guardrails. On the side of improvement, an interval has the level of the guardrails: alpha, shared
/// by all guardrails and looks. The probability that an experiment without harm is stopped is therefore at most
/// alpha.
#[must_use]
pub fn guard(plan: &Plan, sample: &Sample) -> Vec<Guarded> {
    let level = plan.guardrail_level().one_sided();
    let first = 1 + plan.draft().secondary.len();
    let guardrails = plan.draft().guardrails.iter().enumerate();
    guardrails
        .map(|(at, guardrail)| {
            let metric = guardrail.metric();
            let covariate = sample.covariate(plan.draft(), &metric);
            let difference = difference(metric.kind, &sample.column(first + at), covariate.as_ref(), level);
            let improvement = difference.map(|difference| turned(&metric, difference));
            Guarded { guardrail: guardrail.clone(), improvement }
        })
        .collect()
}
