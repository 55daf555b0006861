//! What is measured.

use serde::{Deserialize, Serialize};

/// What kind of value a metric has, and so which test compares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// 0 or 1; compared as a difference of shares, by a z-test.
    Rate,
    /// A number; compared as a difference of means, by Welch's t-test.
    Mean,
    /// A number of which only the order counts, as for latencies with their long tails; compared as
    /// a share of pairs, by the Mann–Whitney test.
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
}

impl Metric {
    /// A metric.
    #[must_use]
    pub fn new(name: &str, kind: Kind, better: Better) -> Self {
        Self { name: name.to_owned(), kind, better }
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
        /// The standard deviation of a single value.
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
        Metric::new(&self.name, self.expected.kind(), self.better)
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
}

impl Guardrail {
    /// It as one of the metrics.
    #[must_use]
    pub fn metric(&self) -> Metric {
        Metric::new(&self.name, self.kind, self.better)
    }
}
