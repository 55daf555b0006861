//! The measured units.

use crate::plan::{Draft, Metric};
use crate::variant::Variant;

/// A measured unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// The id of the unit.
    pub id: String,
    /// The variant of the unit.
    pub variant: Variant,
    /// A value for each column of the plan, in the order of [`Draft::columns`](crate::plan::Draft::columns).
    pub values: Vec<f64>,
}

/// The values of a column in both variants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// The values of A.
    pub a: Vec<f64>,
    /// The values of B.
    pub b: Vec<f64>,
}

/// All measured units, in the order of arrival.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    units: Vec<Unit>,
    in_b: usize,
}

impl Sample {
    /// Adds a unit.
    pub fn push(&mut self, unit: Unit) {
        self.in_b += usize::from(unit.variant == Variant::B);
        self.units.push(unit);
    }

    /// All units.
    #[must_use]
    pub fn all(&self) -> &[Unit] {
        &self.units
    }

    /// The number of units.
    #[must_use]
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// Whether there are no units.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// The number of units in A and in B.
    #[must_use]
    pub fn units(&self) -> (usize, usize) {
        (self.units.len() - self.in_b, self.in_b)
    }

    /// The values of a column, in the order of arrival.
    #[must_use]
    pub fn column(&self, at: usize) -> Column {
        let of = |variant: Variant| {
            let units = self.units.iter().filter(|unit| unit.variant == variant);
            units.filter_map(|unit| unit.values.get(at).copied()).collect()
        };
        Column { a: of(Variant::A), b: of(Variant::B) }
    }

    /// The values of the covariate of a metric, if it has one.
    #[must_use]
    pub fn covariate(&self, draft: &Draft, metric: &Metric) -> Option<Column> {
        let name = metric.covariate.as_ref()?;
        draft.columns().iter().position(|column| column == name).map(|at| self.column(at))
    }
}
