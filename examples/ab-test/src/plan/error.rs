//! Errors of plans.

use std::collections::BTreeSet;

use thiserror::Error;

use super::{Better, Draft, Expected, Kind};
use crate::stats::Alpha;

/// The maximum number of looks. More have no benefit.
const MOST_LOOKS: u16 = 20;

/// Column names that are not available for metrics.
const TAKEN: [&str; 2] = ["unit", "variant"];

/// Error from validating or reading a plan.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A number is out of its range.
    #[error("`{field}` has to be {range}, and is {value}")]
    OutOfRange {
        /// The field.
        field: &'static str,
        /// The allowed range.
        range: &'static str,
        /// The value.
        value: f64,
    },
    /// A text is empty.
    #[error("`{field}` is empty")]
    Empty {
        /// The field.
        field: &'static str,
    },
    /// A metric has the name of another one, or of a column that every data file has.
    #[error("the metric or covariate `{name}` needs another name: this one is taken")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// Only a mean can be adjusted by a covariate.
    #[error("the metric `{metric}` can't have a covariate: only a metric of kind `mean` can")]
    CovariateNeedsMean {
        /// The metric.
        metric: String,
    },
    /// With the effect, the rate would not be between 0 and 1 any more.
    #[error("a rate of {baseline} can't be better by {effect}: rates lie between 0 and 1")]
    RateOutOfRange {
        /// The rate of A.
        baseline: f64,
        /// The smallest effect that matters.
        effect: f64,
    },
    /// The effect needs an unrealistically large sample.
    #[error("the effect is too small: it would take {units:.0} units to find it")]
    EffectTooSmall {
        /// The required number of units.
        units: f64,
    },
    /// The text is not a plan.
    #[error("not a plan: {0}")]
    NotAPlan(#[from] toml::de::Error),
    /// The plan is not frozen yet.
    #[error("the plan is not frozen: `plan --freeze FILE` does it, before the first unit is exposed")]
    NotFrozen,
    /// The plan is already frozen.
    #[error("the plan is frozen already, with the digest {digest}")]
    AlreadyFrozen {
        /// Its digest.
        digest: String,
    },
}

/// Validates every field. Returns the level.
pub(super) fn check(draft: &Draft) -> Result<Alpha, PlanError> {
    check_texts(draft)?;
    let alpha = Alpha::new(draft.alpha).filter(|alpha| alpha.level() < 0.5);
    let alpha = alpha.ok_or(out_of_range("alpha", "above 0 and below 0.5", draft.alpha))?;
    within("power", "from 0.5 to 0.999", draft.power, (0.5..=0.999).contains(&draft.power))?;
    within("share_of_b", "from 0.01 to 0.99", draft.share_of_b, (0.01..=0.99).contains(&draft.share_of_b))?;
    within("looks", "from 1 to 20", draft.looks.into(), (1..=MOST_LOOKS).contains(&draft.looks))?;
    check_primary(draft)?;
    for guardrail in &draft.guardrails {
        let tolerance = guardrail.tolerance;
        within("tolerance", "0 or more", tolerance, tolerance >= 0.0 && tolerance.is_finite())?;
    }
    Ok(alpha)
}

fn check_primary(draft: &Draft) -> Result<(), PlanError> {
    let effect = draft.primary.effect;
    within("effect", "above 0", effect, effect > 0.0 && effect.is_finite())?;
    match draft.primary.expected {
        Expected::Rate { baseline } => {
            within("baseline", "above 0 and below 1", baseline, baseline > 0.0 && baseline < 1.0)?;
            let in_b = match draft.primary.better {
                Better::Higher => baseline + effect,
                Better::Lower => baseline - effect,
            };
            if in_b > 0.0 && in_b < 1.0 {
                Ok(())
            } else {
                Err(PlanError::RateOutOfRange { baseline, effect })
            }
        }
        Expected::Mean { deviation } => {
            within("deviation", "above 0", deviation, deviation > 0.0 && deviation.is_finite())
        }
        Expected::Order => within("effect", "above 0 and below 0.5", effect, effect < 0.5),
    }
}

fn check_texts(draft: &Draft) -> Result<(), PlanError> {
    for (field, text) in [("name", &draft.name), ("salt", &draft.salt)] {
        if text.trim().is_empty() {
            return Err(PlanError::Empty { field });
        }
    }
    let mut names = BTreeSet::from(TAKEN.map(str::to_owned));
    for metric in draft.metrics() {
        if metric.name.trim().is_empty() {
            return Err(PlanError::Empty { field: "name of a metric" });
        }
        if !names.insert(metric.name.clone()) {
            return Err(PlanError::NameTaken { name: metric.name });
        }
    }
    check_covariates(draft, &names)
}

/// Metrics may share a covariate, but a covariate can't be a metric, since it is known before the experiment.
fn check_covariates(draft: &Draft, taken: &BTreeSet<String>) -> Result<(), PlanError> {
    for metric in draft.metrics() {
        let Some(covariate) = metric.covariate else { continue };
        if metric.kind != Kind::Mean {
            return Err(PlanError::CovariateNeedsMean { metric: metric.name });
        }
        if covariate.trim().is_empty() {
            return Err(PlanError::Empty { field: "covariate" });
        }
        if taken.contains(&covariate) {
            return Err(PlanError::NameTaken { name: covariate });
        }
    }
    Ok(())
}

fn within(field: &'static str, range: &'static str, value: f64, is: bool) -> Result<(), PlanError> {
    if is { Ok(()) } else { Err(out_of_range(field, range, value)) }
}

fn out_of_range(field: &'static str, range: &'static str, value: f64) -> PlanError {
    PlanError::OutOfRange { field, range, value }
}
