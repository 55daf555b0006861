//! An experiment that was made elsewhere, replayed from its data.

use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::io::Read;

use thiserror::Error;

use super::Trial;
use crate::plan::{Draft, Kind};
use crate::variant::{Assignment, Variant};

/// Error from reading recorded data.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordedError {
    /// The text is not CSV.
    #[error("not CSV: {0}")]
    NotCsv(#[from] csv::Error),
    /// A column is missing.
    #[error(
        "there is no column `{name}`; the first line names `unit`, `variant` and every metric and covariate of the plan"
    )]
    NoColumn {
        /// The name of the column.
        name: String,
    },
    /// A column to be read occurs twice.
    #[error("there is more than one column `{name}`")]
    ColumnTwice {
        /// The name of the column.
        name: String,
    },
    /// The id of a unit is empty.
    #[error("line {line}: the id of the unit is empty")]
    NoUnit {
        /// The line number, from 1.
        line: u64,
    },
    /// There are no units.
    #[error("there are no units")]
    Empty,
    /// The variant is neither `A` nor `B`.
    #[error("line {line}: `{text}` is neither `A` nor `B`")]
    NoVariant {
        /// The line number, from 1.
        line: u64,
        /// The text of the cell.
        text: String,
    },
    /// A value is not valid for its metric.
    #[error("line {line}: `{text}` in `{metric}` is not {wanted}")]
    NoValue {
        /// The line number, from 1.
        line: u64,
        /// The text of the cell.
        text: String,
        /// The metric.
        metric: String,
        /// The expected kind of value.
        wanted: &'static str,
    },
    /// A unit occurs twice with the same variant.
    #[error(
        "line {line}: `{unit}` was there before; sum up what a unit did in one line, since units are compared"
    )]
    Twice {
        /// The line number, from 1.
        line: u64,
        /// The id of the unit.
        unit: String,
    },
}

/// Units that were exposed and measured elsewhere, in the order of arrival. They keep their variants. If a unit
/// got both, its first line counts.
#[derive(Clone, Debug)]
pub struct Recorded {
    units: Vec<String>,
    rows: HashMap<String, (Variant, Vec<f64>)>,
    crossed: HashSet<String>,
}

impl Recorded {
    /// Reads CSV with the columns `unit`, `variant` (`A` or `B`) and one for each metric and covariate of the
    /// draft. The order is arbitrary, and other columns are ignored.
    ///
    /// # Errors
    ///
    /// Any [`RecordedError`].
    pub fn read(text: impl Read, draft: &Draft) -> Result<Self, RecordedError> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
        let columns = Columns::of(reader.headers()?, draft)?;
        let mut recorded = Self { units: Vec::new(), rows: HashMap::new(), crossed: HashSet::new() };
        for record in reader.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            let (unit, variant, values) = columns.row(&record, line)?;
            match recorded.rows.entry(unit.clone()) {
                Entry::Vacant(free) => {
                    free.insert((variant, values));
                    recorded.units.push(unit);
                }
                Entry::Occupied(before) if before.get().0 == variant => {
                    return Err(RecordedError::Twice { line, unit });
                }
                Entry::Occupied(_) => {
                    recorded.crossed.insert(unit);
                }
            }
        }
        if recorded.units.is_empty() { Err(RecordedError::Empty) } else { Ok(recorded) }
    }

    /// The number of units.
    #[must_use]
    pub fn units(&self) -> usize {
        self.units.len()
    }

    /// The number of units that got both variants.
    #[must_use]
    pub fn crossed(&self) -> usize {
        self.crossed.len()
    }
}

/// The index of each column to be read.
struct Columns {
    unit: usize,
    variant: usize,
    values: Vec<ValueColumn>,
}

/// A column of a metric, or of a covariate, which can be any number.
struct ValueColumn {
    name: String,
    kind: Kind,
    at: usize,
}

impl Columns {
    fn of(headers: &csv::StringRecord, draft: &Draft) -> Result<Self, RecordedError> {
        let find = |name: &str| {
            let mut places = (0..).zip(headers).filter(|(_, header)| *header == name);
            match (places.next(), places.next()) {
                (Some((at, _)), None) => Ok(at),
                (Some(_), Some(_)) => Err(RecordedError::ColumnTwice { name: name.to_owned() }),
                (None, _) => Err(RecordedError::NoColumn { name: name.to_owned() }),
            }
        };
        let kinds =
            draft.metrics().into_iter().map(|metric| metric.kind).chain(std::iter::repeat(Kind::Mean));
        let value = |(name, kind): (String, Kind)| find(&name).map(|at| ValueColumn { name, kind, at });
        let values = draft.columns().into_iter().zip(kinds).map(value).collect::<Result<_, _>>()?;
        Ok(Self { unit: find("unit")?, variant: find("variant")?, values })
    }

    fn row(
        &self,
        record: &csv::StringRecord,
        line: u64,
    ) -> Result<(String, Variant, Vec<f64>), RecordedError> {
        let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
        let variant = match &*cell(self.variant) {
            "A" => Variant::A,
            "B" => Variant::B,
            text => return Err(RecordedError::NoVariant { line, text: text.to_owned() }),
        };
        let unit = cell(self.unit);
        if unit.is_empty() {
            return Err(RecordedError::NoUnit { line });
        }
        let values = self.values.iter().map(|column| value(column, cell(column.at), line));
        Ok((unit, variant, values.collect::<Result<_, _>>()?))
    }
}

#[expect(clippy::float_cmp, reason = "0 and 1 are exact")]
fn value(column: &ValueColumn, text: String, line: u64) -> Result<f64, RecordedError> {
    let value = text.parse().unwrap_or(f64::NAN);
    let (wanted, is_valid) = match column.kind {
        Kind::Rate => ("0 or 1", value == 0.0 || value == 1.0),
        Kind::Mean | Kind::Order => ("a finite number", value.is_finite()),
    };
    if is_valid {
        Ok(value)
    } else {
        Err(RecordedError::NoValue { line, text, metric: column.name.clone(), wanted })
    }
}

impl Trial for Recorded {
    async fn arrivals(&self, before: usize, most: usize) -> flowgen::Result<Vec<String>> {
        Ok(self.units.iter().skip(before).take(most).cloned().collect())
    }

    fn assign(&self, unit: &str, assignment: &Assignment) -> Variant {
        self.rows.get(unit).map_or_else(|| assignment.variant(unit), |(variant, _)| *variant)
    }

    async fn measure(&self, unit: &str, _: Variant) -> flowgen::Result<Option<Vec<f64>>> {
        Ok(self.rows.get(unit).map(|(_, values)| values.clone()))
    }
}
