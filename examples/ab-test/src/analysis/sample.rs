//! The units that were measured.

use crate::plan::{Draft, Metric};
use crate::variant::Variant;

/// A unit that was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// Who it is.
    pub id: String,
    /// What it got.
    pub variant: Variant,
    /// A value for each column of the plan, in the order of [`Draft::columns`](crate::plan::Draft::columns).
    pub values: Vec<f64>,
}

/// The values of a column in both variants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// In A.
    pub a: Vec<f64>,
    /// In B.
    pub b: Vec<f64>,
}

/// All units that were measured, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    units: Vec<Unit>,
    in_b: usize,
}

impl Sample {
    /// Takes a unit in.
    pub fn push(&mut self, unit: Unit) {
        self.in_b += usize::from(unit.variant == Variant::B);
        self.units.push(unit);
    }

    /// All units.
    #[must_use]
    pub fn all(&self) -> &[Unit] {
        &self.units
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// There are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// How many there are of A, and how many of B.
    #[must_use]
    pub fn units(&self) -> (usize, usize) {
        (self.units.len() - self.in_b, self.in_b)
    }

    /// The values of a column, in the order in which the units came.
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
