//! Is anything harmed?

use super::Sample;
use super::compare::{difference, turned};
use crate::plan::{Guardrail, Plan};
use crate::stats::{Estimate, Unclear};

/// A guardrail after a look.
#[derive(Clone, Debug, PartialEq)]
pub struct Guarded {
    /// The guardrail.
    pub guardrail: Guardrail,
    /// The improvement (what is below 0 is harm), or why nothing can be said yet.
    pub improvement: Result<Estimate, Unclear>,
}

impl Guarded {
    /// Even the best that the interval leaves possible is more harm than is put up with.
    #[must_use]
    pub fn is_harmed(&self) -> bool {
        self.improvement.is_ok_and(|improvement| improvement.high < -self.guardrail.tolerance)
    }
}

/// Looks at all guardrails. An interval reaches, to the side of the good, as far as the guardrail's
/// level says: alpha, shared by all guardrails and looks, so that an experiment without harm is
/// stopped no more often than that.
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
