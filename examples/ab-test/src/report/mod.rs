//! The report of an experiment: as text for a terminal, and as a self-contained page.

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

/// The report of a completed experiment.
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
    /// Creates the report of this experiment with this date.
    ///
    /// # Errors
    ///
    /// The experiment has no plan or no verdict yet.
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

    /// The verdict of the experiment.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// The page: HTML with inline styles and plots.
    ///
    /// # Errors
    ///
    /// The template can't be rendered. No report is known to cause this.
    pub fn page(&self) -> Result<String, askama::Error> {
        page::of(self)
    }

    /// The measured units as CSV, as [`Recorded`](crate::trial::Recorded) reads it.
    ///
    /// # Errors
    ///
    /// The writer fails.
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

    /// The digest of the output of [`data`](Self::data).
    #[must_use]
    pub fn data_digest(&self) -> Digest {
        let mut data = Vec::new();
        // Writing to memory can't fail.
        let _ = self.data(&mut data);
        Digest::of(&data)
    }

    /// Writes `report.txt`, `report.html` and `data.csv` into a folder.
    ///
    /// # Errors
    ///
    /// The folder can't be written to.
    pub fn write_to(&self, folder: &Path) -> flowgen::Result {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("report.txt"), self.to_string())?;
        std::fs::write(folder.join("report.html"), self.page()?)?;
        self.data(std::fs::File::create(folder.join("data.csv"))?)?;
        Ok(())
    }

    /// The number of units in the data file that were not analyzed.
    #[must_use]
    pub fn unused(&self) -> usize {
        self.source.as_ref().map_or(0, |source| source.units.saturating_sub(self.arrived))
    }

    /// A notice at the top of the report, if there is one.
    fn notice(&self) -> Option<String> {
        let source = self.source.as_ref().filter(|_| self.unused() > 0)?;
        let (unused, units, arrived) = (self.unused(), source.units, self.arrived);
        let why =
            if arrived >= self.plan.units() { "the planned sample is full" } else { "the experiment ended" };
        Some(format!(
            "{unused} of {units} units in the data file are not analyzed: {why} after the first {arrived}."
        ))
    }

    /// The last look. `None` if the sample is invalid, since readers would trust its numbers.
    fn last_look(&self) -> Option<&Look> {
        self.looks_shown().last()
    }

    fn looks_shown(&self) -> &[Look] {
        if matches!(self.verdict, Verdict::Invalid(_)) { &[] } else { &self.looks }
    }
}

/// The report as text.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(self, f)
    }
}
