//! The verdict of an experiment.

use std::fmt;

use crate::stats::Unclear;

/// The verdict of an experiment, with its reason.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// B is better, so all units get it.
    Ship,
    /// A stays, for this reason.
    Keep(Reason),
    /// The results are inconclusive, so A stays.
    Inconclusive(Doubt),
    /// The experiment is invalid, so A stays.
    Invalid(Flaw),
}

/// Why A stays.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// B is worse.
    Worse,
    /// B is worse, equal, or better by less than the effect that matters.
    TooLittle,
    /// B harms a guardrail.
    Harm {
        /// The guardrail.
        guardrail: String,
    },
}

/// Why the results are inconclusive.
#[derive(Clone, Debug, PartialEq)]
pub enum Doubt {
    /// The sample is full, and both an effect that matters and no effect are possible.
    Undecided,
    /// No more units arrived.
    TooFewUnits {
        /// The number of measured units.
        measured: usize,
        /// The planned number of units.
        planned: usize,
    },
    /// The sample can't be analyzed by the test.
    Unclear(Unclear),
}

/// Why an experiment is invalid.
#[derive(Clone, Debug, PartialEq)]
pub enum Flaw {
    /// The plan was changed after it was frozen.
    PlanChanged,
    /// The shares of the variants are not as planned.
    SampleRatio {
        /// The p-value of the check.
        p: f64,
    },
    /// Units got both variants.
    Crossed {
        /// The number of these units.
        units: usize,
    },
}

impl Verdict {
    /// The verdict in one word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ship => "Ship",
            Self::Keep(_) => "Keep",
            Self::Inconclusive(_) => "Inconclusive",
            Self::Invalid(_) => "Invalid",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ship => f.write_str("B is better"),
            Self::Keep(reason) => reason.fmt(f),
            Self::Inconclusive(doubt) => doubt.fmt(f),
            Self::Invalid(flaw) => flaw.fmt(f),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Worse => f.write_str("B is worse"),
            Self::TooLittle => f.write_str("if B is better at all, then by less than matters"),
            Self::Harm { guardrail } => write!(f, "B harms `{guardrail}`"),
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undecided => f.write_str("B may be better by what matters, and may be no better at all"),
            Self::TooFewUnits { measured, planned } => {
                write!(f, "no more units came: {measured} of {planned} were measured")
            }
            Self::Unclear(why) => why.fmt(f),
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PlanChanged => f.write_str("the plan was changed after it was frozen"),
            Self::SampleRatio { p } => {
                write!(f, "the variants do not have their planned shares of the units (p = {p:.1e})")
            }
            Self::Crossed { units: 1 } => f.write_str("a unit got both variants"),
            Self::Crossed { units } => write!(f, "{units} units got both variants"),
        }
    }
}
