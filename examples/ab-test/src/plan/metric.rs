//! The metrics of a plan.

use serde::{Deserialize, Serialize};

/// The kind of a metric's values, which determines its test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// 0 or 1. Compared by the difference of shares, with a z-test.
    Rate,
    /// A number. Compared by the difference of means, with Welch's t-test. With a covariate from before the
    /// experiment, the means are adjusted first (CUPED).
    Mean,
    /// A number of which only the order counts, for example a latency with a long tail. Compared by a share of
    /// pairs, with the test of Brunner and Munzel.
    Order,
}

/// Which direction is an improvement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// Higher is better, for example for sales.
    Higher,
    /// Lower is better, for example for latencies.
    Lower,
}

/// A value measured for each unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// The name, which is also that of its column.
    pub name: String,
    /// The kind of its values.
    pub kind: Kind,
    /// Which direction is an improvement.
    pub better: Better,
    /// For a mean: the column of a number that is known for each unit from before the experiment and that predicts
    /// the metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covariate: Option<String>,
}

impl Metric {
    /// A metric without a covariate.
    #[must_use]
    pub fn new(name: &str, kind: Kind, better: Better) -> Self {
        Self { name: name.to_owned(), kind, better, covariate: None }
    }

    /// The metric with this covariate.
    #[must_use]
    pub fn adjusted_by(self, covariate: &str) -> Self {
        Self { covariate: Some(covariate.to_owned()), ..self }
    }
}

/// The primary metric, which decides the verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Primary {
    /// The name, which is also that of its column.
    pub name: String,
    /// Which direction is an improvement.
    pub better: Better,
    /// The smallest improvement that matters: a difference of shares, of means, or, for an order, the share of
    /// pairs in which B is better minus one half.
    pub effect: f64,
    /// For a mean: the column of the covariate, as in [`Metric::covariate`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covariate: Option<String>,
    /// The kind, and what is expected of A.
    #[serde(flatten)]
    pub expected: Expected,
}

/// The expected values of A, which determine the sample size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Expected {
    /// A rate.
    Rate {
        /// The expected share in A.
        baseline: f64,
    },
    /// A mean.
    Mean {
        /// The standard deviation of a single value. With a covariate whose correlation with the metric is r, it
        /// is that of an adjusted value, which is √(1 − r²) times as large.
        deviation: f64,
    },
    /// An order. It needs no expected value.
    Order,
}

impl Expected {
    /// The kind of the metric.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Rate { .. } => Kind::Rate,
            Self::Mean { .. } => Kind::Mean,
            Self::Order => Kind::Order,
        }
    }
}

impl Primary {
    /// The metric without the fields of a primary one.
    #[must_use]
    pub fn metric(&self) -> Metric {
        let covariate = self.covariate.clone();
        Metric { name: self.name.clone(), kind: self.expected.kind(), better: self.better, covariate }
    }
}

/// A guardrail: a metric that B must not harm. If it does, the experiment stops.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guardrail {
    /// The name, which is also that of its column.
    pub name: String,
    /// The kind of its values.
    pub kind: Kind,
    /// Which direction is an improvement.
    pub better: Better,
    /// The tolerated harm, in the unit of an effect.
    #[serde(default)]
    pub tolerance: f64,
    /// For a mean: the column of the covariate, as in [`Metric::covariate`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covariate: Option<String>,
}

impl Guardrail {
    /// The metric without the fields of a guardrail.
    #[must_use]
    pub fn metric(&self) -> Metric {
        let covariate = self.covariate.clone();
        Metric { name: self.name.clone(), kind: self.kind, better: self.better, covariate }
    }
}
