//! An experiment that was made elsewhere, from its data.

use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::io::Read;

use thiserror::Error;

use super::Trial;
use crate::plan::{Kind, Metric};
use crate::variant::{Assignment, Variant};

/// What is wrong with recorded data.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordedError {
    /// The text is not CSV.
    #[error("not CSV: {0}")]
    NotCsv(#[from] csv::Error),
    /// A column is missing.
    #[error(
        "there is no column `{name}`; the first line names `unit`, `variant` and every metric of the plan"
    )]
    NoColumn {
        /// Its name.
        name: String,
    },
    /// There are no units.
    #[error("there are no units")]
    Empty,
    /// A variant that is none.
    #[error("line {line}: `{text}` is neither `A` nor `B`")]
    NoVariant {
        /// The line, from 1.
        line: u64,
        /// What stands there.
        text: String,
    },
    /// A value that its metric can't have.
    #[error("line {line}: `{text}` in `{metric}` is not {wanted}")]
    NoValue {
        /// The line, from 1.
        line: u64,
        /// What stands there.
        text: String,
        /// The metric.
        metric: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// A unit that is there twice in the same variant.
    #[error(
        "line {line}: `{unit}` was there before; sum up what a unit did in one line, since units are compared"
    )]
    Twice {
        /// The line, from 1.
        line: u64,
        /// Who it is.
        unit: String,
    },
}

/// Units that were exposed and measured elsewhere, in the order in which they came. They keep the
/// variants that they got there; of a unit that got both, the first line counts.
#[derive(Clone, Debug)]
pub struct Recorded {
    units: Vec<String>,
    rows: HashMap<String, (Variant, Vec<f64>)>,
    crossed: HashSet<String>,
}

impl Recorded {
    /// Reads CSV with the columns `unit`, `variant` (`A` or `B`) and one for each metric, in any
    /// order, beside others.
    ///
    /// # Errors
    ///
    /// What [`RecordedError`] lists, with its line.
    pub fn read(text: impl Read, metrics: &[Metric]) -> Result<Self, RecordedError> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
        let columns = Columns::of(reader.headers()?, metrics)?;
        let mut recorded = Self { units: Vec::new(), rows: HashMap::new(), crossed: HashSet::new() };
        for record in reader.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            let (unit, variant, values) = columns.row(&record, line, metrics)?;
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

    /// How many units got both variants.
    #[must_use]
    pub fn crossed(&self) -> usize {
        self.crossed.len()
    }
}

/// Where everything stands in a line.
struct Columns {
    unit: usize,
    variant: usize,
    metrics: Vec<usize>,
}

impl Columns {
    fn of(headers: &csv::StringRecord, metrics: &[Metric]) -> Result<Self, RecordedError> {
        let find = |name: &str| {
            let at = headers.iter().position(|header| header == name);
            at.ok_or_else(|| RecordedError::NoColumn { name: name.to_owned() })
        };
        let metrics = metrics.iter().map(|metric| find(&metric.name)).collect::<Result<_, _>>()?;
        Ok(Self { unit: find("unit")?, variant: find("variant")?, metrics })
    }

    fn row(
        &self,
        record: &csv::StringRecord,
        line: u64,
        metrics: &[Metric],
    ) -> Result<(String, Variant, Vec<f64>), RecordedError> {
        let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
        let variant = match &*cell(self.variant) {
            "A" => Variant::A,
            "B" => Variant::B,
            text => return Err(RecordedError::NoVariant { line, text: text.to_owned() }),
        };
        let values = metrics.iter().zip(&self.metrics).map(|(metric, &at)| value(metric, cell(at), line));
        Ok((cell(self.unit), variant, values.collect::<Result<_, _>>()?))
    }
}

#[expect(clippy::float_cmp, reason = "0 and 1 are exact")]
fn value(metric: &Metric, text: String, line: u64) -> Result<f64, RecordedError> {
    let value = text.parse().unwrap_or(f64::NAN);
    let (wanted, is_valid) = match metric.kind {
        Kind::Rate => ("0 or 1", value == 0.0 || value == 1.0),
        Kind::Mean | Kind::Order => ("a finite number", value.is_finite()),
    };
    if is_valid {
        Ok(value)
    } else {
        Err(RecordedError::NoValue { line, text, metric: metric.name.clone(), wanted })
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
