//! The context of a run.

use std::collections::VecDeque;

use crate::analysis::{Flaw, Guarded, Look, Ratio, Sample, Verdict};
use crate::plan::{Digest, Draft, Plan};
use crate::report::Report;
use crate::variant::Variant;

/// An experiment and its progress.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// The draft of the plan.
    pub draft: Draft,
    /// The plan, after it was frozen.
    pub plan: Option<Plan>,
    /// The data file, if the units were measured elsewhere.
    pub source: Option<Source>,
    /// The number of units that have arrived.
    pub arrived: usize,
    /// Whether no more units will arrive.
    pub is_dry: bool,
    /// The number of units that got both variants.
    pub crossed: usize,
    /// The units that were exposed and not measured yet.
    pub waiting: VecDeque<(String, Variant)>,
    /// The measured units.
    pub sample: Sample,
    /// The sample ratio at the last look.
    pub ratio: Option<Ratio>,
    /// The guardrails at the last look.
    pub guarded: Vec<Guarded>,
    /// All looks at the results.
    pub looks: Vec<Look>,
    /// The verdict, after the experiment has ended.
    pub verdict: Option<Verdict>,
    /// The report, after the experiment has ended.
    pub report: Option<Report>,
}

/// A file of units that were measured elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file name.
    pub file: String,
    /// The digest of its content.
    pub digest: Digest,
    /// The number of units in it.
    pub units: usize,
}

impl Experiment {
    /// An experiment with a draft, whose plan is not frozen yet.
    #[must_use]
    pub fn new(draft: Draft) -> Self {
        Self {
            draft,
            plan: None,
            source: None,
            arrived: 0,
            is_dry: false,
            crossed: 0,
            waiting: VecDeque::new(),
            sample: Sample::default(),
            ratio: None,
            guarded: Vec::new(),
            looks: Vec::new(),
            verdict: None,
            report: None,
        }
    }

    /// An experiment with a plan that is already frozen.
    #[must_use]
    pub fn planned(plan: Plan) -> Self {
        let draft = plan.draft().clone();
        Self { plan: Some(plan), ..Self::new(draft) }
    }

    /// The frozen plan.
    ///
    /// # Errors
    ///
    /// The plan is not frozen yet.
    pub fn plan(&self) -> flowgen::Result<&Plan> {
        self.plan.as_ref().ok_or_else(|| flowgen::Fault::new("the plan is not frozen yet"))
    }

    /// The number of units to measure before the next look.
    ///
    /// # Errors
    ///
    /// The plan is not frozen yet.
    pub fn missing(&self) -> flowgen::Result<usize> {
        let wanted = self.plan()?.units_at(self.looks.len());
        Ok(wanted.saturating_sub(self.sample.len() + self.waiting.len()))
    }

    /// Whether this is the last look: the sample is full, or no more units will arrive.
    ///
    /// # Errors
    ///
    /// The plan is not frozen yet.
    pub fn is_last_look(&self) -> flowgen::Result<bool> {
        Ok(self.is_dry || self.sample.len() >= self.plan()?.units())
    }

    /// The flaw that invalidates the sample, if there is one.
    ///
    /// # Errors
    ///
    /// The plan is not frozen yet.
    pub fn flaw(&self) -> flowgen::Result<Option<Flaw>> {
        if *self.plan()?.digest() != self.draft.digest() {
            return Ok(Some(Flaw::PlanChanged));
        }
        if self.crossed > 0 {
            return Ok(Some(Flaw::Crossed { units: self.crossed }));
        }
        let mismatch = self.ratio.filter(|ratio| !ratio.is_as_planned());
        Ok(mismatch.map(|ratio| Flaw::SampleRatio { p: ratio.p }))
    }
}
