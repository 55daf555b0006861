//! What is to be read of an experiment: in a terminal, and as a page that needs nothing but itself.

mod axis;
mod page;
mod plot;
mod sections;
mod text;
mod wording;

pub use sections::Section;

use std::fmt;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use crate::analysis::{Guarded, Look, Ratio, Sample, Verdict};
use crate::plan::{Digest, Plan};
use crate::{Experiment, Source};

/// The report of an experiment that has ended.
#[derive(Clone, Debug)]
pub struct Report {
    date: SystemTime,
    plan: Plan,
    source: Option<Source>,
    verdict: Verdict,
    arrived: usize,
    ratio: Option<Ratio>,
    guarded: Vec<Guarded>,
    looks: Vec<Look>,
    sample: Sample,
}

impl Report {
    /// The report of this experiment, written at this date.
    ///
    /// # Errors
    ///
    /// It has no plan or no verdict yet.
    pub fn of(experiment: &Experiment, date: SystemTime) -> flowgen::Result<Self> {
        let verdict =
            experiment.verdict.clone().ok_or_else(|| flowgen::Fault::new("there is no verdict yet"))?;
        Ok(Self {
            date,
            source: experiment.source.clone(),
            plan: experiment.plan()?.clone(),
            verdict,
            arrived: experiment.arrived,
            ratio: experiment.ratio,
            guarded: experiment.guarded.clone(),
            looks: experiment.looks.clone(),
            sample: experiment.sample.clone(),
        })
    }

    /// What the experiment ended with.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// The page: HTML with its styles and pictures in it.
    ///
    /// # Errors
    ///
    /// A template that can't be filled in; no report is known to do it.
    pub fn page(&self) -> Result<String, askama::Error> {
        page::of(self)
    }

    /// The measured units as CSV, as [`Recorded`](crate::trial::Recorded) reads it.
    ///
    /// # Errors
    ///
    /// A writer that fails.
    pub fn data(&self, to: impl io::Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(to);
        let columns = self.plan.draft().columns();
        let head = ["unit", "variant"].into_iter().chain(columns.iter().map(String::as_str));
        writer.write_record(head)?;
        for unit in self.sample.all() {
            let values = unit.values.iter().map(ToString::to_string);
            writer.write_record([unit.id.clone(), unit.variant.to_string()].into_iter().chain(values))?;
        }
        writer.flush()
    }

    /// The digest of what [`data`](Self::data) writes.
    #[must_use]
    pub fn data_digest(&self) -> Digest {
        let mut data = Vec::new();
        // Memory takes everything.
        let _ = self.data(&mut data);
        Digest::of(&data)
    }

    /// Writes `report.txt`, `report.html` and `data.csv` into a folder.
    ///
    /// # Errors
    ///
    /// A folder that can't be written to.
    pub fn write_to(&self, folder: &Path) -> flowgen::Result {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("report.txt"), self.to_string())?;
        std::fs::write(folder.join("report.html"), self.page()?)?;
        self.data(std::fs::File::create(folder.join("data.csv"))?)?;
        Ok(())
    }

    /// How many units of the data file were not analyzed.
    #[must_use]
    pub fn unused(&self) -> usize {
        self.source.as_ref().map_or(0, |source| source.units.saturating_sub(self.arrived))
    }

    /// What is to be read before anything else, if there is something.
    fn notice(&self) -> Option<String> {
        let source = self.source.as_ref().filter(|_| self.unused() > 0)?;
        let (unused, units, arrived) = (self.unused(), source.units, self.arrived);
        let why =
            if arrived >= self.plan.units() { "the planned sample is full" } else { "the experiment ended" };
        Some(format!(
            "{unused} of {units} units in the data file are not analyzed: {why} after the first {arrived}."
        ))
    }

    /// The last look, unless the sample is worthless: what is shown is believed.
    fn last_look(&self) -> Option<&Look> {
        self.looks_shown().last()
    }

    fn looks_shown(&self) -> &[Look] {
        if matches!(self.verdict, Verdict::Invalid(_)) { &[] } else { &self.looks }
    }
}

/// It as it is printed in a terminal.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(self, f)
    }
}
