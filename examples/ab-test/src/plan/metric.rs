//! What is measured.

use serde::{Deserialize, Serialize};

/// What kind of value a metric has, and so which test compares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// 0 or 1; compared as a difference of shares, by a z-test.
    Rate,
    /// A number; compared as a difference of means, by Welch's t-test. With a covariate from before
    /// the experiment, the means are adjusted first (CUPED).
    Mean,
    /// A number of which only the order counts, as for latencies with their long tails; compared as
    /// a share of pairs, by the test of Brunner and Munzel.
    Order,
}

/// Which way is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// More is better, as for sales.
    Higher,
    /// Less is better, as for latencies.
    Lower,
}

/// Something that is measured of each unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Its name: also that of its column.
    pub name: String,
    /// What kind of value it has.
    pub kind: Kind,
    /// Which way is up.
    pub better: Better,
    /// For a mean: the column of a number that is known of each unit from before the experiment, and
    /// that predicts the metric.
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

/// The metric that decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Primary {
    /// Its name: also that of its column.
    pub name: String,
    /// Which way is up.
    pub better: Better,
    /// The smallest improvement that matters: a difference of shares, of means, or, for an order,
    /// what the share of pairs in which B is better exceeds one half by.
    pub effect: f64,
    /// For a mean: the column of the covariate, as in [`Metric::covariate`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covariate: Option<String>,
    /// Its kind, and what is expected of A.
    #[serde(flatten)]
    pub expected: Expected,
}

/// What is expected of A, without which nobody can say how many units it takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Expected {
    /// A rate.
    Rate {
        /// The share in A.
        baseline: f64,
    },
    /// A mean.
    Mean {
        /// The standard deviation of a single value. With a covariate whose correlation with the metric
        /// is r, it is that of an adjusted value: √(1 − r²) times as much.
        deviation: f64,
    },
    /// An order, of which nothing has to be known.
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
    /// It as one of the metrics.
    #[must_use]
    pub fn metric(&self) -> Metric {
        let covariate = self.covariate.clone();
        Metric { name: self.name.clone(), kind: self.expected.kind(), better: self.better, covariate }
    }
}

/// A metric that B must not harm. When it does, the experiment stops.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guardrail {
    /// Its name: also that of its column.
    pub name: String,
    /// What kind of value it has.
    pub kind: Kind,
    /// Which way is up.
    pub better: Better,
    /// The harm that is put up with, in the same unit as an effect.
    #[serde(default)]
    pub tolerance: f64,
    /// For a mean: the column of the covariate, as in [`Metric::covariate`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covariate: Option<String>,
}

impl Guardrail {
    /// It as one of the metrics.
    #[must_use]
    pub fn metric(&self) -> Metric {
        let covariate = self.covariate.clone();
        Metric { name: self.name.clone(), kind: self.kind, better: self.better, covariate }
    }
}
