//! What a run carries along.

use std::collections::VecDeque;

use crate::analysis::{Flaw, Guarded, Look, Ratio, Sample, Verdict};
use crate::plan::{Digest, Draft, Plan};
use crate::report::Report;
use crate::variant::Variant;

/// An experiment, and what came of it so far.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// What it is to be.
    pub draft: Draft,
    /// What was written down before it began.
    pub plan: Option<Plan>,
    /// The file that the units come from, if they were measured elsewhere.
    pub source: Option<Source>,
    /// How many units came.
    pub arrived: usize,
    /// No more units come.
    pub is_dry: bool,
    /// How many units got both variants.
    pub crossed: usize,
    /// Units that were exposed and not measured yet.
    pub waiting: VecDeque<(String, Variant)>,
    /// Units that were measured.
    pub sample: Sample,
    /// The ratio of the sample at the last look.
    pub ratio: Option<Ratio>,
    /// The guardrails at the last look.
    pub guarded: Vec<Guarded>,
    /// All looks at the results.
    pub looks: Vec<Look>,
    /// What it ends with.
    pub verdict: Option<Verdict>,
    /// What is to be read of it.
    pub report: Option<Report>,
}

/// A file with units that were measured elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub file: String,
    /// The digest of its bytes.
    pub digest: Digest,
    /// How many units it lists.
    pub units: usize,
}

impl Experiment {
    /// An experiment whose plan is not frozen yet.
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

    /// An experiment whose plan was frozen before.
    #[must_use]
    pub fn planned(plan: Plan) -> Self {
        let draft = plan.draft().clone();
        Self { plan: Some(plan), ..Self::new(draft) }
    }

    /// The frozen plan.
    ///
    /// # Errors
    ///
    /// There is none yet.
    pub fn plan(&self) -> flowgen::Result<&Plan> {
        self.plan.as_ref().ok_or_else(|| flowgen::Fault::new("the plan is not frozen yet"))
    }

    /// How many units have to be measured before the next look.
    ///
    /// # Errors
    ///
    /// The plan is not frozen yet.
    pub fn missing(&self) -> flowgen::Result<usize> {
        let wanted = self.plan()?.units_at(self.looks.len());
        Ok(wanted.saturating_sub(self.sample.len() + self.waiting.len()))
    }

    /// This is the last look: the sample is full, or no more units come.
    ///
    /// # Errors
    ///
    /// The plan is not frozen yet.
    pub fn is_last_look(&self) -> flowgen::Result<bool> {
        Ok(self.is_dry || self.sample.len() >= self.plan()?.units())
    }

    /// What makes the sample worthless, if anything does.
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
