//! What is to be done.

use std::fmt;

use crate::stats::Unclear;

/// What an experiment ends with, and why.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// B is better: everybody gets it.
    Ship,
    /// A stays.
    Keep(Reason),
    /// Nobody knows; A stays.
    Inconclusive(Doubt),
    /// The experiment says nothing; A stays.
    Invalid(Flaw),
}

/// Why A stays.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// B is worse.
    Worse,
    /// If B is better at all, then by less than matters.
    TooLittle,
    /// B harms what it must not.
    Harm {
        /// The guardrail.
        guardrail: String,
    },
}

/// Why nobody knows.
#[derive(Clone, Debug, PartialEq)]
pub enum Doubt {
    /// The sample is full, and both an effect that matters and none are possible.
    Undecided,
    /// No more units came.
    TooFewUnits {
        /// So many were measured.
        measured: usize,
        /// So many were planned.
        planned: usize,
    },
    /// The test can say nothing of such a sample.
    Unclear(Unclear),
}

/// Why an experiment says nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Flaw {
    /// The plan is another one than that which was frozen.
    PlanChanged,
    /// The variants have other shares of the units than planned.
    SampleRatio {
        /// The p-value of the check.
        p: f64,
    },
    /// Units got both variants.
    Crossed {
        /// How many.
        units: usize,
    },
}

impl Verdict {
    /// It in a word.
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
